// Completion scripts and the manual page against the help that they are made of, and against a real bash.
#include "tools/completion/completion.h"

#include <doctest/doctest.h>

#include <functional>
#include <sstream>

#include "tests/kilm/folder.h"
#include "tests/tools/process.h"

namespace {

struct Documents {
  std::string bash = kilm("completion bash").out, zsh = kilm("completion zsh").out, fish = kilm("completion fish").out;
  std::string manual = kilm("manual").out;
};

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

// Returns what goes from `begin` to the next `end`.
std::string part(const std::string& text, const std::string& begin, const std::string& end) {
  const size_t at = text.find(begin);
  if (at == std::string::npos) return "";
  return text.substr(at, text.find(end, at + begin.size()) - at);
}

// Checks that each name of an option stands where its command does.
void check_option(const Documents& d, const std::string& command, const std::string& name) {
  INFO(command << " " << name);
  const std::string bash = part(d.bash, "'" + command + "') words=", "\n") + " ";
  CHECK((holds(bash, " " + name + " ") || holds(bash, "'" + name + " ") || holds(bash, " " + name + "' ")));
  const std::string zsh = part(d.zsh, "_" + replaced(replaced(command, " ", "_"), "-", "_") + "() {", "\n}\n");
  CHECK((holds(zsh, "'*" + name + "[") || holds(zsh, "'*" + name + "=[") || holds(zsh, "'*" + name + "+[")));
  const std::string fish = name.starts_with("--") ? " -l " + name.substr(2) + " " : " -s " + name.substr(1) + " ";
  bool found = false;
  std::istringstream lines(d.fish);
  for (std::string line; std::getline(lines, line);)
    found = found || (holds(line, command.substr(4) + "'") && holds(line, fish));
  CHECK(found);
  const std::string manual = part(d.manual, ".SS " + replaced(command, "-", "\\-") + "\n", ".SS ");
  CHECK(holds(manual, "\\fB" + replaced(name, "-", "\\-") + "\\fR"));
}

// Calls f(command, name) for each option of each command that the help knows; each command is also in its group's list.
void for_options(const Documents& d, const std::string& command,
                 const std::function<void(const std::string&, const std::string&)>& f) {
  const Output help = kilm(command.substr(4) + " --help");
  REQUIRE(help.code == 0);
  std::istringstream lines(help.out.substr(help.out.find("\n\n") + 2));
  std::string section;
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line[0] != ' ') section = line;
    std::string word;
    if (line.rfind("  ", 0) != 0 || !(std::istringstream(line) >> word)) continue;
    if (section == "Commands:") {
      CHECK(holds(part(d.bash, "'" + command + "') words=", "\n"), word));
      CHECK(holds(d.fish, (word[0] == '-' ? " -l " + word.substr(2) : " -a " + word) + " -d "));
      if (word[0] != '-') for_options(d, command + " " + word, f);
    }
    std::istringstream names(word);
    for (std::string name; section == "Options:" && std::getline(names, name, ',');) f(command, name);
  }
}

// Returns what bash offers for the last of the words, one a line.
std::string offered(const std::string& script, const std::string& words, int last, const std::string& folder = "/") {
  const std::string line = "version >/dev/null; bash -c 'cd " + folder + "; source /dev/stdin; COMP_WORDS=(kilm " +
                           words + "); COMP_CWORD=" + std::to_string(last) + "; _kilm; echo \"${COMPREPLY[*]}\"'";
  const Output output = kilm(line, script);
  CHECK(output.err == "");
  return output.out;
}

}  // namespace

TEST_CASE("kilm completion and manual: every option that the help lists stands in each script and on the page") {
  const Documents documents;
  int64_t options = 0;
  for_options(documents, "kilm", [&](const std::string& command, const std::string& name) {
    check_option(documents, command, name);
    ++options;
  });
  CHECK(options > 200);
  CHECK(documents.manual.starts_with(".TH kilm 1 \"\" \"kilm "));
  CHECK(holds(documents.manual, "\n.SS kilm tokenizer train\n"));
  CHECK(kilm("completion tcsh").code == 2);
}

TEST_CASE("kilm completion bash: commands, options, values and files are offered where they may come") {
  const std::string script = kilm("completion bash").out;
  CHECK(offered(script, "tok", 1) == "tokenizer\n");
  CHECK(offered(script, "tokenizer ''", 2) == "train encode decode -h --help\n");
  CHECK(offered(script, "train --batch-t", 2) == "--batch-tokens\n");
  CHECK(offered(script, "convert a b --dtype ''", 5) == "f32 bf16\n");
  CHECK(offered(script, "convert a b --dtype = b", 6) == "bf16\n");  // as bash cuts --dtype=b
  CHECK(offered(script, "convert a b --dtype =", 5) == "f32 bf16\n");
  CHECK(offered(script, "train --schedule c", 3) == "constant cosine\n");
  CHECK(offered(script, "completion ''", 2) == "bash zsh fish\n");
  CHECK(offered(script, "train --steps ''", 3) == "\n");  // a number

  const Folder folder;
  std::filesystem::create_directories(folder / "bart base");
  folder.write("batch.json", "");
  CHECK(offered(script, "generate --model b", 3, folder.path) == "bart base\n");
  CHECK(offered(script, "generate --batch batch", 3, folder.path) == "batch.json\n");
  CHECK(offered(script, "inspect bat", 2, folder.path) == "batch.json\n");
  CHECK(offered(script, "convert --d", 2, folder.path) == "--dtype\n");
}

TEST_CASE("completion and manual: what would mean something to a shell or to roff is text") {
  tools::CommandHelp help{.path = "kilm", .summary = "s"};
  help.commands.push_back({.path = "kilm do", .summary = "does 'it'", .usage = " [options]"});
  help.commands[0].options.push_back({.names = {"--as"}, .value = "N", .help = "it's [a:b] \\ c"});
  CHECK(holds(tools::zsh_completion(help), "'*--as=[it'\\''s \\[a\\:b\\] \\\\ c]:N: '"));
  CHECK(holds(tools::fish_completion(help), "-l as -x -d 'it\\'s [a:b] \\\\ c'"));
}
