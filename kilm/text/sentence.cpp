#include "kilm/text/sentence.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <unordered_set>

#include "kilm/text/characters.h"
#include "kilm/text/unicode.h"

namespace kilm::text {

namespace {

using Words = std::unordered_set<std::string_view>;

bool is_of_word(char c) { return is_letter(c) || is_beyond_ascii(c); }

// Words that a full stop shortens, in lower case; behind them a sentence goes on.
bool is_abbreviation(const std::string& word) {
  static const Words words = {
      "st",    "ste",  "dr",   "mr",    "mrs",  "ms",   "mx",    "prof", "rev",  "hon",    "fr",    "gen",    "col",
      "capt",  "cpt",  "lt",   "sgt",   "maj",  "cmdr", "adm",   "gov",  "sen",  "rep",    "pres",  "messrs", "mme",
      "mlle",  "c",    "ca",   "cf",    "fl",   "r",    "b",     "d",    "vs",   "v",      "viz",   "approx", "no",
      "nos",   "vol",  "vols", "pp",    "p",    "ed",   "eds",   "ch",   "fig",  "figs",   "mt",    "mts",    "ft",
      "jan",   "feb",  "mar",  "apr",   "jun",  "jul",  "aug",   "sep",  "sept", "oct",    "nov",   "dec",    "lit",
      "lat",   "ger",  "gr",   "heb",   "ital", "span", "pl",    "sing", "abbr", "abbrev", "pron",  "est",    "m",
      "née",   "i.e",  "e.g",  "a.k.a", "op",   "arr",  "trans", "tr",   "dept", "univ",   "assoc", "bros",   "var",
      "subsp", "ssp",  "sp",   "spp",   "cv",   "syn",  "born",  "incl", "esp",  "orig",   "min",   "max",    "gov't",
      "fem",   "masc", "dim",  "cap",   "pop",  "alt",  "sec",   "art"};
  return words.contains(word) && word != "born";
}

// Shortenings that may end a sentence as well: they do if the next word often begins one.
bool is_ending_abbreviation(const std::string& word) {
  static const Words words = {"inc", "ltd", "co",  "corp", "jr", "sr",   "esq",
                              "etc", "al",  "plc", "bc",   "ad", "ph.d", "no"};
  return words.contains(word);
}

bool begins_sentences(std::string_view word) {
  static const Words words = {"The",     "It",     "He",    "She",   "They",  "In",    "This",  "A",        "An",
                              "His",     "Her",    "Its",   "Their", "As",    "On",    "At",    "Since",    "From",
                              "For",     "With",   "By",    "These", "Those", "There", "After", "Although", "While",
                              "When",    "If",     "But",   "And",   "Some",  "Many",  "Most",  "During",   "Today",
                              "However", "Other",  "We",    "One",   "Both",  "Each",  "That",  "Such",     "Also",
                              "Because", "Before", "Until", "Under", "To"};
  return words.contains(word);
}

size_t skip_closers(std::string_view text, size_t at) {
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"' || c == '\'' || c == ')' || c == ']') {
      ++at;
    } else if (text.substr(at, 3) == "”" || text.substr(at, 3) == "’") {
      at += 3;
    } else if (text.substr(at, 2) == "»") {
      at += 2;
    } else {
      break;
    }
  }
  return at;
}

// The word that ends at `end`, with the full stops inside of it, without brackets and quotes before it.
std::string_view word_before(std::string_view text, size_t end) {
  size_t begin = end;
  while (begin > 0 && text[begin - 1] != ' ' && text[begin - 1] != '(' && text[begin - 1] != '"' &&
         text[begin - 1] != '[' && end - begin < 40)
    --begin;
  return text.substr(begin, end - begin);
}

std::string_view word_after(std::string_view text, size_t at) {
  size_t end = at;
  while (end < text.size() && is_of_word(text[end])) ++end;
  return text.substr(at, end - at);
}

// Whether the full stop at `at`, with white space behind it and `next`, only shortens the word before it.
bool shortens(std::string_view text, size_t at, size_t next) {
  const std::string_view word = word_before(text, at);
  const std::string lower = lower_case(word);
  const bool usual = begins_sentences(word_after(text, next));
  const bool initial = word.size() == 1 && is_upper(word[0]);
  const bool dotted = word.find('.') != kNone && word.size() <= 8 && is_of_word(word[0]);
  if (initial || dotted || is_ending_abbreviation(lower)) return !usual;
  return is_abbreviation(lower);
}

// Where the sentence ends whose full stop (or ? or !) is at `at`; 0 if none ends there. own_stops: see has_own_stops().
size_t sentence_end(std::string_view text, size_t at, bool own_stops) {
  size_t mark = 1;
  while (at + mark < text.size() && (text[at + mark] == '.' || text[at + mark] == '!' || text[at + mark] == '?'))
    ++mark;
  const size_t end = skip_closers(text, at + mark);
  if (end == text.size()) return end;
  if (text[end] != ' ') return 0;
  size_t next = end + 1;
  while (next < text.size() && (text[next] == '"' || text[next] == '\'' || text[next] == '(' || text[next] == '['))
    ++next;
  if (next == text.size()) return end;
  const bool starts = is_upper(text[next]) || is_digit(text[next]) || is_beyond_ascii(text[next]) ||
                      static_cast<unsigned char>(text[next]) < 0x20;  // a mark for a word that is missing
  if (!starts || (text[at] == '.' && own_stops && is_beyond_ascii(text[next]))) return 0;
  if (text[at] == '.' && mark == 1 && end == at + 1 && shortens(text, at, next)) return 0;
  return end;
}

