#include <doctest/doctest.h>

#include "autograd/ops/elementwise.h"
#include "tests/op_case.h"

using namespace tests;

namespace {

// The definition of a broadcasting binary op: loops over the result's indices.
template <class F>
Tensor by_loops(const Tensor& a, const Tensor& b, F&& f) {
  const Shape shape = tensor::broadcast(a.shape(), b.shape());
  const Tensor x = a.expand(shape).cast(DType::f64).contiguous(), y = b.expand(shape).cast(DType::f64).contiguous();
  Tensor z = Tensor::empty(shape, DType::f64);
  for (int64_t i = 0; i < z.numel(); ++i) z.mutable_data<double>()[i] = f(x.data<double>()[i], y.data<double>()[i]);
  return z.cast(a.dtype());
}

const std::vector<Sizes> kSizes = {{3, 5}, {1, 1}, {31, 33}, {0, 4}, {2, 4099}};

std::vector<Tensor> row_and_column(const Sizes& s) { return {normal({s[0], s[1]}), positive({s[0], 1}, 2)}; }

template <class F>
auto loops(F f) {
  return [f](std::span<const Variable> in) { return std::vector<Variable>{by_loops(in[0].value(), in[1].value(), f)}; };
}

}  // namespace

TEST_CASE("add") {
  check_op({.name = "add",
            .sizes = kSizes,
            .inputs = row_and_column,
            .run = [](std::span<const Variable> in) { return std::vector{autograd::add(in[0], in[1])}; },
            .reference = loops([](double a, double b) { return a + b; }),
            .errors = {{{normal({3, 5}), normal({4, 5})},
                        "broadcast: [3, 5] and [4, 5] do not fit: dimension -2 is 3 and 4"}}});
}

TEST_CASE("sub") {
  check_op({.name = "sub",
            .sizes = kSizes,
            .inputs = row_and_column,
            .run = [](std::span<const Variable> in) { return std::vector{autograd::sub(in[0], in[1])}; },
            .reference = loops([](double a, double b) { return a - b; })});
}

TEST_CASE("mul") {
  check_op({.name = "mul",
            .sizes = kSizes,
            .inputs = row_and_column,
            .run = [](std::span<const Variable> in) { return std::vector{autograd::mul(in[0], in[1])}; },
            .reference = loops([](double a, double b) { return a * b; })});
}

TEST_CASE("div") {
  check_op({.name = "div",
            .sizes = kSizes,
            .inputs = row_and_column,
            .run = [](std::span<const Variable> in) { return std::vector{autograd::div(in[0], in[1])}; },
            .reference = loops([](double a, double b) { return a / b; })});
}
