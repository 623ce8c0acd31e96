#include "autograd/ops/matmul.h"

#include <doctest/doctest.h>

#include "autograd/ops/composite.h"
#include "autograd/ops/elementwise.h"
#include "autograd/ops/views.h"
#include "tests/op_case.h"

using namespace tests;

namespace {

// Returns c[m, n] as the sum over k of column k of a times row k of b.
Variable by_definition(const Variable& a, const Variable& b) {
  Variable c = Tensor::zeros({a.size(0), b.size(1)}, a.dtype());
  for (int64_t k = 0; k < a.size(1); ++k)
    c = autograd::add(c, autograd::mul(autograd::narrow(a, 1, k, 1), autograd::narrow(b, 0, k, 1)));
  return c;
}

// Sizes are m, n, k; the last has more rows than one partial sum of the gradient of b holds.
const std::vector<Sizes> kMatmulSizes = {{3, 4, 5}, {1, 1, 1}, {31, 33, 7}, {0, 4, 3}, {2, 4099, 3}, {515, 9, 7}};

}  // namespace

OP_CASE("matmul") {
  return {
      .name = "matmul",
      .sizes = kMatmulSizes,
      .inputs =
          [](const Sizes& s) {
            return std::vector{normal({s[0], s[2]}), normal({s[2], s[1]}, 2)};
          },
      .run = [](std::span<const Variable> in) { return std::vector{autograd::matmul(in[0], in[1])}; },
      .reference = [](std::span<const Variable> in) { return std::vector{by_definition(in[0], in[1])}; },
      .errors = {{{normal({3, 5}), normal({4, 2})}, "matmul: a [3, 5] and b [4, 2] should have one inner dimension"}}};
}

OP_CASE("matmul of transposed operands") {
  return {.name = "matmul",
          .sizes = kMatmulSizes,
          .inputs =
              [](const Sizes& s) {
                return std::vector{normal({s[2], s[0]}), normal({s[1], s[2]}, 2)};
              },
          .run = [](std::span<const Variable> in) { return std::vector{autograd::matmul(in[0], in[1], true, true)}; },
          .reference =
              [](std::span<const Variable> in) {
                return std::vector{by_definition(autograd::transpose(in[0], 0, 1), autograd::transpose(in[1], 0, 1))};
              }};
}

OP_CASE("linear") {
  return {
      .name = "linear",
      .sizes = kMatmulSizes,
      .inputs =
          [](const Sizes& s) {
            return std::vector{normal({s[0], s[2]}), normal({s[1], s[2]}, 2), normal({s[1]}, 3)};
          },
      .run = [](std::span<const Variable> in) { return std::vector{autograd::linear(in[0], in[1], in[2])}; },
      .reference =
          [](std::span<const Variable> in) { return std::vector{autograd::composite::linear(in[0], in[1], in[2])}; },
      .errors = {{{normal({3, 5}), normal({2, 4}), normal({2})},
                  "linear: w [2, 4] should be [o, k] where k is the last dimension of x [3, 5]"}}};
}
