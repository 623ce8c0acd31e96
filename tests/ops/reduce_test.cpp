#include "autograd/ops/reduce.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/op_case.h"

using namespace tests;

namespace {

// Sizes are those around the reduced dimension: [a, n, b].
const std::vector<Sizes> kReduceSizes = {{2, 3, 4}, {1, 1, 1}, {31, 33, 1}, {1, 33, 31}, {0, 3, 2}, {2, 4099, 3}};

std::vector<Tensor> cube(const Sizes& s) { return {normal({s[0], s[1], s[2]})}; }

// Returns f(the n numbers along dimension 1) for each of [a, b], in f64.
template <class F>
Variable along(const Variable& x, F&& f) {
  const Tensor values = x.value().cast(DType::f64).contiguous();
  const int64_t outer = x.size(0), n = x.size(1), inner = x.size(2);
  Tensor y = Tensor::empty({outer, inner}, DType::f64);
  for (int64_t a = 0; a < outer; ++a)
    for (int64_t b = 0; b < inner; ++b) {
      std::vector<double> line;
      for (int64_t i = 0; i < n; ++i) line.push_back(values.data<double>()[(a * n + i) * inner + b]);
      y.mutable_data<double>()[a * inner + b] = f(line);
    }
  return y.cast(x.dtype());
}

double total(const std::vector<double>& line) {
  double sum = 0;
  for (double v : line) sum += v;
  return sum;
}

}  // namespace

OP_CASE("sum over a dimension") {
  return {.name = "sum",
          .sizes = kReduceSizes,
          .inputs = cube,
          .run = [](std::span<const Variable> in) { return std::vector{autograd::sum(in[0], 1)}; },
          .reference = [](std::span<const Variable> in) { return std::vector{along(in[0], total)}; },
          .errors = {{{normal({3})}, "shape: no dimension 1 in rank 1"}}};
}

OP_CASE("sum of everything") {
  return {.name = "sum",
          .sizes = kReduceSizes,
          .inputs =
              [](const Sizes& s) {
                return std::vector{positive({s[0], s[1], s[2]})};
              },
          .run = [](std::span<const Variable> in) { return std::vector{autograd::sum(in[0])}; },
          .reference =
              [](std::span<const Variable> in) {
                const double sum = total(in[0].value().cast(DType::f64).to_vector<double>());
                return std::vector<Variable>{Tensor::full({}, sum, in[0].dtype())};
              },
          .f64_tolerance = 1e-11};
}

OP_CASE("mean over a dimension") {
  return {.name = "mean",
          .sizes = kReduceSizes,
          .inputs = cube,
          .run = [](std::span<const Variable> in) { return std::vector{autograd::mean(in[0], -2)}; },
          .reference =
              [](std::span<const Variable> in) {
                const double n = double(in[0].size(1));
                return std::vector{along(in[0], [n](const auto& line) { return total(line) / n; })};
              },
          .f64_tolerance = 1e-11};
}

OP_CASE("mean of everything") {
  return {.name = "mean",
          .sizes = {{2, 3, 4}, {1, 1, 1}, {31, 33, 1}},
          .inputs = cube,
          .run = [](std::span<const Variable> in) { return std::vector{autograd::mean(in[0])}; },
          .reference =
              [](std::span<const Variable> in) {
                const std::vector<double> all = in[0].value().cast(DType::f64).to_vector<double>();
                return std::vector<Variable>{Tensor::full({}, total(all) / double(all.size()), in[0].dtype())};
              },
          .f64_tolerance = 1e-11};
}

OP_CASE("max over a dimension") {
  return {.name = "max",
          .sizes = kReduceSizes,
          .inputs =
              [](const Sizes& s) {
                return std::vector{distinct({s[0], s[1], s[2]})};
              },
          .run = [](std::span<const Variable> in) { return std::vector{autograd::max(in[0], 1).values}; },
          .reference =
              [](std::span<const Variable> in) {
                return std::vector{along(in[0], [](const auto& x) { return *std::max_element(x.begin(), x.end()); })};
              },
          .errors = {{{normal({2, 0})}, "max: dimension 1 of [2, 0] is empty"}}};
}
