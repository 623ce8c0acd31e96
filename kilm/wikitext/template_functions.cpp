#include "kilm/wikitext/template_functions.h"

#include <algorithm>
#include <string>
#include <utility>

#include "kilm/languages/numbers.h"
#include "kilm/text/characters.h"
#include "kilm/text/unicode.h"
#include "kilm/wikitext/superscript.h"
#include "kilm/wikitext/units.h"

namespace kilm::wikitext {

namespace {

using Pieces = std::vector<TemplatePiece>;
using Result = std::optional<Pieces>;

Pieces text_piece(std::string text) { return {{TemplatePiece::Kind::text, std::move(text), 0}}; }

std::string number_name(size_t n) { return std::to_string(n); }

bool is_number(std::string_view text) {
  const size_t sign = text.starts_with("-") || text.starts_with("+") ? 1 : text.starts_with("−") ? 3 : 0;
  return text.size() > sign && text::is_digit(text[sign]);
}

std::string range_word(std::string_view word) {
  if (word == "-" || word == "–" || word == "to(-)" || word == "&ndash;") return "–";
  if (word == "x" || word == "by" || word == "×" || word == "xx" || word == "*") return word == "by" ? " by " : " × ";
  if (word == "+/-" || word == "±" || word == "+-") return " ± ";
  for (const std::string_view plain : {"to", "and", "or", "to about", "and(-)"})
    if (word == plain) return " " + std::string(plain.substr(0, plain.find('('))) + " ";
  return "";
}

bool is_english(std::string_view language) { return language.empty() || language == "en" || language == "simple"; }

// Expands {{convert|5|ft|10|in|m}}, {{convert|10|to|20|km|mi}} to the value as it was given, without the conversion.
Result convert(const TemplateCall& call) {
  const std::string abbr = call.text("abbr"), adj = call.text("adj");
  const bool english = is_english(call.language);  // other languages have the symbol only
  const UnitStyle style = {.symbol = !english || abbr == "on" || abbr == "in" || abbr == "values",
                           .adjective = english && (adj == "on" || adj == "mid" || adj == "1"),
                           .american = call.text("sp") == "us"};
  size_t next = 1;
  const auto argument = [&](size_t n) { return call.text(number_name(n)); };
  const bool commas = call.text("comma") != "off";
  const std::string_view language = english ? "en" : call.language;
  const auto number = [&](size_t n) { return commas ? languages::grouped_number(argument(n), language) : argument(n); };
  if (!is_number(argument(next))) return {};
  std::string amount = number(next++);
  for (std::string word = range_word(argument(next)); !word.empty() && is_number(argument(next + 1));
       word = range_word(argument(next))) {
    amount += (english || word.find_first_not_of(" abcdefghijklmnopqrstuvwxyz") != text::kNone ? word : "–") +
              number(next + 1);
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

std::string without_zero(std::string day) {
  if (day.size() == 2 && day[0] == '0') day.erase(0, 1);
  return day;
}

Result date_piece(const std::optional<std::string>& text) { return text ? Result(text_piece(*text)) : Result(); }

// Expands {{birth date|1950|5|1|df=y}} to 1 May 1950, or in American order; elsewhere as the language has it.
Result date(const TemplateCall& call) {
  const std::string year = call.text("1"), m = call.text("2"), day = without_zero(call.text("3"));
  if (year.empty()) return {};
  if (day.size() > 2) return text_piece(year + " " + m + " " + day);  // {{date|1|mai|1950}}
  const std::string df = call.text("df");
  const bool american = !(df == "y" || df == "yes" || df == "1");
  if (!is_english(call.language) || !american || day.empty())
    return date_piece(languages::written_date(year, m, day, is_english(call.language) ? "en" : call.language));
  const std::optional<std::string> month = languages::month_name(m, "en");
  return month ? Result(text_piece(*month + " " + day + ", " + year)) : Result();
}

// Expands {{生年月日|1950|5|1}}, where the months are counted.
Result year_month_day(const TemplateCall& call) {
  return date_piece(languages::written_date(call.text("1"), call.text("2"), call.text("3"), call.language));
}

// Expands {{date|1|janvier|1900}} to 1er janvier 1900. A single argument is all of the date.
Result day_month_year(const TemplateCall& call) {
  const std::string day = call.text("1"), month = call.text("2"), year = call.text("3");
  if (!day.empty() && !call.has("2") && !call.has("3"))
    return Pieces{{TemplatePiece::Kind::argument, "", call.find("1")}};
  const bool is_day = day.empty() || (day.size() < 3 && text::is_digit(day[0])) || day == "1er";
  const bool is_year = year.empty() || text::is_digit(year[0]) || year[0] == '-';
  if (!is_day) return {};
  return date_piece(languages::written_date(is_year ? year : "", month, day == "1er" ? "1" : day, call.language));
}

// Expands {{as of|2015|3|lc=y}} to "as of March 2015".
Result as_of(const TemplateCall& call) {
  if (call.has("alt")) return text_piece(call.text("alt"));
  const bool lower = call.has("lc"), since = call.has("since");
  const std::string begin = since ? (lower ? "since " : "Since ") : (lower ? "as of " : "As of ");
  const std::string bare = call.has("bare") ? "" : begin;
  const std::string year = call.text("1");
  const std::optional<std::string> date =
      languages::written_date(year, call.text("2"), without_zero(call.text("3")), "en");
  return year.empty() || !date ? Result() : text_piece(bare + *date);
}

// Returns all arguments without names with `between` them.
Result joined(const TemplateCall& call, std::string_view between) {
  Pieces pieces;
  for (size_t n = 1; call.has(number_name(n)); ++n) {
    if (n > 1) pieces.push_back({TemplatePiece::Kind::text, std::string(between), 0});
    pieces.push_back({TemplatePiece::Kind::argument, "", call.find(number_name(n))});
  }
  return pieces.empty() ? std::nullopt : Result(std::move(pieces));
}

// Expands {{chem|SO|4|2-}} to SO4²⁻, where what ends in a sign is a charge.
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

// Expands {{linktext|a|b}} to ab.
Result in_a_row(const TemplateCall& call) { return joined(call, ""); }
// Expands {{key press|Ctrl|C}} to Ctrl+C.
Result keys(const TemplateCall& call) { return joined(call, "+"); }
// Expands {{post-nominals|country=GBR|KBE|FRS}} to KBE FRS.
Result letters_behind_name(const TemplateCall& call) { return joined(call, " "); }

// Expands {{music|flat}} to ♭.
Result music(const TemplateCall& call) {
  const std::string sign = call.text("1");
  for (const auto& [word, character] :
       {std::pair{"flat", "♭"}, {"b", "♭"}, {"sharp", "♯"}, {"#", "♯"}, {"natural", "♮"}})
    if (sign == word) return text_piece(character);
  return {};
}

// Expands {{sup|2}} to ².
Result sup(const TemplateCall& call) {
  if (!call.has("1")) return {};
  const std::string raised = superscript(call.text("1"));
  return raised.empty() ? Pieces{{TemplatePiece::Kind::argument, "", call.find("1")}} : text_piece(raised);
}

// Expands {{apici|e=2}} to ².
Result exponent(const TemplateCall& call) {
  const std::string raised = superscript(call.text("e"));
  return raised.empty() || call.arguments.size() > 1 ? Result() : text_piece(raised);
}

// Expands {{e|5}} to ×10⁵.
Result power_of_ten(const TemplateCall& call) {
  const std::string raised = superscript(call.text("1"));
  return raised.empty() ? Result() : text_piece("×10" + raised);
}

// Expands {{val|1.5|0.2|e=6|u=kg}} to 1.5±0.2×10⁶ kg.
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

// Expands {{ordinal|22}} to 22nd.
Result ordinal(const TemplateCall& call) {
  const std::string number = call.text("1");
  if (!is_number(number)) return {};
  const char last = number.back(), before = number.size() > 1 ? number[number.size() - 2] : '0';
  const char* const ending = before == '1' ? "th" : last == '1' ? "st" : last == '2' ? "nd" : last == '3' ? "rd" : "th";
  return text_piece(number + ending);
}

// Expands {{height|ft=6|in=2}} to 6 ft 2 in, and {{height|m=1.85}} to 1.85 m.
Result height(const TemplateCall& call) {
  if (call.has("m")) return text_piece(call.text("m") + " m");
  if (call.has("cm")) return text_piece(call.text("cm") + " cm");
  if (!call.has("ft")) return {};
  return text_piece(call.text("ft") + " ft" + (call.has("in") ? " " + call.text("in") + " in" : ""));
}

// Expands {{coord|13|19|N|169|9|W}} to 13°19′N 169°9′W. Coordinates of the page as a whole stand beside its title.
Result coordinates(const TemplateCall& call) {
  if (call.text("display").find("title") != text::kNone || call.text("display") == "t") return Pieces{};
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

// Expands {{bibleverse|Genesis|1:2|KJV}}, of old {{bibleverse||Genesis|1:2}} and {{bibleverse|1|John|3:16}}.
Result scripture(const TemplateCall& call) {
  const std::string first = call.text("1");
  const bool numbered = first.size() == 1 && is_number(first);
  std::string text = first;
  for (const char* next : {"2", "3"})
    if (call.has(next) && (next[0] == '2' || numbered || first.empty()))
      text += (text.empty() ? "" : " ") + call.text(next);
  return text.empty() ? Result() : text_piece(text);
}

// Expands {{audio|Berlin.ogg|Berlin}} to Berlin; a label for the button is no part of the sentence.
Result audio(const TemplateCall& call) {
  const std::string label = text::lower_case(call.text("2"));
  for (const std::string_view button :
       {"",         "listen",        "pronunciation", "pronounced", "pronounce",     "play",      "help",
        "info",     "anhören",       "aussprache",    "écouter",    "prononciation", "uitspraak", "beluister",
        "escuchar", "pronunciación", "ascolta",       "pronuncia",  "ouça",          "pronúncia", "lyssna",
        "uttal",    "wymowa",        "posłuchaj",     "слушать",    "произношение"})
    if (label == button) return Pieces{};
  return Pieces{{TemplatePiece::Kind::argument, "", call.find("2")}};
}

// Leaves out a pronunciation that parentheses give of a word; outside of them the sentence is about it.
Result pronunciation(const TemplateCall& call, const char* sounds) {
  if (call.in_parentheses()) return Pieces{};
  const std::string text = call.text(sounds);
  if (text.empty()) return {};
  return text_piece(text.starts_with('[') || text.starts_with('/') ? text : "[" + text + "]");
}

// Expands {{IPA|fr|ʃa}}, the pronunciation of a foreign word, and {{IPA|ʃ}}, a sound that the sentence is about.
Result sound(const TemplateCall& call) {
  if (call.has("2")) return pronunciation(call, "2");
  return call.has("1") ? Result(Pieces{{TemplatePiece::Kind::argument, "", call.find("1")}}) : Result();
}

// Expands {{IPA-fr|ʃa}} to [ʃa].
Result foreign_sound(const TemplateCall& call) { return pronunciation(call, "1"); }

// Expands {{IPAc-en|UK|m|ɪ|l}} to /mɪl/, where labels and links stand among the sounds. Other languages write the
// sounds in letters of their own.
Result english_sound(const TemplateCall& call) {
  if (call.in_parentheses()) return Pieces{};
  if (text::lower_case(call.name) != "ipac-en") return {};
  std::string text;
  for (size_t n = 1; call.has(number_name(n)); ++n) {
    const std::string part = call.text(number_name(n)), lower = text::lower_case(part);
    bool label = false;
    for (const std::string_view word :
         {"lang", "local", "also", "pron", "ipa", "uk", "us", "au", "ca", "ie", "nz", "za"})
      label |= lower == word;
    if (!label) text += part == "_" ? " " : part;
  }
  return text.empty() ? Result() : text_piece("/" + text + "/");
}

// Expands {{harvtxt|Foo|Bar|1999|p=3}}, a source that the sentence speaks of, to Foo & Bar (1999).
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

// --- Templates of other languages ------------------------------------------------------------------------------------

// Expands {{incise|bien sûr}} to – bien sûr –; at the end of a sentence, {{incise|bien sûr|stop}} has no second dash.
Result aside(const TemplateCall& call) {
  if (!call.has("1")) return {};
  Pieces pieces = {{TemplatePiece::Kind::text, "– ", 0}, {TemplatePiece::Kind::argument, "", call.find("1")}};
  if (!call.has("2") && !call.has("stop")) pieces.push_back({TemplatePiece::Kind::text, " –", 0});
  return pieces;
}

bool is_roman(std::string_view text) { return !text.empty() && text.find_first_not_of("IVXLC") == text::kNone; }

// Writes XIXe; what stands behind the number is given or usual.
std::string ordinal_of_roman(const std::string& number, const std::string& ending) {
  return number + (!ending.empty() ? ending : number == "I" ? "er" : "e");
}

// Tells the word of a French century by the name alone: {{s mini|XIX}}, {{s-|XIX}}, {{-s-|V}}, {{millénaire|II}}.
std::string century_word(std::string_view name, bool several) {
  if (name.find("mini") != text::kNone) return "";
  const bool thousand = name.find('m') != text::kNone || name.find('M') != text::kNone;
  const std::string word = std::string(thousand ? " millénaire" : " siècle") + (several ? "s" : "");
  return word + (name.starts_with('-') || name.starts_with("sav") ? " av. J.-C." : "");
}

// Expands {{s|XIX|e}} to XIXe siècle.
Result century(const TemplateCall& call) {
  const std::string number = call.text("1");
  if (!is_roman(number)) return {};
  return text_piece(ordinal_of_roman(number, call.text("2")) + century_word(call.name, false));
}

// Expands {{XIXe siècle}} to its name, and {{-Ve siècle}} to Ve siècle av. J.-C.
Result named_century(const TemplateCall& call) {
  const bool before = call.name.starts_with('-');
  Pieces pieces = text_piece(call.name.substr(before) + (before ? " av. J.-C." : ""));
  if (!call.has("1")) return pieces;
  pieces[0].text += ' ';
  pieces.push_back({TemplatePiece::Kind::argument, "", call.find("1")});
  return pieces;
}

// Expands {{s2|XVII|XVIII}} to XVIIe et XVIIIe siècles, and {{sp|XVII|e|au|XVIII|e}} to XVIIe au XVIIIe siècle.
Result centuries(const TemplateCall& call) {
  std::string text;
  bool joined = true;
  size_t numbers = 0;
  for (size_t n = 1; call.has(number_name(n)) && numbers < 8; ++n) {
    const std::string part = call.text(number_name(n));
    if (!is_roman(part)) {
      if (n == 1) return {};
      if (part == "e" || part == "er" || part == "s") continue;
      text += " " + part;
      joined = true;
      continue;
    }
    const std::string ending = call.text(number_name(n + 1));
    text += (text.empty() ? "" : joined ? " " : " et ") + ordinal_of_roman(part, ending == "er" ? ending : "");
    joined = false;
    ++numbers;
  }
  const bool range = text.find(" et ") == text::kNone;
  return numbers < 2 ? Result() : text_piece(text + century_word(call.name, !range));
}

// Expands {{siglo|V|a}} to siglo V a. C., and {{siglo|V|d}} to siglo V d. C.
Result century_of_era(const TemplateCall& call) {
  const std::string number = call.text("1"), era = call.text("2");
  const bool before = era == "a" || era == "-" || era.starts_with("a."), after = era.starts_with("d") || era == "+";
  if (number.empty() || (!era.empty() && !before && !after)) return {};
  const char* const word = call.language == "pt" ? "século " : call.language == "ca" ? "segle " : "siglo ";
  const char* const christ = call.language == "es" ? ". C." : call.language == "ca" ? "C" : ".C.";
  return text_piece(word + number + (before || after ? std::string(before ? " a" : " d") + christ : ""));
}

// Writes × 10⁵ of an argument e=5.
std::string power(const TemplateCall& call) {
  const std::string raised = superscript(call.text("e"));
  return raised.empty() ? "" : " × 10" + raised;
}

void add_spaced(Pieces& pieces, size_t argument) {
  pieces.push_back({TemplatePiece::Kind::text, " ", 0});
  pieces.push_back({TemplatePiece::Kind::argument, "", argument});
}

// Expands {{unité|1234,5|km|2}} to 1 234,5 km², {{unité|3|à|5|km}} and {{unité/2|3|à=5|km}} to 3 à 5 km. Units may be
// links.
Result quantity(const TemplateCall& call) {
  if (!call.has("1")) return {};
  Pieces pieces = text_piece(languages::grouped_number(call.text("1"), call.language) + power(call));
  if (call.has("à")) pieces[0].text += " à " + languages::grouped_number(call.text("à"), call.language);
  for (size_t n = 2; n < 12; ++n) {
    const std::string name = number_name(n), part = call.text(name);
    if (part.empty()) continue;
    const bool number = part.find_first_not_of("-−.0123456789") == text::kNone;
    const std::string raised = n > 2 && number ? superscript(part) : "";
    if (!raised.empty() && text::is_letter(call.text(number_name(n - 1)).back())) {
      pieces.push_back({TemplatePiece::Kind::text, raised, 0});
    } else if (number) {
      pieces.push_back({TemplatePiece::Kind::text, " " + languages::grouped_number(part, call.language), 0});
    } else {
      add_spaced(pieces, call.find(name));
    }
  }
  return pieces;
}

// Expands {{M|3|u=km}} and {{M|3||km}} to 3 km. The second argument is how far it may be off.
Result measure(const TemplateCall& call) {
  if (!call.has("1")) return {};
  std::string text = languages::grouped_number(call.text("1"), call.language);
  if (call.has("2")) text += " ± " + call.text("2");
  Pieces pieces = text_piece(text + power(call));
  for (const char* unit : {"3", "u", "ul"})
    if (call.has(unit)) {
      add_spaced(pieces, call.find(unit));
      break;
    }
  return pieces;
}

// Returns the article of a trade in Italian: uno scultore, una pittrice, un'attrice.
std::string italian_article(const std::string& noun, bool woman) {
  const std::string lower = text::lower_case(noun);
  const bool vowel = !lower.empty() && std::string_view("aeiou").find(lower[0]) != text::kNone;
  if (woman) return vowel ? "un'" : "una ";
  bool hard = false;  // before s and a consonant, z, gn, ps, x, y
  for (const char* begin : {"z", "gn", "ps", "pn", "x", "y"}) hard |= lower.starts_with(begin);
  hard |= lower.size() > 1 && lower[0] == 's' && std::string_view("aeiou").find(lower[1]) == text::kNone;
  return hard ? "uno " : "un ";
}

// Expands {{Bio|Nome=Ada|Cognome=Rossi|Sesso=F|…}} to the first sentence of a life: Ada Rossi (Roma, 1º gennaio 1900 –
// Milano, 2 maggio 1970) è stata una pittrice italiana.
Result biography(const TemplateCall& call) {
  const std::string trade = call.text("attività"), nation = call.text("nazionalità");
  std::string name = call.text("nome");
  if (name.empty() || trade.empty() || nation.empty() || call.has("fineincipit")) return {};
  if (call.has("cognome")) name += " " + call.text("cognome");
  const auto event = [&](const char* place, const char* day, const char* year) {
    std::string text = call.text(place), date = call.text(day);
    if (call.has(year)) date += (date.empty() ? "" : " ") + call.text(year);
    if (!date.empty()) text += (text.empty() ? "" : ", ") + date;
    return text;
  };
  const std::string birth = event("luogonascita", "giornomesenascita", "annonascita");
  const std::string death = event("luogomorte", "giornomesemorte", "annomorte");
  const bool woman = text::lower_case(call.text("sesso")) == "f", gone = call.has("annomorte");
  std::string text = name;
  if (!birth.empty()) text += " (" + birth + (death.empty() ? "" : " – " + death) + ")";
  text += !gone ? " è " : woman ? " è stata " : " è stato ";
  text += italian_article(trade, woman) + trade;
  if (call.has("attività2")) text += (call.has("attività3") ? ", " : " e ") + call.text("attività2");
  if (call.has("attività3")) text += " e " + call.text("attività3");
  Pieces pieces = text_piece(text + " " + nation);
  if (call.has("postnazionalità")) {
    if (!call.text("postnazionalità").starts_with(',')) pieces[0].text += " ";
    pieces.push_back({TemplatePiece::Kind::argument, "", call.find("postnazionalità")});
  }
  pieces.push_back({TemplatePiece::Kind::text, ".", 0});
  return pieces;
}

}  // namespace

const TemplateFunctions& template_functions() {
  static const TemplateFunctions table = {{"convert", convert},
                                          {"date", date},
                                          {"year_month_day", year_month_day},
                                          {"day_month_year", day_month_year},
                                          {"as_of", as_of},
                                          {"music", music},
                                          {"chemical", chemical},
                                          {"in_a_row", in_a_row},
                                          {"keys", keys},
                                          {"letters_behind_name", letters_behind_name},
                                          {"sup", sup},
                                          {"exponent", exponent},
                                          {"power_of_ten", power_of_ten},
                                          {"value", value},
                                          {"ordinal", ordinal},
                                          {"height", height},
                                          {"coordinates", coordinates},
                                          {"scripture", scripture},
                                          {"audio", audio},
                                          {"sound", sound},
                                          {"foreign_sound", foreign_sound},
                                          {"english_sound", english_sound},
                                          {"source", source},
                                          {"aside", aside},
                                          {"century", century},
                                          {"named_century", named_century},
                                          {"centuries", centuries},
                                          {"century_of_era", century_of_era},
                                          {"quantity", quantity},
                                          {"measure", measure},
                                          {"biography", biography}};
  return table;
}

}  // namespace kilm::wikitext
