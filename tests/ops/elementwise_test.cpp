#include "autograd/ops/elementwise.h"

#include <doctest/doctest.h>

#include <cmath>

#include "autograd/ops/composite.h"
#include "tensor/ops/elementwise.h"
#include "tests/op_case.h"

using namespace tests;

namespace {

// Returns the definition of a broadcasting binary op: loops over the result's indices.
template <class F>
Tensor by_loops(const Tensor& a, const Tensor& b, F&& f) {
  const Shape shape = tensor::broadcast(a.shape(), b.shape());
  const Tensor x = a.expand(shape).cast(DType::f64).contiguous(), y = b.expand(shape).cast(DType::f64).contiguous();
  Tensor z = Tensor::empty(shape, DType::f64);
  for (int64_t i = 0; i < z.numel(); ++i) z.mutable_data<double>()[i] = f(x.data<double>()[i], y.data<double>()[i]);
  return z.cast(a.dtype());
}

const std::vector<Sizes> kElementwiseSizes = {{3, 5}, {1, 1}, {31, 33}, {0, 4}, {2, 4099}};

std::vector<Tensor> row_and_column(const Sizes& s) { return {normal({s[0], s[1]}), positive({s[0], 1}, 2)}; }

template <class F>
auto loops(F f) {
  return [f](std::span<const Variable> in) { return std::vector<Variable>{by_loops(in[0].value(), in[1].value(), f)}; };
}

}  // namespace

OP_CASE("add") {
  return {.name = "add",
          .sizes = kElementwiseSizes,
          .inputs = row_and_column,
          .run = [](std::span<const Variable> in) { return std::vector{autograd::add(in[0], in[1])}; },
          .reference = loops([](double a, double b) { return a + b; }),
          .errors = {
              {{normal({3, 5}), normal({4, 5})}, "broadcast: [3, 5] and [4, 5] do not fit: dimension -2 is 3 and 4"}}};
}

OP_CASE("sub") {
  return {.name = "sub",
          .sizes = kElementwiseSizes,
          .inputs = row_and_column,
          .run = [](std::span<const Variable> in) { return std::vector{autograd::sub(in[0], in[1])}; },
          .reference = loops([](double a, double b) { return a - b; })};
}

OP_CASE("mul") {
  return {.name = "mul",
          .sizes = kElementwiseSizes,
          .inputs = row_and_column,
          .run = [](std::span<const Variable> in) { return std::vector{autograd::mul(in[0], in[1])}; },
          .reference = loops([](double a, double b) { return a * b; })};
}

OP_CASE("div") {
  return {.name = "div",
          .sizes = kElementwiseSizes,
          .inputs = row_and_column,
          .run = [](std::span<const Variable> in) { return std::vector{autograd::div(in[0], in[1])}; },
          .reference = loops([](double a, double b) { return a / b; })};
}

namespace {

double by_definition(tensor::Unary op, double x) {
  switch (op) {
    case tensor::Unary::neg: return -x;
    case tensor::Unary::exp: return std::exp(x);
    case tensor::Unary::log: return std::log(x);
    case tensor::Unary::sqrt: return std::sqrt(x);
    case tensor::Unary::relu: return x > 0 ? x : 0;
    case tensor::Unary::tanh: return std::tanh(x);
    case tensor::Unary::gelu: return 0.5 * x * std::erfc(-x / std::sqrt(2.0));
    case tensor::Unary::gelu_tanh:
      return 0.5 * x * (1 + std::tanh(std::sqrt(2 / 3.14159265358979323846) * (x + 0.044715 * x * x * x)));
    case tensor::Unary::silu: return x / (1 + std::exp(-x));
  }
  return 0;
}

const std::vector<Sizes> kFlatSizes = {{3, 5}, {1, 1}, {31, 33}, {0, 4}, {2, 4099}};

}  // namespace

namespace {

OpCase unary_case(tensor::Unary op) {
  const bool needs_positive = op == tensor::Unary::log || op == tensor::Unary::sqrt;
  return {.name = tensor::name(op),
          .sizes = kFlatSizes,
          .inputs =
              [=](const Sizes& s) {
                return std::vector{needs_positive ? positive({s[0], s[1]}) : normal({s[0], s[1]})};
              },
          .run = [=](std::span<const Variable> in) { return std::vector{autograd::unary(op, in[0])}; },
          .reference =
              [=](std::span<const Variable> in) {
                const auto f = [op](double a, double) { return by_definition(op, a); };
                return std::vector<Variable>{by_loops(in[0].value(), in[0].value(), f)};
              }};
}

}  // namespace

