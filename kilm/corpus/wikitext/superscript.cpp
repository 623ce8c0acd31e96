#include "kilm/corpus/wikitext/superscript.h"

#include <iterator>

namespace kilm {

std::string superscript(std::string_view text) {
  struct Sign {
    std::string_view plain, raised;
  };
  constexpr Sign kSigns[] = {{"0", "⁰"}, {"1", "¹"}, {"2", "²"}, {"3", "³"}, {"4", "⁴"},
                             {"5", "⁵"}, {"6", "⁶"}, {"7", "⁷"}, {"8", "⁸"}, {"9", "⁹"},
                             {"+", "⁺"}, {"-", "⁻"}, {"−", "⁻"}, {"–", "⁻"}, {"&minus;", "⁻"}};
  if (text.size() > 12) return "";
  std::string result;
  while (!text.empty()) {
    const Sign* sign = std::begin(kSigns);
    while (sign != std::end(kSigns) && !text.starts_with(sign->plain)) ++sign;
    if (sign == std::end(kSigns)) return "";
    result += sign->raised;
    text.remove_prefix(sign->plain.size());
  }
  return result;
}

}  // namespace kilm
