#include "tensor/base/format.h"

#include <fmt/format.h>

namespace base {

std::string format_message(fmt::string_view format, fmt::format_args args) { return fmt::vformat(format, args); }

}  // namespace base
