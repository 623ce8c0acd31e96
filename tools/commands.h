// Every command of `kilm`, one file each in tools/commands/.
#pragma once

#include "tools/command_line.h"

namespace tools {

Command cite(std::string name);
Command compare();
Command completion(const Command& program);
Command convert();
Command describe();
Command disambiguate();
Command doctor();
Command dump();
Command generate();
Command index();
Command init();
Command inspect();
Command manual(const Command& program);
Command metric();
Command plan();
Command prepare();
Command qa();
Command report();
Command score();
Command selftest();
Command show_batch();
Command tokenizer();
Command train();
Command trie();
Command verify_resume();
Command version(std::string name);

}  // namespace tools
