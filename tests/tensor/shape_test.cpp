#include "tensor/shape.h"

#include <doctest/doctest.h>

#include "tensor/format.h"

using namespace tensor;

TEST_CASE("sizes are read from both ends") {
  const Shape shape{2, 3, 5};
  CHECK(shape.rank() == 3);
  CHECK(shape[0] == 2);
  CHECK(shape[-1] == 5);
  CHECK(shape.numel() == 30);
  CHECK(Shape{}.numel() == 1);
  CHECK(Shape{4, 0, 2}.numel() == 0);
  CHECK(to_string(shape) == "[2, 3, 5]");
  CHECK_THROWS_WITH_AS(shape[3], "shape: no dimension 3 in rank 3", base::Error);
  CHECK_THROWS_WITH_AS(shape[-4], "shape: no dimension -4 in rank 3", base::Error);
  CHECK_THROWS_WITH_AS(Shape({1, 1, 1, 1, 1, 1, 1}), "shape: rank 7 is above 6", base::Error);
}

TEST_CASE("a number of elements that 64 bits cannot hold is an error, also where a later size is 0") {
  const int64_t large = int64_t(1) << 40;
  CHECK_THROWS_AS((Shape{large, large}.numel()), base::Error);
  CHECK_THROWS_AS((Shape{large, large, 0}.numel()), base::Error);
  CHECK_THROWS_WITH_AS((Shape{3, -1}.numel()), "shape: [3, -1] has a negative size", base::Error);
  CHECK_THROWS_WITH_AS(checked_mul(large, large), "shape: 1099511627776 x 1099511627776 overflows 64 bits",
                       base::Error);
  CHECK(checked_mul(large, 1 << 22) == large * (1 << 22));
  CHECK_THROWS_AS(row_major({2, large, large}), base::Error);
}

TEST_CASE("dimensions are inserted and erased") {
  const Shape shape{2, 3};
  CHECK(Shape(shape.inserted(0, 7)) == Shape{7, 2, 3});
  CHECK(Shape(shape.inserted(2, 7)) == Shape{2, 3, 7});
  CHECK(Shape(shape.erased(-2)) == Shape{3});
  CHECK_THROWS_WITH_AS(shape.inserted(3, 1), "shape: cannot insert a dimension at 3 of 2", base::Error);
  CHECK_THROWS_AS((Shape{1, 1, 1, 1, 1, 1}.inserted(0, 1)), base::Error);
}

TEST_CASE("row-major strides count elements, and sizes of 1 or 0 do not spoil contiguity") {
  CHECK(row_major({2, 3, 5}) == Strides{15, 5, 1});
  CHECK(is_row_major({2, 3}, Strides{3, 1}));
  CHECK_FALSE(is_row_major({2, 3}, Strides{1, 2}));
  CHECK(is_row_major({1, 3}, Strides{99, 1}));
  CHECK(is_row_major({0, 3}, Strides{99, 99}));
}

TEST_CASE("broadcasting follows NumPy's rule") {
  CHECK(broadcast({4, 1, 5}, {3, 1}) == Shape{4, 3, 5});
  CHECK(broadcast({}, {2, 3}) == Shape{2, 3});
  CHECK(broadcast({1}, {0}) == Shape{0});
  CHECK_THROWS_WITH_AS(broadcast({4, 3}, {2}), "broadcast: [4, 3] and [2] do not fit: dimension -1 is 3 and 2",
                       base::Error);
}