// Which opening parentheses find their partner; only those keep a sentence together.
std::vector<bool> closing(std::string_view text) {
  std::vector<bool> closes(text.size());
  std::vector<size_t> open;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '(') open.push_back(at);
    if (text[at] == ')' && !open.empty()) {
      closes[open.back()] = true;
      open.pop_back();
    }
  }
  return closes;
}

// Signs that end sentences besides . ! ?; spaced: inside of a word they end nothing (of hours, of shortened names).
struct Stop {
  std::string_view sign;
  bool spaced = false;
};
constexpr Stop kStops[] = {
    {"。"},         {"！"},         {"？"}, {"｡"},         // Chinese and Japanese
    {"।"},          {"॥"},                                 // Devanagari and other scripts of India
    {"։", true},                                           // Armenian
    {"۔", true},    {"؟", true},                           // Urdu and others in Arabic script
    {"܀"},          {"܁"},          {"܂"},                 // Syriac
    {"።"},          {"፧"},          {"፨"},                 // Ethiopic
    {"။"},                                                 // Burmese
    {"។"},          {"៕"},                                 // Khmer
    {"།"},          {"༎"},                                 // Tibetan
    {"꧉"},          {"᭟"},          {"᜶"},                 // Javanese, Balinese, scripts of the Philippines
    {"᱾"},          {"᱿"},          {"꯫"},  {"෴"},         // Ol Chiki, Meetei, Sinhala
    {"᥄"},          {"᥅"},          {"᰻"},  {"᰼"},         // Limbu, Lepcha
    {"᠃"},          {"᠉"},                                 // Mongolian
    {"᪨"},          {"᪩"},          {"꩝"},  {"꩞"}, {"꩟"},  // Tai Tham, Cham
    {"꣎"},          {"꣏"},          {"꤯"},  {"꓿"},         // Saurashtra, Kayah, Lisu
    {"߹"},          {"꘎"},          {"꛳"},  {"꛷"}, {"⳾"},  // N'Ko, Vai, Bamum, Coptic
    {"\U00011141"}, {"\U00011142"},                        // Chakma
};

constexpr std::array<bool, 256> stop_bytes() {
  std::array<bool, 256> table{};
  for (const Stop& stop : kStops) table[static_cast<unsigned char>(stop.sign[0])] = true;
  return table;
}
constexpr std::array<bool, 256> kStopByte = stop_bytes();

const Stop* stop_at(std::string_view text, size_t at) {
  if (!kStopByte[static_cast<unsigned char>(text[at])]) return nullptr;
  const auto* const found = std::find_if(std::begin(kStops), std::end(kStops), [&](const Stop& stop) {
    return stop.sign[0] == text[at] && text.substr(at, stop.sign.size()) == stop.sign;
  });
  return found == std::end(kStops) ? nullptr : found;
}

// The end of a sentence whose last sign is the one at `at`, of scripts with signs of their own; 0 if it is none.
size_t wide_end(std::string_view text, size_t at) {
  const Stop* const stop = stop_at(text, at);
  if (stop == nullptr) return 0;
  const size_t behind = at + stop->sign.size();
  if (!stop->spaced) return behind;
  const size_t end = skip_closers(text, behind);
  return end < text.size() && (is_of_word(text[end]) || is_digit(text[end])) ? 0 : end;
}

// Whether the text has full stops of its own script. Then a . between its words only shortens one.
bool has_own_stops(std::string_view text) {
  for (size_t at = 0; at < text.size(); ++at) {
    const Stop* const stop = stop_at(text, at);
    if (stop != nullptr && stop->sign != "！" && stop->sign != "？" && stop->sign != "؟") return true;
  }
  return false;
}

// Of Armenian, : is written for its full stop where a keyboard has none; the end behind it, 0 if it is another.
size_t armenian_colon_end(std::string_view text, size_t at) {
  const auto letter = [&](size_t i) {  // 0x531 to 0x556 are capitals, small ones follow
    const bool whole = i + 1 < text.size() && text[i] >= '\xD4' && text[i] <= '\xD6';
    return whole ? (static_cast<unsigned char>(text[i]) & 0x1F) << 6 | (static_cast<unsigned char>(text[i + 1]) & 0x3F)
                 : 0;
  };
  const int before = at > 1 ? letter(at - 2) : 0, next = letter(at + 2);
  if (before < 0x531 || before > 0x587) return 0;
  if (at + 1 == text.size()) return at + 1;
  return text[at + 1] == ' ' && next >= 0x531 && next <= 0x556 ? at + 1 : 0;
}

// Ends of at most `limit` sentences.
std::vector<size_t> ends(std::string_view text, size_t limit) {
  std::vector<size_t> result;
  const std::vector<bool> closes = closing(text);
  const bool own_stops = has_own_stops(text);
  int depth = 0;
  for (size_t at = 0; at < text.size() && result.size() < limit; ++at) {
    const char c = text[at];
    if (c == '(' && closes[at]) ++depth;
    if (c == ')' && depth > 0) --depth;
    if (depth > 0) continue;
    const bool mark = c == '.' || c == '!' || c == '?';
    const size_t end = mark       ? sentence_end(text, at, own_stops)
                       : c == ':' ? armenian_colon_end(text, at)
                                  : wide_end(text, at);
    if (end == 0) continue;
    result.push_back(end);
    at = end - 1;
  }
  if (result.size() < limit && (result.empty() || result.back() < text.size())) result.push_back(text.size());
  return result;
}

}  // namespace

std::vector<size_t> sentence_ends(std::string_view text) { return ends(text, kNone); }

std::string first_sentence(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return std::string(text.substr(0, ends(text, 1).front()));
}

}  // namespace kilm::text
