// Benchmarks: `bench gemm` and `bench ops` time the ops against what the processor can do, `bench step` a whole step of
// training. The peak of fused multiply-adds is measured between the repetitions of each product, because clocks change
// with load, and the best of each counts.
#include <omp.h>

#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "autograd/engine.h"
#include "autograd/ops/loss.h"
#include "kilm/bart/model.h"
#include "optim/adamw.h"
#include "tensor/error.h"
#include "tensor/format.h"
#include "tensor/io/json.h"
#include "tensor/kernels.h"
#include "tensor/ops/elementwise.h"
#include "tensor/ops/matmul.h"
#include "tensor/ops/reduce.h"
#include "tensor/random.h"
#include "tensor/trace.h"

namespace {

using namespace tensor;

constexpr const char* kUsage =
    "usage: bench gemm|ops|step [--json] [--isa] [--threads N] [--seconds S]\n"
    "  gemm         matrix products: GFLOP/s and the share of the measured peak\n"
    "  ops          one row per op: GB/s\n"
    "  step         a step of training BART on random ids: tokens/s, and where the time goes by op\n"
    "  --json       one JSON object per line\n"
    "  --isa        print the instruction set in use and leave; KILM_ISA=baseline|avx2|avx512 chooses it\n"
    "  --threads    1 to the number of processors; all of them by default\n"
    "  --seconds    time per row, 0.5 by default; a step is run three times at least\n"
    "of step:\n"
    "  --model      base (BART's) or small (2 + 2 layers of width 128, a vocabulary of 2000)\n"
    "  --sequences  of source and target; 4 by default, 32 for small\n"
    "  --length     tokens of each sequence, 1 to 1024; 128 by default, 60 for small\n";

struct Options {
  std::string command;
  bool json = false;
  bool isa = false;
  int threads = omp_get_num_procs();
  double seconds = 0.5;
  std::string model = "base";
  int64_t sequences = 0, length = 0;  // 0: those of the model
};

// Best time of one call in seconds, of at least `least` calls; `between` runs after each.
double best_seconds(
    double budget, const std::function<void()>& run, const std::function<void()>& between = [] {}, int least = 5) {
  using Clock = std::chrono::steady_clock;
  const auto seconds_since = [](Clock::time_point t) {
    return std::chrono::duration<double>(Clock::now() - t).count();
  };
  const Clock::time_point start = Clock::now();
  double best = 1e30;
  for (int i = 0; i < least || seconds_since(start) < budget; ++i) {
    const Clock::time_point t = Clock::now();
    run();
    best = std::min(best, seconds_since(t));
    between();
  }
  return best;
}

// Twelve independent chains of x = x * a + b keep every multiply-add unit busy and fit the registers. They start from
// different values, or the compiler would compute one for all. The vectors are as wide as the instruction set; each
// function is compiled for it.
constexpr int kChains = 12, kSteps = 40000;

#define KILM_FMA_LOOP(name, target_flags, bytes)                                                                  \
  [[gnu::target(target_flags)]] float name() {                                                                    \
    using V = float __attribute__((vector_size(bytes)));                                                          \
    V x[kChains];                                                                                                 \
    for (int i = 0; i < kChains; ++i) x[i] = V{} + float(i);                                                      \
    const V a = V{} + 0.5f, b = V{} + 1.0f;                                                                       \
    for (int step = 0; step < kSteps; ++step) _Pragma("GCC unroll 16") for (V & chain : x) chain = chain * a + b; \
    V total{};                                                                                                    \
    for (const V& chain : x) total += chain;                                                                      \
    return total[0];                                                                                              \
  }

KILM_FMA_LOOP(fma_baseline, "sse2", 16)
KILM_FMA_LOOP(fma_avx2, "avx2,fma", 32)
KILM_FMA_LOOP(fma_avx512, "avx512f", 64)

#undef KILM_FMA_LOOP

// f32 GFLOP/s of all threads together at this moment; baseline has no fused instruction: a multiplication, an addition.
double peak_now() {
  const std::string_view isa = cpu_backend().name;
  const auto loop = isa == "avx512" ? fma_avx512 : isa == "avx2" ? fma_avx2 : fma_baseline;
  const double lanes = isa == "avx512" ? 16 : isa == "avx2" ? 8 : 4;
  double total = 0;
#pragma omp parallel reduction(+ : total)
  {
    volatile float sink = 0;
    const double seconds = best_seconds(0, [&] { sink = loop(); });
    total += 2.0 * kChains * kSteps * lanes / seconds * 1e-9;
  }
  return total;
}

Tensor filled(const Shape& shape, DType dtype) {
  Tensor x = Tensor::empty(shape, DType::f32);
  float* p = x.mutable_data<float>();
  for (int64_t i = 0; i < x.numel(); ++i) p[i] = float(i * 7 % 17 - 8) / 8;
  return x.cast(dtype);
}

void print_isa(const Options& options) {
  if (options.json) {
    Json line = Json::object();
    line.set("isa", cpu_backend().name);
    line.set("threads", options.threads);
    line.set("processors", omp_get_num_procs());
    std::printf("%s\n", line.dump().c_str());
  } else {
    std::printf("isa %s, %d threads of %d processors\n", cpu_backend().name, options.threads, omp_get_num_procs());
  }
}

struct Product {
  const char* what;
  int64_t batch, m, n, k;
  bool transpose_a, transpose_b;
  DType dtype;
};

const Product kProducts[] = {
    {"linear", 1, 512, 3072, 768, false, true, DType::f32},
    {"linear", 1, 512, 768, 3072, false, true, DType::f32},
    {"linear", 1, 4096, 768, 768, false, true, DType::f32},
    {"linear", 1, 512, 3072, 768, false, true, DType::bf16},
    {"linear", 1, 512, 3072, 768, false, true, DType::f64},
    {"input gradient", 1, 512, 768, 3072, false, false, DType::f32},
    {"weight gradient", 1, 3072, 768, 512, true, false, DType::f32},
    {"both transposed", 1, 768, 3072, 512, true, true, DType::f32},
    {"one token, vocabulary", 1, 1, 50270, 768, false, true, DType::f32},
    {"one token, vocabulary", 1, 1, 50270, 768, false, true, DType::bf16},
    {"eight tokens, vocabulary", 1, 8, 50270, 768, false, true, DType::f32},
    {"one token", 1, 1, 3072, 768, false, true, DType::f32},
    {"one token", 1, 1, 768, 3072, false, false, DType::f32},
    {"attention scores", 96, 128, 128, 64, false, true, DType::f32},
    {"attention values", 96, 128, 64, 128, false, false, DType::f32},
    {"small model, linear", 1, 1920, 128, 128, false, true, DType::f32},
    {"small model, linear", 1, 1920, 512, 128, false, true, DType::f32},
    {"small model, input gradient", 1, 1920, 128, 512, false, false, DType::f32},
    {"small model, weight gradient", 1, 512, 128, 1920, true, false, DType::f32},
    {"small model, vocabulary", 1, 1920, 2000, 128, false, true, DType::f32},
    {"small model, one token", 1, 1, 512, 128, false, true, DType::f32},
};

void bench_gemm(const Options& options) {
  if (!options.json)
    std::printf("%-28s %5s %3s %5s %6s %5s %5s %9s %9s %6s %8s\n", "product", "dtype", "op", "batch", "m", "n", "k",
                "GFLOP/s", "peak", "share", "GB/s");
  for (const Product& p : kProducts) {
    const Tensor a = filled(p.transpose_a ? Shape{p.batch, p.k, p.m} : Shape{p.batch, p.m, p.k}, p.dtype);
    const Tensor b = filled(p.transpose_b ? Shape{p.batch, p.n, p.k} : Shape{p.batch, p.k, p.n}, p.dtype);
    Tensor c = Tensor::empty({p.batch, p.m, p.n}, p.dtype);
    double peak = 0;
    const double seconds = best_seconds(
        options.seconds, [&] { matmul_into(c, a, b, p.transpose_a, p.transpose_b, false); },
        [&] { peak = std::max(peak, peak_now()); });
    if (p.dtype == DType::f64) peak /= 2;
    const double gflops = 2.0 * double(p.batch * p.m * p.n * p.k) / seconds * 1e-9;
    const double gbytes = double(a.bytes() + b.bytes() + c.bytes()) / seconds * 1e-9;
    const std::string op = std::string(p.transpose_a ? "t" : "n") + (p.transpose_b ? "t" : "n");
    if (options.json) {
      Json line = Json::object();
      line.set("bench", "gemm");
      line.set("product", p.what);
      line.set("dtype", name(p.dtype));
      line.set("op", op);
      line.set("batch", p.batch);
      line.set("m", p.m);
      line.set("n", p.n);
      line.set("k", p.k);
      line.set("isa", cpu_backend().name);
      line.set("threads", options.threads);
      line.set("seconds", seconds);
      line.set("gflops", gflops);
      line.set("peak_gflops", peak);
      line.set("share", gflops / peak);
      line.set("gbytes_per_second", gbytes);
      std::printf("%s\n", line.dump().c_str());
    } else {
      std::printf("%-28s %5s %3s %5ld %6ld %5ld %5ld %9.1f %9.1f %5.0f%% %8.1f\n", p.what, name(p.dtype), op.c_str(),
                  long(p.batch), long(p.m), long(p.n), long(p.k), gflops, peak, 100 * gflops / peak, gbytes);
    }
    std::fflush(stdout);
  }
}

// An op with the bytes that it must read and write at least.
struct TimedOp {
  std::string name;
  Shape shape;
  DType dtype;
  int64_t bytes;
  std::function<void()> run;
};

std::vector<TimedOp> timed_ops() {
  std::vector<TimedOp> ops;
  for (const DType dtype : {DType::f32, DType::bf16}) {
    for (const Shape& shape : {Shape{64, 128}, Shape{4096, 768}, Shape{4096, 3072}}) {
      const Tensor x = filled(shape, dtype), y = filled(shape, dtype), row = filled({shape[1]}, dtype);
      const int64_t n = int64_t(x.bytes());
      Tensor sum32 = Tensor::zeros(shape);
      const auto time = [&](const char* name, int64_t bytes, std::function<void()> run) {
        ops.push_back({name, shape, dtype, bytes, std::move(run)});
      };
      time("copy", 2 * n, [=] { x.clone(); });
      time("copy transposed", 2 * n, [=] { x.transpose(0, 1).contiguous(); });
      time("fill", n, [y = x.clone()]() mutable { y.fill(1); });
      time("add", 3 * n, [=] { add(x, y); });
      time("add row", 2 * n, [=] { add(x, row); });
      time("affine", 2 * n, [=] { affine(x, 2, 1); });
      time("accumulate", n + 2 * int64_t(sum32.bytes()), [=]() mutable { accumulate_(sum32, x); });
      time("sum", n, [=] { sum(x); });
      time("sum of rows", n, [=] { sum(x, 0); });
      time("sum of columns", n, [=] { sum(x, 1); });
    }
  }
  return ops;
}

void bench_ops(const Options& options) {
  if (!options.json) std::printf("%-18s %5s %14s %9s %8s\n", "op", "dtype", "shape", "us", "GB/s");
  for (const TimedOp& op : timed_ops()) {
    const double seconds = best_seconds(options.seconds / 5, op.run);
    const double gbytes = double(op.bytes) / seconds * 1e-9;
    if (options.json) {
      Json line = Json::object();
      line.set("bench", "ops");
      line.set("op", op.name);
      line.set("dtype", name(op.dtype));
      line.set("shape", to_string(op.shape));
      line.set("isa", cpu_backend().name);
      line.set("threads", options.threads);
      line.set("seconds", seconds);
      line.set("gbytes_per_second", gbytes);
      std::printf("%s\n", line.dump().c_str());
    } else {
      std::printf("%-18s %5s %14s %9.1f %8.1f\n", op.name.c_str(), name(op.dtype), to_string(op.shape).c_str(),
                  seconds * 1e6, gbytes);
    }
    std::fflush(stdout);
  }
}

// ---- a step of training

struct StepShape {
  kilm::BartConfig config;
  int64_t sequences, length;

