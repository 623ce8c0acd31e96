// Kernels of the families elementwise and reduce against plain loops, where the op harness does not look. These are
// strides, dtypes that have no gradient, sizes around the vector width, and equality over thread counts.
#include "tensor/ops/elementwise.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "tensor/format.h"
#include "tensor/ops/reduce.h"
#include "tests/test_device.h"

using namespace tensor;
using tests::float_types;
using tests::on_each_device;

namespace {

// Returns -3 .. 3 in steps that repeat with a long period.
Tensor numbers(const Shape& shape, Device device, DType dtype = DType::f32) {
  std::vector<double> values(size_t(shape.numel()));
  for (size_t i = 0; i < values.size(); ++i) values[i] = double((i * 7919) % 4801) / 800.0 - 3.0;
  return Tensor::from(shape, values).cast(dtype).to(device);
}

std::vector<double> doubles(const Tensor& x) { return x.cast(DType::f64).to_vector<double>(); }

const int64_t kSizes[] = {0, 1, 31, 33, 4099, 70001};

}  // namespace

TEST_CASE("copy: every pair of dtypes keeps small integers") {
  on_each_device([](Device device) {
    const DType all[] = {DType::f32, DType::f64, DType::bf16, DType::f16, DType::i32, DType::i64, DType::u8};
    for (int64_t n : kSizes) {
      std::vector<double> values(static_cast<size_t>(n));
      for (size_t i = 0; i < values.size(); ++i) values[i] = double(i % 201);
      const Tensor x = Tensor::from({n}, values, device);
      for (DType a : all)
        for (DType b : all) {
          if (device != Device{} && (a == DType::f16 || b == DType::f16)) continue;  // converted on the CPU alone
          CHECK(x.cast(a).cast(b).cast(DType::f64).to_vector<double>() == values);
        }
    }
  });
}

TEST_CASE("copy: a permuted view arrives in order, and writes through a view stay inside of it") {
  on_each_device([](Device device) {
    const Tensor x = numbers({3, 5, 7, 2}, device);
    const Tensor y = x.transpose(0, 2).transpose(1, 3);  // [7, 2, 3, 5]
    const auto from = x.to_vector<float>(), to = y.to_vector<float>();
    size_t at = 0;
    for (int c = 0; c < 7; ++c)
      for (int d = 0; d < 2; ++d)
        for (int a = 0; a < 3; ++a)
          for (int b = 0; b < 5; ++b) CHECK(to[at++] == from[size_t(((a * 5 + b) * 7 + c) * 2 + d)]);
    Tensor target = Tensor::zeros({4, 6}, DType::f32, device);
    Tensor column = target.narrow(1, 2, 3);
    column.fill(2);
    column.narrow(0, 1, 1).copy_from(Tensor::full({1, 3}, 5, DType::f64, device));
    CHECK(sum(target).item() == 33);
    CHECK(sum(target.narrow(1, 2, 3)).item() == 33);
    CHECK(doubles(target.narrow(0, 1, 1)) == std::vector<double>{0, 0, 5, 5, 5, 0});
  });
}

TEST_CASE("binary: broadcasting agrees with a plain loop for every placement of ones") {
  on_each_device([](Device device) {
    const Shape shapes[] = {{4, 33, 5}, {1, 33, 5}, {4, 1, 5}, {4, 33, 1}, {4, 1, 1}, {1, 33, 1}, {5}, {1}, {}};
    for (const DType dtype : float_types(device))
      for (const Shape& sa : shapes)
        for (const Shape& sb : shapes) {
          const Tensor a = numbers(sa, device, dtype),
                       b = add(numbers(sb, device, dtype), Tensor::full({}, 4, dtype, device));
          const Shape shape = broadcast(sa, sb);
          const auto x = doubles(a.expand(shape)), z = doubles(b.expand(shape));
          const auto y = doubles(div(a, b)), s = doubles(sub(a, b)), m = doubles(mul(a, b));
          const double eps = dtype == DType::bf16 ? 1.0 / 256 : 1e-7;
          REQUIRE(int64_t(y.size()) == shape.numel());
          for (size_t i = 0; i < y.size(); ++i) {
            REQUIRE(std::abs(y[i] - x[i] / z[i]) <= eps * std::abs(x[i] / z[i]));
            REQUIRE(std::abs(s[i] - (x[i] - z[i])) <= eps * 8);
            REQUIRE(std::abs(m[i] - x[i] * z[i]) <= eps * 16);
          }
        }
    CHECK_THROWS_WITH(add(Tensor::zeros({2, 3}, DType::f32, device), Tensor::zeros({4}, DType::f32, device)),
                      "broadcast: [2, 3] and [4] do not fit: dimension -1 is 3 and 4");
    CHECK_THROWS_WITH(add(Tensor::zeros({2}, DType::f32, device), Tensor::zeros({2}, DType::f64, device)),
                      "add: f32 [2] and f64 [2] should have one dtype");
  });
}

