#include "autograd/gradcheck.h"

#include <doctest/doctest.h>

#include <cmath>

#include "autograd/node.h"
#include "autograd/ops/elementwise.h"
#include "autograd/ops/index.h"
#include "tensor/ops/elementwise.h"
#include "tests/op_case.h"

using namespace autograd;
using tests::normal;

namespace {

// x squared, whose backward multiplies by a factor that should be 2.
struct SquareNode final : Node {
  Saved x{*this};
  double factor = 2;
  const char* name() const override { return "square"; }
  void backward(std::span<const Tensor> dy, GradOut& dx) override {
    dx.give(0, tensor::scale(tensor::mul(dy[0], x.get()), factor));
  }
};

Function square(double factor) {
  return [factor](std::span<const Variable> in) {
    const Tensor x = in[0].value(), y = tensor::mul(x, x);
    if (!needs_node(in)) return std::vector<Variable>{y};
    auto node = std::make_shared<SquareNode>();
    node->x = x;
    node->factor = factor;
    return record(std::move(node), in, {y});
  };
}

}  // namespace

TEST_CASE("a right gradient passes, element by element and along directions") {
  CHECK(gradient_mismatch(square(2), {normal({3, 5})}) == "");
  CHECK(gradient_mismatch(square(2), {normal({200, 101})}) == "");
  CHECK(gradient_mismatch(square(2), {normal({0, 4})}) == "");
}

TEST_CASE("a gradient that is wrong by one percent is caught, and the worst element named") {
  const Tensor x = Tensor::from({3}, std::vector<double>{1, 100, 2});
  const std::string mismatch = gradient_mismatch(square(2.02), {x});
  CHECK_MESSAGE(mismatch.starts_with("input 0 [3], element 1: backward gives "), mismatch);
  CHECK(gradient_mismatch(square(2.02), {normal({200, 101})}).starts_with("input 0 [200, 101], direction "));
}

TEST_CASE("a gradient that is not a number is caught") {
  CHECK(gradient_mismatch(square(std::nan("")), {normal({3})}).starts_with("input 0 [3], element "));
}

TEST_CASE("a gradient cut off by detach is caught") {
  const Function cut = [](std::span<const Variable> in) { return std::vector{mul(in[0], in[0].detach())}; };
  CHECK(gradient_mismatch(cut, {normal({3})}) != "");
}

TEST_CASE("dropout draws the same numbers for every evaluation") {
  const Function f = [](std::span<const Variable> in) { return std::vector{dropout(mul(in[0], in[1]), 0.4f)}; };
  CHECK(gradient_mismatch(f, {normal({4, 5}), normal({5}, 2)}) == "");
}

TEST_CASE("inputs are left as they were; ids are passed on; f32 is too coarse for differences") {
  const Tensor table = normal({4, 3});
  const std::vector<double> before = table.to_vector<double>();
  const Function f = [](std::span<const Variable> in) { return std::vector{gather_rows(in[0], in[1].value())}; };
  CHECK(gradient_mismatch(f, {table, tests::i32({3, 0, 3})}) == "");
  CHECK(table.to_vector<double>() == before);
  CHECK_THROWS_WITH_AS(gradient_mismatch(square(2), {normal({3}).cast(DType::f32)}),
                       "gradient check: input 0 is f32, not f64", base::Error);
}
