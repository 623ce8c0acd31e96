#include "tools/manual.h"

#include "tensor/base/format.h"

namespace tools {

using base::format;

namespace {

// Writes text so that roff prints it as it is: a dash stays one that can be copied, a dot at the beginning no request.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n')) out += "\\&";
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  }
  return out;
}

std::string bold(std::string_view text) { return "\\fB" + escaped(text) + "\\fR"; }

// Writes names in bold, the value slanted, the help below.
std::string entry(const HelpEntry& line) {
  std::string names;
  for (const std::string& name : line.names) names += (names.empty() ? "" : ", ") + bold(name);
  if (!line.value.empty()) names += " \\fI" + escaped(line.value) + "\\fR";
  return ".TP\n" + names + "\n" + escaped(line.help) + "\n";
}

std::string section(const CommandHelp& command) {
  std::string out = format(".SS {}\n{}.\n", escaped(command.path), escaped(command.summary));
  if (!command.usage.empty()) out += format(".PP\n{}{}\n", bold(command.path), escaped(command.usage));
  for (const HelpEntry& argument : command.arguments) out += entry(argument);
  for (const HelpEntry& option : command.options) out += entry(option);
  if (!command.examples.empty()) out += format(".PP\n.EX\n{}\n.EE\n", escaped(command.examples));
  for (const CommandHelp& below : command.commands) out += section(below);
  return out;
}

}  // namespace

std::string manual_page(const CommandHelp& program, const std::string& version) {
  const std::string name = escaped(program.path);
  std::string out = format(".TH {} 1 \"\" \"{}\" \"User Commands\"\n", name, escaped(version));
  out += format(".SH NAME\n{} \\- {}\n.SH SYNOPSIS\n{} \\fICOMMAND\\fR [options]\n", name, escaped(program.summary),
                bold(program.path));
  out +=
      ".SH DESCRIPTION\nResults go to standard output, progress and messages to standard error.\n"
      "An option that is not given is read from the environment: \\fB\\-\\-name\\fR from \\fBKILM_NAME\\fR.\n"
      ".SH COMMANDS\n";
  for (const CommandHelp& command : program.commands) out += section(command);
  out += ".SH EXIT STATUS\n";
  const std::pair<const char*, const char*> codes[] = {
      {"0", "done"},
      {"1", "could not be done"},
      {"2", "a wrong option or setting"},
      {"3", "a file that is broken; the message names file and place"},
      {"4", "a loss or gradient that is not a finite number"},
      {"5", "no memory or disk space"},
      {"75", "a GPU failed, or stopped from outside and saved: start again"}};
  for (const auto& [code, meaning] : codes)
    out += entry({.names = {code}, .value = "", .help = meaning, .choices = {}});
  return out;
}

}  // namespace tools
