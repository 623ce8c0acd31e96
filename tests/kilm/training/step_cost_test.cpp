#include "kilm/training/step_cost.h"

#include <doctest/doctest.h>

#include <map>

#include "autograd/engine.h"
#include "autograd/ops/loss.h"
#include "kilm/bart/model.h"
#include "optim/adamw.h"
#include "tensor/kernels.h"
#include "tensor/random.h"
#include "tensor/trace.h"

using kilm::bart::Bart;
using kilm::bart::BartConfig;
using kilm::bart::Packed;
using kilm::training::OpCost;
using kilm::training::StepShape;

namespace {

// Chooses sizes that differ from each other, a vocabulary that needs padding, parameters that need some, too.
BartConfig small_bart() {
  BartConfig config;
  config.vocab_size = 300;
  config.d_model = 24;
  config.encoder_layers = 2;
  config.decoder_layers = 3;
  config.encoder_attention_heads = 3;
  config.decoder_attention_heads = 2;
  config.encoder_ffn_dim = 40;
  config.decoder_ffn_dim = 56;
  config.max_position_embeddings = 30;
  config.activation_dropout = config.attention_dropout = 0.1;
  return config;
}

Packed sequences(int64_t count, int64_t length, int32_t first) {
  std::vector<std::vector<int32_t>> ids{size_t(count), std::vector<int32_t>(size_t(length))};
  for (auto& sequence : ids)
    for (int32_t& id : sequence) id = first++ % 290 + 3;
  return Packed::of(ids);
}

struct Sums {
  int64_t calls = 0;
  double bytes = 0, flops = 0;
};

// Sums what ops report of a step; those that report neither bytes nor FLOPs have others inside of them.
std::map<std::string, Sums> traced(const BartConfig& config, const StepShape& shape) {
  Bart model(config, shape.dtype);
  model.initialise(1);
  optim::FlatParameters parameters(model,
                                   shape.dtype == tensor::DType::bf16 ? std::optional(shape.dtype) : std::nullopt);
  optim::AdamW optimizer(parameters, {});
  std::vector<std::pair<Packed, Packed>> micros;
  for (int64_t i = 0; i < shape.micros; ++i)
    micros.emplace_back(sequences(shape.sequences, shape.source, int32_t(1 + i)),
                        sequences(shape.sequences, shape.target, int32_t(7 + i)));
  const tensor::Tensor weight = tensor::Tensor::full({shape.sequences * shape.target}, 0.1);
  tensor::start_tracing();
  for (int64_t i = 0; i < shape.micros; ++i) {
    const auto& [source, target] = micros[size_t(i)];
    const tensor::RandomGuard position({.micro = uint32_t(i)});
    const autograd::Variable hidden = model.forward(source, target, {.training = true});
    const auto [loss, token_loss] =
        autograd::linear_cross_entropy(hidden, model.shared, model.final_logits_bias, target.ids, weight);
    autograd::backward(loss);
  }
  optimizer.update();
  tensor::stop_tracing();
  std::map<std::string, Sums> sums;
  for (const tensor::TraceRow& row : tensor::trace_rows())
    if (row.bytes > 0 || row.flops > 0) sums[row.op] = {row.calls, row.bytes, row.flops};
  return sums;
}

std::map<std::string, Sums> computed(const BartConfig& config, const StepShape& shape) {
  std::map<std::string, Sums> sums;
  for (const OpCost& cost : kilm::training::step_cost(config, shape)) {
    if (cost.bytes == 0) continue;
    Sums& sum = sums[cost.op];
    sum.calls += cost.calls;
    sum.bytes += double(cost.calls) * cost.bytes;
    sum.flops += double(cost.calls) * cost.flops;
  }
  return sums;
}

void check_equal(const BartConfig& config, StepShape shape) {
  shape.logit_rows = tensor::kernels(tensor::Device{})
                         .loss->chunk_rows(shape.sequences * shape.target, config.vocab_size, shape.dtype);
  const auto expected = traced(config, shape), found = computed(config, shape);
  for (const auto& [op, sums] : found) {
    INFO(op << " of " << sums.calls << " calls");
    REQUIRE(expected.contains(op));
    CHECK(sums.calls == expected.at(op).calls);
    CHECK(sums.bytes == expected.at(op).bytes);
    CHECK(sums.flops == expected.at(op).flops);
  }
  for (const auto& [op, sums] : expected) CHECK_MESSAGE(found.contains(op), op << " was traced and is not computed");
}

}  // namespace

TEST_CASE("step cost: bytes and FLOPs of each op are those that a step reports to the trace") {
  for (const tensor::DType dtype : {tensor::DType::f32, tensor::DType::bf16})
    for (const int64_t micros : {1, 3}) {
      INFO(std::string(tensor::name(dtype)) << ", " << micros << " micro-batches");
      check_equal(small_bart(), {.sequences = 3, .source = 11, .target = 7, .micros = micros, .dtype = dtype});
    }
}

TEST_CASE("step cost: without dropout, and with one layer, other ops are left") {
  BartConfig config = small_bart();
  config.dropout = 0;
  config.decoder_layers = 1;
  config.vocab_size = 384;  // a multiple of 128: no padding
  check_equal(config, {.sequences = 1, .source = 5, .target = 9, .dtype = tensor::DType::f32});
}

TEST_CASE("step cost: logits in several chunks cost their products once for each") {
  BartConfig config = small_bart();
  config.d_model = 8;
  config.encoder_attention_heads = config.decoder_attention_heads = 2;
  config.encoder_layers = config.decoder_layers = 1;
  config.vocab_size = 100001;
  check_equal(config, {.sequences = 5, .source = 3, .target = 19, .dtype = tensor::DType::f32});  // of 41 rows
}
