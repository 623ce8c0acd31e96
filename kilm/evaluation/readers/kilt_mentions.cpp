// Mentions in the form of KILT (Petroni et al. 2021), to which GENRE (De Cao et al. 2021) adds candidates:
//   {"id", "meta": {"left_context", "mention", "right_context"}, "output": [{"answer"}], "candidates": [title]}
#include "kilm/evaluation/readers/mention_readers.h"
#include "kilm/text/character_references.h"
#include "kilm/text/unicode.h"
#include "tensor/base/format.h"
#include "tensor/base/json_lines.h"

namespace kilm::evaluation {

namespace {

using base::Json;

// Returns the space that belongs between two texts: one where both are there and neither has any.
const char* space_between(std::string_view left, std::string_view right) {
  if (left.empty() || right.empty()) return "";
  return text::is_white_space(text::last_character(left)) || text::is_white_space(text::first_character(right)) ? ""
                                                                                                                : " ";
}

std::optional<std::string> gold_of(const Json& line) {
  const Json* output = line.find("output");
  if (!output || output->is_null() || base::items_at(line, "output").empty()) return std::nullopt;
  const Json& first = output->items()[0];
  base::check(first.is_object(), "output: the first entry should be an object");
  const Json* answer = first.find("answer");
  if (!answer || answer->is_null()) return std::nullopt;
  return base::read_at("output: answer", [&] { return title_of(answer->as_string()); });
}

MentionItem read(const Json& line) {
  const auto text_of = [&](const char* key) {
    return base::entry_at(
        line, "meta", [&](const Json& meta) { return text::decode_character_references(base::string_at(meta, key)); });
  };
  std::string left = text_of("left_context"), right = text_of("right_context");
  const std::string mention = text_of("mention");
  left += space_between(left, mention);
  right.insert(0, space_between(mention, right));
  MentionItem item;
  set_text(item, left, mention, right);
  if (const Json* id = line.find("id"); id && !id->is_null()) {
    base::check(id->is_int() || id->is_string(), "id: should be a text or an integer");
    item.id = *id;
  }
  item.title = gold_of(line);
  item.candidates = candidates_of(line);
  return item;
}

}  // namespace

std::unique_ptr<MentionReader> read_kilt_mentions(const std::string& path) { return read_mention_lines(path, read); }

}  // namespace kilm::evaluation
