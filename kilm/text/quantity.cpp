#include "kilm/text/quantity.h"

#include <cmath>

#include "tensor/base/format.h"

namespace kilm::text {

using base::format;

std::string duration(double seconds) {
  if (!(seconds >= 59.95)) return format("{:.3g} s", seconds);
  if (seconds > 1e15) return format("{:.3g} d", seconds / 86400);
  const int64_t s = std::llround(seconds);
  if (s < 3600) return format("{} min {} s", s / 60, s % 60);
  const int64_t minutes = std::llround(seconds / 60);
  if (minutes < 24 * 60) return format("{} h {} min", minutes / 60, minutes % 60);
  const int64_t hours = std::llround(seconds / 3600);
  return format("{} d {} h", hours / 24, hours % 24);
}

std::string grouped(double number) {
  std::string digits = format("{:.0f}", std::round(number) + 0.0);  // no -0
  if (!std::isfinite(number)) return digits;
  const size_t first = digits.starts_with('-') ? 1 : 0;
  for (size_t at = digits.size(); at > first + 3;) digits.insert(at -= 3, 1, ',');
  return digits;
}

}  // namespace kilm::text
