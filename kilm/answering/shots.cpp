#include "kilm/answering/shots.h"

#include <algorithm>

#include "kilm/objective/draws.h"
#include "tensor/base/format.h"
#include "tensor/base/json_lines.h"

namespace kilm::answering {

using base::check;
using evaluation::Question;

std::string to_record(const Question& question) {
  dataset::FieldWriter fields;
  fields.text(question.id.dump());
  fields.text(question.question);
  fields.u32(question.answers.size());
  for (const std::string& answer : question.answers) fields.text(answer);
  return fields.bytes();
}

Question question_in(std::string_view record, const std::string& place) {
  dataset::FieldReader fields(record, place);
  Question question;
  question.id = base::parse_json(fields.text(), place);
  if (!question.id.is_string() && !question.id.is_int()) fields.damaged("the id should be a string or an integer");
  question.question = fields.text();
  question.answers.resize(fields.count(sizeof(uint32_t)));
  if (question.answers.empty()) fields.damaged("there should be at least one answer");
  for (std::string& answer : question.answers) answer = fields.text();
  fields.end();
  return question;
}

Question question_at(const retrieval::IndexFile& file, int64_t i) {
  return question_in(file.document(i), base::format("{}: record {}", file.path(), i));
}

void check_questions(const retrieval::IndexFile& file) {
  for (int64_t i = 0; i < file.index().documents(); ++i) question_at(file, i);
}

Shots::Shots(const std::string& path, int64_t count, std::optional<uint64_t> seed) : count_(count) {
  if (dataset::is_record_file(path)) {
    file_.emplace(path);
    check_questions(*file_);
  } else {
    evaluation::QuestionFile file(path);
    check<base::UsageError>(!file.has_patterns(), "{}: its answers are patterns, shots should have texts", path);
    retrieval::IndexBuilder builder;
    while (std::optional<Question> question = file.next()) {
      if (!seed) builder.add(question->question);
      questions_.push_back(std::move(*question));
    }
    index_ = std::move(builder).finish();
  }
  if (!seed) return;
  drawn_.emplace();
  for (int64_t i = 0; i < std::min(count, size()); ++i)
    drawn_->push_back(question(int64_t(objective::permuted(uint64_t(i), uint64_t(size()), *seed, 0))));
}

Question Shots::question(int64_t i) const { return file_ ? question_at(*file_, i) : questions_[size_t(i)]; }

std::vector<Question> Shots::of(std::string_view text) const {
  if (drawn_) return *drawn_;
  const retrieval::Index& index = file_ ? file_->index() : *index_;
  std::vector<Question> shots;
  for (const retrieval::Found& found : index.search(text, count_)) shots.push_back(question(found.document));
  return shots;
}

}  // namespace kilm::answering
