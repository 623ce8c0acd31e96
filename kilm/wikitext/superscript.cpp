#include "kilm/wikitext/superscript.h"

#include <iterator>

namespace kilm::wikitext {

namespace {

struct Sign {
  std::string_view plain, raised, lowered;
};
constexpr Sign kSigns[] = {{"0", "⁰", "₀"}, {"1", "¹", "₁"}, {"2", "²", "₂"}, {"3", "³", "₃"}, {"4", "⁴", "₄"},
                           {"5", "⁵", "₅"}, {"6", "⁶", "₆"}, {"7", "⁷", "₇"}, {"8", "⁸", "₈"}, {"9", "⁹", "₉"},
                           {"+", "⁺", "₊"}, {"-", "⁻", "₋"}, {"−", "⁻", "₋"}, {"–", "⁻", "₋"}};

std::string shifted(std::string_view text, std::string_view Sign::*form) {
  if (text.size() > 12) return "";
  std::string result;
  while (!text.empty()) {
    const Sign* sign = std::begin(kSigns);
    while (sign != std::end(kSigns) && !text.starts_with(sign->plain)) ++sign;
    if (sign == std::end(kSigns)) return "";
    result += sign->*form;
    text.remove_prefix(sign->plain.size());
  }
  return result;
}

}  // namespace

std::string superscript(std::string_view text) { return shifted(text, &Sign::raised); }
std::string subscript(std::string_view text) { return shifted(text, &Sign::lowered); }

}  // namespace kilm::wikitext
