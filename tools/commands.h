// Every command of `kilm`, one file each in tools/commands/.
#pragma once

#include "tools/command_line.h"

namespace tools {

Command cite(std::string name);
Command describe(std::string name);
Command prepare(std::string name);
Command score(std::string name);
Command tokenizer();
Command version(std::string name);

}  // namespace tools
