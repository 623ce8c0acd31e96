// Scripts that complete commands, options, values and files on the Tab key of a shell.
#pragma once

#include <string>

#include "tools/help.h"

namespace tools {

std::string bash_completion(const CommandHelp& program);  // to be sourced, or a file for bash-completion
std::string zsh_completion(const CommandHelp& program);   // to be sourced, or the file _kilm of a folder in $fpath
std::string fish_completion(const CommandHelp& program);  // to be sourced, or a file for fish's completions

}  // namespace tools
