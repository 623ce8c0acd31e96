// How a table of measures writes a number.
#pragma once

#include <cmath>
#include <string>

#include "tensor/base/format.h"

namespace tools {

// Writes four decimals, or a dash where a measure is not defined.
inline std::string four_decimals(double value) { return std::isnan(value) ? "-" : base::format("{:.4f}", value); }

}  // namespace tools
