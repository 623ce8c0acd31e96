// Ops of the family index that have no gradient.
#include "tensor/ops/index.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "tensor/base/threads.h"
#include "tensor/random.h"

using namespace tensor;

namespace {

std::vector<int32_t> random_ids(int64_t count, int32_t n, uint64_t seed) {
  const RandomPosition at{.key = philox_key(seed, RandomDomain::data)};
  std::vector<int32_t> ids;
  for (int64_t i = 0; i < count; ++i) ids.push_back(int32_t(random_word(at, uint64_t(i)) % uint32_t(n)));
  return ids;
}

Tensor tensor_of(const std::vector<int32_t>& values) { return Tensor::from({int64_t(values.size())}, values); }

}  // namespace

TEST_CASE("sort_ids is a stable sort of positions, whatever the number of threads") {
  for (const int64_t count : {0, 1, 2, 31, 33, 4099, 70001}) {
    for (const int32_t n : {1, 7, 50270}) {
      const std::vector<int32_t> ids = random_ids(count, n, 3);
      std::vector<int32_t> expected(ids.size());
      std::iota(expected.begin(), expected.end(), 0);
      std::stable_sort(expected.begin(), expected.end(), [&](int32_t a, int32_t b) { return ids[a] < ids[b]; });
      const int threads = base::threads();
      for (const int used : {1, 4}) {
        base::set_threads(used);
        CHECK(sort_ids(tensor_of(ids)).to_vector<int32_t>() == expected);
      }
      base::set_threads(threads);
    }
  }
}

TEST_CASE("top_k gives the largest numbers in descending order, the lower index first where they are equal") {
  const Tensor x = Tensor::from({2, 5}, std::vector<float>{1, 5, 5, -1, 3, 0, -HUGE_VALF, NAN, -2, 0});
  const TopK best = top_k(x, 3);
  CHECK(best.values.to_vector<float>() == std::vector<float>{5, 5, 3, 0, 0, -2});
  CHECK(best.indices.to_vector<int32_t>() == std::vector<int32_t>{1, 2, 4, 0, 4, 3});
  CHECK(top_k(x, 0).values.shape() == Shape{2, 0});
  CHECK_THROWS_AS(top_k(x, 6), base::Error);
}

TEST_CASE("top_k of long rows agrees with sorting") {
  for (const DType dtype : {DType::f32, DType::f64, DType::bf16}) {
    Tensor x = Tensor::empty({3, 4099}, DType::f64);
    for (int64_t i = 0; i < x.numel(); ++i) x.mutable_data<double>()[i] = double((i * 7919) % 4801);
    x = x.cast(dtype);
    const std::vector<double> values = x.cast(DType::f64).to_vector<double>();
    const TopK best = top_k(x, 17);
    const std::vector<int32_t> indices = best.indices.to_vector<int32_t>();
    for (int64_t r = 0; r < 3; ++r) {
      std::vector<int32_t> order(4099);
      std::iota(order.begin(), order.end(), 0);
      const double* row = values.data() + r * 4099;
      std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) { return row[a] > row[b]; });
      for (int64_t k = 0; k < 17; ++k) CHECK(indices[size_t(r * 17 + k)] == order[size_t(k)]);
    }
  }
}

TEST_CASE("edit_logits writes where pairs of row and token say, and nowhere else") {
  for (const DType dtype : {DType::f64, DType::f32, DType::bf16}) {
    Tensor logits = Tensor::from({2, 4}, std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7}).cast(dtype);
    edit_logits(logits, tensor_of({1, 0, 1}), tensor_of({3, 1, 3}), -HUGE_VAL);
    CHECK(logits.cast(DType::f32).to_vector<float>() == std::vector<float>{0, -HUGE_VALF, 2, 3, 4, 5, 6, -HUGE_VALF});
    edit_logits(logits, tensor_of({}), tensor_of({}), 9);
    CHECK(logits.narrow(0, 0, 1).narrow(1, 0, 1).item() == 0);
  }
  Tensor logits = Tensor::zeros({2, 4}), turned = Tensor::zeros({4, 2}).transpose(0, 1);
  CHECK_THROWS_WITH_AS(edit_logits(logits, tensor_of({2}), tensor_of({0}), 1),
                       "edit_logits: rows: id 2 at position 0 is outside of [0, 2)", base::Error);
  CHECK_THROWS_WITH_AS(edit_logits(logits, tensor_of({1}), tensor_of({4}), 1),
                       "edit_logits: id 4 at position 0 is outside of [0, 4)", base::Error);
  CHECK_THROWS_WITH_AS(edit_logits(logits, tensor_of({1}), tensor_of({0, 1}), 1),
                       "edit_logits: rows [1] and tokens [2] should be [t] both", base::Error);
  CHECK_THROWS_WITH_AS(edit_logits(turned, tensor_of({1}), tensor_of({0}), 1),
                       "edit_logits: logits [2, 4] should be [r, v], their rows dense", base::Error);
}

TEST_CASE("edit_logits and keep_only take rows with a gap behind them, and leave the gap") {
  Tensor wide = Tensor::zeros({2, 5}), logits = wide.narrow(1, 0, 3);
  edit_logits(logits, tensor_of({1}), tensor_of({2}), 7);
  keep_only(logits, tensor_of({0}), Sequences::from({0, 1}), tensor_of({1}));
  constexpr float no = -HUGE_VALF;
  CHECK(wide.to_vector<float>() == std::vector<float>{no, 0, no, 0, 0, 0, 0, 7, 0, 0});
}

TEST_CASE("keep_only leaves the listed tokens of the listed rows, in any order, and other rows whole") {
  constexpr float no = -HUGE_VALF;
  for (const DType dtype : {DType::f64, DType::f32, DType::bf16}) {
    Tensor logits = Tensor::from({3, 4}, std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}).cast(dtype);
    keep_only(logits, tensor_of({2, 0}), Sequences::from({0, 3, 3}), tensor_of({3, 0, 3}));
    CHECK(logits.cast(DType::f32).to_vector<float>() == std::vector<float>{no, no, no, no, 4, 5, 6, 7, 8, no, no, 11});
    keep_only(logits, tensor_of({}), Sequences::from({0}), tensor_of({}));
    CHECK(logits.narrow(0, 1, 1).narrow(1, 0, 1).item() == 4);
  }
  Tensor logits = Tensor::zeros({2, 4});
  CHECK_THROWS_WITH_AS(keep_only(logits, tensor_of({2}), Sequences::from({0, 1}), tensor_of({0})),
                       "keep_only: rows: id 2 at position 0 is outside of [0, 2)", base::Error);
  CHECK_THROWS_WITH_AS(keep_only(logits, tensor_of({1}), Sequences::from({0, 1}), tensor_of({-1})),
                       "keep_only: id -1 at position 0 is outside of [0, 4)", base::Error);
  CHECK_THROWS_WITH_AS(keep_only(logits, tensor_of({1}), Sequences::from({0, 1, 1}), tensor_of({0})),
                       "keep_only: rows [1] should be [2], one per list", base::Error);
  CHECK_THROWS_WITH_AS(keep_only(logits, tensor_of({1}), Sequences::from({0, 2}), tensor_of({0})),
                       "keep_only: lists goes from 0 to 2; it should go from 0 to 1, the tokens", base::Error);
}
