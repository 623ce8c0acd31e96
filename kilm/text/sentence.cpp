#include "kilm/text/sentence.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "kilm/text/characters.h"
#include "kilm/text/unicode.h"

namespace kilm::text {

namespace {

bool is_of_word(char c) { return is_letter(c) || is_beyond_ascii(c); }

size_t skip_closers(std::string_view text, size_t at) {
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"' || c == '\'' || c == ')' || c == ']') {
      ++at;
    } else if (text.substr(at, 3) == "”" || text.substr(at, 3) == "’" || text.substr(at, 3) == "“") {
      at += 3;
    } else if (text.substr(at, 2) == "»" || text.substr(at, 2) == "«") {
      at += 2;
    } else if (text.substr(at, 3) == " »" && !is_letter(first_character(text.substr(at + 3)))) {
      at += 3;  // as the French space it
    } else {
      break;
    }
  }
  return at;
}

// Returns what is behind the quotes and brackets that open at `at`.
size_t skip_openers(std::string_view text, size_t at) {
  constexpr std::string_view kOpeners[] = {"\"", "'", "(", "[", "„", "“", "« ", "«", "»", "‘", "‚", "¿", "¡"};
  while (at < text.size()) {
    const auto* const opener = std::find_if(std::begin(kOpeners), std::end(kOpeners),
                                            [&](std::string_view o) { return text.substr(at, o.size()) == o; });
    if (opener == std::end(kOpeners)) break;
    at += opener->size();
  }
  return at;
}

// Returns the word that ends at `end`, with the full stops inside of it, without what stands before its first letter or
// digit.
std::string_view word_before(std::string_view text, size_t end) {
  size_t begin = end;
  while (begin > 0 && text[begin - 1] != ' ' && text[begin - 1] != '(' && text[begin - 1] != '"' &&
         text[begin - 1] != '[' && end - begin < 40)
    --begin;
  std::string_view word = text.substr(begin, end - begin);
  for (char32_t c = first_character(word); c != 0 && !is_letter(c) && !is_digit_character(c); c = first_character(word))
    word.remove_prefix(std::min(utf8_size(c), word.size()));
  return word;
}

std::string_view word_after(std::string_view text, size_t at) {
  size_t end = at;
  while (end < text.size() && is_of_word(text[end])) ++end;
  return text.substr(at, end - at);
}

// Returns what stands behind an apostrophe in the word: "on" of "l'on".
std::string_view behind_apostrophe(std::string_view word) {
  if (const size_t at = word.rfind('\''); at != kNone) return word.substr(at + 1);
  if (const size_t at = word.rfind("’"); at != kNone) return word.substr(at + 3);
  return word;
}

// Tells whether the word is one letter that may stand for a word or name. Syllables and Han are words themselves.
bool is_initial(std::string_view word, bool small) {
  const char32_t c = first_character(word);
  if (c == 0 || utf8_size(c) != word.size()) return false;
  const bool syllable = is_spaceless(c) || (c >= 0xAC00 && c <= 0xD7A3);
  return is_capital(c) || (is_caseless(c) && !syllable) || (small && is_small(c));
}

bool is_roman_numeral(std::string_view word) { return !word.empty() && word.find_first_not_of("IVXLCDM") == kNone; }

// Tells whether the word is the number of a king behind his name in another script: "Петром I".
bool is_foreign_numeral(std::string_view text, std::string_view word) {
  if (!is_roman_numeral(word) || word.data() < text.data() + 2) return false;
  const char32_t before = last_character(text.substr(0, size_t(word.data() - text.data()) - 1));
  return is_letter(before) && before >= 0x370 && !(before >= 0x1E00 && before < 0x1F00);
}

// Tells whether a full stop behind the word makes an ordinal of it where the language has those: 18. or IV. or 1.–3.
// Numbers of four digits are years, and end sentences.
bool is_ordinal(std::string_view word) {
  if (const size_t dash = word.find(".–"); dash != kNone) word.remove_prefix(dash + 4);
  const bool number = !word.empty() && word.size() <= 3 && std::all_of(word.begin(), word.end(), is_digit);
  return number || is_roman_numeral(word);
}

// Tells whether the word is several letters with full stops between: "p.m". Eight characters are the most.
bool is_dotted(std::string_view word) {
  if (word.find('.') == kNone || !is_of_word(word[0]) || word.size() > 24) return false;
  return std::count_if(word.begin(), word.end(), [](char c) { return (c & 0xC0) != 0x80; }) <= 8;
}

