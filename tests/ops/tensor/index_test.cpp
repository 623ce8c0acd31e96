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

TEST_CASE("check_ids names the first id outside of the table and its position") {
  check_ids("embedding", tensor_of({0, 4, 2}), 5);
  check_ids("embedding", tensor_of({}), 0);
  std::vector<int32_t> ids = random_ids(70001, 50265, 4);
  ids[65000] = 50265;
  ids[69000] = -1;
  CHECK_THROWS_WITH_AS(check_ids("embedding", tensor_of(ids), 50265),
                       "embedding: id 50265 at position 65000 is outside of [0, 50265)", base::Error);
  CHECK_THROWS_WITH_AS(check_ids("pick", Tensor::zeros({2}, DType::i64), 5), "pick: ids are i64; they should be i32",
                       base::Error);
}
