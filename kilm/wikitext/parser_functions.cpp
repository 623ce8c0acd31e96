#include "kilm/wikitext/parser_functions.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <unordered_map>
#include <utility>

#include "kilm/languages/numbers.h"
#include "kilm/text/characters.h"
#include "kilm/text/unicode.h"
#include "kilm/wikitext/expression.h"

namespace kilm::wikitext {

namespace {

using Pieces = std::vector<TemplatePiece>;
using Result = std::optional<Pieces>;
using Function = Result (*)(const TemplateCall&);

Result written(std::string text) { return Pieces{{TemplatePiece::Kind::text, std::move(text), 0}}; }

// Returns the argument as it is, with its links, or nothing.
Result argument(const TemplateCall& call, std::string_view name) {
  const size_t index = call.find(name);
  return index < call.arguments.size() ? Pieces{{TemplatePiece::Kind::argument, "", index}} : Pieces{};
}

std::optional<int> integer(std::string_view text) {
  int value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return !text.empty() && read.ec == std::errc() && read.ptr == text.data() + text.size() ? std::optional(value)
                                                                                          : std::nullopt;
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return !text.empty() && read.ec == std::errc() && read.ptr == text.data() + text.size() ? std::optional(value)
                                                                                          : std::nullopt;
}

// Compares as a condition does, to which 1, 1.0 and 01 are one.
bool equal(const std::string& a, const std::string& b) {
  if (a == b) return true;
  const std::optional<double> x = number(a), y = number(b);
  return x && y && *x == *y;
}

// --- Conditions ------------------------------------------------------------------------------------------------------

Result expression(const TemplateCall& call) {
  const std::string text = call.text("1");
  if (text.empty()) return Pieces{};
  const std::optional<double> value = evaluate_expression(text);
  const std::optional<std::string> digits = value ? written_value(*value) : std::nullopt;
  return digits ? written(*digits) : Result();
}

Result if_text(const TemplateCall& call) {
  const size_t first = call.find("1");
  const bool parameter = first < call.arguments.size() && call.arguments[first].parameter;
  return argument(call, !parameter && call.text("1").empty() ? "3" : "2");
}
Result if_equal(const TemplateCall& call) { return argument(call, equal(call.text("1"), call.text("2")) ? "3" : "4"); }

Result if_expression(const TemplateCall& call) {
  const std::string text = call.text("1");
  if (text.empty()) return argument(call, "3");
  const std::optional<double> value = evaluate_expression(text);
  return value ? argument(call, *value != 0 ? "2" : "3") : Result();
}

// Expands {{#iferror:{{#expr:1/0}}|a|b}} to a.
Result if_error(const TemplateCall& call) {
  const size_t first = call.find("1");
  if (first < call.arguments.size() && call.fails(call.arguments[first])) return argument(call, "2");
  const bool otherwise = std::any_of(call.arguments.begin(), call.arguments.end(),
                                     [](const TemplateCall::Argument& a) { return a.name == "3"; });
  return argument(call, otherwise ? "3" : "1");
}

// Expands {{#switch:x|a=1|b|c=2|3}}: b falls through to c, and 3 is for the rest.
Result switch_(const TemplateCall& call) {
  if (call.arguments.empty()) return Pieces{};
  const std::string value = call.plain(call.arguments[0]);  // a key may be 1, too
  const auto piece = [&](size_t i) -> Result {
    return call.arguments[i].blank ? Pieces{} : Pieces{{TemplatePiece::Kind::argument, "", i}};
  };
  bool found = false, found_default = false;
  size_t fallback = 0;
  for (size_t i = 1; i < call.arguments.size(); ++i) {
    const TemplateCall::Argument& a = call.arguments[i];
    const std::string key = a.named ? a.name : call.plain(a);
    if (key.find_first_of("{}[]<>&") != text::kNone) return {};
    if (!a.named && i + 1 == call.arguments.size()) fallback = i;
    found |= equal(key, value);
    found_default |= key == "#default";
    if (!a.named) continue;
    if (found) return piece(i);
    if (std::exchange(found_default, false)) fallback = i;
  }
  return fallback > 0 ? piece(fallback) : Pieces{};
}

// --- Case and numbers ------------------------------------------------------------------------------------------------

Result lower(const TemplateCall& call) { return written(text::lower_case(call.text("1"))); }
// Writes a text in capitals, where one letter becomes two: STRASSE.
Result upper(const TemplateCall& call) {
  constexpr std::string_view kSharp = "ß";
  std::string text = call.text("1");
  for (size_t at = text.find(kSharp); at != text::kNone; at = text.find(kSharp, at)) text.replace(at, 2, "SS");
  return written(text::upper_case(text));
}

// Tells whether a language has a letter i with and one without a dot.
bool has_dotless_i(std::string_view language) { return language == "tr" || language == "az" || language == "kaa"; }

template <std::string (*change)(std::string_view)>
Result first(const TemplateCall& call) {
  const std::string text = call.text("1");
  const size_t size = std::min(text::utf8_size(text::first_character(text)), text.size());
  const std::string letter = text.substr(0, size);
  std::string changed = change(letter);
  if (has_dotless_i(call.language) && changed != letter && (letter == "i" || letter == "I"))
    changed = letter == "i" ? "İ" : "ı";
  return changed == letter ? argument(call, "1") : written(changed + text.substr(size));
}

Result format_number(const TemplateCall& call) {
  const std::string text = call.text("1");
  if (call.has("2")) {  // R takes the separators out again, NOSEP sets none
    const std::string mode = call.text("2");
    if (mode != "R") return written(text);
    return written(languages::plain_number(text, call.language));
  }
  const std::string changed = languages::grouped_number(text, call.language);
  return changed == text ? argument(call, "1") : written(changed);
}

template <bool left>
Result pad(const TemplateCall& call) {
  constexpr size_t kMaxWidth = 500;  // characters, as in MediaWiki
  const std::string text = call.text("1"), sign = call.has("3") ? call.text("3") : "0";
  const std::optional<int> width = integer(call.text("2"));
  if (!width || *width < 0 || text::utf8_size(text::first_character(sign)) != sign.size()) return {};
  const auto length = size_t(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
  std::string padding;
  for (size_t n = length; n < std::min(size_t(*width), kMaxWidth); ++n) padding += sign;
  return written(left ? padding + text : text + padding);
}

// Expands {{plural:2|is|are}}. Languages of more forms count them in their own ways: those of the East Slavs are known.
Result plural(const TemplateCall& call) {
  std::string text = call.text("1");
  std::erase(text, ',');
  const std::optional<int> n = integer(text);
  if (!n || *n < 0) return {};
  const size_t forms = call.arguments.size() - 1;
  if (forms == 0) return {};
  size_t form = 1 + size_t(*n != 1);
  if (call.language == "fr" || call.language == "pt") form = 1 + size_t(*n > 1);
  if (call.language == "ru" || call.language == "uk" || call.language == "be") {
    const int last = *n % 10, teen = *n % 100 / 10;
    form = teen == 1 || last == 0 || last > 4 ? 3 : last == 1 ? 1 : 2;
  } else if (forms > 2) {
    return {};
  }
  return argument(call, std::to_string(1 + std::min(form, forms)));
}

// Expands {{gender:Ann|they}}: of one form there is no choice. Whose gender it is, no dump says.
Result gender(const TemplateCall& call) { return call.arguments.size() == 2 ? argument(call, "2") : Result(); }

Result url_encoded(const TemplateCall& call) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string text;
  for (const char c : call.text("1")) {
    const auto byte = static_cast<unsigned char>(c);
    if (text::is_letter(c) || text::is_digit(c) || c == '-' || c == '_' || c == '.') {
      text += c;
    } else if (c == ' ') {
      text += '+';
    } else {
      text.append({'%', kDigits[byte >> 4], kDigits[byte & 15]});
    }
  }
  return written(text);
}

// --- Dates and titles ------------------------------------------------------------------------------------------------

Result anchor_encoded(const TemplateCall& call) {
  std::string text = call.text("1");
  std::replace(text.begin(), text.end(), ' ', '_');
  return written(text);
}

struct Date {
  int year, month, day;
};

// Reads a date as 2010-05-03; null if there is no such day.
std::optional<Date> iso_date(std::string_view date) {
  if (date.size() != 10 || date[4] != '-' || date[7] != '-') return {};
  const std::optional<int> year = integer(date.substr(0, 4)), month = integer(date.substr(5, 2)),
                           day = integer(date.substr(8, 2));
  if (!year || !month || !day || *year < 1 || *month < 1 || *month > 12 || *day < 1) return {};
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = *month == 2 && (*year % 4 == 0 && (*year % 100 != 0 || *year % 400 == 0));
  if (*day > kDays[*month - 1] + leap) return {};
  return Date{*year, *month, *day};
}

// Expands {{#formatdate:2010-05-03|mdy}} to May 3, 2010. A date already in the order of a reader stays in it.
Result format_date(const TemplateCall& call) {
  const std::optional<Date> date = iso_date(call.text("1"));
  const std::string order = text::lower_case(call.text("2"));
  const std::optional<std::string> month =
      date ? languages::month_name(std::to_string(date->month), call.language) : std::nullopt;
  if (!month) return argument(call, "1");
  const std::string day = std::to_string(date->day), year = std::to_string(date->year);
  if (order == "mdy") return written(*month + " " + day + ", " + year);
  if (order == "dmy") return written(day + " " + *month + " " + year);
  if (order == "ymd") return written(year + " " + *month + " " + day);
  return argument(call, "1");
}

// Expands {{#time:j F Y|1950-05-01}}. What is the time now, no dump says.
Result time(const TemplateCall& call) {
  const std::string format = call.text("1"), date = call.text("2");
  const std::optional<Date> read = iso_date(date);
  if (!read) return {};
  std::string text;
  for (const char c : format) {
    switch (c) {
      case 'Y': text += date.substr(0, 4); break;
      case 'm': text += date.substr(5, 2); break;
      case 'n': text += std::to_string(read->month); break;
      case 'd': text += date.substr(8, 2); break;
      case 'j': text += std::to_string(read->day); break;
      case 'F': {
        const std::optional<std::string> name = languages::month_name(date.substr(5, 2), call.language);
        if (!name) return {};
        text += *name;
        break;
      }
      default:
        if (text::is_letter(c) || c == '"' || c == '\\') return {};
        text += c;
    }
  }
  return written(text);
}

// Expands {{#titleparts:A/B/C|1|2}} to one part from the second on, B. Counts below zero are from the end.
Result title_parts(const TemplateCall& call) {
  const std::string title = call.text("1");
  std::vector<std::string> parts;
  for (size_t at = 0; at <= title.size() && parts.size() < 25;) {
    const size_t end = parts.size() == 24 ? title.size() : std::min(title.find('/', at), title.size());
    parts.push_back(title.substr(at, end - at));
    at = end + 1;
  }
  const auto count = [&](const char* name, int fallback) {
    return call.has(name) ? integer(call.text(name)) : fallback;
  };
  const std::optional<int> wanted = count("2", 0), from = count("3", 1);
  if (!wanted || !from) return {};
  const int size = int(parts.size());
  const int begin = std::clamp(*from > 0 ? *from - 1 : *from < 0 ? size + *from : 0, 0, size);
  const int end = std::clamp(*wanted > 0 ? begin + std::min(*wanted, size) : size + *wanted, begin, size);
  std::string text;
  for (int i = begin; i < end; ++i) text += (i > begin ? "/" : "") + parts[size_t(i)];
  return text.empty() ? Pieces{} : written(text);
}

const std::unordered_map<std::string_view, Function>& functions() {
  static const std::unordered_map<std::string_view, Function> table = {{"#expr", expression},
                                                                       {"#if", if_text},
                                                                       {"#ifeq", if_equal},
                                                                       {"#ifexpr", if_expression},
                                                                       {"#iferror", if_error},
                                                                       {"#switch", switch_},
                                                                       {"#time", time},
                                                                       {"#timel", time},
                                                                       {"#formatdate", format_date},
                                                                       {"#dateformat", format_date},
                                                                       {"#titleparts", title_parts},
                                                                       {"lc", lower},
                                                                       {"uc", upper},
                                                                       {"lcfirst", first<text::lower_case>},
                                                                       {"ucfirst", first<text::upper_case>},
                                                                       {"formatnum", format_number},
                                                                       {"padleft", pad<true>},
                                                                       {"padright", pad<false>},
                                                                       {"plural", plural},
                                                                       {"gender", gender},
                                                                       {"urlencode", url_encoded},
                                                                       {"anchorencode", anchor_encoded}};
  return table;
}

// Functions that set something, and those whose value is that of the wiki or of the moment.
constexpr std::string_view kSilent[] = {"#seo",
                                        "#coordinates",
                                        "#vardefine",
                                        "#set",
                                        "#babel",
                                        "#subobject",
                                        "#declare",
                                        "#related",
                                        "#description2",
                                        "#widget",
                                        "displaytitle",
                                        "defaultsort",
                                        "defaultsortkey",
                                        "defaultcategorysort",
                                        "noexternallanglinks",
                                        "#assessment",
                                        "#documentid",
                                        "#cargo_store"};
constexpr std::string_view kUnknown[] = {
    "grammar", "int",   "fullurl", "localurl", "canonicalurl",    "filepath", "ns",         "nse", "numberofarticles",
    "msg",     "msgnw", "raw",     "special",  "pagesincategory", "pagesize", "revisionid", "bidi"};

}  // namespace

std::optional<TemplateRole> parser_function_role(std::string_view name) {
  const auto is_in = [&](const auto& names) {
    return std::find(std::begin(names), std::end(names), name) != std::end(names);
  };
  if (functions().contains(name)) return TemplateRole::words;
  if (name == "shortdesc") return TemplateRole::short_description;
  for (const std::string_view note :
       {"#tag:ref", "#invoke:cit", "#invoke:footnotes", "#invoke:sfn", "#invoke:webarchive"})
    if (name.starts_with(note)) return TemplateRole::note;
  if (is_in(kSilent)) return TemplateRole::silent;
  if (is_in(kUnknown) || name.starts_with('#')) return TemplateRole::unknown;
  return {};
}

std::optional<std::vector<TemplatePiece>> expand_parser_function(std::string_view name, const TemplateCall& call) {
  return functions().at(name)(call);
}

}  // namespace kilm::wikitext
