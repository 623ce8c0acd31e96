// Prose to sentences, by rules that need no model. A full stop ends a sentence unless it shortens a word, makes an
// ordinal number, or stands inside of parentheses. What follows must be able to begin a sentence.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace kilm::text {

// What a language shortens by a full stop: words in lower case without their last stop, with a space between two.
// kilm/languages/sentence_rules.h has them by language.
struct SentenceRules {
  using Words = std::unordered_set<std::string_view>;
  Words within;                 // behind them a sentence goes on
  Words at_ends;                // behind them, letters and ordinals it goes on unless one of beginners follows
  Words beginners;              // words that often begin a sentence, as written there
  bool ordinals = false;        // 3. is the third
  bool small_initials = false;  // a small letter shortens a word, too, as in "p. 3"
  bool east_asian = false;      // . ! ? end nothing where the text has full stops of its own
};

// Whether a sentence may end inside of a quotation of several.
enum class Quotations : bool { parted, whole };

// Returns where the sentences of `text` end: behind the full stop and closing quotes; the last one at the end of the
// text. White space between two belongs to the second.
std::vector<size_t> sentence_ends(std::string_view text, const SentenceRules& rules, Quotations = Quotations::parted);

// Returns the first sentence, trimmed; all of the text if no sentence ends in it.
std::string first_sentence(std::string_view text, const SentenceRules& rules, Quotations = Quotations::parted);

}  // namespace kilm::text
