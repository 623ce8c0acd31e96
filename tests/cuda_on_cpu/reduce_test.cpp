#include "tensor/ops/reduce.h"

#include "tensor/format.h"
#include "tests/cuda_on_cpu/compare.h"

using namespace tests;
using tensor::Target;

namespace {

// [outer, n, inner]: less than a pack, a warp's row, a block's row, rows of several parts; tiles of columns that end
// inside of a pack, and as many rows as one, two and many parts have.
const std::vector<Shape> kCubes = {{2, 0, 1},    {2, 0, 3},     {0, 4, 4},     {3, 1, 1},   {2, 31, 1},
                                   {2, 1025, 1}, {2, 32776, 1}, {1, 40001, 1}, {1, 63, 31}, {1, 128, 64},
                                   {2, 129, 33}, {1, 300, 264}, {1, 4099, 5}};

}  // namespace

TEST_CASE("sum: rows and columns of all sizes match those in f64, also behind odd addresses") {
  for (const DType dtype : {DType::f32, DType::bf16})
    for (const Shape& shape : kCubes) {
      INFO(tensor::to_string(shape));
      const Tensor x = normal_on_device(shape, dtype), y = tensor::sum(x, 1);
      check_close(y, tensor::sum(exact(x), 1), 8 * rounding(dtype));
      CHECK(same_bits(tensor::sum(shifted(x), 1), y));
    }
}

TEST_CASE("sum: what is added to a result is finished and rounded first") {
  for (const DType dtype : {DType::f32, DType::bf16})
    for (const DType sums : {DType::f32, dtype}) {
      const Tensor x = normal_on_device({300, 41}, dtype), before = normal_on_device({41}, sums, 2);
      Tensor fresh = Tensor::empty({41}, sums, kCuda), added = before.clone();
      tensor::sum_rows_into({fresh}, x);
      tensor::sum_rows_into({added, true}, x);
      Tensor expected = before.to({}).clone();
      tensor::accumulate_(expected, fresh.to({}));
      CHECK(same_bits(added, expected));
    }
}

TEST_CASE("sum: bits do not depend on the order of threads and blocks") {
  const Tensor rows = normal_on_device({2, 33000}, DType::bf16), columns = normal_on_device({300, 70}, DType::f32);
  check_all_orders([&] { return std::vector{tensor::sum(rows, 1), tensor::sum(columns, 0)}; });
}

TEST_CASE("max: value and first index are the CPU's, whatever is not a number") {
  for (const DType dtype : {DType::f32, DType::bf16})
    for (const Shape& shape : {Shape{3, 1, 1}, Shape{2, 33, 5}, Shape{1, 4099, 1}, Shape{40, 3, 1}}) {
      Tensor host = normal(shape).cast(dtype);  // in bf16 some are equal
      const auto check = [&] {
        const tensor::MaxResult expected = tensor::max(host, 1), got = tensor::max(host.to(kCuda), 1);
        CHECK(same_bits(got.values, expected.values));
        CHECK(same_bits(got.indices, expected.indices));
      };
      check();
      host.narrow(1, shape[1] / 2, 1).fill(std::nan(""));
      check();
      host.narrow(1, 0, 1).fill(std::nan(""));
      check();
    }
}

TEST_CASE("square_norm adds exact squares in f64, over parts as well") {
  for (const int64_t n : {0, 1, 33, 4099, 16384, 50001}) {
    CHECK(tensor::square_norm(Tensor::full({n}, 0.5, DType::f32, kCuda)).item() == 0.25 * double(n));
    CHECK(tensor::square_norm(Tensor::full({n}, -1.5, DType::bf16, kCuda)).item() == 2.25 * double(n));
  }
  const Tensor x = normal_on_device({40001}, DType::f32);
  check_close(tensor::square_norm(x), tensor::square_norm(exact(x)), 1e-12);
  check_all_orders([&] { return std::vector{tensor::square_norm(x)}; });
}

TEST_CASE("all_finite sees one bad number anywhere on the device") {
  for (const DType dtype : {DType::f32, DType::bf16})
    for (const int64_t n : {0, 1, 33, 40001}) {
      Tensor x = Tensor::full({n}, 3e38, dtype, kCuda);
      CHECK(tensor::all_finite(x).item() == 1);
      for (const double bad : {std::nan(""), HUGE_VAL, -HUGE_VAL})
        for (const int64_t at : {n / 3, n - 1}) {
          if (n == 0) continue;
          x.narrow(0, at, 1).fill(bad);
          CHECK(tensor::all_finite(x).item() == 0);
          x.narrow(0, at, 1).fill(1);
        }
    }
}
