// zsh: a function for each command, which hands its options and arguments to _arguments.
#include <algorithm>

#include "tools/completion/completion.h"
#include "tools/completion/values.h"

namespace tools {

namespace {

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? "'\\''" : std::string(1, c);
  return out + "'";
}

// Escapes text inside of a specification, where brackets and colons have a meaning.
std::string inside(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '[' || c == ']' || c == ':') out += '\\';
    out += c;
  }
  return out;
}

std::string action(const HelpEntry& entry) {
  switch (completion_of(entry)) {
    case Completion::nothing: return " ";
    case Completion::words: return "(" + joined(entry.choices, " ") + ")";
    case Completion::folders: return "_files -/";
    case Completion::files: return "_files";
  }
  return "";
}

// Specifies each name by itself; it may be given again.
std::string option_of(const HelpEntry& option) {
  std::string specifications;
  for (const std::string& name : option.names) {
    std::string specification = "*" + name;
    if (!option.value.empty()) specification += name.starts_with("--") ? "=" : "+";
    specification += "[" + inside(option.help) + "]";
    if (!option.value.empty()) specification += ":" + inside(option.value) + ":" + action(option);
    specifications += " \\\n    " + quoted(specification);
  }
  return specifications;
}

std::string function_of(const CommandHelp& command) {
  std::string name = "_" + command.path;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == ' ' || c == '-'; }, '_');
  return name;
}

std::string command_function(const CommandHelp& command) {
  std::string out = function_of(command) + "() {\n  _arguments -s";
  for (const HelpEntry& option : command.options) out += option_of(option);
  for (size_t i = 0; i < command.arguments.size(); ++i) {  // the last may be repeated
    const HelpEntry& argument = command.arguments[i];
    const std::string place = i + 1 < command.arguments.size() ? ":" : "*:";
    out += " \\\n    " + quoted(place + inside(argument.names[0]) + ":" + action(argument));
  }
  return out + "\n}\n\n";
}

// Writes the function of a group. Commands that are spelt as options are completed as such.
std::string group_function(const CommandHelp& group) {
  std::string options, names, calls;
  for (const HelpEntry& option : group.options) options += option_of(option);
  for (const CommandHelp& command : group.commands) {
    const std::string name = command.name();
    if (name.starts_with('-')) {
      options += " \\\n    " + quoted(name + "[" + inside(command.summary) + "]");
      continue;
    }
    names += "        " + quoted(name + ":" + inside(command.summary)) + "\n";
    calls += "        " + name + ") " + function_of(command) + " ;;\n";
  }
  return function_of(group) + "() {\n  local line state\n  _arguments -C" + options +
         " \\\n    '1: :->command' \\\n    '*:: :->arguments'\n  case $state in\n    command)\n"
         "      local -a commands=(\n" +
         names + "      )\n      _describe command commands ;;\n    arguments)\n      case $line[1] in\n" + calls +
         "      esac ;;\n  esac\n}\n\n";
}

}  // namespace

std::string zsh_completion(const CommandHelp& program) {
  std::string out = "#compdef kilm\n\n";
  for_commands(program, [&](const CommandHelp& command) {
    if (!command.commands.empty())
      out += group_function(command);
    else if (!command.name().starts_with('-'))
      out += command_function(command);
  });
  return out + "if [[ $funcstack[1] == _kilm ]]; then\n  _kilm \"$@\"\nelse\n  compdef _kilm kilm\nfi\n";
}

}  // namespace tools
