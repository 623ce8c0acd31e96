// fish: a line for each option, which holds where the words before the cursor begin with its command.
#include <algorithm>

#include "tools/completion/completion.h"
#include "tools/completion/values.h"

namespace tools {

namespace {

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\\' || c == '\'') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string values(const HelpEntry& entry) {
  switch (completion_of(entry)) {
    case Completion::nothing: return "";
    case Completion::words: return " -a " + quoted(joined(entry.choices, " "));
    case Completion::folders: return " -a '(__fish_complete_directories)'";
    case Completion::files: return " -F";
  }
  return "";
}

// Returns how an option takes its value; -x is a value that is no file.
std::string value_of(const HelpEntry& option) {
  if (option.value.empty()) return "";
  return (completion_of(option) == Completion::files ? " -r" : " -x") + values(option);
}

std::string names(const HelpEntry& option) {
  std::string out;
  for (const std::string& name : option.names)
    out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  return out;
}

// Writes "complete -c kilm -n '__kilm_is tokenizer train'".
std::string head(const CommandHelp& command) {
  const char* const condition = command.commands.empty() ? "__kilm_begins" : "__kilm_is";
  return "complete -c kilm -n " + quoted(condition + command.path.substr(std::string("kilm").size()));
}

std::string lines(const CommandHelp& command) {
  std::string out;
  for (const CommandHelp& below : command.commands) {
    const std::string name = below.name();
    out += head(command) + (name.starts_with("--") ? " -l " + name.substr(2) : " -a " + name) + " -d " +
           quoted(below.summary) + "\n";
  }
  for (const HelpEntry& option : command.options)
    out += head(command) + names(option) + value_of(option) + " -d " + quoted(option.help) + "\n";
  for (const HelpEntry& argument : command.arguments)
    if (const std::string known = values(argument); !known.empty()) out += head(command) + known + "\n";
  return out;
}

}  // namespace

std::string fish_completion(const CommandHelp& program) {
  std::string out = R"(function __kilm_is -d 'The words before the cursor are this group of commands'
    set -l words (commandline -opc)
    test "$words" = "kilm $argv" -o "$words" = kilm -a -z "$argv"
end

function __kilm_begins -d 'The words before the cursor begin with this command'
    set -l words (commandline -opc)
    string match -q -- "kilm $argv *" "$words "
end

complete -c kilm -f
)";
  for_commands(program, [&](const CommandHelp& command) { out += lines(command); });
  return out;
}

}  // namespace tools