TEST_CASE("accumulate: bf16 adds into f32 without rounding the sum") {
  on_each_device([](Device device) {
    for (int64_t n : kSizes) {
      Tensor y = Tensor::full({n}, 1.0 / 3, DType::f32, device);
      const Tensor x = numbers({n}, device, DType::bf16);
      accumulate_(y, x);
      accumulate_(y, x.cast(DType::f32));
      const auto got = y.to_vector<float>();
      const auto from = x.cast(DType::f32).to_vector<float>();
      for (size_t i = 0; i < got.size(); ++i) REQUIRE(got[i] == (float(1.0 / 3) + from[i]) + from[i]);
    }
  });
}

TEST_CASE("sum: any dimension of any dtype, and the same bits for any number of threads and order of work") {
  for (const tests::TestDevice& on : tests::test_devices()) {
    const Device device = on.device;
    for (const DType dtype : float_types(device))
      for (int64_t n : kSizes)
        for (int64_t inner : {1, 3, 130}) {
          if (n * inner > 300000) continue;
          const Tensor x = affine(numbers({2, n, inner}, device, dtype), 1, 1);
          const Tensor one = sum(x, 1), all = sum(x);
          for (const int way : {0, 1, -1}) {
            on.run_in_way(way);
            CHECK(doubles(one) == doubles(sum(x, 1)));
            CHECK(doubles(all) == doubles(sum(x)));
          }
          const auto values = doubles(x), got = doubles(one);
          double total = 0, magnitude = 1e-30;
          const double eps = dtype == DType::bf16 ? 1.0 / 256 : 3e-7;
          for (int64_t o = 0; o < 2; ++o)
            for (int64_t j = 0; j < inner; ++j) {
              double want = 0, size = 1e-30;
              for (int64_t i = 0; i < n; ++i) {
                const double v = values[size_t((o * n + i) * inner + j)];
                want += v;
                size += std::abs(v);
              }
              REQUIRE(std::abs(got[size_t(o * inner + j)] - want) <= eps * size);
              total += want;
              magnitude += size;
            }
          CHECK(std::abs(all.item() - total) <= eps * magnitude);
        }
    CHECK(sum(numbers({3, 4, 5}, device), -2, true).shape() == Shape{3, 1, 5});
    CHECK(mean(Tensor::full({3, 4}, 2, DType::f32, device), 0).to_vector<float>() == std::vector<float>{2, 2, 2, 2});
  }
}

TEST_CASE("sum_to: undoes what broadcasting repeated") {
  on_each_device([](Device device) {
    const Tensor x = Tensor::full({2, 3, 4}, 1, DType::f32, device);
    CHECK(doubles(sum_to(x, {3, 1})) == std::vector<double>{8, 8, 8});
    CHECK(doubles(sum_to(x, {})) == std::vector<double>{24});
    CHECK(sum_to(x, {2, 3, 4}).storage() == x.storage());
    CHECK_THROWS_WITH(sum_to(x, {5}), "broadcast: [2, 3, 4] and [5] do not fit: dimension -1 is 4 and 5");
  });
}
