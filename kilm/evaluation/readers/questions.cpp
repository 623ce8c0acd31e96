#include "kilm/evaluation/readers/questions.h"

#include <algorithm>

#include "kilm/evaluation/readers/columns.h"
#include "kilm/evaluation/readers/csv_rows.h"
#include "kilm/evaluation/readers/json_items.h"
#include "kilm/evaluation/readers/question_formats.h"
#include "kilm/text/pattern.h"
#include "kilm/text/unicode.h"
#include "tensor/base/choice.h"
#include "tensor/base/format.h"
#include "tensor/base/json_lines.h"

namespace kilm::evaluation {

using base::check;
using base::DamagedInput;
using base::Json;

const char* name(QuestionFormat format) {
  switch (format) {
    case QuestionFormat::nq_open: return "nq-open";
    case QuestionFormat::nq: return "nq";
    case QuestionFormat::dpr: return "dpr";
    case QuestionFormat::triviaqa: return "triviaqa";
    case QuestionFormat::webquestions: return "webquestions";
    case QuestionFormat::curated: return "curated";
    case QuestionFormat::table: return "table";
  }
  return "";
}

void check_columns(const TableRow& row, size_t wanted, std::string_view what) {
  check(row.size() == wanted, "{} columns should be {}: {}, with tabs between", row.size(), wanted, what);
}

std::vector<std::string> texts_at(const Json& json, std::string_view key) {
  return base::entry_at(json, key, [](const Json& list) {
    std::vector<std::string> texts;
    for (const Json& text : list.items()) texts.push_back(text.as_string());
    return texts;
  });
}

Json id_at(const Json& json, std::string_view key) {
  const Json& id = json.at(key);
  check(id.is_string() || id.is_int(), "{}: should be a string or an integer", key);
  return id;
}

namespace {

constexpr size_t kHead = 1 << 16;  // bytes by which a format is told
constexpr std::string_view kSpace = " \t\r\n", kTableHeader = "id\tquestion\tanswer";

// Returns the keys of the object that a text begins with, as far as the text goes.
std::vector<std::string_view> keys_of(std::string_view text) {
  std::vector<std::string_view> keys;
  std::string_view last_string;
  int depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      const size_t begin = ++i;
      while (i < text.size() && text[i] != '"') i += text[i] == '\\' ? 2 : 1;
      last_string = text.substr(begin, std::min(i, text.size()) - begin);
    }
    if (c == ':' && depth == 1) keys.push_back(last_string);
    depth += (c == '{' || c == '[') - (c == '}' || c == ']');
    if (depth == 0) break;
  }
  return keys;
}

std::optional<QuestionFormat> format_of_object(std::string_view text) {
  const std::vector<std::string_view> keys = keys_of(text);
  const auto has_any = [&](std::initializer_list<std::string_view> wanted) {
    return std::ranges::any_of(wanted, [&](std::string_view key) { return std::ranges::count(keys, key) > 0; });
  };
  if (has_any({"Data", "Domain", "VerifiedEval", "Version"})) return QuestionFormat::triviaqa;
  if (has_any({"question_text", "document_text", "document_tokens", "document_html", "document_title", "document_url",
               "question_tokens", "annotations", "example_id", "long_answer_candidates"}))
    return QuestionFormat::nq;
  if (has_any({"question", "answer"})) return QuestionFormat::nq_open;
  return std::nullopt;
}

std::optional<QuestionFormat> format_of(std::string_view head) {
  const size_t begin = std::min(head.find_first_not_of(kSpace), head.size());
  if (head.substr(begin).starts_with('[')) return QuestionFormat::webquestions;
  if (head.substr(begin).starts_with('{')) return format_of_object(head.substr(begin));
  const std::string_view line = head.substr(0, head.find('\n'));
  switch (std::ranges::count(line, '\t')) {
    case 1: return QuestionFormat::dpr;
    case 2: return QuestionFormat::table;
    case 3: return QuestionFormat::curated;
    default: return std::nullopt;
  }
}

// Returns what a format is told by: of a table the whole first line.
std::string_view head_of(dump::TextSource& source) {
  size_t wanted = kHead;
  std::string_view head = source.peek(wanted);
  const size_t begin = std::min(head.find_first_not_of(kSpace), head.size());
  if (head.substr(begin).starts_with('[') || head.substr(begin).starts_with('{')) return head;
  while (head.size() >= wanted && wanted < base::JsonLimits{}.bytes && head.find('\n') == head.npos)
    head = source.peek(wanted *= 2);
  return head;
}

