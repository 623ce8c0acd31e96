#include "autograd/ops/index.h"

#include <doctest/doctest.h>

#include "autograd/engine.h"
#include "autograd/ops/composite.h"
#include "autograd/ops/elementwise.h"
#include "autograd/ops/matmul.h"
#include "autograd/ops/views.h"
#include "tests/op_case.h"

using namespace tests;

namespace {

// Returns [t, n] with 1 at the column that ids[t] names: choosing rows is a product with it.
Tensor one_hot(const Tensor& ids, int64_t n, DType dtype) {
  Tensor x = Tensor::zeros({ids.numel(), n}, DType::f64);
  const std::vector<int32_t> columns = ids.to_vector<int32_t>();
  for (size_t t = 0; t < columns.size(); ++t) x.mutable_data<double>()[int64_t(t) * n + columns[t]] = 1;
  return x.cast(dtype);
}

Variable choose(const Variable& table, const Tensor& ids) {
  return autograd::matmul(one_hot(ids, table.size(0), table.dtype()), table);
}

// Sizes are rows chosen, rows of the table, width.
const std::vector<Sizes> kIndexSizes = {{4, 3, 5}, {1, 1, 1}, {33, 7, 31}, {0, 2, 3}, {3, 2, 4099}};

}  // namespace

OP_CASE("gather_rows") {
  return {.name = "gather_rows",
          .sizes = kIndexSizes,
          .inputs =
              [](const Sizes& s) {
                return std::vector{normal({s[1], s[2]}), ids({s[0]}, s[1])};
              },
          .run = [](std::span<const Variable> in) { return std::vector{autograd::gather_rows(in[0], in[1].value())}; },
          .reference = [](std::span<const Variable> in) { return std::vector{choose(in[0], in[1].value())}; },
          .errors = {{{normal({3, 5}), i32({0, 3})}, "gather_rows: id 3 at position 1 is outside of [0, 3)"}}};
}

OP_CASE("embedding") {
  return {.name = "embedding",
          .sizes = kIndexSizes,
          .inputs =
              [](const Sizes& s) {
                return std::vector{normal({s[1], s[2]}), ids({s[0]}, s[1])};
              },
          .run = [](std::span<const Variable> in) { return std::vector{autograd::embedding(in[0], in[1].value())}; },
          .reference = [](std::span<const Variable> in) { return std::vector{choose(in[0], in[1].value())}; },
          .errors = {{{normal({3, 5}), i32({-1})}, "embedding: id -1 at position 0 is outside of [0, 3)"}}};
}

OP_CASE("scatter_rows") {
  return {.name = "scatter_rows",
          .sizes = {{3, 5}, {1, 1}, {31, 33}, {0, 4}, {2, 4099}},
          .inputs =
              [](const Sizes& s) {
                std::vector<int32_t> distinct;
                for (int64_t i = 0; i < s[0]; ++i) distinct.push_back(int32_t(2 * (s[0] - 1 - i)));
                return std::vector{normal({s[0], s[1]}), i32(distinct)};
              },
          .run =
              [](std::span<const Variable> in) {
                return std::vector{autograd::scatter_rows(in[0], in[1].value(), 2 * in[0].size(0))};
              },
          .reference =
              [](std::span<const Variable> in) {
                const Tensor to = one_hot(in[1].value(), 2 * in[0].size(0), in[0].dtype());
                return std::vector{autograd::matmul(to, in[0], true)};
              }};
}

OP_CASE("embedding_sum") {
  return {.name = "embedding_sum",
          .sizes = kIndexSizes,
          .inputs =
              [](const Sizes& s) {
                return std::vector{normal({s[1], s[2]}), normal({s[1] + 2, s[2]}, 2), ids({s[0]}, s[1]),
                                   ids({s[0]}, s[1] + 2, 5)};
              },
          .run =
              [](std::span<const Variable> in) {
                return std::vector{autograd::embedding_sum(in[0], in[1], in[2].value(), in[3].value(), 2)};
              },
          .reference =
              [](std::span<const Variable> in) {
                return std::vector{autograd::composite::embedding_sum(in[0], in[1], in[2].value(), in[3].value(), 2)};
              }};
}

TEST_CASE("embedding, embedding_sum: the row of padding has no gradient, whatever else has") {
  const Tensor chosen = i32({0, 1, 2, 1, 1, 0}), at = i32({0, 1, 2, 3, 4, 5});
  const auto gradient = [&](auto&& f, int32_t padding) {
    const Variable table = Variable::parameter(normal({3, 5}));
    autograd::backward(f(table, normal({6, 5}, 2), padding), normal({6, 5}, 3));
    return table.grad();
  };
  const auto same = [&](auto&& f) {
    Tensor expected = gradient(f, -1);
    expected.narrow(0, 1, 1).fill(0);
    const Tensor given = gradient(f, 1);
    CHECK(given.to_vector<double>() == expected.to_vector<double>());
  };
  same([&](const Variable& x, const Variable&, int32_t padding) { return autograd::embedding(x, chosen, padding); });
  same([&](const Variable& x, const Variable& places, int32_t padding) {
    return autograd::embedding_sum(x, places, chosen, at, 2, padding);
  });
  same([&](const Variable& x, const Variable& places, int32_t padding) {
    return autograd::composite::embedding_sum(x, places, chosen, at, 2, padding);
  });
}

OP_CASE("pick") {
  return {.name = "pick",
          .sizes = {{3, 5}, {1, 1}, {31, 33}, {0, 4}, {2, 4099}},
          .inputs =
              [](const Sizes& s) {
                return std::vector{normal({s[0], s[1]}), ids({s[0]}, s[1])};
              },
          .run = [](std::span<const Variable> in) { return std::vector{autograd::pick(in[0], in[1].value())}; },
          .reference =
              [](std::span<const Variable> in) {
                const int64_t n = in[0].size(1);
                const Variable kept = autograd::mul(in[0], one_hot(in[1].value(), n, in[0].dtype()));
                const Variable sums = autograd::matmul(kept, Tensor::full({n, 1}, 1, in[0].dtype()));
                return std::vector{autograd::reshape(sums, {in[0].size(0)})};
              }};
}
