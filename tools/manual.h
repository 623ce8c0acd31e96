// The manual page of a program, in roff.
#pragma once

#include <string>

#include "tools/help.h"

namespace tools {

// Writes the page of `version`: "kilm 0.1.0". It holds no date, so that a program makes the same whenever it is built.
std::string manual_page(const CommandHelp& program, const std::string& version);

}  // namespace tools