QuestionFormat told_format(dump::TextSource& source) {
  const std::string_view head = head_of(source);
  check<DamagedInput>(!head.empty(), "{}: is empty, it should have questions", source.name());
  const std::optional<QuestionFormat> format = format_of(head);
  check<DamagedInput>(format.has_value(), "{}: line 1: begins as none of {}", source.name(),
                      base::alternatives(base::names_of<QuestionFormat>(kQuestionFormats)));
  return *format;
}

// Checks what every format has in common.
void check_question(const Question& question, bool has_patterns) {
  check(!text::split_at_white_space(question.question).empty(), "the question is empty");
  check(!question.answers.empty(), "there should be at least one answer");
  check(text::is_utf8(question.question) && std::ranges::all_of(question.answers, text::is_utf8), "is not UTF-8");
  if (has_patterns)
    for (const std::string& answer : question.answers) text::Pattern{answer};
}

}  // namespace

QuestionFile::QuestionFile(const std::string& path, std::optional<QuestionFormat> format)
    : source_(path), format_(format ? *format : told_format(source_)) {
  if (format_ == QuestionFormat::triviaqa) items_ = std::make_unique<JsonItems>(source_, "Data");
  if (format_ == QuestionFormat::webquestions) items_ = std::make_unique<JsonItems>(source_, "");
}

QuestionFile::~QuestionFile() = default;

std::optional<Question> QuestionFile::next() {
  std::optional<Question> question = next_of_format();
  check<DamagedInput>(question || count_ > 0, "{}: there is no question with an answer", source_.name());
  if (!question) return std::nullopt;
  const std::string place = base::format("{}: line {}", source_.name(), question->line);
  base::read_at(place, [&] { check_question(*question, has_patterns()); });
  if (question->id.is_null()) question->id = count_;
  check<DamagedInput>(!question->id.is_string() || text::is_utf8(question->id.as_string()), "{}: is not UTF-8", place);
  ++count_;
  return question;
}

std::optional<Question> QuestionFile::next_of_format() {
  if (items_) return next_item();
  const bool is_json = format_ == QuestionFormat::nq_open || format_ == QuestionFormat::nq ||
                       (has_patterns() && source_.peek(1).starts_with('{'));
  return is_json ? next_json_line() : next_row();
}

std::optional<Question> QuestionFile::next_json_line() {
  while (source_.next_line(base::JsonLimits{}.bytes)) {
    const std::string place = source_.place();
    const Json json = base::parse_json(source_.text(), place);
    std::optional<Question> question = base::read_at(place, [&]() -> std::optional<Question> {
      if (format_ == QuestionFormat::nq) return nq_question(json);
      return nq_open_question(json);
    });
    if (!question) continue;
    question->line = source_.line();
    return question;
  }
  return std::nullopt;
}

std::optional<Question> QuestionFile::next_item() {
  const std::optional<Json> item = items_->next();
  if (!item) return std::nullopt;
  std::optional<Question> question = base::read_at(base::format("{}: line {}", source_.name(), items_->line()), [&] {
    return format_ == QuestionFormat::triviaqa ? triviaqa_question(*item) : webquestions_question(*item);
  });
  question->line = items_->line();
  return question;
}

std::optional<Question> QuestionFile::next_row() {
  TableRow row;
  int64_t line = 0;
  if (format_ == QuestionFormat::dpr) {
    if (!next_csv_row(source_, row, line)) return std::nullopt;
  } else {
    if (!source_.next_line(base::JsonLimits{}.bytes)) return std::nullopt;
    std::string_view text = source_.text();
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (format_ == QuestionFormat::table && source_.line() == 1 && text == kTableHeader) return next_row();
    line = source_.line();
    for (const std::string_view column : columns_of(text)) row.emplace_back(column);
  }
  std::optional<Question> question =
      base::read_at(base::format("{}: line {}", source_.name(), line), [&]() -> Question {
        if (format_ == QuestionFormat::dpr) return dpr_question(row);
        return format_ == QuestionFormat::curated ? curated_question(row) : table_question(row);
      });
  question->line = line;
  return question;
}

}  // namespace kilm::evaluation
