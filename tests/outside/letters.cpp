// Learns to write a text letter by letter: a small decoder-only transformer, made of the framework's parts, that has
// nothing to do with BART. Exits with 1 unless it knows its text nearly by heart after some hundred steps. Guessing
// costs log 29 = 3.4 nats per letter. A loss of 0.6 leaves little more than the beginnings of pieces, whose past it
// does not see.
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "autograd/engine.h"
#include "autograd/ops/index.h"
#include "autograd/ops/loss.h"
#include "nn/attention.h"
#include "nn/transformer.h"
#include "optim/adamw.h"
#include "tensor/ops/matmul.h"
#include "tensor/ops/reduce.h"
#include "tensor/random.h"

namespace {

using nn::DType;
using nn::Mode;
using nn::Tensor;
using nn::Variable;

const std::string kText =
    "twice a day the sea climbs the harbour wall and twice it goes away again. the moon pulls the water that lies "
    "below it, and pulls a little less at the far side of the earth, so there are two hills of water and we are "
    "carried through both of them between one noon and the next. the fishermen know the hour of each tide by heart, "
    "and the children know which rocks come out first, where the crabs hide and how fast one has to run.";

const std::string kAlphabet = " ,.abcdefghijklmnopqrstuvwxyz";
constexpr int64_t kContext = 32, kBatch = 8, kWidth = 48;

int32_t id(char letter) { return int32_t(kAlphabet.find(letter)); }

// Attention to what came before, then the feed-forward step; both end in layer_norm(x + dropout(step(x))).
struct Block final : nn::Module {
  Block() : fc1(kWidth, 4 * kWidth, DType::f32), fc2(4 * kWidth, kWidth, DType::f32) {}

  Variable forward(Variable x, const nn::Sequences& sequences, Mode mode) const {
    x = norm1.add_and_norm(attention.forward(x, sequences, /*causal=*/true, mode), x, mode.training ? 0.05f : 0);
    return norm2.add_and_norm(nn::feed_forward(x, fc1, fc2, {}, mode), x, mode.training ? 0.05f : 0);
  }
  void visit(nn::Visitor& v) override {
    v("attention", attention);
    v("norm1", norm1);
    v("fc1", fc1);
    v("fc2", fc2);
    v("norm2", norm2);
  }

  nn::SelfAttention attention{{.d_model = kWidth, .heads = 3}, DType::f32};
  nn::LayerNorm norm1{kWidth, DType::f32}, norm2{kWidth, DType::f32};
  nn::Linear fc1, fc2;
};

struct Letters final : nn::Module {
  // Takes ids[t] of packed sequences to hidden[t, d].
  Variable forward(const nn::Ids& ids, const nn::Ids& positions, const nn::Sequences& sequences, Mode mode) const {
    Variable x = autograd::embedding_sum(table.weight, places.weight, ids, positions, 1);
    x = norm.forward(x);
    for (const Block& block : blocks) x = block.forward(x, sequences, mode);
    return x;
  }
  void visit(nn::Visitor& v) override {
    v("table", table);
    v("places", places);
    v("norm", norm);
    for (size_t i = 0; i < blocks.size(); ++i) v("blocks." + std::to_string(i), blocks[i]);
  }

  nn::Embedding table{int64_t(kAlphabet.size()), kWidth, DType::f32};  // also the projection to letters
  nn::Embedding places{kContext, kWidth, DType::f32};
  nn::LayerNorm norm{kWidth, DType::f32};
  std::vector<Block> blocks = std::vector<Block>(2);
};

// Packed pieces of the text and the letter behind each letter.
struct Batch {
  std::vector<int32_t> ids, positions, next, offsets = {0};

  void add(size_t begin, size_t length) {
    for (size_t i = 0; i < length; ++i) {
      ids.push_back(id(kText[begin + i]));
      next.push_back(begin + i + 1 < kText.size() ? id(kText[begin + i + 1]) : -1);
      positions.push_back(int32_t(i));
    }
    offsets.push_back(int32_t(ids.size()));
  }
};

Tensor tensor_of(const std::vector<int32_t>& values) { return Tensor::from({int64_t(values.size())}, values); }

Variable hidden(const Letters& model, const Batch& batch, Mode mode) {
  return model.forward(nn::Ids::from(batch.ids), nn::Ids::from(batch.positions), nn::Sequences::from(batch.offsets),
                       mode);
}

// Returns the mean loss of the last 20 steps.
double train(Letters& model, int64_t steps) {
  optim::FlatParameters parameters(model);
  optim::AdamW optimizer(
      parameters, {.learning_rate = 4e-3, .schedule = {optim::ScheduleKind::cosine, /*warmup_steps=*/20, steps}});
  const tensor::RandomPosition data{.key = tensor::philox_key(1, tensor::RandomDomain::data)};
  double last = 0;
  for (int64_t step = 0; step < steps; ++step) {
    tensor::RandomStream::set({.key = tensor::philox_key(1, tensor::RandomDomain::dropout), .step = uint32_t(step)});
    Batch batch;
    for (int64_t i = 0; i < kBatch; ++i)
      batch.add(tensor::random_word(data, uint64_t(step * kBatch + i)) % (kText.size() - kContext), kContext);
    const Tensor targets = tensor_of(batch.next);
    const Tensor weights = Tensor::full(targets.shape(), 1.0 / double(targets.numel()));
    const autograd::TokenLoss loss = autograd::linear_cross_entropy(hidden(model, batch, {.training = true}),
                                                                    model.table.weight, {}, targets, weights);
    autograd::backward(loss.sum);
    const optim::AdamW::Report report = optimizer.update();
    const double value = loss.sum.value().item();
    if (step % 50 == 0) std::printf("step %3ld  loss %.3f  gradient %.2f\n", long(step), value, report.grad_norm);
    if (step >= steps - 20) last += value / 20;
  }
  return last;
}

// Returns the text that follows the first letters of kText, always the likeliest letter.
std::string write(const Letters& model, size_t length) {
  const autograd::NoGrad guard;
  std::string text = kText.substr(0, kContext / 2);
  while (text.size() < length) {
    Batch batch;
    const size_t seen = std::min<size_t>(text.size(), kContext);
    for (size_t i = text.size() - seen; i < text.size(); ++i) {
      batch.ids.push_back(id(text[i]));
      batch.positions.push_back(int32_t(batch.positions.size()));
    }
    batch.offsets.push_back(int32_t(seen));
    const Tensor last = hidden(model, batch, {}).value().narrow(0, int64_t(seen) - 1, 1);
    const Tensor logits = tensor::matmul(last, model.table.weight.value(), false, true);
    text += kAlphabet[size_t(tensor::max(logits, 1).indices.to_vector<int32_t>()[0])];
  }
  return text;
}

}  // namespace

int main() try {
  Letters model;
  nn::initialise(model, /*seed=*/1, 0.1);
  std::printf("%ld letters of text, %ld parameters\n", long(kText.size()), long(nn::parameter_count(model)));
  const double loss = train(model, 400);
  std::printf("mean loss of the last 20 steps: %.3f nats per letter\n%s\n", loss, write(model, 100).c_str());
  if (loss < 0.6) return 0;
  std::fprintf(stderr, "letters: the loss should be below 0.6\n");
  return 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "letters: %s\n", error.what());
  return 1;
}
