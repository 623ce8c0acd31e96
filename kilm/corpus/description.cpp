#include "kilm/corpus/description.h"

#include <algorithm>
#include <unordered_set>
#include <vector>

#include "kilm/corpus/title.h"
#include "kilm/corpus/wikitext/entities.h"

namespace kilm {

namespace {

constexpr size_t kNone = std::string_view::npos;

using Words = std::unordered_set<std::string_view>;

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return is_upper(c) || is_lower(c) || static_cast<unsigned char>(c) >= 0x80; }

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\n");
  return begin == kNone ? std::string_view{} : text.substr(begin, text.find_last_not_of(" \t\n") - begin + 1);
}

// --- Sentences
// --------------------------------------------------------------------------------------------------------

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
  while (end < text.size() && is_letter(text[end])) ++end;
  return text.substr(at, end - at);
}

// Whether the full stop at `at`, with white space behind it and `next`, only shortens the word before it.
bool shortens(std::string_view text, size_t at, size_t next) {
  const std::string_view word = word_before(text, at);
  const std::string lower = lower_case(word);
  const bool usual = begins_sentences(word_after(text, next));
  const bool initial = word.size() == 1 && is_upper(word[0]);
  const bool dotted = word.find('.') != kNone && word.size() <= 8 && is_letter(word[0]);
  if (initial || dotted || is_ending_abbreviation(lower)) return !usual;
  return is_abbreviation(lower);
}

// Where the sentence ends whose full stop (or ? or !) is at `at`; 0 if none ends there.
size_t sentence_end(std::string_view text, size_t at) {
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
  const bool starts = is_upper(text[next]) || is_digit(text[next]) || static_cast<unsigned char>(text[next]) >= 0x80;
  if (!starts) return 0;
  if (text[at] == '.' && mark == 1 && end == at + 1 && shortens(text, at, next)) return 0;
  return end;
}

// The end of the first sentence that is not inside of parentheses, or anywhere if `anywhere`; kNone if there is none.
size_t first_end(std::string_view text, bool anywhere) {
  int depth = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '(') ++depth;
    if (c == ')') depth = std::max(depth - 1, 0);
    if ((c == '.' || c == '!' || c == '?') && (depth == 0 || anywhere))
      if (const size_t end = sentence_end(text, at)) return end;
    for (const std::string_view stop : {"。", "！", "？", "।"})
      if (static_cast<unsigned char>(c) >= 0x80 && text.substr(at, stop.size()) == stop) return at + stop.size();
  }
  return kNone;
}

// --- Descriptions
// -----------------------------------------------------------------------------------------------------

template <typename F>
void for_pieces(std::string_view text, const F& f) {
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find('|', at), text.size());
    f(trimmed(text.substr(at, end - at)));
    at = end + 1;
  }
}

// 220px, 100x200px: fewer than five signs before the px, the first a number.
bool is_image_size(std::string_view piece) {
  if (!piece.ends_with("px") || piece.size() < 3 || !is_digit(piece[0])) return false;
  const std::string_view number = piece.substr(0, piece.size() - 2);
  const size_t digits = std::min(number.find_first_not_of("0123456789"), number.size());
  return digits < 5 && number.find_first_not_of("0123456789xX ") == kNone;
}

bool is_layout(std::string_view title, std::string_view piece) {
  static const Words words = {"thumb",  "right",  "thumbnail", "thumbtime", "upright", "left",
                              "alt",    "link=",  "frame",     "center",    "centre",  "none",
                              "border", "framed", "frameless", "First",     "Sir",     "The",
                              "A",      "An",     "St",        "St.",       "Dr.",     "First edition (publ."};
  return piece.empty() || piece.starts_with("http:") || piece.starts_with("https:") || piece.starts_with("File:") ||
         title.find(piece) != kNone || piece.find('=') != kNone || words.contains(piece) || is_image_size(piece);
}

bool is_meaningless(std::string_view piece) {
  static const Words words = {"Portrait", "David", "William", "Charles", "James", "George", "description", "300"};
  return words.contains(piece) || lower_case(piece).starts_with("{{birth");
}

bool says_nothing(std::string_view title, std::string_view description) {
  return description.empty() || description.find("may refer to:") != kNone ||
         lower_case(description.substr(0, 8)) == "redirect" || title.starts_with("Portal:") ||
         title.starts_with("MediaWiki:");
}

}  // namespace

std::string first_sentence(std::string_view text) {
  text = trimmed(text);
  size_t end = first_end(text, false);
  if (end == kNone) end = first_end(text, true);  // a parenthesis that never closes
  return std::string(text.substr(0, end));
}

void DescriptionFilter::count(std::string_view description) {
  if (description.find('|') == kNone) return;
  for_pieces(description, [&](std::string_view piece) {
    const auto found = pieces_.find(piece);
    if (found != pieces_.end()) {
      ++found->second;
    } else {
      pieces_.emplace(piece, 1);
    }
  });
}

void DescriptionFilter::merge(const DescriptionFilter& other) {
  for (const auto& [piece, n] : other.pieces_) pieces_[piece] += n;
}

std::optional<std::string> DescriptionFilter::choose(std::string_view title, std::string_view description) const {
  description = trimmed(description);
  if (says_nothing(title, description)) return {};
  if (description.find('|') != kNone) return rarest_piece(title, description);
  const bool junk =
      description == "thumb" || description == "right" || lower_case(description) == "wikipedia list article";
  return junk ? std::nullopt : std::optional<std::string>(description);
}

std::optional<std::string> DescriptionFilter::rarest_piece(std::string_view title, std::string_view description) const {
  std::string_view rarest;
  int64_t fewest = 0;
  for_pieces(description, [&](std::string_view piece) {
    if (is_layout(title, piece)) return;
    const auto found = pieces_.find(piece);
    const int64_t times = found == pieces_.end() ? 0 : found->second;
    if (!rarest.empty() && times >= fewest) return;
    rarest = piece;
    fewest = times;
  });
  return rarest.empty() || is_meaningless(rarest) ? std::nullopt : std::optional<std::string>(rarest);
}

bool keep_paragraph(const Paragraph& paragraph, bool document_rule) {
  const std::string_view text = paragraph.text;
  if (text.empty() || lower_case(text.substr(0, 8)) == "redirect") return false;
  for (const std::string_view name : {"File:", "http:", "https:", "Image:"})
    if (text.find(name) != kNone) return false;
  const auto line_ends = std::count(text.begin(), text.end(), '\n');
  if (!document_rule && size_t(line_ends) * 100 >= text.size()) return false;
  return std::none_of(paragraph.links.begin(), paragraph.links.end(), [&](const WikiLink& link) {
    const std::string_view surface = text.substr(size_t(link.begin), size_t(link.end - link.begin));
    return link.target.find("in aviation") != kNone || surface.find("in aviation") != kNone;
  });
}

}  // namespace kilm
