#include "tensor/ops/matmul.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <utility>

#include "tensor/base/threads.h"
#include "tensor/ops/elementwise.h"
#include "tensor/ops/reduce.h"
#include "tests/test_device.h"

using namespace tensor;
using tests::float_types;
using tests::on_each_device;

namespace {

Tensor numbers(const Shape& shape, int seed, DType dtype = DType::f64, Device device = {}) {
  Tensor x = Tensor::empty(shape, DType::f64);
  double* p = x.mutable_data<double>();
  uint32_t state = uint32_t(seed) * 2654435761u + 1;
  for (int64_t i = 0; i < x.numel(); ++i) {
    state = state * 1664525u + 1013904223u;
    p[i] = double(state >> 8) * 0x1p-23 - 1;
  }
  return x.cast(dtype).to(device);
}

// Returns max |c - a b| over max |a b| with a plain loop in f64. a[m, k] and b[k, n] are views of any strides.
double error_of(const Tensor& c, const Tensor& a, const Tensor& b) {
  const std::vector<double> x = a.cast(DType::f64).to_vector<double>(), y = b.cast(DType::f64).to_vector<double>();
  const std::vector<double> z = c.cast(DType::f64).to_vector<double>();
  const int64_t m = a.size(0), k = a.size(1), n = b.size(1);
  double worst = 0, largest = 1e-30;
  for (int64_t i = 0; i < m; ++i)
    for (int64_t j = 0; j < n; ++j) {
      double sum = 0;
      for (int64_t p = 0; p < k; ++p) sum += x[i * k + p] * y[p * n + j];
      worst = std::max(worst, std::fabs(sum - z[i * n + j]));
      largest = std::max(largest, std::fabs(sum));
    }
  return worst / largest;
}

bool same_bits(const Tensor& a, const Tensor& b) {
  const Tensor x = a.to({}).contiguous(), y = b.to({}).contiguous();
  return x.shape() == y.shape() && std::memcmp(x.bytes_data(), y.bytes_data(), x.bytes()) == 0;
}

}  // namespace

TEST_CASE("matmul: every transposition at odd sizes agrees with three loops") {
  const Shape sizes[] = {{1, 1, 1},     {1, 33, 31},    {7, 65, 300}, {13, 31, 257},
                         {33, 100, 64}, {129, 47, 513}, {400, 600, 9}};
  for (const Shape& size : sizes) {
    for (const DType dtype : {DType::f64, DType::f32, DType::bf16}) {
      for (int flags = 0; flags < 4; ++flags) {
        const bool ta = flags & 1, tb = flags & 2;
        const Tensor a = numbers(ta ? Shape{size[2], size[0]} : Shape{size[0], size[2]}, 1, dtype);
        const Tensor b = numbers(tb ? Shape{size[1], size[2]} : Shape{size[2], size[1]}, 2, dtype);
        const double allowed = dtype == DType::f64 ? 1e-14 : dtype == DType::f32 ? 3e-6 : 4e-3;
        const double error = error_of(matmul(a, b, ta, tb), ta ? a.transpose(0, 1) : a, tb ? b.transpose(0, 1) : b);
        CHECK_MESSAGE(error <= allowed, name(dtype) << " " << size[0] << " x " << size[1] << " x " << size[2] << ", "
                                                    << ta << tb << ": " << error);
      }
    }
  }
}

TEST_CASE("matmul: a row of the result does not depend on the other rows") {
  for (const DType dtype : {DType::f32, DType::f64, DType::bf16}) {
    const Tensor a = numbers({61, 700}, 3, dtype), w = numbers({97, 700}, 4, dtype);
    const Tensor all = matmul(a, w, false, true);
    for (const int64_t rows : {1, 2, 5, 6, 7, 12, 13, 40}) {
      const int64_t first = rows / 2;
      CHECK(same_bits(matmul(a.narrow(0, first, rows), w, false, true), all.narrow(0, first, rows)));
    }
    CHECK(same_bits(linear(a.narrow(0, 60, 1), w), all.narrow(0, 60, 1)));
  }
}

TEST_CASE("matmul: transpositions, views and the number of threads do not change bits") {
  const Tensor a = numbers({150, 530}, 5, DType::f32), b = numbers({530, 210}, 6, DType::f32);
  const Tensor at = a.transpose(0, 1).contiguous(), bt = b.transpose(0, 1).contiguous();
  const int threads = base::threads();
  base::set_threads(1);
  const Tensor c = matmul(a, b);
  for (const int n : {1, 2, 5}) {
    base::set_threads(n);
    CHECK(same_bits(matmul(a, b), c));
    CHECK(same_bits(matmul(at, b, true), c));
    CHECK(same_bits(matmul(a, bt, false, true), c));
    CHECK(same_bits(matmul(at, bt, true, true), c));
    CHECK(same_bits(matmul(at.transpose(0, 1), bt.transpose(0, 1)), c));
  }
  base::set_threads(threads);
}

TEST_CASE("matmul: heads of a projection are multiplied in place and as their copies") {
  on_each_device([](Device device) {
    const Tensor q = numbers({2, 9, 3, 16}, 7, DType::f32, device), k = numbers({2, 11, 3, 16}, 8, DType::f32, device);
    const Tensor left = q.transpose(1, 2), right = k.transpose(1, 2);  // [2, 3, t, 16]
    const Tensor scores = matmul(left, right, false, true);
    CHECK(scores.shape() == Shape{2, 3, 9, 11});
    CHECK(same_bits(scores, matmul(left.contiguous(), right.contiguous(), false, true)));
    const auto head = [](const Tensor& x) { return x.narrow(0, 1, 1).narrow(1, 2, 1).squeeze(0).squeeze(0); };
    CHECK(error_of(head(scores), head(left), head(right).transpose(0, 1)) < 1e-6);
  });
}

