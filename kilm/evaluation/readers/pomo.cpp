#include "kilm/evaluation/readers/pomo.h"

#include <algorithm>
#include <vector>

#include "kilm/evaluation/readers/columns.h"
#include "kilm/text/unicode.h"
#include "tensor/base/format.h"
#include "tensor/base/json_lines.h"

namespace kilm::evaluation {

namespace {

using base::check;
using base::Json;

std::vector<std::string_view> columns_of_line(std::string_view line) {
  check(text::is_utf8(line), "is no UTF-8");
  if (line.ends_with('\r')) line.remove_suffix(1);  // a line as it ends in Windows
  return columns_of(line);
}

// Returns tokens, of those between spaces, with one space between them.
std::string some_tokens(std::string_view sentence, bool last) {
  if (sentence == "n/a" || sentence == "<n/a>") return "";
  std::span<const std::string_view> tokens;
  const std::vector<std::string_view> all = text::split_at_white_space(sentence);
  const size_t n = std::min(all.size(), size_t(kContextTokens));
  tokens = last ? std::span(all).last(n) : std::span(all).first(n);
  std::string text;
  for (const std::string_view token : tokens) text.append(text.empty() ? "" : " ").append(token);
  return text;
}

std::string_view without_space(std::string_view text) {
  while (text.ends_with(' ')) text.remove_suffix(1);
  while (text.starts_with(' ')) text.remove_prefix(1);
  return text;
}

// Finds where the slot is in the sentence without the post-modifier. Where no name stands before it, it is where the
// sentences part.
size_t slot_of(std::string_view without, std::string_view with, std::string_view name) {
  const size_t common = size_t(std::ranges::mismatch(without, with).in1 - without.begin());
  const size_t at = name.empty() ? without.npos : without.substr(0, common).rfind(name);
  if (at != without.npos) return at + name.size();
  const size_t space = without.substr(0, common).rfind(' ');
  return space == without.npos ? 0 : space;
}

const std::string& text_of(const Json& pair, size_t i) {
  check(pair.items().size() == 2, "should be a name and a value");
  return pair.items()[i].as_string();
}

// Returns names and values of qualifiers, which are a list of pairs, or one pair.
std::string qualifier_of(const Json& qualifiers) {
  if (qualifiers.items().empty()) return "";
  if (qualifiers.items().front().is_string()) return text_of(qualifiers, 0) + " " + text_of(qualifiers, 1);
  std::string text;
  for (const Json& pair : qualifiers.items())
    text += (text.empty() ? "" : " ") + text_of(pair, 0) + " " + text_of(pair, 1);
  return text;
}

std::optional<AppositiveFact> first_used(const Json& claims, std::string_view item) {
  const auto is_item = [&](const Json& name) { return name.as_string() == item; };
  for (const Json& claim : claims.items()) {
    if (!std::ranges::any_of(base::items_at(claim, "used"), is_item)) continue;
    return base::entry_at(claim, "property", [&](const Json& property) {
      return AppositiveFact{text_of(property, 0), text_of(property, 1),
                            base::entry_at(claim, "qualifiers", qualifier_of)};
    });
  }
  return std::nullopt;
}

}  // namespace

PomoFacts::PomoFacts(const std::string& path) : file_(path) {
  std::string_view left = file_.text();
  for (int64_t line = 1; !left.empty(); ++line) {
    const std::string_view text = left.substr(0, left.find('\n'));
    left.remove_prefix(std::min(left.size(), text.size() + 1));
    base::read_at(base::format("{}: line {}", path, line), [&] {
      const std::vector<std::string_view> columns = columns_of_line(text);
      const bool fits =
          columns.size() == 5 || (columns.size() == 6 && columns[5].empty());  // the release ends in a tab
      check(fits, "has {} columns, it should have 5", columns.size());
      claims_.emplace(columns[0], Claims{columns[4], line});
    });
  }
  check<base::DamagedInput>(!claims_.empty(), "{}: there is no line", path);
}

std::optional<AppositiveFact> PomoFacts::used_by(const std::string& entity, std::string_view item) const {
  const auto found = claims_.find(entity);
  check(found != claims_.end(), "there is no {} in {}", entity, file_.path());
  const std::string place = base::format("{}: line {}", file_.path(), found->second.line);
  const Json claims = base::parse_json(found->second.json, place);
  return base::read_at(place, [&] { return first_used(claims, item); });
}

std::optional<Appositive> PomoReader::read() {
  if (!lines_.next()) return std::nullopt;
  return base::read_at(lines_.place(), [&] { return item_of(lines_.text()); });
}

Appositive PomoReader::item_of(const std::string& line) const {
  const std::vector<std::string_view> columns = columns_of_line(line);
  check(columns.size() == 9, "has {} columns, it should have 9", columns.size());
  const std::string_view without = columns[0], name = columns[1];
  const size_t slot = slot_of(without, columns[3], name);
  return {.name = std::string(name),
          .left = std::string(without_space(without.substr(0, slot))),
          .right = std::string(without_space(without.substr(slot))),
          .previous = some_tokens(columns[5], true),
          .next = some_tokens(columns[6], false),
          .target = std::string(columns[2]),
          .fact = facts_.used_by(std::string(columns[4]), columns[8])};
}

}  // namespace kilm::evaluation
