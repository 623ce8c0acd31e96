#include "autograd/checkpoint.h"

#include <doctest/doctest.h>

#include "autograd/engine.h"
#include "autograd/node.h"
#include "autograd/ops/elementwise.h"
#include "autograd/ops/matmul.h"
#include "autograd/ops/norm.h"
#include "autograd/ops/reduce.h"
#include "tensor/random.h"
#include "tests/op_case.h"

using namespace autograd;
using tests::normal;

namespace {

// Two layers with dropout that share their weight, in f32, where another order of sums would show.
struct Net {
  Variable w = Variable::parameter(normal({33, 33}).cast(DType::f32));
  Variable gain = Variable::parameter(normal({33}, 2).cast(DType::f32));
  Variable shift = Variable::parameter(normal({33}, 3).cast(DType::f32));
  Variable x = Variable::parameter(normal({31, 33}, 4).cast(DType::f32));
  int runs = 0, ready = 0;

  Net() {
    w.leaf()->ready = [this](Leaf&) { ++ready; };
  }

  Variable layer(const Variable& input) {
    ++runs;
    const Variable y = dropout(unary(tensor::Unary::gelu, matmul(input, w)), 0.3f);
    return dropout_add_layer_norm(y, input, gain, shift, 1e-5f, 0.2f);
  }

  Variable forward(bool recompute) {
    const tensor::RandomGuard position({.key = tensor::philox_key(5, tensor::RandomDomain::dropout)});
    Variable y = x;
    for (int i = 0; i < 2; ++i) {
      if (recompute)
        y = checkpoint([this](std::span<const Variable> in) { return layer(in[0]); }, {y});
      else
        y = layer(y);
    }
    return sum(dropout(mul(y, y), 0.5f));
  }

  std::vector<std::vector<float>> gradients() const {
    std::vector<std::vector<float>> result;
    for (const Variable& p : {w, gain, shift, x}) result.push_back(p.grad().to_vector<float>());
    return result;
  }
};

// Counts bytes that the graph below `root` holds in saved tensors.
size_t saved_bytes(const Variable& root) {
  size_t bytes = 0;
  std::vector<const Node*> left = {root.edge().node.get()};
  while (!left.empty()) {
    const Node* node = left.back();
    left.pop_back();
    for (const Saved* saved : node->saved()) bytes += saved->bytes();
    for (const Edge& edge : node->inputs())
      if (edge.node) left.push_back(edge.node.get());
  }
  return bytes;
}

}  // namespace

TEST_CASE(
    "recomputed gradients are those of a run that kept everything, bit by bit, dropout and tied weights included") {
  Net kept, recomputed;
  const Variable a = kept.forward(false), b = recomputed.forward(true);
  CHECK(a.value().item() == b.value().item());
  CHECK(saved_bytes(b) < saved_bytes(a) / 4);
  backward(a);
  backward(b);
  CHECK(kept.gradients() == recomputed.gradients());
  CHECK(kept.runs == 2);
  CHECK(recomputed.runs == 4);
  CHECK(recomputed.ready == 1);
}

TEST_CASE("the second micro-step adds to the gradients of the first") {
  Net kept, recomputed;
  for (int micro = 0; micro < 2; ++micro) {
    backward(kept.forward(false));
    backward(recomputed.forward(true));
  }
  CHECK(kept.gradients() == recomputed.gradients());
  CHECK(recomputed.ready == 2);
}

TEST_CASE("the random stream stands after a recomputation where it stood before") {
  Net net;
  const Variable y = net.forward(true);
  const tensor::RandomGuard position({.op = 77});
  backward(y);
  CHECK(tensor::RandomStream::current().op == 77);
}

TEST_CASE("without recording a function runs once and nothing is kept") {
  Net net;
  const NoGrad guard;
  CHECK_FALSE(net.forward(true).requires_grad());
  CHECK(net.runs == 2);
}

TEST_CASE("a weight or an input that changes between the two runs is an error") {
  {
    Net net;
    const Variable y = net.forward(true);
    net.w.leaf()->value.fill(0.5);
    CHECK_THROWS_WITH_AS(backward(y),
                         "checkpoint: the second run saves a tensor [33, 33] that the first did not, or that was "
                         "written to since (while running backward of dropout_add_layer_norm)",
                         base::Error);
  }
  Tensor input = normal({2, 3});
  const Variable factor = Variable::parameter(normal({3}, 2));
  const Variable y =
      checkpoint([&](std::span<const Variable> in) { return mul(affine(in[0], 1, 1), factor); }, {input});
  input.fill(2);
  CHECK_THROWS_WITH_AS(backward(sum(y)),
                       "checkpoint: an input [2, 3] was written to since the first run (while running backward of mul)",
                       base::Error);
}

TEST_CASE("a function whose second run differs from the first is an error") {
  const Variable x = Variable::parameter(normal({3}));
  int runs = 0;
  const Variable y = checkpoint(
      [&](std::span<const Variable> in) { return ++runs == 1 ? mul(in[0], mul(in[0], in[0])) : mul(in[0], in[0]); },
      {x});
  CHECK_THROWS_WITH_AS(backward(sum(y)),
                       "checkpoint: the second run saves 2 tensors, the first saved 4 (while running backward of mul)",
                       base::Error);
}
