#include "kilm/wikitext/units.h"

#include <algorithm>
#include <iterator>

#include "kilm/text/characters.h"
#include "kilm/text/unicode.h"

namespace kilm::wikitext {

namespace {

struct Unit {
  std::string_view code, one, many, symbol;
};

constexpr Unit kUnits[] = {
    {"km", "kilometre", "kilometres", "km"},
    {"m", "metre", "metres", "m"},
    {"cm", "centimetre", "centimetres", "cm"},
    {"mm", "millimetre", "millimetres", "mm"},
    {"nm", "nanometre", "nanometres", "nm"},
    {"um", "micrometre", "micrometres", "μm"},
    {"mi", "mile", "miles", "mi"},
    {"ft", "foot", "feet", "ft"},
    {"in", "inch", "inches", "in"},
    {"yd", "yard", "yards", "yd"},
    {"nmi", "nautical mile", "nautical miles", "nmi"},
    {"au", "astronomical unit", "astronomical units", "au"},
    {"ly", "light-year", "light-years", "ly"},
    {"pc", "parsec", "parsecs", "pc"},
    {"km2", "square kilometre", "square kilometres", "km²"},
    {"m2", "square metre", "square metres", "m²"},
    {"cm2", "square centimetre", "square centimetres", "cm²"},
    {"sqkm", "square kilometre", "square kilometres", "km²"},
    {"mi2", "square mile", "square miles", "sq mi"},
    {"sqmi", "square mile", "square miles", "sq mi"},
    {"ft2", "square foot", "square feet", "sq ft"},
    {"sqft", "square foot", "square feet", "sq ft"},
    {"sqm", "square metre", "square metres", "m²"},
    {"acre", "acre", "acres", "acres"},
    {"ha", "hectare", "hectares", "ha"},
    {"m3", "cubic metre", "cubic metres", "m³"},
    {"cm3", "cubic centimetre", "cubic centimetres", "cm³"},
    {"km3", "cubic kilometre", "cubic kilometres", "km³"},
    {"ft3", "cubic foot", "cubic feet", "cu ft"},
    {"cuft", "cubic foot", "cubic feet", "cu ft"},
    {"cumi", "cubic mile", "cubic miles", "cu mi"},
    {"l", "litre", "litres", "L"},
    {"ml", "millilitre", "millilitres", "mL"},
    {"usgal", "US gallon", "US gallons", "US gal"},
    {"impgal", "imperial gallon", "imperial gallons", "imp gal"},
    {"oilbbl", "barrel", "barrels", "bbl"},
    {"usbbl", "barrel", "barrels", "bbl"},
    {"acre.ft", "acre-foot", "acre-feet", "acre⋅ft"},
    {"kg", "kilogram", "kilograms", "kg"},
    {"g", "gram", "grams", "g"},
    {"mg", "milligram", "milligrams", "mg"},
    {"t", "tonne", "tonnes", "t"},
    {"MT", "metric ton", "metric tons", "t"},
    {"carat", "carat", "carats", "carat"},
    {"lb", "pound", "pounds", "lb"},
    {"oz", "ounce", "ounces", "oz"},
    {"st", "stone", "stone", "st"},
    {"lt", "long ton", "long tons", "long tons"},
    {"long ton", "long ton", "long tons", "long tons"},
    {"st (short ton)", "short ton", "short tons", "short tons"},
    {"short ton", "short ton", "short tons", "short tons"},
    {"km/h", "kilometre per hour", "kilometres per hour", "km/h"},
    {"mph", "mile per hour", "miles per hour", "mph"},
    {"m/s", "metre per second", "metres per second", "m/s"},
    {"km/s", "kilometre per second", "kilometres per second", "km/s"},
    {"ft/s", "foot per second", "feet per second", "ft/s"},
    {"kn", "knot", "knots", "kn"},
    {"m3/s", "cubic metre per second", "cubic metres per second", "m³/s"},
    {"cuft/s", "cubic foot per second", "cubic feet per second", "cu ft/s"},
    {"c", "°C", "°C", "°C"},
    {"f", "°F", "°F", "°F"},
    {"k", "K", "K", "K"},
    {"c-change", "°C", "°C", "°C"},
    {"f-change", "°F", "°F", "°F"},
    {"w", "watt", "watts", "W"},
    {"kw", "kilowatt", "kilowatts", "kW"},
    {"MW", "megawatt", "megawatts", "MW"},
    {"gw", "gigawatt", "gigawatts", "GW"},
    {"hp", "horsepower", "horsepower", "hp"},
    {"bhp", "brake horsepower", "brake horsepower", "bhp"},
    {"pa", "pascal", "pascals", "Pa"},
    {"kpa", "kilopascal", "kilopascals", "kPa"},
    {"bar", "bar", "bar", "bar"},
    {"atm", "standard atmosphere", "standard atmospheres", "atm"},
    {"psi", "pound per square inch", "pounds per square inch", "psi"},
    {"j", "joule", "joules", "J"},
    {"kj", "kilojoule", "kilojoules", "kJ"},
    {"kcal", "kilocalorie", "kilocalories", "kcal"},
    {"n", "newton", "newtons", "N"},
    {"kN", "kilonewton", "kilonewtons", "kN"},
    {"/km2", "per square kilometre", "per square kilometre", "/km²"},
    {"pd/km2", "inhabitants per square kilometre", "inhabitants per square kilometre", "/km²"},
    {"/sqmi", "per square mile", "per square mile", "/sq mi"},
    {"pd/sqmi", "inhabitants per square mile", "inhabitants per square mile", "/sq mi"},
    {"pd/mi2", "inhabitants per square mile", "inhabitants per square mile", "/sq mi"},
};

// What may stand before a unit: {{convert|2|e6acre}}, and {{convert|2|Moilbbl}} where multiples have no names.
struct Multiple {
  std::string_view code, word;
};
constexpr Multiple kPowers[] = {{"e3", "thousand"}, {"e6", "million"}, {"e9", "billion"}, {"e12", "trillion"}};
constexpr Multiple kLetters[] = {{"k", "thousand"}, {"M", "million"}, {"G", "billion"}, {"T", "trillion"}};
constexpr std::string_view kLetterUnits[] = {"oilbbl", "cuft", "USgal", "impgal", "t"};

// Finds the unit of a code. Codes differ in case only where both meanings are in the table: kn and kN.
const Unit* find_unit(std::string_view code) {
  const auto with = [](std::string_view key) {
    return std::find_if(std::begin(kUnits), std::end(kUnits), [&](const Unit& u) { return u.code == key; });
  };
  const Unit* unit = with(code);
  if (unit == std::end(kUnits)) unit = with(text::lower_case(code));
  return unit == std::end(kUnits) ? nullptr : unit;
}

// Takes the multiple at the start of `code`, which is cut to the unit behind it.
std::string_view take_multiple(std::string_view& code) {
  for (const Multiple& power : kPowers)
    if (code.starts_with(power.code)) {
      code.remove_prefix(power.code.size());
      return power.word;
    }
  const std::string_view unit = code.substr(std::min<size_t>(1, code.size()));
  if (std::find(std::begin(kLetterUnits), std::end(kLetterUnits), unit) == std::end(kLetterUnits)) return "";
  for (const Multiple& letter : kLetters)
    if (code.starts_with(letter.code)) {
      code = unit;
      return letter.word;
    }
  return "";
}

std::string american(std::string words) {
  for (const std::string_view ending : {"metre", "litre"})
    for (size_t at = words.find(ending); at != text::kNone; at = words.find(ending, at)) words.replace(at + 3, 2, "er");
  return words;
}

}  // namespace

std::string with_unit(const std::string& amount, std::string_view code, UnitStyle style) {
  if (code.ends_with("/d")) return with_unit(amount, code.substr(0, code.size() - 2), style) + " per day";
  const Unit* const unit = find_unit(code);
  if (unit == nullptr) {
    std::string_view rest = code;
    const std::string_view multiple = take_multiple(rest);
    return multiple.empty() ? amount + " " + std::string(code)
                            : with_unit(amount + " " + std::string(multiple), rest, style);
  }
  if (style.symbol || unit->symbol.starts_with("°")) return amount + " " + std::string(unit->symbol);
  const bool one = amount == "1" || amount == "one";
  const std::string words(style.adjective || one ? unit->one : unit->many);
  return amount + (style.adjective ? "-" : " ") + (style.american ? american(words) : words);
}

}  // namespace kilm::wikitext