// Returns the last two words of a shortening such as "z. B.", the second being `word`; empty where the one before has
// no stop.
std::string_view two_words(std::string_view text, std::string_view word) {
  const size_t begin = size_t(word.data() - text.data());
  if (begin < 3 || text[begin - 1] != ' ') return {};
  const size_t stop = begin - 2;
  const size_t first = text[stop] == '.' ? stop : stop + 1;  // "p. ex" or "př. n" as well as "po kr"
  const std::string_view before = word_before(text, first);
  if (before.empty()) return {};
  return std::string_view(before.data(), size_t(word.data() + word.size() - before.data()));
}

// Tells whether the full stop at `at`, with white space behind it and `next`, only shortens the word before it.
bool shortens(std::string_view text, size_t at, size_t next, const SentenceRules& rules) {
  const std::string_view word = word_before(text, at);
  if (word.empty()) return false;
  const std::string_view last = behind_apostrophe(word);
  const std::string_view after = word_after(text, next);
  const bool usual = rules.beginners.contains(after) && text.substr(next + after.size(), 1) != ".";
  const std::string lower = lower_case(word), both = lower_case(two_words(text, word));
  const std::string behind = lower_case(last);
  if (rules.within.contains(both)) return true;
  if (is_foreign_numeral(text, word)) return false;
  if (is_initial(word, rules.small_initials) || is_initial(last, false) || is_dotted(word) ||
      rules.at_ends.contains(lower) || rules.at_ends.contains(behind) || rules.at_ends.contains(both) ||
      (rules.ordinals && is_ordinal(word)))
    return !usual;
  return rules.within.contains(lower) || rules.within.contains(behind);
}

// Tells whether a sentence may begin with what stands at `next`: no small letter.
bool may_begin(std::string_view text, size_t next) {
  const char c = text[next];
  if (is_beyond_ascii(c)) return !is_small(first_character(text.substr(next)));
  return is_upper(c) || is_digit(c) || static_cast<unsigned char>(c) < 0x20;  // a mark for a word that is missing
}

// Returns where the sentence ends whose full stop (or ? or !) is at `at`; 0 if none ends there. own_stops: see
// has_own_stops().
size_t sentence_end(std::string_view text, size_t at, bool own_stops, const SentenceRules& rules) {
  size_t mark = 1;
  while (at + mark < text.size() && (text[at + mark] == '.' || text[at + mark] == '!' || text[at + mark] == '?'))
    ++mark;
  const size_t end = skip_closers(text, at + mark);
  if (end == text.size()) return end;
  if (text[end] != ' ') return 0;
  const size_t next = skip_openers(text, end + 1);
  if (next == text.size()) return end;
  if (!may_begin(text, next) || (own_stops && rules.east_asian)) return 0;
  if (text[at] == '.' && own_stops && is_beyond_ascii(text[next])) return 0;
  if (text[at] == '.' && mark == 1 && end == at + 1 && shortens(text, at, next, rules)) return 0;
  return end;
}

// Measures the parenthesis at `at`, also a wide one: its bytes, or 0 if there is none.
size_t parenthesis(std::string_view text, size_t at, char sign, std::string_view wide) {
  return text[at] == sign ? 1 : text[at] == wide[0] && text.substr(at, wide.size()) == wide ? wide.size() : 0;
}
size_t opening(std::string_view text, size_t at) { return parenthesis(text, at, '(', "（"); }
size_t closing(std::string_view text, size_t at) { return parenthesis(text, at, ')', "）"); }

// Tells which opening parentheses find their partner; only those keep a sentence together.
std::vector<bool> closed_parentheses(std::string_view text) {
  std::vector<bool> closes(text.size());
  std::vector<size_t> open;
  for (size_t at = 0; at < text.size(); ++at) {
    if (opening(text, at) > 0) open.push_back(at);
    if (closing(text, at) > 0 && !open.empty()) {
      closes[open.back()] = true;
      open.pop_back();
    }
  }
  return closes;
}

// Quotes that are not the same on both sides, by what may close them. Germans write „ “, and » « as well as « ».
struct Quote {
  std::string_view open, closes[2];
};
constexpr Quote kQuotes[] = {{"„", {"“", "”"}}, {"“", {"”", "”"}},    {"”", {"”", "”"}},   {"«", {"»", "»"}},
                             {"»", {"«", "»"}}, {"「", {"」", "」"}}, {"『", {"』", "』"}}};

// Where the quotations lie that are opened and closed: behind the opening quote, and at the closing one.
struct Range {
  size_t begin, end;
};

class QuotationReader {
 public:
  explicit QuotationReader(std::string_view text) : text_(text) {}

