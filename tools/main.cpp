// The program `kilm`: the list of its commands. KILM_TRACE=file.json traces it from start to end: the file is for
// chrome://tracing, a table goes to standard error.
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "tensor/trace.h"
#include "tools/commands.h"

#ifdef KILM_CUDA
#include "tensor/cuda/backend.h"
#endif

namespace {

// Writes what was traced. The exit code stays what the command gave, also where the file cannot be written.
void report_trace(const char* path) {
  tensor::stop_tracing();
  std::fputs(tensor::trace_table().c_str(), stderr);
  try {
    tensor::write_trace(path);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "trace: %s\n", error.what());
  }
}

}  // namespace

int main(int argc, char** argv) {
  using namespace tools;
  Command program{.name = "kilm", .summary = "injects knowledge into an encoder-decoder language model and uses it"};
  program.subcommands = {
      init(),
      doctor(),
      selftest(),
      prepare(),
      tokenizer(),
      plan(),
      train(),
      verify_resume(),
      show_batch(),
      report(),
      score(),
      describe(),
      disambiguate(),
      generate(),
      trie(),
      qa(),
      index(),
      metric(),
      compare(),
      dump(),
      inspect(),
      convert(),
      completion(program),
      manual(program),
      version("version"),
      version("--version"),
      cite("--cite"),
  };
#ifdef KILM_CUDA
  tensor::register_backend(tensor::DeviceType::cuda, tensor::cuda::backend);
#endif
  const char* const trace = std::getenv("KILM_TRACE");
  if (trace) tensor::start_tracing();
  const int code = run_program(argc, argv, program);
  if (trace) report_trace(trace);
  return code;
}
