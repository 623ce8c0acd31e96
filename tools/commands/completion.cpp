// `kilm completion` and `kilm manual`: what the help says, for shells and for man.
#include "tools/completion/completion.h"

#include <cstdio>

#include "tools/commands.h"
#include "tools/manual.h"

namespace tools {

namespace {

struct Arguments {
  std::string shell;
};

void declare(Options& options, Arguments& a) {
  options.add("SHELL", a.shell, "the shell that the script is for").choices({"bash", "zsh", "fish"});
}

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

}  // namespace

// `program` is looked at when the command runs: it may get more commands before.
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
              const CommandHelp help = help_of(program, program.name);
              print(a->shell == "bash"  ? bash_completion(help)
                    : a->shell == "zsh" ? zsh_completion(help)
                                        : fish_completion(help));
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
