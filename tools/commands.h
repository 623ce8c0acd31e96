// Every command of `kilm`, one file each in tools/commands/.
#pragma once

#include "tools/command_line.h"

namespace tools {

Command cite(std::string name);
Command describe();
Command init();
Command prepare();
Command score();
Command tokenizer();
Command train();
Command version(std::string name);

}  // namespace tools
