#include "tensor/shape.h"

#include <algorithm>

#include "tensor/format.h"

namespace tensor {

Dims::Dims(std::span<const int64_t> values) : rank_(int(values.size())) {
  base::check(values.size() <= kMaxRank, "shape: rank {} is above {}", values.size(), kMaxRank);
  std::copy(values.begin(), values.end(), values_.begin());
}

bool Dims::operator==(const Dims& other) const { return std::equal(begin(), end(), other.begin(), other.end()); }

Dims Dims::inserted(int at, int64_t value) const {
  base::check(rank_ < kMaxRank && at >= 0 && at <= rank_, "shape: cannot insert a dimension at {} of {}", at, rank_);
  Dims result = *this;
  std::copy_backward(values_.begin() + at, values_.begin() + rank_, result.values_.begin() + rank_ + 1);
  result.values_[at] = value;
  ++result.rank_;
  return result;
}

Dims Dims::erased(int at) const {
  Dims result = *this;
  at = index(at);
  std::copy(values_.begin() + at + 1, values_.begin() + rank_, result.values_.begin() + at);
  --result.rank_;
  return result;
}

void Dims::out_of_range(int i) const { base::fail(base::format("shape: no dimension {} in rank {}", i, rank_)); }

int64_t checked_mul(int64_t a, int64_t b) {
  int64_t product = 0;
  base::check(!__builtin_mul_overflow(a, b, &product), "shape: {} x {} overflows 64 bits", a, b);
  return product;
}

int64_t Shape::numel() const {
  int64_t n = 1;
  for (int64_t size : *this) {
    base::check(size >= 0, "shape: {} has a negative size", *this);
    n = checked_mul(n, size);
  }
  return n;
}

Strides row_major(const Shape& shape) {
  Strides strides{Strides(std::span(shape.begin(), size_t(shape.rank())))};
  int64_t step = 1;
  for (int i = shape.rank() - 1; i >= 0; --i) {
    strides[i] = step;
    step = checked_mul(step, std::max<int64_t>(shape[i], 1));
  }
  return strides;
}

bool is_row_major(const Shape& shape, const Strides& strides) {
  if (shape.numel() == 0) return true;
  int64_t step = 1;
  for (int i = shape.rank() - 1; i >= 0; --i) {
    if (shape[i] != 1 && strides[i] != step) return false;
    step *= shape[i];
  }
  return true;
}

Shape broadcast(const Shape& a, const Shape& b) {
  Shape result = a.rank() >= b.rank() ? a : b;
  const int rank = result.rank();
  for (int i = 1; i <= rank; ++i) {
    const int64_t x = i <= a.rank() ? a[-i] : 1;
    const int64_t y = i <= b.rank() ? b[-i] : 1;
    base::check(x == y || x == 1 || y == 1, "broadcast: {} and {} do not fit: dimension -{} is {} and {}", a, b, i, x,
                y);
    result[-i] = x == 1 ? y : x;
  }
  return result;
}

}  // namespace tensor
