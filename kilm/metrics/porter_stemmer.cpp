#include "kilm/metrics/porter_stemmer.h"

#include <algorithm>
#include <span>
#include <utility>

#include "kilm/text/unicode.h"

namespace kilm::metrics {

namespace {

using Word = std::u32string;
using View = std::u32string_view;

constexpr std::pair<std::string_view, std::string_view> kIrregular[] = {
    {"sky", "sky"},        {"skies", "sky"},       {"dying", "die"},        {"lying", "lie"},
    {"tying", "tie"},      {"news", "news"},       {"innings", "inning"},   {"inning", "inning"},
    {"outings", "outing"}, {"outing", "outing"},   {"cannings", "canning"}, {"canning", "canning"},
    {"howe", "howe"},      {"proceed", "proceed"}, {"exceed", "exceed"},    {"succeed", "succeed"},
};

// A suffix and what takes its place.
struct Rule {
  View suffix, replacement;
};

constexpr Rule kPlurals[] = {{U"sses", U"ss"}, {U"ies", U"i"}, {U"ss", U"ss"}, {U"s", U""}};
constexpr Rule kWithoutE[] = {{U"at", U"ate"}, {U"bl", U"ble"}, {U"iz", U"ize"}};
constexpr Rule kDoubleSuffixes[] = {
    {U"ational", U"ate"}, {U"tional", U"tion"}, {U"enci", U"ence"}, {U"anci", U"ance"}, {U"izer", U"ize"},
    {U"bli", U"ble"},     {U"alli", U"al"},     {U"entli", U"ent"}, {U"eli", U"e"},     {U"ousli", U"ous"},
    {U"ization", U"ize"}, {U"ation", U"ate"},   {U"ator", U"ate"},  {U"alism", U"al"},  {U"iveness", U"ive"},
    {U"fulness", U"ful"}, {U"ousness", U"ous"}, {U"aliti", U"al"},  {U"iviti", U"ive"}, {U"biliti", U"ble"},
    {U"fulli", U"ful"},   {U"logi", U"log"},
};
constexpr Rule kLaterSuffixes[] = {{U"icate", U"ic"}, {U"ative", U""}, {U"alize", U"al"}, {U"iciti", U"ic"},
                                   {U"ical", U"ic"},  {U"ful", U""},   {U"ness", U""}};
constexpr Rule kLastSuffixes[] = {{U"al", U""},   {U"ance", U""}, {U"ence", U""}, {U"er", U""},    {U"ic", U""},
                                  {U"able", U""}, {U"ible", U""}, {U"ant", U""},  {U"ement", U""}, {U"ment", U""},
                                  {U"ent", U""},  {U"ion", U""},  {U"ou", U""},   {U"ism", U""},   {U"ate", U""},
                                  {U"iti", U""},  {U"ous", U""},  {U"ive", U""},  {U"ize", U""}};

void cut(Word& word, size_t characters) { word.erase(word.size() - characters); }

// Writes c for each consonant and v for each vowel. A y is a vowel behind a consonant.
std::string shape_of(View word) {
  std::string shape;
  for (const char32_t c : word) {
    const bool y_as_vowel = c == U'y' && !shape.empty() && shape.back() == 'c';
    shape += View(U"aeiou").find(c) != View::npos || y_as_vowel ? 'v' : 'c';
  }
  return shape;
}

// Returns Porter's m: how often a consonant follows a vowel.
int measure(View word) {
  const std::string shape = shape_of(word);
  int count = 0;
  for (size_t at = 0; (at = shape.find("vc", at)) != std::string::npos; at += 2) ++count;
  return count;
}

bool has_vowel(View word) { return shape_of(word).find('v') != std::string::npos; }
bool ends_in_consonant(View word) { return shape_of(word).ends_with('c'); }

bool ends_in_double_consonant(View word) {
  return word.size() >= 2 && word.back() == word[word.size() - 2] && ends_in_consonant(word);
}

// Tells whether a word ends as "hop" does, which was "hope" before its e went.
bool may_lack_e(View word) {
  const std::string shape = shape_of(word);
  return shape == "vc" || (shape.ends_with("cvc") && View(U"wxy").find(word.back()) == View::npos);
}

// Applies the first rule whose suffix the word has, if may_replace(what is before it, the suffix). Returns whether
// there is such a rule.
template <class Condition>
bool apply(Word& word, std::span<const Rule> rules, Condition may_replace) {
  for (const Rule& rule : rules) {
    if (!word.ends_with(rule.suffix)) continue;
    const View stem = View(word).substr(0, word.size() - rule.suffix.size());
    if (may_replace(stem, rule.suffix)) word = Word(stem).append(rule.replacement);
    return true;
  }
  return false;
}

bool always(View, View) { return true; }

// Does step 1a: plurals.
void remove_plural(Word& word) {
  if (word.size() == 4 && word.ends_with(U"ies"))
    word.pop_back();
  else
    apply(word, kPlurals, always);
}

// Returns true and removes "ed" or "ing" behind a vowel.
bool remove_past_or_participle(Word& word) {
  for (const View suffix : {View(U"ed"), View(U"ing")}) {
    if (!word.ends_with(suffix) || !has_vowel(View(word).substr(0, word.size() - suffix.size()))) continue;
    cut(word, suffix.size());
    return true;
  }
  return false;
}

// Does step 1b: "ied", "eed", "ed" and "ing".
void remove_verb_ending(Word& word) {
  if (word.ends_with(U"ied")) return cut(word, (word.size() == 4 ? 1 : 2));
  if (word.ends_with(U"eed")) {
    if (measure(View(word).substr(0, word.size() - 3)) > 0) word.pop_back();
    return;
  }
  if (!remove_past_or_participle(word) || apply(word, kWithoutE, always)) return;
  if (ends_in_double_consonant(word)) {
    if (View(U"lsz").find(word.back()) == View::npos) word.pop_back();
  } else if (measure(word) == 1 && may_lack_e(word)) {
    word += U'e';
  }
}

// Does step 1c: y becomes i.
void replace_y(Word& word) {
  const View stem = View(word).substr(0, word.size() - 1);
  if (word.ends_with(U'y') && stem.size() > 1 && ends_in_consonant(stem)) word.back() = U'i';
}

bool has_measure(View stem, View) { return measure(stem) > 0; }

// Does step 2: two suffixes become one.
void replace_double_suffix(Word& word) {
  if (word.ends_with(U"alli") && has_measure(View(word).substr(0, word.size() - 4), {})) cut(word, 2);
  apply(word, kDoubleSuffixes,
        [](View stem, View suffix) { return suffix == U"logi" ? measure(Word(stem) + U'l') > 0 : measure(stem) > 0; });
}

// Does step 4: the last suffix goes.
void remove_last_suffix(Word& word) {
  apply(word, kLastSuffixes, [](View stem, View suffix) {
    return measure(stem) > 1 && (suffix != U"ion" || stem.ends_with(U's') || stem.ends_with(U't'));
  });
}

// Does step 5: a last e goes, and one of two l.
void tidy(Word& word) {
  if (word.ends_with(U'e')) {
    const View stem = View(word).substr(0, word.size() - 1);
    if (measure(stem) > 1 || (measure(stem) == 1 && !may_lack_e(stem))) word.pop_back();
  }
  if (word.ends_with(U"ll") && measure(View(word).substr(0, word.size() - 1)) > 1) word.pop_back();
}

// Returns the characters of a text. A byte that is not UTF-8 is a character of its own, above all others.
Word characters_of(std::string_view text) {
  Word characters;
  for (size_t at = 0; at < text.size(); at += text::utf8_size(characters.back())) {
    const char32_t c = text::first_character(text.substr(at));
    characters += c == text::kNoCharacter ? c + static_cast<unsigned char>(text[at]) : c;
  }
  return characters;
}

std::string bytes_of(View characters) {
  std::string bytes;
  for (const char32_t c : characters) {
    if (c >= text::kNoCharacter)
      bytes += char(c - text::kNoCharacter);
    else
      text::append_utf8(bytes, c);
  }
  return bytes;
}

}  // namespace

std::string porter_stem(std::string_view word) {
  for (const auto& [irregular, stem] : kIrregular)
    if (word == irregular) return std::string(stem);
  Word rest = characters_of(word);
  if (rest.size() <= 2) return std::string(word);
  remove_plural(rest);
  remove_verb_ending(rest);
  replace_y(rest);
  replace_double_suffix(rest);
  apply(rest, kLaterSuffixes, has_measure);
  remove_last_suffix(rest);
  tidy(rest);
  return bytes_of(rest);
}

}  // namespace kilm::metrics
