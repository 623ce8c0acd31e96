// The manual page of a program, in roff.
#pragma once

#include <string>

#include "tools/help.h"

namespace tools {

// `version`: "kilm 0.1.0". The page holds no date, so that a program makes the same one whenever it is built.
std::string manual_page(const CommandHelp& program, const std::string& version);

}  // namespace tools
