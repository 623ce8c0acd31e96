// `build/bench`: how fast the framework is, against what the processor can do where that can be said.

#include <cstdio>
#include <exception>

#include "tensor/base/error.h"
#include "tensor/base/format.h"
#include "tensor/base/threads.h"
#include "tensor/kernels.h"
#include "tensor/runtime.h"
#include "tools/bench/bench.h"

#ifdef KILM_CUDA
#include "tensor/cuda/backend.h"
#endif

namespace {

using namespace tensor;
using bench::Options;

constexpr const char* kUsage =
    "usage: bench ceilings|gemm|ops|step|generate|tokenizer|prepare [--json] [--isa] [--threads N] [--seconds S]\n"
    "  ceilings     what the device does at best: GB/s of a copy, GFLOP/s of a bf16 product\n"
    "  gemm         matrix products: GFLOP/s and the share of the measured peak\n"
    "  ops          one row per op: GB/s\n"
    "  step         a step of training BART on random ids: tokens/s, and where the time goes by op\n"
    "  generate     64 new tokens, greedy and with 4 beams: tokens/s\n"
    "  tokenizer    --tokenizer DIR --file TEXT: MB/s of encoding and decoding\n"
    "  prepare      --file DUMP: MB/s from its bytes to paragraphs\n"
    "  --json       one JSON object per line\n"
    "  --isa        print the instruction set in use and leave; KILM_ISA=baseline|avx2|avx512 chooses it\n"
    "  --threads    1 to the number of processors; all of them by default\n"
    "  --seconds    time per row, 0.5 by default; a step is run three times at least\n"
    "  --device     cpu, cuda or cuda:N, of ceilings, ops and step\n"
    "  --rows       of matrices on a GPU in ceilings and ops; 65536 by default\n"
    "of step and generate:\n"
    "  --model      base or large (BART's), or small (2 + 2 layers of width 128, a vocabulary of 2000)\n"
    "  --sequences  of source and target of a step; 4 by default, 32 for small\n"
    "  --length     tokens of each sequence, 1 to 1024; 128 by default, 60 for a step of small\n"
    "of step:\n"
    "  --dtype      f32 or bf16\n"
    "  --lengths    a file with a line `source target` per sequence, in place of equal ones: as many as have\n"
    "               together no more tokens of the source than the equal ones would\n";

struct Benchmark {
  std::string_view name;
  void (*run)(const Options&);
};

constexpr Benchmark kBenchmarks[] = {
    {"ceilings", bench::ceilings}, {"gemm", bench::gemm},           {"ops", bench::ops},         {"step", bench::step},
    {"generate", bench::generate}, {"tokenizer", bench::tokenizer}, {"prepare", bench::prepare},
};

const Benchmark* find(std::string_view name) {
  for (const Benchmark& benchmark : kBenchmarks)
    if (benchmark.name == name) return &benchmark;
  return nullptr;
}

void print_isa(const Options& options) {
  if (options.json) {
    base::Json line = bench::result("isa", options);
    line.set("processors", base::processors());
    bench::print(line);
  } else {
    std::printf("isa %s, %d threads of %d processors\n", cpu_backend().name, options.threads, base::processors());
  }
}

double number(std::string_view option, const char* text, double low, double high) {
  char* end = nullptr;
  const double value = text != nullptr ? std::strtod(text, &end) : 0;
  base::check<base::UsageError>(text != nullptr && *text != '\0' && *end == '\0' && value >= low && value <= high,
                                "bench: {} should be a number from {} to {}", option, low, high);
  return value;
}

std::string one_of(std::string_view option, const char* text, std::initializer_list<std::string_view> values) {
  std::string list;
  for (std::string_view value : values) {
    if (text != nullptr && text == value) return text;
    list += (list.empty() ? "" : " or ") + std::string(value);
  }
  throw base::UsageError(base::format("bench: {} should be {}", option, list));
}

std::string path(std::string_view option, const char* text) {
  base::check<base::UsageError>(text != nullptr && *text != '\0', "bench: {} should be a path", option);
  return text;
}

Options parse(int argc, char** argv) {
  Options options;
  options.threads = base::processors();
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--json")
      options.json = true;
    else if (word == "--isa")
      options.isa = true;
    else if (word == "--threads")
      options.threads = int(number(word, argv[++i], 1, base::processors()));
    else if (word == "--seconds")
      options.seconds = number(word, argv[++i], 0, 3600);
    else if (word == "--model")
      options.model = one_of(word, argv[++i], {"base", "large", "small"});
    else if (word == "--sequences")
      options.sequences = int64_t(number(word, argv[++i], 1, 1 << 16));
    else if (word == "--length")
      options.length = int64_t(number(word, argv[++i], 1, 1024));
    else if (word == "--device")
      options.device = parse_device(path(word, argv[++i]));
    else if (word == "--dtype")
      options.dtype = one_of(word, argv[++i], {"f32", "bf16"}) == "f32" ? DType::f32 : DType::bf16;
    else if (word == "--lengths")
      options.lengths = path(word, argv[++i]);
    else if (word == "--rows")
      options.rows = int64_t(number(word, argv[++i], 1, 1 << 24));
    else if (word == "--tokenizer")
      options.tokenizer = path(word, argv[++i]);
    else if (word == "--file")
      options.file = path(word, argv[++i]);
    else if (options.command.empty() && find(word) != nullptr)
      options.command = word;
    else
      throw base::UsageError(base::format("bench: {} is no option or bench\n{}", word, kUsage));
  }
  if (options.command.empty() && !options.isa) throw base::UsageError(kUsage);
  return options;
}

}  // namespace

int main(int argc, char** argv) try {
  const Options options = parse(argc, argv);
#ifdef KILM_CUDA
  register_backend(DeviceType::cuda, cuda::backend);
#endif
  base::set_threads(options.threads);
  runtime(options.device);  // refused here if there is none
  if (options.isa)
    print_isa(options);
  else
    find(options.command)->run(options);
  return 0;
} catch (const base::UsageError& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 2;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
