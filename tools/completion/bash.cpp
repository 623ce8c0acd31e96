// bash: a function that finds the command among the words, then looks up what may come next. It has one table for the
// values of options, one for options and commands, and one for positional arguments.
#include "tools/completion/completion.h"
#include "tools/completion/values.h"

namespace tools {

namespace {

// Quotes a word of letters, digits, dashes and spaces.
std::string quoted(const std::string& text) { return "'" + text + "'"; }

std::string reply(const HelpEntry& entry) {
  switch (completion_of(entry)) {
    case Completion::nothing: return ":";
    case Completion::words: return "_kilm_words " + quoted(joined(entry.choices, " "));
    case Completion::folders: return "_kilm_files -d";
    case Completion::files: return "_kilm_files -f";
  }
  return "";
}

std::string commands(const CommandHelp& program) {
  std::vector<std::string> paths;
  for_commands(program, [&](const CommandHelp& command) { paths.push_back(quoted(command.path)); });
  return joined(paths, " | ");
}

std::string values(const CommandHelp& program) {
  std::string cases;
  for_commands(program, [&](const CommandHelp& command) {
    for (const HelpEntry& option : command.options) {
      if (option.value.empty()) continue;
      std::vector<std::string> patterns;
      for (const std::string& name : option.names) patterns.push_back(quoted(command.path + " " + name));
      cases += "    " + joined(patterns, " | ") + ") " + reply(option) + "; return ;;\n";
    }
  });
  return cases;
}

std::string words(const CommandHelp& program) {
  std::string cases;
  for_commands(program, [&](const CommandHelp& command) {
    std::vector<std::string> names;
    for (const CommandHelp& below : command.commands) names.push_back(below.name());
    for (const HelpEntry& option : command.options) names.insert(names.end(), option.names.begin(), option.names.end());
    cases += "    " + quoted(command.path) + ") words=" + quoted(joined(names, " ")) + " ;;\n";
  });
  return cases;
}

std::string arguments(const CommandHelp& program) {
  std::string cases;
  for_commands(program, [&](const CommandHelp& command) {
    if (!command.arguments.empty())
      cases += "    " + quoted(command.path) + ") " + reply(command.arguments[0]) + " ;;\n";
  });
  return cases;
}

}  // namespace

// Writes the script for bash, which cuts --name=value into three words.
std::string bash_completion(const CommandHelp& program) {
  return R"(_kilm_words() {
  mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current")
}

_kilm_files() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen "$1" -- "$current")
}

_kilm() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command=kilm words='' i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; ++i)); do
    case "$command ${COMP_WORDS[i]}" in
      )" +
         commands(program) + R"() command+=" ${COMP_WORDS[i]}" ;;
      *) break ;;
    esac
  done
  if [[ $current == = ]]; then
    current=''
  elif [[ $previous == = ]]; then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  case "$command $previous" in
)" + values(program) +
         R"(  esac
  case $command in
)" + words(program) +
         R"(  esac
  if [[ $current != -* ]]; then
    case $command in
)" + arguments(program) +
         R"(    esac
  fi
  [[ ${#COMPREPLY[@]} -gt 0 ]] || _kilm_words "$words"
}

complete -F _kilm kilm
)";
}

}  // namespace tools
