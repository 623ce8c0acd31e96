// The program `kilm`: the list of its commands.
#include "tools/commands.h"

int main(int argc, char** argv) {
  using namespace tools;
  Command program{.name = "kilm", .summary = "injects knowledge into an encoder-decoder language model and uses it"};
  program.subcommands = {
      init(),
      prepare(),
      tokenizer(),
      plan(),
      train(),
      verify_resume(),
      show_batch(),
      report(),
      score(),
      describe(),
      generate(),
      trie(),
      dump(),
      inspect(),
      convert(),
      completion(program),
      manual(program),
      version("version"),
      version("--version"),
      cite("--cite"),
  };
  return run_program(argc, argv, program);
}
