#include "autograd/finite.h"

#include <doctest/doctest.h>

#include <cmath>

#include "autograd/checkpoint.h"
#include "autograd/engine.h"
#include "autograd/node.h"
#include "autograd/ops/elementwise.h"
#include "autograd/ops/matmul.h"
#include "autograd/ops/reduce.h"
#include "tensor/ops/elementwise.h"
#include "tensor/trace.h"
#include "tests/autograd/numbers.h"

using namespace autograd;

namespace {

Variable layer(const Variable& x, tensor::Unary op) {
  const tensor::TracePath path("encoder.layers.3");
  return unary(op, scale(x, 1));
}

}  // namespace

TEST_CASE("the first op whose output is not finite is named, with its place and shapes") {
  const FiniteCheck guard;
  const Variable x = Variable::parameter(numbers({1, -1, 2}));
  CHECK_THROWS_WITH_AS(scale(layer(x, tensor::Unary::log), 2),
                       "log, recorded in encoder.layers.3: an output [3] is not finite; its inputs are [3]",
                       base::NonFinite);
  const Variable w = Variable::parameter(Tensor::full({4, 3}, 1e200, DType::f64));
  CHECK_THROWS_WITH_AS(linear(Tensor::full({2, 3}, 1e200, DType::f64), w, numbers({0, 0, 0, 0})),
                       "linear: an output [2, 4] is not finite; its inputs are a constant, [4, 3] and a constant",
                       base::NonFinite);
}

TEST_CASE("the first op that makes a gradient that is not finite is named, not those it poisons") {
  const FiniteCheck guard;
  const Variable x = Variable::parameter(numbers({1, 0, 2}));
  CHECK_THROWS_WITH_AS(backward(sum(layer(x, tensor::Unary::sqrt))),
                       "sqrt, recorded in encoder.layers.3: the gradient [3] of input 0 is not finite; its inputs are "
                       "[3]",
                       base::NonFinite);
  CHECK_THROWS_WITH_AS(backward(sum(unary(tensor::Unary::sqrt, x))),
                       "sqrt: the gradient [3] of input 0 is not finite; its inputs are [3]", base::NonFinite);
}

TEST_CASE("a gradient that a parameter's own buffer receives is tested too") {
  const FiniteCheck guard;
  const Variable w = Variable::parameter(Tensor::full({2, 1}, 1, DType::f64));
  const Variable y = linear(Tensor::full({1, 1}, 1e300, DType::f64), w);
  CHECK_THROWS_WITH_AS(backward(y, Tensor::full({1, 2}, 1e300, DType::f64)),
                       "linear: the gradient [2, 1] of input 1 is not finite; its inputs are a constant, [2, 1] and a "
                       "constant",
                       base::NonFinite);
}

TEST_CASE("two finite gradients may add up to one that is not") {
  const FiniteCheck guard;
  const Variable x = Variable::parameter(numbers({0.5}));
  const Variable y = scale(x, 1);
  CHECK_THROWS_WITH_AS(backward(add(scale(y, 1e308), scale(y, 1e308))),
                       "affine: the gradient [1] of an output is not finite; its inputs are [1]", base::NonFinite);
}

TEST_CASE("under a guard a gradient that is not even defined is still that error") {
  struct EmptyNode final : Node {
    const char* name() const override { return "empty"; }
    void backward(std::span<const Tensor>, GradOut& dx) override { dx.give(0, Tensor()); }
  };
  const FiniteCheck guard;
  const Variable x = Variable::parameter(numbers({1}));
  CHECK_THROWS_WITH_AS(backward(record(std::make_shared<EmptyNode>(), {x}, x.value())),
                       "empty: gives an undefined gradient (while running backward of empty)", base::Error);
}

TEST_CASE("outside of a guard infinities pass, as research sometimes wants") {
  CHECK_FALSE(FiniteCheck::active());
  const Variable x = Variable::parameter(numbers({0}));
  backward(unary(tensor::Unary::sqrt, x));
  CHECK(std::isinf(x.grad().item()));
}

TEST_CASE("what is not recorded is tested as well, and still not recorded") {
  const FiniteCheck guard;
  const Variable x = Variable::parameter(numbers({1, -1, 2}));
  {
    const NoGrad nothing;
    CHECK_THROWS_WITH_AS(layer(x, tensor::Unary::log),
                         "log, recorded in encoder.layers.3: an output [3] is not finite; its inputs are a constant",
                         base::NonFinite);
    CHECK_FALSE(scale(x, 2).requires_grad());
  }
  CHECK_THROWS_WITH_AS(unary(tensor::Unary::log, Variable(numbers({-1}))),
                       "log: an output [1] is not finite; its inputs are a constant", base::NonFinite);
  CHECK_FALSE(scale(Variable(numbers({1})), 2).requires_grad());
}

TEST_CASE("a checkpoint whose first run was tested comes back without a test") {
  const Variable x = Variable::parameter(numbers({1, 2}));
  const Variable constant = numbers({3, 4});
  Variable y;
  {
    const FiniteCheck guard;
    y = checkpoint([&](std::span<const Variable> in) { return mul(in[0], mul(constant, constant)); }, {x});
  }
  backward(sum(y));
  CHECK(x.grad().to_vector<double>() == std::vector<double>{9, 16});
}