OP_CASE("unary neg") { return unary_case(tensor::Unary::neg); }
OP_CASE("unary exp") { return unary_case(tensor::Unary::exp); }
OP_CASE("unary log") { return unary_case(tensor::Unary::log); }
OP_CASE("unary sqrt") { return unary_case(tensor::Unary::sqrt); }
OP_CASE("unary relu") { return unary_case(tensor::Unary::relu); }
OP_CASE("unary tanh") { return unary_case(tensor::Unary::tanh); }
OP_CASE("unary gelu") { return unary_case(tensor::Unary::gelu); }
OP_CASE("unary gelu_tanh") { return unary_case(tensor::Unary::gelu_tanh); }
OP_CASE("unary silu") { return unary_case(tensor::Unary::silu); }

OP_CASE("scale") {
  return {.name = "scale",
          .sizes = kFlatSizes,
          .inputs =
              [](const Sizes& s) {
                return std::vector{normal({s[0], s[1]})};
              },
          .run = [](std::span<const Variable> in) { return std::vector{autograd::scale(in[0], -0.75)}; },
          .reference =
              [](std::span<const Variable> in) {
                const auto f = [](double a, double) { return -0.75 * a; };
                return std::vector<Variable>{by_loops(in[0].value(), in[0].value(), f)};
              }};
}

OP_CASE("affine") {
  return {.name = "affine",
          .sizes = kFlatSizes,
          .inputs =
              [](const Sizes& s) {
                return std::vector{normal({s[0], s[1]})};
              },
          .run = [](std::span<const Variable> in) { return std::vector{autograd::affine(in[0], 1.5, -2)}; },
          .reference =
              [](std::span<const Variable> in) {
                const auto f = [](double a, double) { return 1.5 * a - 2; };
                return std::vector<Variable>{by_loops(in[0].value(), in[0].value(), f)};
              }};
}

OP_CASE("dropout") {
  return {.name = "dropout",
          .sizes = kFlatSizes,
          .inputs =
              [](const Sizes& s) {
                return std::vector{normal({s[0], s[1]})};
              },
          .run = [](std::span<const Variable> in) { return std::vector{autograd::dropout(in[0], 0.3f)}; },
          .reference =
              [](std::span<const Variable> in) {
                const tensor::RandomPosition at = tensor::RandomStream::next();
                Tensor factor = Tensor::empty(in[0].shape(), DType::f64);
                for (int64_t i = 0; i < factor.numel(); ++i) {
                  const uint32_t threshold = tensor::drop_threshold(0.3f);
                  const bool dropped = tensor::random_half(at, uint64_t(i)) < threshold;
                  factor.mutable_data<double>()[i] = dropped ? 0 : tensor::keep_factor(threshold);
                }
                return std::vector{autograd::mul(in[0], factor.cast(in[0].dtype()))};
              },
          .errors = {{{tests::i32({1, 2})}, "dropout: x i32 [2] should be of floating numbers"}}};
}

OP_CASE("bias_activation_dropout") {
  using tensor::Unary;
  return {.name = "bias_activation_dropout",
          .sizes = kFlatSizes,
          .inputs =
              [](const Sizes& s) {
                return std::vector{normal({s[0], s[1]}), normal({s[1]}, 2)};
              },
          .run =
              [](std::span<const Variable> in) {
                return std::vector{autograd::bias_activation_dropout(Unary::gelu, in[0], in[1], 0.25f)};
              },
          .reference =
              [](std::span<const Variable> in) {
                return std::vector{autograd::composite::bias_activation_dropout(Unary::gelu, in[0], in[1], 0.25f)};
              },
          .errors = {{{normal({3, 5}), normal({4})},
                      "bias_activation_dropout: bias [4] should be [d], the last dimension of x [3, 5]"}}};
}

TEST_CASE("random numbers have the moments asked for and depend on their position alone") {
  const tensor::RandomPosition at{.key = tensor::philox_key(3, tensor::RandomDomain::init), .op = 2};
  Tensor x = Tensor::empty({100000}, DType::f64), part = Tensor::empty({1001}, DType::f64);
  tensor::random_normal_(x, 1, 2, at);
  tensor::random_normal_(part, 1, 2, at);
  double sum = 0, squares = 0;
  for (int64_t i = 0; i < x.numel(); ++i) {
    const double v = x.data<double>()[i];
    sum += v;
    squares += (v - 1) * (v - 1);
    if (i < part.numel()) CHECK(part.data<double>()[i] == v);
  }
  CHECK(sum / 1e5 == doctest::Approx(1).epsilon(0.03));
  CHECK(squares / 1e5 == doctest::Approx(4).epsilon(0.03));
  tensor::random_uniform_(x, -1, 3, at);
  for (int64_t i = 0; i < x.numel(); ++i) REQUIRE((x.data<double>()[i] >= -1 && x.data<double>()[i] < 3));
}
