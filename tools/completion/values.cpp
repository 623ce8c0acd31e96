#include "tools/completion/values.h"

#include <algorithm>
#include <array>

namespace tools {

// Leaves a number, or a name of its own kind, without completion. What is neither that nor a folder may be a file.
Completion completion_of(const HelpEntry& entry) {
  static constexpr std::array<std::string_view, 8> kNothing = {"N", "X", "GB", "ID", "GLOB", "JSON", "KEY", "NAME"};
  static constexpr std::array<std::string_view, 3> kFolders = {"DIR", "DATA", "RUN"};
  const std::string& what = entry.value.empty() ? entry.names[0] : entry.value;
  if (!entry.choices.empty()) return Completion::words;
  if (std::find(kNothing.begin(), kNothing.end(), what) != kNothing.end()) return Completion::nothing;
  if (std::find(kFolders.begin(), kFolders.end(), what) != kFolders.end()) return Completion::folders;
  return Completion::files;
}

std::string joined(const std::vector<std::string>& words, const std::string& between) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : between) + word;
  return all;
}

void for_commands(const CommandHelp& command, const std::function<void(const CommandHelp&)>& f) {
  f(command);
  for (const CommandHelp& below : command.commands) for_commands(below, f);
}

}  // namespace tools
