// `kilm completion` and `kilm manual`: what the help says, for shells and for man.
#include "tools/completion/completion.h"

#include <cstdio>

#include "tensor/base/error.h"
#include "tools/commands.h"
#include "tools/manual.h"

namespace tools {

namespace {

enum class Shell { bash, zsh, fish };
constexpr Shell kShells[] = {Shell::bash, Shell::zsh, Shell::fish};

const char* name(Shell shell) {
  switch (shell) {
    case Shell::bash: return "bash";
    case Shell::zsh: return "zsh";
    case Shell::fish: return "fish";
  }
  base::fail("shell: no such value");
}

std::string script_for(Shell shell, const CommandHelp& help) {
  switch (shell) {
    case Shell::bash: return bash_completion(help);
    case Shell::zsh: return zsh_completion(help);
    case Shell::fish: return fish_completion(help);
  }
  base::fail("shell: no such value");
}

struct Arguments {
  std::optional<Shell> shell;
};

void declare(Options& options, Arguments& a) {
  options.add("SHELL", a.shell, kShells, "the shell that the script is for");
}

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

}  // namespace

// Returns the command. It looks at `program` when it runs: that may get more commands before.
Command completion(const Command& program) {
  return {.name = "completion",
          .summary = "prints a script that completes commands, options and files in a shell",
          .examples =
              "source <(kilm completion bash)\n"
              "kilm completion zsh > ~/.zfunc/_kilm\n"
              "kilm completion fish > ~/.config/fish/completions/kilm.fish",
          .declare = [&program](Options& options) -> std::function<int()> {
            auto a = std::make_shared<Arguments>();
            declare(options, *a);
            return [&program, a] {
              print(script_for(*a->shell, help_of(program, program.name)));
              return 0;
            };
          }};
}

Command manual(const Command& program) {
  return {.name = "manual",
          .summary = "prints the manual page, in roff",
          .examples = "kilm manual | man -l -",
          .declare = [&program](Options&) -> std::function<int()> {
            return [&program] {
              print(manual_page(help_of(program, program.name), "kilm " KILM_VERSION));
              return 0;
            };
          }};
}

}  // namespace tools
