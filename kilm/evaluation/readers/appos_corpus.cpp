#include "kilm/evaluation/readers/appos_corpus.h"

#include <algorithm>
#include <span>

#include "tensor/base/format.h"

namespace kilm::evaluation {

namespace {

using base::check;
using base::Json;

constexpr std::string_view kSlot = "<appos>";

using Items = std::span<const Json>;

std::string joined(Items tokens) {
  std::string text;
  for (const Json& token : tokens) text += (text.empty() ? "" : " ") + token.as_string();
  return text;
}

Items last(Items tokens) { return tokens.last(std::min(tokens.size(), size_t(kContextTokens))); }
Items first(Items tokens) { return tokens.first(std::min(tokens.size(), size_t(kContextTokens))); }

std::string joined_at(const Json& line, std::string_view key) {
  return base::entry_at(line, key, [](const Json& tokens) { return joined(tokens.items()); });
}

void read_sentence(const Json& line, Appositive& item) {
  base::entry_at(line, "input", [&](const Json& tokens) {
    const Items all = tokens.items();
    const auto is_slot = [](const Json& token) { return token.as_string() == kSlot; };
    check(std::ranges::count_if(all, is_slot) == 1, "should have {} once", kSlot);
    const size_t slot = size_t(std::ranges::find_if(all, is_slot) - all.begin());
    item.left = joined(all.first(slot));
    item.right = joined(all.subspan(slot + 1));
  });
}

// Returns the element of a list that is of fact `i`, of `facts`.
const Json& of_fact(const Json& line, std::string_view key, size_t i, size_t facts) {
  const Json::Array& list = base::items_at(line, key);
  check(list.size() == facts, "{}: has {} elements, used has {}", key, list.size(), facts);
  return list[i];
}

std::optional<AppositiveFact> first_used_fact(const Json& line) {
  if (!line.find("used")) return std::nullopt;
  const auto [i, facts] = base::entry_at(line, "used", [](const Json& used) {
    const auto first = std::ranges::find_if(used.items(), [](const Json& is_used) { return is_used.as_bool(); });
    return std::pair(size_t(first - used.items().begin()), used.items().size());
  });
  if (i == facts) return std::nullopt;
  AppositiveFact fact{.property = of_fact(line, "properties", i, facts).as_string(),
                      .value = of_fact(line, "values", i, facts).as_string(),
                      .qualifier = ""};
  for (const Json& texts : of_fact(line, "qualifiers", i, facts).items())
    fact.qualifier += (fact.qualifier.empty() ? "" : " ") + joined(texts.items());
  return fact;
}

Appositive item_of(const Json& line) {
  Appositive item;
  item.name = base::string_at(line, "name");
  read_sentence(line, item);
  item.target = joined_at(line, "target");
  item.previous = base::entry_at(line, "previous_sentence", [](const Json& sentences) {
    return sentences.items().empty() ? "" : joined(last(sentences.items().front().items()));
  });
  item.next = base::entry_at(line, "next_sentence", [](const Json& tokens) { return joined(first(tokens.items())); });
  item.fact = first_used_fact(line);
  return item;
}

}  // namespace

std::optional<Appositive> ApposCorpusReader::read() { return lines_.next(item_of); }

}  // namespace kilm::evaluation
