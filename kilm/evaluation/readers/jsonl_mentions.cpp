// Mentions as JSON lines of our own form: {"id", "document", "text", "start", "end", "title", "candidates"}, start and
// end in bytes; or {"left", "mention", "right", "gold_title", "doc"} for what stands around a mention.
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

MentionItem read(const Json& line) {
  const bool around = line.find("left") != nullptr;  // what stands around the mention is given, not the text
  MentionItem item;
  if (around) {
    set_text(item, base::string_at(line, "left"), base::string_at(line, "mention"), base::string_at(line, "right"));
  } else {
    item.text = std::make_shared<const std::string>(base::string_at(line, "text"));
    item.start = base::int_at(line, "start");
    item.end = base::int_at(line, "end");
  }
  name_at(line, "id");  // checks it
  if (const Json* id = entry(line, "id")) item.id = *id;
  item.document = name_at(line, around ? "doc" : "document");
  const char* gold = around ? "gold_title" : "title";
  if (entry(line, gold)) item.title = base::entry_at(line, gold, [](const Json& t) { return title_of(t.as_string()); });
  item.candidates = candidates_of(line);
  return item;
}

}  // namespace

std::unique_ptr<MentionReader> read_jsonl_mentions(const std::string& path) { return read_mention_lines(path, read); }

}  // namespace kilm::evaluation