TEST_CASE("matmul: a result may be part of wider rows, which keep the rest") {
  on_each_device([](Device device) {
    for (const DType dtype : float_types(device)) {
      for (const bool one_b : {false, true}) {
        const Tensor a = numbers({2, 3, 7, 300}, 11, dtype, device), b = numbers({2, 3, 300, 35}, 12, dtype, device);
        const Tensor right = one_b ? b.narrow(0, 1, 1).narrow(1, 1, 1).squeeze(0).squeeze(0) : b;
        const Tensor wide = Tensor::full({2, 3, 7, 50}, 0.5, dtype, device);
        Tensor c = wide.narrow(3, 4, 35);
        matmul_into({c}, a, right);
        CHECK(same_bits(c, matmul(a, right)));
        matmul_into({c, true}, a, right);
        Tensor twice = matmul(a, right);
        accumulate_(twice, twice.clone());
        CHECK(same_bits(c, twice));
        for (const auto& [first, count] : {std::pair(0, 4), std::pair(39, 11)})
          CHECK(same_bits(wide.narrow(3, first, count), Tensor::full({2, 3, 7, count}, 0.5, dtype, device)));
      }
    }
    const Tensor a = numbers({4, 5}, 13, DType::f32, device), b = numbers({5, 6}, 14, DType::f32, device);
    Tensor turned = Tensor::empty({6, 4}, DType::f32, device).transpose(0, 1),
           one = Tensor::empty({1, 6}, DType::f32, device);
    Tensor repeated = one.expand({4, 6}), small = Tensor::empty({4, 5}, DType::f32, device);
    for (Tensor* c : {&turned, &repeated})
      CHECK_THROWS_WITH_AS(matmul_into({*c}, a, b),
                           "matmul: the result [4, 6] should be row-major, or evenly spaced rows, and [4, 6]",
                           base::Error);
    CHECK_THROWS_WITH_AS(matmul_into({small}, a, b),
                         "matmul: the result [4, 5] should be row-major, or evenly spaced rows, and [4, 6]",
                         base::Error);
  });
}

TEST_CASE("linear: a result may be part of wider rows, which keep the rest") {
  on_each_device([](Device device) {
    const Tensor x = numbers({2, 7, 30}, 18, DType::f32, device), w = numbers({35, 30}, 19, DType::f32, device),
                 bias = numbers({35}, 20, DType::f32, device);
    const Tensor wide = Tensor::full({2, 7, 40}, 0.5, DType::f32, device);
    Tensor y = wide.narrow(2, 0, 35);
    for (const Tensor& added : {Tensor(), bias}) {
      linear_into(y, x, w, added);
      CHECK(same_bits(y, linear(x, w, added)));
    }
    CHECK(same_bits(wide.narrow(2, 35, 5), Tensor::full({2, 7, 5}, 0.5, DType::f32, device)));
    Tensor small = Tensor::empty({2, 7, 34}, DType::f32, device);
    CHECK_THROWS_WITH_AS(
        linear_into(small, x, w),
        "linear: the result f32 [2, 7, 34] should be row-major, or evenly spaced rows, and f32 [2, 7, 35]",
        base::Error);
  });
}

// In the dtype of the operands no parameter has a gradient, so the op cases do not reach this.
TEST_CASE("matmul and sum_rows: what is added to bf16 is the rounded result") {
  on_each_device([](Device device) {
    const Tensor a = numbers({9, 300}, 15, DType::bf16, device), b = numbers({300, 35}, 16, DType::bf16, device);
    const Tensor before = numbers({9, 35}, 17, DType::bf16, device);
    Tensor sum = before.clone(), expected = before.clone();
    matmul_into({sum, true}, a, b);
    accumulate_(expected, matmul(a, b));
    CHECK(same_bits(sum, expected));
    Tensor row = before.narrow(0, 0, 1).squeeze(0).clone(), expected_row = row.clone(),
           rows = Tensor::empty({35}, row.dtype(), device);
    sum_rows_into({row, true}, b);
    sum_rows_into({rows}, b);
    accumulate_(expected_row, rows);
    CHECK(same_bits(row, expected_row));
  });
}

TEST_CASE("matmul: gradients of bf16 operands are added to f32 sums without rounding between") {
  on_each_device([](Device device) {
    const Tensor dy = numbers({300, 20}, 9, DType::bf16, device), x = numbers({300, 35}, 10, DType::bf16, device);
    Tensor dw = Tensor::empty({20, 35}, DType::f32, device);
    matmul_into({dw}, dy, x, true, false);
    CHECK(error_of(dw, dy.transpose(0, 1), x) < 2e-6);
    const std::vector<float> once = dw.to_vector<float>();
    matmul_into({dw, true}, dy, x, true, false);
    double worst = 0;
    const std::vector<float> twice = dw.to_vector<float>();
    for (size_t i = 0; i < twice.size(); ++i)
      worst = std::max(worst, std::fabs(double(twice[i]) - 2 * double(once[i])));
    CHECK(worst < 1e-4);
    matmul_into({dw, true}, dy.narrow(0, 0, 0), x.narrow(0, 0, 0), true, false);
    CHECK(dw.to_vector<float>()[5] != once[5]);
    matmul_into({dw}, dy.narrow(0, 0, 0), x.narrow(0, 0, 0), true, false);
    CHECK(dw.to_vector<float>()[5] == 0);
  });
}
