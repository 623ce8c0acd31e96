// Numbers of which some are not finite: JSON has none, and they are written as null.
#pragma once

#include <cmath>

#include "tensor/base/json.h"

namespace base {

// Returns the number, or nan for null. Throws Error for another type.
inline double number_or_nan(const Json& json) { return json.is_null() ? std::nan("") : json.as_number(); }

}  // namespace base
