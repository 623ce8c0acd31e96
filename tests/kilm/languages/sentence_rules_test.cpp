#include "kilm/languages/sentence_rules.h"

#include <doctest/doctest.h>

#include "kilm/text/unicode.h"

using kilm::languages::sentence_rules;

TEST_CASE("sentence rules are those of a language, and of English where it is not known") {
  CHECK(sentence_rules("de").within.contains("z. b"));
  CHECK(sentence_rules("nn").ordinals);
  CHECK_FALSE(sentence_rules("sv").ordinals);
  CHECK_FALSE(sentence_rules("de").within.contains("alt"));
  for (const char* language : {"", "xyz", "simple"}) {
    CHECK(sentence_rules(language).beginners == sentence_rules("en").beginners);
    CHECK_FALSE(sentence_rules(language).small_initials);
  }
}

TEST_CASE("words of the sentence rules are written so that they are found") {
  for (const char* language : {"en", "de", "nl", "sv", "da", "is", "fr", "es", "pt", "it", "ca", "ro", "ru", "uk", "be",
                               "bg", "pl", "cs", "hr", "lt", "fi", "hu", "tr", "eu", "el", "vi", "id", "ar", "ja"}) {
    CAPTURE(language);
    const kilm::text::SentenceRules& rules = sentence_rules(language);
    CHECK_FALSE(rules.beginners.empty());
    for (const auto* words : {&rules.within, &rules.at_ends})
      for (const std::string_view word : *words) {
        CHECK(kilm::text::lower_case(word) == word);
        CHECK_FALSE(word.ends_with('.'));
        CHECK(word == word.substr(0, word.find_last_not_of(' ') + 1));
        CHECK((words == &rules.within || !rules.within.contains(word)));
      }
  }
}
