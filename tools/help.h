// What --help tells, as data: whatever else explains the commands (completion, manual page) is made of it, and so
// cannot say something else.
#pragma once

#include <string>
#include <vector>

#include "tools/command_line.h"

namespace tools {

// A line of the help.
struct HelpEntry {
  std::vector<std::string> names;    // {"-o", "--out"}; of a positional argument {"DUMP"}
  std::string value;                 // "DATA"; empty for a flag and for a positional argument
  std::string help;                  // with default, choices and whether it must be given
  std::vector<std::string> choices;  // the only values that are taken; empty: any
};

struct CommandHelp {
  std::string path;  // "kilm tokenizer train"
  std::string summary;
  std::string examples;  // one a line
  std::string usage;     // what stands behind the path: " DIR [options]"; empty for a group
  std::vector<HelpEntry> arguments, options;
  std::vector<CommandHelp> commands;  // of a group

  std::string name() const { return path.substr(path.rfind(' ') + 1); }  // "train"
};

// Describes a command and all below it. `path` is what one types for it.
CommandHelp help_of(const Command& command, const std::string& path);

}  // namespace tools
