// A step of training BART on random ids: forward with dropout, backward, AdamW.
#include <algorithm>
#include <cstdio>

#include "autograd/engine.h"
#include "autograd/ops/loss.h"
#include "optim/adamw.h"
#include "tensor/random.h"
#include "tensor/trace.h"
#include "tools/bench/bench.h"

namespace bench {

namespace {

using namespace tensor;

struct StepShape {
  kilm::bart::BartConfig config;
  int64_t sequences, length;

  explicit StepShape(const Options& options)
      : config(bart_config(options.model)),
        sequences(options.sequences > 0      ? options.sequences
                  : options.model == "small" ? 32
                                             : 4),
        length(options.length > 0         ? options.length
               : options.model == "small" ? 60
                                          : 128) {}

  kilm::bart::Packed batch(uint32_t stream) const {
    return kilm::bart::Packed::of(random_sequences(sequences, length, config.vocab_size, stream));
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

void print_step(const Options& options, const StepShape& shape, double seconds) {
  const double tokens_per_second = double(2 * shape.sequences * shape.length) / seconds;
  const double gflops = shape.flops() / seconds * 1e-9;
  if (!options.json) {
    std::printf("%s, %ld x %ld tokens of source and of target: %.3f s, %.0f tokens/s, %.1f GFLOP/s\n%s",
                options.model.c_str(), long(shape.sequences), long(shape.length), seconds, tokens_per_second, gflops,
                trace_table().c_str());
    return;
  }
  base::Json ops = base::Json::array();
  for (const TraceRow& row : trace_rows()) {
    base::Json op = base::Json::object();
    op.set("op", row.op);
    op.set("calls", row.calls);
    op.set("seconds", row.self_seconds);
    ops.push_back(op);
  }
  base::Json line = result("step", options);
  line.set("model", options.model);
  line.set("sequences", shape.sequences);
  line.set("length", shape.length);
  line.set("seconds", seconds);
  line.set("tokens_per_second", tokens_per_second);
  line.set("gflops", gflops);
  line.set("ops", ops);
  print(line);
}

}  // namespace

// The best step is timed with tracing off; one more fills the table.
void step(const Options& options) {
  const StepShape shape(options);
  kilm::bart::Bart model(shape.config);
  model.initialise(1);
  optim::FlatParameters parameters(model);
  optim::AdamW optimizer(parameters, {});
  const kilm::bart::Packed source = shape.batch(0), target = shape.batch(1);
  const tensor::Ids labels = shape.batch(2).ids;
  const Tensor weight = Tensor::full(labels.shape(), 1.0 / double(labels.count()));
  const auto run = [&] {
    const RandomGuard position({.step = uint32_t(optimizer.steps)});
    const autograd::Variable hidden = model.forward(source, target, {.training = true});
    const auto [loss, token_loss] =
        autograd::linear_cross_entropy(hidden, model.shared, model.final_logits_bias, labels, weight);
    autograd::backward(loss);
    optimizer.update();
  };
  const double seconds = best_seconds(
      options.seconds, run, [] {}, 3);
  start_tracing();
  run();
  stop_tracing();
  print_step(options, shape, seconds);
}

}  // namespace bench
