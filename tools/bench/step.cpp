// A step of training BART on random ids: forward with dropout, backward, AdamW.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <numeric>

#include "autograd/engine.h"
#include "autograd/ops/loss.h"
#include "optim/adamw.h"
#include "tensor/allocator.h"
#include "tensor/base/format.h"
#include "tensor/random.h"
#include "tensor/runtime.h"
#include "tensor/trace.h"
#include "tools/bench/bench.h"

namespace bench {

namespace {

using namespace tensor;

using Lengths = std::vector<int64_t>;

struct StepShape {
  kilm::bart::BartConfig config;
  Lengths source, target;  // tokens of each sequence

  explicit StepShape(const Options& options) : config(bart_config(options.model)) {
    const bool small = options.model == "small";
    const int64_t sequences = options.sequences > 0 ? options.sequences : small ? 32 : 4;
    const int64_t length = options.length > 0 ? options.length : small ? 60 : 128;
    if (options.lengths.empty())
      source = target = Lengths(size_t(sequences), length);
    else
      read(options.lengths, sequences * length);
  }

  kilm::bart::Packed batch(const Lengths& lengths, uint32_t stream, Device device) const {
    return kilm::bart::Packed::of(random_sequences(lengths, config.vocab_size, stream), {}, device);
  }

  int64_t tokens() const {
    return std::accumulate(source.begin(), source.end(), int64_t(0)) +
           std::accumulate(target.begin(), target.end(), int64_t(0));
  }

  // Counts multiplications and additions of the products: forward, and twice as many in backward. What is computed
  // again (scores, logits) counts once.
  double flops() const {
    const double d = double(config.d_model), layers = double(config.encoder_layers);
    const double encoder = 4 * d * d + 2 * d * double(config.encoder_ffn_dim);
    const double decoder = 6 * d * d + 2 * d * double(config.decoder_ffn_dim);
    double sum = 0;
    for (size_t i = 0; i < source.size(); ++i) {
      const double s = double(source[i]), t = double(target[i]);
      const double attention = 2 * d * (s * s + t * (t + 1) / 2 + s * t), keys = 2 * d * d * s;
      sum += layers * (s * encoder + t * decoder + keys + attention) + t * d * double(config.vocab_size);
    }
    return 3 * 2 * sum;
  }

 private:
  void read(const std::string& file, int64_t most) {
    std::ifstream in(file);
    int64_t s = 0, t = 0, sum = 0;
    while (in >> s >> t && sum + s <= most) {
      base::check<base::UsageError>(std::min(s, t) > 0 && std::max(s, t) <= config.max_position_embeddings,
                                    "bench: {} has lengths {} and {}; they should be from 1 to {}", file, s, t,
                                    config.max_position_embeddings);
      source.push_back(s);
      target.push_back(t);
      sum += s;
    }
    base::check<base::UsageError>(!source.empty(), "bench: {} should have lines `source target`", file);
  }
};

void print_step(const Options& options, const StepShape& shape, double seconds) {
  const double tokens_per_second = double(shape.tokens()) / seconds;
  const double gflops = shape.flops() / seconds * 1e-9;
  if (!options.json) {
    std::printf("%s, %zu sequences, %ld tokens of source and target: %.3f s, %.0f tokens/s, %.1f GFLOP/s\n%s",
                options.model.c_str(), shape.source.size(), long(shape.tokens()), seconds, tokens_per_second, gflops,
                trace_table().c_str());
    return;
  }
  base::Json ops = base::Json::array();
  for (const TraceRow& row : trace_rows()) {
    base::Json op = base::Json::object();
    op.set("op", row.op);
    op.set("calls", row.calls);
    op.set("seconds", row.self_seconds);
    if (row.bytes > 0) op.set("gbytes_per_second", row.bytes / row.self_seconds * 1e-9);
    if (row.flops > 0) op.set("gflops", row.flops / row.self_seconds * 1e-9);
    ops.push_back(op);
  }
  base::Json line = result("step", options);
  line.set("model", options.model);
  line.set("dtype", name(options.dtype));
  line.set("sequences", int64_t(shape.source.size()));
  if (options.lengths.empty()) line.set("length", shape.source.front());
  line.set("tokens", shape.tokens());
  line.set("seconds", seconds);
  line.set("tokens_per_second", tokens_per_second);
  line.set("gflops", gflops);
  line.set("peak_bytes", uint64_t(allocator_of(options.device).stats().peak));
  line.set("ops", ops);
  print(line);
}

}  // namespace

// Times the best step with tracing off; one more fills the table.
void step(const Options& options) {
  const StepShape shape(options);
  kilm::bart::Bart model(shape.config, options.dtype);
  model.initialise(1);
  nn::move(model, options.device);
  optim::FlatParameters parameters(model);
  optim::AdamW optimizer(parameters, {});
  const kilm::bart::Packed source = shape.batch(shape.source, 0, options.device);
  const kilm::bart::Packed target = shape.batch(shape.target, 1, options.device);
  const tensor::Ids labels = shape.batch(shape.target, 2, options.device).ids;
  const Tensor weight = Tensor::full(labels.shape(), 1.0 / double(labels.count()), DType::f32, options.device);
  const auto run = [&] {
    const RandomGuard position({.step = uint32_t(optimizer.steps)});
    const autograd::Variable hidden = model.forward(source, target, {.training = true});
    const auto [loss, token_loss] =
        autograd::linear_cross_entropy(hidden, model.shared, model.final_logits_bias, labels, weight);
    autograd::backward(loss);
    optimizer.update();
    wait_for_device(options.device);
  };
  const double seconds = best_seconds(
      options.seconds, run, [] {}, 3);
  start_tracing();
  run();
  stop_tracing();
  print_step(options, shape, seconds);
}

}  // namespace bench
