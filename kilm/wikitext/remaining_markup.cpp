#include "kilm/wikitext/remaining_markup.h"

#include <algorithm>

#include "kilm/languages/magic_words.h"
#include "kilm/text/characters.h"

namespace kilm::wikitext {

namespace {

// Tells whether a run of at least one sign from `first` to `last` stands at the start of `text`, and `end` behind it.
bool run_then(std::string_view text, char first, char last, std::string_view end) {
  const auto stop = std::find_if(text.begin(), text.end(), [&](char c) { return c < first || c > last; });
  return stop != text.begin() && text.substr(size_t(stop - text.begin())).starts_with(end);
}

// Tells whether a magic word stands at the start of `text`, and __ behind it.
bool magic_word_then_end(std::string_view text) {
  const size_t end = text.substr(0, languages::kLongestMagicWord + 2).find("__");
  return end != text::kNone && languages::is_magic_word(text.substr(0, end));
}

bool is_tag(std::string_view inside) {
  if (inside.starts_with('/')) inside.remove_prefix(1);
  return !inside.empty() && (inside[0] == '!' || text::is_lower(inside[0]));
}

}  // namespace

bool has_markup(std::string_view text) {
  for (size_t at = text.find_first_of("{}[]'|<&_"); at != text::kNone; at = text.find_first_of("{}[]'|<&_", at + 1)) {
    const char c = text[at];
    const std::string_view behind = text.substr(at + 1);
    if (c == '|') return true;
    if (c == '<' && is_tag(behind)) return true;
    if (c == '&' && (behind.starts_with('#') || run_then(behind, 'a', 'z', ";"))) return true;
    if (c == '_' && behind.starts_with('_') && magic_word_then_end(behind.substr(1))) return true;
    if (c != '<' && c != '&' && c != '_' && behind.starts_with(c)) return true;
  }
  return false;
}

}  // namespace kilm::wikitext