  static StepShape of(const Options& options) {
    const bool small = options.model == "small";
    StepShape shape{{}, small ? 32 : 4, small ? 60 : 128};
    kilm::BartConfig& c = shape.config;
    c.vocab_size = small ? 2000 : 50265;
    c.d_model = small ? 128 : 768;
    c.encoder_layers = c.decoder_layers = small ? 2 : 6;
    c.encoder_attention_heads = c.decoder_attention_heads = small ? 4 : 12;
    c.encoder_ffn_dim = c.decoder_ffn_dim = small ? 512 : 3072;
    c.dropout = c.attention_dropout = c.activation_dropout = 0.1;  // as published
    if (options.sequences > 0) shape.sequences = options.sequences;
    if (options.length > 0) shape.length = options.length;
    return shape;
  }

  // Multiplications and additions of the products: forward, and twice as many in backward. What is computed again
  // (scores, logits) counts once.
  double flops() const {
    const double d = double(config.d_model), layers = double(config.encoder_layers);
    const double tokens = double(sequences * length);  // of the source, and of the target
    const double encoder = 4 * d * d + 2 * d * double(config.encoder_ffn_dim) + 2 * d * double(length);
    const double causal = 2 * d * double(length + 1) / 2;
    const double decoder = 8 * d * d + 2 * d * double(config.decoder_ffn_dim) + causal + 2 * d * double(length);
    return 3 * 2 * tokens * (layers * (encoder + decoder) + d * double(config.vocab_size));
  }
};

// All rows of one batch of random ids, the same on every call.
Tensor random_ids(const StepShape& shape, uint32_t stream) {
  std::vector<int32_t> ids(size_t(shape.sequences * shape.length));
  const RandomPosition at{.key = philox_key(1, RandomDomain::data), .op = stream};
  for (size_t i = 0; i < ids.size(); ++i) ids[i] = int32_t(random_word(at, i) % uint64_t(shape.config.vocab_size));
  return Tensor::from({int64_t(ids.size())}, ids);
}

kilm::Packed random_batch(const StepShape& shape, uint32_t stream) {
  const std::vector<int32_t> ids = random_ids(shape, stream).to_vector<int32_t>();
  std::vector<std::vector<int32_t>> sequences;
  for (auto begin = ids.begin(); begin != ids.end(); begin += shape.length)
    sequences.emplace_back(begin, begin + shape.length);
  return kilm::Packed::of(sequences);
}

void print_step(const Options& options, const StepShape& shape, double seconds) {
  const double tokens_per_second = double(2 * shape.sequences * shape.length) / seconds;
  const double gflops = shape.flops() / seconds * 1e-9;
  if (!options.json) {
    std::printf("%s, %ld x %ld tokens of source and of target: %.3f s, %.0f tokens/s, %.1f GFLOP/s\n%s",
                options.model.c_str(), long(shape.sequences), long(shape.length), seconds, tokens_per_second, gflops,
                trace_table().c_str());
    return;
  }
  Json ops = Json::array();
  for (const TraceRow& row : trace_rows()) {
    Json op = Json::object();
    op.set("op", row.op);
    op.set("calls", row.calls);
    op.set("seconds", row.self_seconds);
    ops.push_back(op);
  }
  Json line = Json::object();
  line.set("bench", "step");
  line.set("model", options.model);
  line.set("sequences", shape.sequences);
  line.set("length", shape.length);
  line.set("isa", cpu_backend().name);
  line.set("threads", options.threads);
  line.set("seconds", seconds);
  line.set("tokens_per_second", tokens_per_second);
  line.set("gflops", gflops);
  line.set("ops", ops);
  std::printf("%s\n", line.dump().c_str());
}

// Forward with dropout, backward and AdamW. The best step is timed with tracing off; one more fills the table.
void bench_step(const Options& options) {
  const StepShape shape = StepShape::of(options);
  kilm::Bart model(shape.config);
  model.initialise(1);
  optim::FlatParameters parameters(model);
  optim::AdamW optimizer(parameters, {});
  const kilm::Packed source = random_batch(shape, 0), target = random_batch(shape, 1);
  const Tensor labels = random_ids(shape, 2);
  const Tensor weight = Tensor::full({labels.size(0)}, 1.0 / double(labels.size(0)));
  const auto step = [&] {
    const RandomGuard position({.step = uint32_t(optimizer.steps)});
    const autograd::Variable hidden = model.forward(source, target, {.training = true});
    const auto [loss, token_loss] =
        autograd::linear_cross_entropy(hidden, model.shared, model.final_logits_bias, labels, weight);
    autograd::backward(loss);
    optimizer.update();
  };
  const double seconds = best_seconds(
      options.seconds, step, [] {}, 3);
  start_tracing();
  step();
  stop_tracing();
  print_step(options, shape, seconds);
}

double number(std::string_view option, const char* text, double low, double high) {
  char* end = nullptr;
  const double value = text != nullptr ? std::strtod(text, &end) : 0;
  check<UsageError>(text != nullptr && *text != '\0' && *end == '\0' && value >= low && value <= high,
                    "bench: {} should be a number from {} to {}", option, low, high);
  return value;
}

std::string one_of(std::string_view option, const char* text, std::initializer_list<std::string_view> values) {
  std::string list;
  for (std::string_view value : values) {
    if (text != nullptr && text == value) return text;
    list += (list.empty() ? "" : " or ") + std::string(value);
  }
  throw UsageError(format("bench: {} should be {}", option, list));
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--json")
      options.json = true;
    else if (word == "--isa")
      options.isa = true;
    else if (word == "--threads")
      options.threads = int(number(word, argv[++i], 1, omp_get_num_procs()));
    else if (word == "--seconds")
      options.seconds = number(word, argv[++i], 0, 3600);
    else if (word == "--model")
      options.model = one_of(word, argv[++i], {"base", "small"});
    else if (word == "--sequences")
      options.sequences = int64_t(number(word, argv[++i], 1, 1 << 16));
    else if (word == "--length")
      options.length = int64_t(number(word, argv[++i], 1, 1024));
    else if (options.command.empty() && (word == "gemm" || word == "ops" || word == "step"))
      options.command = word;
    else
      throw UsageError(format("bench: {} is no option or bench\n{}", word, kUsage));
    if (i >= argc) break;
  }
  if (options.command.empty() && !options.isa) throw UsageError(kUsage);
  return options;
}

}  // namespace

int main(int argc, char** argv) try {
  const Options options = parse(argc, argv);
  omp_set_num_threads(options.threads);
  if (options.isa) print_isa(options);
  if (!options.isa && options.command == "gemm") bench_gemm(options);
  if (!options.isa && options.command == "ops") bench_ops(options);
  if (!options.isa && options.command == "step") bench_step(options);
  return 0;
} catch (const UsageError& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 2;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
