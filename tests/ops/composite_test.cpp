// The op cases hold each fused kernel to its composite. Here: whole layers, with the switch.
#include "autograd/ops/composite.h"

#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "autograd/engine.h"
#include "autograd/node.h"
#include "autograd/ops/attention.h"
#include "autograd/ops/elementwise.h"
#include "autograd/ops/index.h"
#include "autograd/ops/matmul.h"
#include "autograd/ops/norm.h"
#include "autograd/ops/views.h"
#include "tensor/random.h"
#include "tests/op_case.h"

using namespace tests;

namespace {

// One decoder layer of BART from token ids to the loss, with dropout everywhere. It has 2 packed sequences of 3 and 4
// tokens, width 8, 2 heads and a vocabulary of 11. Its memory has 5 and 2 tokens.
class TinyDecoder {
 public:
  struct Result {
    double loss;
    std::vector<double> gradients;  // of all parameters
    std::set<std::string> ops;      // that backward ran through
  };

  Result operator()() const {
    std::vector<Variable> p;
    for (size_t i = 0; i < shapes_.size(); ++i) {
      const Tensor value = normal(shapes_[i], 10 + i);
      p.push_back(Variable::parameter(autograd::scale(value, 0.3).value()));
    }
    Result result;
    const Variable loss = forward(p);
    result.loss = loss.value().item();
    const autograd::BackwardObserver observer(
        [&](const autograd::Node& node, std::span<const Tensor>) { result.ops.insert(node.name()); });
    autograd::backward(loss);
    for (const Variable& x : p)
      for (double g : x.grad().to_vector<double>()) result.gradients.push_back(g);
    return result;
  }

 private:
  Variable forward(const std::vector<Variable>& p) const {
    tensor::RandomGuard position({.key = tensor::philox_key(3, tensor::RandomDomain::dropout)});
    const Tensor ids = i32({1, 4, 9, 2, 2, 0, 10}), at = i32({0, 1, 2, 0, 1, 2, 3});
    const Tensor cu = i32({0, 3, 7}), cu_memory = i32({0, 5, 7});
    Variable x = autograd::embedding_sum(p[0], p[1], ids, at, 1.5f);
    x = autograd::layer_norm(x, p[2], p[3], 1e-5f);
    const Variable qkv = autograd::reshape(autograd::linear(x, p[4], p[5]), {7, 3, 2, 4});
    Variable y = autograd::self_attention(qkv, cu, {.scale = 0.5f, .causal = true, .dropout = 0.1f});
    x = autograd::dropout_add_layer_norm(autograd::reshape(y, {7, 8}), x, p[2], p[3], 1e-5f, 0.2f);
    const Variable kv = autograd::reshape(autograd::linear(normal({7, 8}, 90), p[6]), {7, 2, 2, 4});
    y = autograd::cross_attention(autograd::reshape(x, {7, 2, 4}), kv, cu, cu_memory, {.scale = 0.5f, .dropout = 0.1f});
    x = autograd::dropout_add_layer_norm(autograd::reshape(y, {7, 8}), x, p[2], p[3], 1e-5f, 0.2f);
    y = autograd::bias_activation_dropout(tensor::Unary::gelu, autograd::linear(x, p[7]), p[8], 0.1f);
    x = autograd::dropout_add_layer_norm(autograd::linear(y, p[9], p[3]), x, p[2], p[3], 1e-5f, 0.2f);
    return autograd::linear_cross_entropy(x, p[0], {}, i32({4, 9, 2, -100, 0, 10, 3}), positive({7}, 5)).sum;
  }

  // tokens, positions, norm weight and bias, qkv weight and bias, kv, fc1 weight and bias, fc2
  const std::vector<Shape> shapes_ = {{11, 8}, {4, 8}, {8}, {8}, {24, 8}, {24}, {16, 8}, {12, 8}, {12}, {8, 12}};
};

}  // namespace

TEST_CASE("a decoder layer gives the same loss and gradients from kernels and from small ops, dropout included") {
  const TinyDecoder decoder;
  const TinyDecoder::Result fused = decoder();
  const autograd::FusedGuard guard(false);
  const TinyDecoder::Result small = decoder();
  CHECK(small.loss == doctest::Approx(fused.loss).epsilon(1e-12));
  REQUIRE(small.gradients.size() == fused.gradients.size());
  double largest = 0, worst = 0;
  for (size_t i = 0; i < small.gradients.size(); ++i) {
    largest = std::max(largest, std::fabs(fused.gradients[i]));
    worst = std::max(worst, std::fabs(fused.gradients[i] - small.gradients[i]));
  }
  CHECK(largest > 0.01);
  CHECK(worst < 1e-10 * largest);
  for (const char* op : {"embedding_sum", "layer_norm", "self_attention", "cross_attention", "linear",
                         "dropout_add_layer_norm", "bias_activation_dropout", "linear_cross_entropy"}) {
    CHECK_MESSAGE(fused.ops.contains(op), op);
    CHECK_MESSAGE(!small.ops.contains(op), op);
  }
}

TEST_CASE("a guard restores the switch that it found") {
  CHECK(autograd::fused());
  {
    const autograd::FusedGuard outer(false);
    const autograd::FusedGuard inner(true);
    CHECK(autograd::fused());
  }
  CHECK(autograd::fused());
  autograd::set_fused(false);
  CHECK_FALSE(autograd::fused());
  autograd::set_fused(true);
}

TEST_CASE("without kernels every probability of attention is a value of a node") {
  const autograd::FusedGuard guard(false);
  const Variable q = Variable::parameter(normal({3, 1, 4})), kv = Variable(normal({3, 2, 1, 4}, 2));
  const Variable y = autograd::cross_attention(q, kv, i32({0, 3}), i32({0, 3}), {.scale = 0.5f});
  std::vector<double> rows;
  const autograd::BackwardObserver observer([&](const autograd::Node& node, std::span<const Tensor>) {
    if (std::string(node.name()) != "softmax") return;
    const Tensor p = node.saved()[0]->get();  // [h, nq, nk]
    CHECK(p.shape() == Shape{1, 3, 3});
    for (int64_t i = 0; i < 3; ++i) {
      const std::vector<double> row = p.narrow(1, i, 1).to_vector<double>();
      rows.push_back(row[0] + row[1] + row[2]);
    }
  });
  autograd::backward(y, normal({3, 1, 4}, 3));
  REQUIRE(rows.size() == 3);
  for (double sum : rows) CHECK(sum == doctest::Approx(1));
}