  // Returns the outermost ones, in order.
  std::vector<Range> read() {
    for (size_t at = 0; at < text_.size();) {
      const size_t size = utf8_length(static_cast<unsigned char>(text_[at]));
      const std::string_view sign = text_.substr(at, size);
      if (sign == "\"" || size > 1) quote(sign, at);
      at += size;
    }
    return std::move(found_);
  }

 private:
  struct OpenQuotation {
    std::string_view sign;
    size_t begin;
  };

  static bool closes(std::string_view open, std::string_view sign) {
    if (open == "\"") return sign == open;
    const auto* const quote =
        std::find_if(std::begin(kQuotes), std::end(kQuotes), [&](const Quote& q) { return q.open == open; });
    return sign == quote->closes[0] || sign == quote->closes[1];
  }

  void quote(std::string_view sign, size_t at) {
    const bool after_space = at == 0 || text_[at - 1] == ' ' || text_[at - 1] == '(' || text_[at - 1] == '[';
    if (!open_.empty() && closes(open_.back().sign, sign) && !(sign == "\"" && after_space)) {
      close(at);
    } else if (sign == "\"" ? after_space : is_opening(sign)) {
      open_.push_back({sign, at + sign.size()});
    }
  }

  static bool is_opening(std::string_view sign) {
    return std::any_of(std::begin(kQuotes), std::end(kQuotes), [&](const Quote& q) { return q.open == sign; });
  }

  void close(size_t at) {
    const size_t begin = open_.back().begin;
    open_.pop_back();
    while (!found_.empty() && found_.back().begin >= begin) found_.pop_back();
    found_.push_back({begin, at});
  }

  std::string_view text_;
  std::vector<OpenQuotation> open_;
  std::vector<Range> found_;
};

// Signs that end sentences besides . ! ?; spaced: inside of a word they end nothing (of hours, of shortened names).
// Between digits and capitals of Latin a wide full stop is none.
struct StopSign {
  std::string_view sign;
  bool spaced = false;
};
constexpr std::string_view kWideStop = "．";
constexpr StopSign kStops[] = {
    {"。"},         {"！"},         {"？"}, {"｡"}, {kWideStop},  // Chinese and Japanese
    {"।"},          {"॥"},                                       // Devanagari and other scripts of India
    {"։", true},                                                 // Armenian
    {"۔", true},    {"؟", true},                                 // Urdu and others in Arabic script
    {"܀"},          {"܁"},          {"܂"},                       // Syriac
    {"።"},          {"፧"},          {"፨"},                       // Ethiopic
    {"။"},                                                       // Burmese
    {"។"},          {"៕"},                                       // Khmer
    {"།"},          {"༎"},                                       // Tibetan
    {"꧉"},          {"᭟"},          {"᜶"},                       // Javanese, Balinese, scripts of the Philippines
    {"᱾"},          {"᱿"},          {"꯫"},  {"෴"},               // Ol Chiki, Meetei, Sinhala
    {"᥄"},          {"᥅"},          {"᰻"},  {"᰼"},               // Limbu, Lepcha
    {"᠃"},          {"᠉"},                                       // Mongolian
    {"᪨"},          {"᪩"},          {"꩝"},  {"꩞"}, {"꩟"},        // Tai Tham, Cham
    {"꣎"},          {"꣏"},          {"꤯"},  {"꓿"},               // Saurashtra, Kayah, Lisu
    {"߹"},          {"꘎"},          {"꛳"},  {"꛷"}, {"⳾"},        // N'Ko, Vai, Bamum, Coptic
    {"\U00011141"}, {"\U00011142"},                              // Chakma
};

constexpr std::array<bool, 256> stop_bytes() {
  std::array<bool, 256> table{};
  for (const StopSign& stop : kStops) table[static_cast<unsigned char>(stop.sign[0])] = true;
  return table;
}
constexpr std::array<bool, 256> kStopByte = stop_bytes();

const StopSign* stop_at(std::string_view text, size_t at) {
  if (!kStopByte[static_cast<unsigned char>(text[at])]) return nullptr;
  const auto* const found = std::find_if(std::begin(kStops), std::end(kStops), [&](const StopSign& stop) {
    return stop.sign[0] == text[at] && text.substr(at, stop.sign.size()) == stop.sign;
  });
  return found == std::end(kStops) ? nullptr : found;
}

// Tells whether a digit is of ASCII or of the width of Han.
bool is_wide_digit(char32_t c) { return (c >= '0' && c <= '9') || (c >= U'０' && c <= U'９'); }
bool is_wide_latin(char32_t c) { return (c < 0x80 && is_letter(c)) || (c >= U'Ａ' && c <= U'ｚ'); }

