// Ops of the family index that have no gradient.
#include "tensor/ops/index.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "tensor/random.h"
#include "tests/test_device.h"

using namespace tensor;
using tests::float_types;
using tests::on_each_device;

namespace {

std::vector<int32_t> random_ids(int64_t count, int32_t n, uint64_t seed) {
  const RandomPosition at{.key = philox_key(seed, RandomDomain::data)};
  std::vector<int32_t> ids;
  for (int64_t i = 0; i < count; ++i) ids.push_back(int32_t(random_word(at, uint64_t(i)) % uint32_t(n)));
  return ids;
}

Tensor tensor_of(const std::vector<int32_t>& values, Device device) {
  return Tensor::from({int64_t(values.size())}, values, device);
}

}  // namespace

TEST_CASE("sort_ids is a stable sort of positions, whatever the number of threads and the order of work") {
  for (const int64_t count : {0, 1, 2, 31, 33, 4099, 70001}) {
    for (const int32_t n : {1, 7, 50270}) {
      const std::vector<int32_t> ids = random_ids(count, n, 3);
      std::vector<int32_t> expected(ids.size());
      std::iota(expected.begin(), expected.end(), 0);
      std::stable_sort(expected.begin(), expected.end(), [&](int32_t a, int32_t b) { return ids[a] < ids[b]; });
      for (const tests::TestDevice& on : tests::test_devices())
        for (const int way : {0, 1, -1}) {
          on.run_in_way(way);
          CHECK(sort_ids(tensor_of(ids, on.device)).to_vector<int32_t>() == expected);
        }
    }
  }
}

TEST_CASE("top_k gives the largest numbers in descending order, the lower index first where they are equal") {
  on_each_device([](Device device) {
    const Tensor x = Tensor::from({2, 5}, std::vector<float>{1, 5, 5, -1, 3, 0, -HUGE_VALF, NAN, -2, 0}, device);
    const TopK best = top_k(x, 3);
    CHECK(best.values.to_vector<float>() == std::vector<float>{5, 5, 3, 0, 0, -2});
    CHECK(best.indices.to_vector<int32_t>() == std::vector<int32_t>{1, 2, 4, 0, 4, 3});
    CHECK(top_k(x, 0).values.shape() == Shape{2, 0});
    CHECK_THROWS_AS(top_k(x, 6), base::Error);
  });
}

TEST_CASE("top_k of long rows agrees with sorting") {
  on_each_device([](Device device) {
    for (const DType dtype : float_types(device)) {
      Tensor x = Tensor::empty({3, 4099}, DType::f64);
      for (int64_t i = 0; i < x.numel(); ++i) x.mutable_data<double>()[i] = double((i * 7919) % 4801);
      x = x.cast(dtype).to(device);
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
  });
}

TEST_CASE("edit_logits writes where pairs of row and token say, and nowhere else") {
  on_each_device([](Device device) {
    for (const DType dtype : float_types(device)) {
      Tensor logits = Tensor::from({2, 4}, std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7}, device).cast(dtype);
      edit_logits(logits, tensor_of({1, 0, 1}, device), tensor_of({3, 1, 3}, device), -HUGE_VAL);
      CHECK(logits.cast(DType::f32).to_vector<float>() == std::vector<float>{0, -HUGE_VALF, 2, 3, 4, 5, 6, -HUGE_VALF});
      edit_logits(logits, tensor_of({}, device), tensor_of({}, device), 9);
      CHECK(logits.narrow(0, 0, 1).narrow(1, 0, 1).item() == 0);
    }
    Tensor logits = Tensor::zeros({2, 4}, DType::f32, device),
           turned = Tensor::zeros({4, 2}, DType::f32, device).transpose(0, 1);
    CHECK_THROWS_WITH_AS(edit_logits(logits, tensor_of({2}, device), tensor_of({0}, device), 1),
                         "edit_logits: rows: id 2 at position 0 is outside of [0, 2)", base::Error);
    CHECK_THROWS_WITH_AS(edit_logits(logits, tensor_of({1}, device), tensor_of({4}, device), 1),
                         "edit_logits: id 4 at position 0 is outside of [0, 4)", base::Error);
    CHECK_THROWS_WITH_AS(edit_logits(logits, tensor_of({1}, device), tensor_of({0, 1}, device), 1),
                         "edit_logits: rows [1] and tokens [2] should be [t] both", base::Error);
    CHECK_THROWS_WITH_AS(edit_logits(turned, tensor_of({1}, device), tensor_of({0}, device), 1),
                         "edit_logits: logits [2, 4] should be [r, v], their rows dense", base::Error);
  });
}

TEST_CASE("edit_logits and keep_only take rows with a gap behind them, and leave the gap") {
  on_each_device([](Device device) {
    Tensor wide = Tensor::zeros({2, 5}, DType::f32, device), logits = wide.narrow(1, 0, 3);
    edit_logits(logits, tensor_of({1}, device), tensor_of({2}, device), 7);
    keep_only(logits, tensor_of({0}, device), Sequences::from({0, 1}, device), tensor_of({1}, device));
    constexpr float no = -HUGE_VALF;
    CHECK(wide.to_vector<float>() == std::vector<float>{no, 0, no, 0, 0, 0, 0, 7, 0, 0});
  });
}

TEST_CASE("keep_only leaves the listed tokens of the listed rows, in any order, and other rows whole") {
  on_each_device([](Device device) {
    constexpr float no = -HUGE_VALF;
    for (const DType dtype : float_types(device)) {
      Tensor logits =
          Tensor::from({3, 4}, std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, device).cast(dtype);
      keep_only(logits, tensor_of({2, 0}, device), Sequences::from({0, 3, 3}, device), tensor_of({3, 0, 3}, device));
      CHECK(logits.cast(DType::f32).to_vector<float>() ==
            std::vector<float>{no, no, no, no, 4, 5, 6, 7, 8, no, no, 11});
      keep_only(logits, tensor_of({}, device), Sequences::from({0}, device), tensor_of({}, device));
      CHECK(logits.narrow(0, 1, 1).narrow(1, 0, 1).item() == 4);
    }
    Tensor logits = Tensor::zeros({2, 4}, DType::f32, device);
    CHECK_THROWS_WITH_AS(
        keep_only(logits, tensor_of({2}, device), Sequences::from({0, 1}, device), tensor_of({0}, device)),
        "keep_only: rows: id 2 at position 0 is outside of [0, 2)", base::Error);
    CHECK_THROWS_WITH_AS(
        keep_only(logits, tensor_of({1}, device), Sequences::from({0, 1}, device), tensor_of({-1}, device)),
        "keep_only: id -1 at position 0 is outside of [0, 4)", base::Error);
    CHECK_THROWS_WITH_AS(
        keep_only(logits, tensor_of({1}, device), Sequences::from({0, 1, 1}, device), tensor_of({0}, device)),
        "keep_only: rows [1] should be [2], one per list", base::Error);
    CHECK_THROWS_WITH_AS(
        keep_only(logits, tensor_of({1}, device), Sequences::from({0, 2}, device), tensor_of({0}, device)),
        "keep_only: lists goes from 0 to 2; it should go from 0 to 1, the tokens", base::Error);
  });
}
