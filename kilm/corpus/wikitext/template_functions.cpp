#include "kilm/corpus/wikitext/template_functions.h"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <string>
#include <utility>

#include "kilm/corpus/characters.h"
#include "kilm/corpus/title.h"
#include "kilm/corpus/wikitext/superscript.h"
#include "kilm/corpus/wikitext/units.h"

namespace kilm {

namespace {

using Pieces = std::vector<TemplatePiece>;
using Result = std::optional<Pieces>;

Pieces text_piece(std::string text) { return {{TemplatePiece::Kind::text, std::move(text), 0}}; }

std::string number_name(size_t n) { return std::to_string(n); }

bool is_number(std::string_view text) {
  const size_t sign = text.starts_with("-") || text.starts_with("+") ? 1 : text.starts_with("−") ? 3 : 0;
  return text.size() > sign && is_digit(text[sign]);
}

std::string range_word(std::string_view word) {
  if (word == "-" || word == "–" || word == "to(-)" || word == "&ndash;") return "–";
  if (word == "x" || word == "by" || word == "×" || word == "xx" || word == "*") return word == "by" ? " by " : " × ";
  if (word == "+/-" || word == "±" || word == "+-") return " ± ";
  for (const std::string_view plain : {"to", "and", "or", "to about", "and(-)"})
    if (word == plain) return " " + std::string(plain.substr(0, plain.find('('))) + " ";
  return "";
}

// 12345 as 12,345. What is more than digits and one point stays as it is.
std::string grouped(std::string number) {
  const size_t begin = number.starts_with("−") ? 3 : number.starts_with('-') || number.starts_with('+');
  const size_t end = std::min(number.find('.'), number.size());
  if (number.find_first_not_of("0123456789.", begin) != kNone) return number;
  for (size_t at = end; at > begin + 3;) number.insert(at -= 3, ",");
  return number;
}

// {{convert|5|ft|10|in|m}}, {{convert|10|to|20|km|mi}}: the value as it was given, without the conversion.
Result convert(const TemplateCall& call) {
  const std::string abbr = call.text("abbr"), adj = call.text("adj");
  const UnitStyle style = {.symbol = abbr == "on" || abbr == "in" || abbr == "values",
                           .adjective = adj == "on" || adj == "mid" || adj == "1",
                           .american = call.text("sp") == "us"};
  size_t next = 1;
  const auto argument = [&](size_t n) { return call.text(number_name(n)); };
  const bool commas = call.text("comma") != "off";
  const auto number = [&](size_t n) { return commas ? grouped(argument(n)) : argument(n); };
  if (!is_number(argument(next))) return {};
  std::string amount = number(next++);
  for (std::string word = range_word(argument(next)); !word.empty() && is_number(argument(next + 1));
       word = range_word(argument(next))) {
    amount += word + number(next + 1);
    next += 2;
  }
  const std::string unit = argument(next++);
  if (unit.empty()) return {};
  std::string text = with_unit(amount, unit, style);
  const std::string second = argument(next + 1);  // 5 ft 10 in
  if (is_number(argument(next)) &&
      (second == "in" || second == "oz" || second == "yd" || second == "lb" || second == "ft"))
    text += " " + with_unit(argument(next), second, {.symbol = style.symbol});
  if (abbr == "values") return text_piece(amount);
  return text_piece(text);
}

constexpr const char* kMonths[] = {"January", "February", "March",     "April",   "May",      "June",
                                   "July",    "August",   "September", "October", "November", "December"};

// The name of month `text`, a number or a name.
std::string month(const std::string& text) {
  int n = 0;
  std::from_chars(text.data(), text.data() + text.size(), n);
  return n >= 1 && n <= 12 ? kMonths[n - 1] : text;
}

std::string without_zero(std::string day) {
  if (day.size() == 2 && day[0] == '0') day.erase(0, 1);
  return day;
}

// {{birth date|1950|5|1|df=y}}: 1 May 1950, or in American order.
Result date(const TemplateCall& call) {
  const std::string year = call.text("1"), m = call.text("2"), day = without_zero(call.text("3"));
  if (year.empty()) return {};
  if (m.empty()) return text_piece(year);
  if (day.empty()) return text_piece(month(m) + " " + year);
  if (day.size() > 2) return text_piece(year + " " + month(m) + " " + day);  // {{date|1|mai|1950}}
  const std::string df = call.text("df");
  if (df == "y" || df == "yes" || df == "1") return text_piece(day + " " + month(m) + " " + year);
  return text_piece(month(m) + " " + day + ", " + year);
}

// {{as of|2015|3|lc=y}}: as of March 2015
Result as_of(const TemplateCall& call) {
  if (call.has("alt")) return text_piece(call.text("alt"));
  const bool lower = call.has("lc"), since = call.has("since");
  const std::string begin = since ? (lower ? "since " : "Since ") : (lower ? "as of " : "As of ");
  const std::string bare = call.has("bare") ? "" : begin;
  const std::string year = call.text("1"), m = call.text("2"), day = without_zero(call.text("3"));
  if (year.empty()) return {};
  if (m.empty()) return text_piece(bare + year);
  if (day.empty()) return text_piece(bare + month(m) + " " + year);
  return text_piece(bare + day + " " + month(m) + " " + year);
}

// All arguments without names with `between` them.
Result joined(const TemplateCall& call, std::string_view between) {
  Pieces pieces;
  for (size_t n = 1; call.has(number_name(n)); ++n) {
    if (n > 1) pieces.push_back({TemplatePiece::Kind::text, std::string(between), 0});
    pieces.push_back({TemplatePiece::Kind::argument, "", call.find(number_name(n))});
  }
  return pieces.empty() ? std::nullopt : Result(std::move(pieces));
}

// {{chem|SO|4|2-}}: SO4²⁻, where what ends in a sign is a charge.
Result chemical(const TemplateCall& call) {
  Pieces pieces;
  for (size_t n = 1; call.has(number_name(n)); ++n) {
    const std::string text = call.text(number_name(n));
    const bool charge = text.ends_with('+') || text.ends_with('-') || text.ends_with("−");
    const std::string raised = charge ? superscript(text) : "";
    pieces.push_back(raised.empty() ? TemplatePiece{TemplatePiece::Kind::argument, "", call.find(number_name(n))}
                                    : TemplatePiece{TemplatePiece::Kind::text, raised, 0});
  }
  return pieces.empty() ? std::nullopt : Result(std::move(pieces));
}

// {{linktext|a|b}}
Result in_a_row(const TemplateCall& call) { return joined(call, ""); }
// {{key press|Ctrl|C}}
Result keys(const TemplateCall& call) { return joined(call, "+"); }
// {{post-nominals|country=GBR|KBE|FRS}}
Result letters_behind_name(const TemplateCall& call) { return joined(call, " "); }

// {{music|flat}}
Result music(const TemplateCall& call) {
  const std::string sign = call.text("1");
  for (const auto& [word, character] :
       {std::pair{"flat", "♭"}, {"b", "♭"}, {"sharp", "♯"}, {"#", "♯"}, {"natural", "♮"}})
    if (sign == word) return text_piece(character);
  return {};
}

// {{sup|2}}
Result sup(const TemplateCall& call) {
  if (!call.has("1")) return {};
  const std::string raised = superscript(call.text("1"));
  return raised.empty() ? Pieces{{TemplatePiece::Kind::argument, "", call.find("1")}} : text_piece(raised);
}

// {{e|5}}: ×10⁵
Result power_of_ten(const TemplateCall& call) {
  const std::string raised = superscript(call.text("1"));
  return raised.empty() ? Result() : text_piece("×10" + raised);
}

// {{val|1.5|0.2|e=6|u=kg}}: 1.5±0.2×10⁶ kg
Result value(const TemplateCall& call) {
  std::string text = call.text("1");
  if (!is_number(text)) return {};
  const std::string above = call.text("2"), below = call.text("3"), power = superscript(call.text("e"));
  if (!below.empty()) {
    text += "+" + above + "−" + below;
  } else if (!above.empty()) {
    text += (above.starts_with('(') ? "" : "±") + above;
  }
  if (!power.empty()) text += "×10" + power;
  for (const char* unit : {"u", "ul"})
    if (call.has(unit)) text += " " + call.text(unit);
  for (const char* unit : {"up", "upl"})
    if (call.has(unit)) text += "/" + call.text(unit);
  return text_piece(call.text("p") + text + call.text("s"));
}

// {{ordinal|22}}: 22nd
Result ordinal(const TemplateCall& call) {
  const std::string number = call.text("1");
  if (!is_number(number)) return {};
  const char last = number.back(), before = number.size() > 1 ? number[number.size() - 2] : '0';
  const char* const ending = before == '1' ? "th" : last == '1' ? "st" : last == '2' ? "nd" : last == '3' ? "rd" : "th";
  return text_piece(number + ending);
}

// {{height|ft=6|in=2}}, {{height|m=1.85}}
Result height(const TemplateCall& call) {
  if (call.has("m")) return text_piece(call.text("m") + " m");
  if (call.has("cm")) return text_piece(call.text("cm") + " cm");
  if (!call.has("ft")) return {};
  return text_piece(call.text("ft") + " ft" + (call.has("in") ? " " + call.text("in") + " in" : ""));
}

// {{coord|13|19|N|169|9|W}}: 13°19′N 169°9′W. Those of the page as a whole stand beside its title.
Result coordinates(const TemplateCall& call) {
  if (call.text("display").find("title") != kNone || call.text("display") == "t") return Pieces{};
  constexpr const char* kMarks[] = {"°", "′", "″"};
  std::string text, part;
  size_t numbers = 0, parts = 0;
  for (size_t n = 1; parts < 2; ++n) {
    const std::string argument = call.text(number_name(n));
    if (argument == "N" || argument == "S" || argument == "E" || argument == "W") {
      if (numbers == 0) return {};
      text += (parts++ > 0 ? " " : "") + part + argument;
      part.clear();
      numbers = 0;
    } else if (is_number(argument) && numbers < 3) {
      part += argument + kMarks[numbers++];
    } else {
      break;
    }
  }
  if (parts == 2) return text_piece(text);
  const std::string north = call.text("1"), east = call.text("2");  // {{coord|13.3|-169.2}}
  if (parts > 0 || numbers != 2) return {};
  const auto degrees = [](const std::string& number, const char* plus, const char* minus) {
    const bool negative = number.starts_with('-');
    return number.substr(negative) + "°" + (negative ? minus : plus);
  };
  return text_piece(degrees(north, "N", "S") + " " + degrees(east, "E", "W"));
}

// {{bibleverse|Genesis|1:2|KJV}}, of old {{bibleverse||Genesis|1:2}} and {{bibleverse|1|John|3:16}}
Result scripture(const TemplateCall& call) {
  const std::string first = call.text("1");
  const bool numbered = first.size() == 1 && is_number(first);
  std::string text = first;
  for (const char* next : {"2", "3"})
    if (call.has(next) && (next[0] == '2' || numbered || first.empty()))
      text += (text.empty() ? "" : " ") + call.text(next);
  return text.empty() ? Result() : text_piece(text);
}

// {{audio|Berlin.ogg|Berlin}} says Berlin; a label for the button is no part of the sentence.
Result audio(const TemplateCall& call) {
  const std::string label = lower_case(call.text("2"));
  for (const std::string_view button :
       {"", "listen", "pronunciation", "pronounced", "pronounce", "play", "help", "info"})
    if (label == button) return Pieces{};
  return Pieces{{TemplatePiece::Kind::argument, "", call.find("2")}};
}

// {{IPA|fr|ʃa}} is the pronunciation of a foreign word, {{IPA|ʃ}} a sound that the sentence is about.
Result sound(const TemplateCall& call) {
  if (call.has("2")) return Pieces{};
  return call.has("1") ? Result(Pieces{{TemplatePiece::Kind::argument, "", call.find("1")}}) : Result();
}

// {{harvtxt|Foo|Bar|1999|p=3}} is a source that the sentence speaks of: Foo & Bar (1999)
Result source(const TemplateCall& call) {
  std::vector<std::string> names;
  for (size_t n = 1; call.has(number_name(n)); ++n) names.push_back(call.text(number_name(n)));
  if (names.size() < 2) return {};
  const std::string year = " (" + names.back() + ")";
  names.pop_back();
  std::string text = names[0];
  if (names.size() > 3) return text_piece(text + " et al." + year);
  for (size_t i = 1; i < names.size(); ++i) text += (i + 1 < names.size() ? ", " : " & ") + names[i];
  return text_piece(text + year);
}

// French {{s|XIX|e}}: XIXe siècle. Elsewhere {{s|…}} keeps words together.
Result century(const TemplateCall& call) {
  const std::string first = call.text("1");
  if (first.empty()) return {};
  if (first.find_first_not_of("IVX") != kNone) return Pieces{{TemplatePiece::Kind::argument, "", call.find("1")}};
  return text_piece(first + (call.has("2") ? call.text("2") : first == "I" ? "er" : "e") + " siècle");
}

}  // namespace

const TemplateFunctions& template_functions() {
  static const TemplateFunctions table = [] {
    TemplateFunctions result;
    const auto add = [&](std::initializer_list<std::string_view> names, TemplateFunction f) {
      for (const std::string_view name : names) result[name] = f;
    };
    add({"convert", "cvt"}, convert);
    add({"birth date", "birth date and age",
         "birth-date", "birth-date and age",
         "death date", "death date and age",
         "death-date", "death-date and age",
         "start date", "start date and age",
         "start-date", "end date",
         "end-date",   "film date",
         "date",       "date-",
         "dob",        "bda",
         "dda",        "birth year and age",
         "dts"},
        date);
    add({"as of", "asof"}, as_of);
    add({"music"}, music);
    add({"chem", "chemical formula"}, chemical);
    add({"mixed", "linktext", "gaps"}, in_a_row);
    add({"keypress", "key press", "key", "kbd"}, keys);
    add({"post-nominals", "postnominals", "post nominals"}, letters_behind_name);
    add({"sup"}, sup);
    add({"e", "e-sp"}, power_of_ten);
    add({"val"}, value);
    add({"ordinal", "ord", "nth"}, ordinal);
    add({"height"}, height);
    add({"coord"}, coordinates);
    add({"bibleverse", "bible verse", "bibleref", "bibleref2", "bibleverse-nb"}, scripture);
    add({"audio"}, audio);
    add({"ipa"}, sound);
    add({"harvtxt", "harvcoltxt"}, source);
    add({"s"}, century);
    return result;
  }();
  return table;
}

}  // namespace kilm