bool is_hiragana(char32_t c) { return c >= U'ぁ' && c <= U'ゖ'; }

// Tells whether a particle of Japanese joins what stands at `at` to the word before: "モーニング娘。は". Particles are
// no part of a word in hiragana, and が、 at the start is a conjunction.
bool joined_by_particle(std::string_view text, size_t at) {
  const char32_t first = first_character(text.substr(at));
  if (first == 0 || std::u32string_view(U"はがをにのともでへ").find(first) == kNone) return false;
  const char32_t next = first_character(text.substr(at + utf8_size(first)));
  const bool conjunction = next == U'、' && std::u32string_view(U"がとで").find(first) != kNone;
  return next != 0 && !conjunction && !is_hiragana(next);
}

// Returns the end of a sentence whose last sign is at `at`, of scripts with signs of their own; 0 if it is none.
size_t wide_end(std::string_view text, size_t at) {
  const StopSign* const stop = stop_at(text, at);
  if (stop == nullptr) return 0;
  const size_t behind = at + stop->sign.size();
  const char32_t next = first_character(text.substr(behind));
  if (stop->sign == kWideStop) {
    const char32_t before = last_character(text.substr(0, at));
    if (is_wide_digit(next) || is_wide_latin(next) || is_wide_latin(before)) return 0;
  }
  if (!stop->spaced) return next == U'（' || joined_by_particle(text, behind) ? 0 : behind;
  const size_t end = skip_closers(text, behind);
  return end < text.size() && (is_of_word(text[end]) || is_digit(text[end])) ? 0 : end;
}

// Tells whether the text has full stops of its own script. Then a . between its words only shortens one.
bool has_own_stops(std::string_view text) {
  for (size_t at = 0; at < text.size(); ++at) {
    const StopSign* const stop = stop_at(text, at);
    if (stop != nullptr && stop->sign != "！" && stop->sign != "？" && stop->sign != "؟") return true;
  }
  return false;
}

// Returns the end behind a colon that is Armenian's full stop, 0 if it is another one. It is written where a keyboard
// lacks that stop.
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

// Returns the end behind the question mark of Greek, a semicolon; 0 if a sentence goes on.
size_t greek_question_end(std::string_view text, size_t at) {
  const auto greek = [](char32_t c) { return (c >= 0x370 && c < 0x400) || (c >= 0x1F00 && c < 0x2000); };
  if (!greek(last_character(text.substr(0, at)))) return 0;
  if (at + 1 == text.size()) return at + 1;
  const char32_t next = first_character(text.substr(std::min(at + 2, text.size())));
  return text[at + 1] == ' ' && greek(next) && is_capital(next) ? at + 1 : 0;
}

// Returns the ends of at most `limit` sentences.
std::vector<size_t> ends(std::string_view text, const SentenceRules& rules, Quotations quotations, size_t limit) {
  std::vector<size_t> result;
  const std::vector<bool> closes = closed_parentheses(text);
  const bool own_stops = has_own_stops(text);
  const std::vector<Range> quoted =
      quotations == Quotations::whole ? QuotationReader(text).read() : std::vector<Range>();
  auto quotation = quoted.begin();
  int depth = 0;
  for (size_t at = 0; at < text.size() && result.size() < limit; ++at) {
    const char c = text[at];
    if (opening(text, at) > 0 && closes[at]) ++depth;
    if (closing(text, at) > 0 && depth > 0) --depth;
    if (depth > 0) continue;
    const bool mark = c == '.' || c == '!' || c == '?';
    const size_t end = mark       ? sentence_end(text, at, own_stops, rules)
                       : c == ':' ? armenian_colon_end(text, at)
                       : c == ';' ? greek_question_end(text, at)
                                  : wide_end(text, at);
    if (end == 0) continue;
    while (quotation != quoted.end() && quotation->end < end) ++quotation;
    if (quotation != quoted.end() && quotation->begin <= at) continue;
    result.push_back(end);
    at = end - 1;
  }
  if (result.size() < limit && (result.empty() || result.back() < text.size())) result.push_back(text.size());
  return result;
}

}  // namespace

std::vector<size_t> sentence_ends(std::string_view text, const SentenceRules& rules, Quotations quotations) {
  return ends(text, rules, quotations, kNone);
}

std::string first_sentence(std::string_view text, const SentenceRules& rules, Quotations quotations) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return std::string(text.substr(0, ends(text, rules, quotations, 1).front()));
}

}  // namespace kilm::text
