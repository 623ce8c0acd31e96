// What the scripts of all shells have in common: what completes a value.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tools/help.h"

namespace tools {

enum class Completion { nothing, words, folders, files };

// Tells how to complete an option's value or a positional argument. Its choices count if it has any, else what its name
// in the help stands for.
Completion completion_of(const HelpEntry& entry);

std::string joined(const std::vector<std::string>& words, const std::string& between);

// Calls f for a command and all below it.
void for_commands(const CommandHelp& command, const std::function<void(const CommandHelp&)>& f);

}  // namespace tools
