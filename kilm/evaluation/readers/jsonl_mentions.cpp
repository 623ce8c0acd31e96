// Mentions as JSON lines of our own form: {"id", "document", "text", "start", "end", "title", "candidates"}, start and
// end in bytes; or {"left", "mention", "right", "gold_title", "doc"} for what stands around a mention; or {"sentence",
// "span", "mention", "doc_title", "candidates"} without gold, where a span counts the words between single spaces.
#include "kilm/evaluation/readers/mention_readers.h"
#include "tensor/base/format.h"
#include "tensor/base/json_lines.h"

namespace kilm::evaluation {

namespace {

using base::Json;

// Returns an entry that may be missing or null.
const Json* entry(const Json& line, std::string_view key) {
  const Json* value = line.find(key);
  return value && !value->is_null() ? value : nullptr;
}

// Returns the text of a name, which may be an integer; "" if there is none.
std::string name_at(const Json& line, std::string_view key) {
  const Json* name = entry(line, key);
  if (!name) return "";
  base::check(name->is_int() || (name->is_string() && !name->as_string().empty()),
              "{}: should be an integer, or a text that is not empty", key);
  return name->is_int() ? std::to_string(name->as_int()) : name->as_string();
}

// Sets a text and the mention in it, words [first, last) of those between single spaces.
void set_words(MentionItem& item, const std::string& text, int64_t first, int64_t last) {
  std::vector<size_t> begins = {0};  // of each word, and of the one that would follow
  for (size_t at = 0; (at = text.find(' ', at)) != text.npos;) begins.push_back(++at);
  begins.push_back(text.size() + 1);
  base::check(0 <= first && first < last && last < std::ssize(begins),
              "span: {} to {} should be words of a sentence that has {}, the first before the end", first, last,
              begins.size() - 1);
  item.text = std::make_shared<const std::string>(text);
  item.start = int64_t(begins[size_t(first)]);
  item.end = int64_t(begins[size_t(last)]) - 1;
}

// Reads a line with a span of words.
MentionItem read_span(const Json& line) {
  MentionItem item;
  const Json::Array& span = base::items_at(line, "span");
  base::check(span.size() == 2 && span[0].is_int() && span[1].is_int(), "span: should be two integers");
  set_words(item, base::string_at(line, "sentence"), span[0].as_int(), span[1].as_int());
  if (entry(line, "mention")) {
    const std::string& mention = base::string_at(line, "mention");
    base::check(mention == item.surface(), "mention: is \"{}\", but the span has \"{}\"", mention, item.surface());
  }
  return item;
}

MentionItem read_text(const Json& line) {
  MentionItem item;
  item.text = std::make_shared<const std::string>(base::string_at(line, "text"));
  item.start = base::int_at(line, "start");
  item.end = base::int_at(line, "end");
  return item;
}

MentionItem read_around(const Json& line) {
  MentionItem item;
  set_text(item, base::string_at(line, "left"), base::string_at(line, "mention"), base::string_at(line, "right"));
  return item;
}

MentionItem read(const Json& line) {
  const bool span = line.find("span") != nullptr, around = !span && line.find("left") != nullptr;
  MentionItem item = span ? read_span(line) : around ? read_around(line) : read_text(line);
  name_at(line, "id");  // checks it
  if (const Json* id = entry(line, "id")) item.id = *id;
  item.document = name_at(line, span ? "doc_title" : around ? "doc" : "document");
  const char* gold = around ? "gold_title" : "title";
  if (!span && entry(line, gold))
    item.title = base::entry_at(line, gold, [](const Json& t) { return title_of(t.as_string()); });
  item.candidates = candidates_of(line);
  return item;
}

}  // namespace

std::unique_ptr<MentionReader> read_jsonl_mentions(const std::string& path) { return read_mention_lines(path, read); }

}  // namespace kilm::evaluation
