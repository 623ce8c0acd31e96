// Shape and strides: up to six 64-bit numbers stored inline, so a tensor header never allocates.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>

#include "tensor/base/error.h"

namespace tensor {

inline constexpr int kMaxRank = 6;

// A short list of dimensions. operator[] accepts negative indices, counted from the end.
class Dims {
 public:
  Dims() = default;
  Dims(std::initializer_list<int64_t> values) : Dims(std::span(values.begin(), values.size())) {}
  explicit Dims(std::span<const int64_t> values);

  int rank() const { return rank_; }
  int64_t operator[](int i) const { return values_[index(i)]; }
  int64_t& operator[](int i) { return values_[index(i)]; }
  const int64_t* begin() const { return values_.data(); }
  const int64_t* end() const { return values_.data() + rank_; }
  bool operator==(const Dims& other) const;

  Dims inserted(int at, int64_t value) const;  // a copy with one more entry before position `at`
  Dims erased(int at) const;                   // a copy without entry `at`

  int index(int i) const {  // 0 <= result < rank, or throws
    const int k = i < 0 ? i + rank_ : i;
    if (k < 0 || k >= rank_) [[unlikely]]
      out_of_range(i);
    return k;
  }

 private:
  [[noreturn]] void out_of_range(int i) const;

  std::array<int64_t, kMaxRank> values_{};
  int rank_ = 0;
};

class Strides : public Dims {
  using Dims::Dims;
};

class Shape : public Dims {
 public:
  using Dims::Dims;
  explicit Shape(const Dims& dims) : Dims(dims) {}
  int64_t numel() const;  // product of all sizes, 1 for rank 0; throws on a negative size or on overflow
};

Strides row_major(const Shape& shape);  // in elements
bool is_row_major(const Shape& shape, const Strides& strides);
Shape broadcast(const Shape& a, const Shape& b);  // NumPy's rule; throws Error naming both shapes
int64_t checked_mul(int64_t a, int64_t b);        // throws Error on overflow

}  // namespace tensor
