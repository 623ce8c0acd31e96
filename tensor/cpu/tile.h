// Blocks of matrices in the caches. Copies put them into the order in which they are read, and the results of products
// stay in registers while they are summed. An element of a product is a sum in the order of the inner dimension,
// whatever the tiles.
#pragma once

#include <algorithm>
#include <utility>

#include "tensor/cpu/vec.h"

namespace tensor::cpu::KILM_KERNEL_ISA {

// The register tile: kRows x two vectors. 24 (AVX-512) or 12 of the sums live in registers at a time.
inline constexpr int kRows = kVectorBytes == 64 ? 12 : 6;
template <class A>
inline constexpr int kColumns = 2 * lanes<A>;

inline int64_t divide_up(int64_t x, int64_t y) { return (x + y - 1) / y; }
inline int64_t round_up(int64_t x, int64_t y) { return divide_up(x, y) * y; }

// Element (i, j) is data[i * stride + j], or data[j * stride + i] if turned.
template <class T>
struct Matrix {
  const T* data;
  int64_t stride;
  bool turned;

  Matrix at(int64_t i, int64_t j) const { return {data + (turned ? j * stride + i : i * stride + j), stride, turned}; }
};

// Transposes lanes x lanes numbers. Interleaving the first with the second half of the vectors rotates the bits of an
// element's position by one. log2(lanes) such rotations exchange row and column.
template <class A>
[[gnu::always_inline]] inline void transpose(Vec<A> (&v)[lanes<A>]) {
  constexpr int n = lanes<A>;
#pragma GCC unroll 4
  for (int round = 1; round < n; round *= 2) {
    Vec<A> t[n];
#pragma GCC unroll 8
    for (int i = 0; i < n / 2; ++i) {
      t[2 * i] = interleave<0>(v[i], v[i + n / 2]);
      t[2 * i + 1] = interleave<1>(v[i], v[i + n / 2]);
    }
#pragma GCC unroll 16
    for (int i = 0; i < n; ++i) v[i] = t[i];
  }
}

// Writes to[r, c] = from[c, r] for up to lanes rows and columns; missing columns become 0.
template <bool Full, class T, class A = acc_t<T>>
inline void turn(A* to, int64_t width, const T* from, int64_t stride, int64_t rows, int64_t columns) {
  constexpr int n = lanes<A>;
  Vec<A> v[n];
#pragma GCC unroll 16
  for (int c = 0; c < n; ++c)
    v[c] = Full ? load(from + c * stride) : c < columns ? load_part(from + c * stride, rows) : Vec<A>{};
  transpose<A>(v);
#pragma GCC unroll 16
  for (int r = 0; r < n; ++r)
    if (Full || r < rows) store(to + r * width, v[r]);
}

// Writes to[r, c] = from[r, c]. Rows of `to` are `width` apart, a multiple of lanes; columns up to the next such
// multiple may be overwritten.
template <class T, class A = acc_t<T>>
void pack(A* to, int64_t width, Matrix<T> from, int64_t rows, int64_t columns) {
  constexpr int n = lanes<A>;
  if (!from.turned) {
    for (int64_t r = 0; r < rows; ++r) {
      const T* row = from.data + r * from.stride;
      int64_t c = 0;
      for (; c + n <= columns; c += n) store(to + r * width + c, load(row + c));
      if (c < columns) store(to + r * width + c, load_part(row + c, columns - c));
    }
    return;
  }
  for (int64_t c = 0; c < columns; c += n) {
    for (int64_t r = 0; r < rows; r += n) {
      const T* block = from.data + c * from.stride + r;
      const int64_t height = std::min<int64_t>(n, rows - r), wide = std::min<int64_t>(n, columns - c);
      if (height == n && wide == n)
        turn<true>(to + r * width + c, width, block, from.stride, n, n);
      else
        turn<false>(to + r * width + c, width, block, from.stride, height, wide);
    }
  }
}

// Writes c[R, kColumns] = sum over p < depth of a[r, p] b[p, kColumns] + start, where start may be c, a bias or null.
// Element (r, p) of a is a[r * kRow + p * kStep]; rows of b are b_stride apart.
template <class A, int kRow, int kStep, int R>
void multiply(A* c, int64_t c_stride, const A* start, int64_t start_stride, const A* a, const A* b, int64_t b_stride,
              int64_t depth) {
  constexpr int n = lanes<A>;
  Vec<A> sum[R][2] = {};
  for (int64_t p = 0; p < depth; ++p) {
    const Vec<A> b0 = load(b + p * b_stride), b1 = load(b + p * b_stride + n);
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
      sum[r][0] += a[r * kRow + p * kStep] * b0;
      sum[r][1] += a[r * kRow + p * kStep] * b1;
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r) {
    if (start != nullptr) {
      sum[r][0] += load(start + r * start_stride);
      sum[r][1] += load(start + r * start_stride + n);
    }
    store(c + r * c_stride, sum[r][0]);
    store(c + r * c_stride + n, sum[r][1]);
  }
}

template <class A>
using Multiply = void (*)(A*, int64_t, const A*, int64_t, const A*, const A*, int64_t, int64_t);

// Returns multiply for 1 to R rows.
template <class A, int kRow, int kStep, int R = kRows>
inline Multiply<A> multiply_for(int64_t rows) {
  if constexpr (R == 1)
    return multiply<A, kRow, kStep, 1>;
  else
    return rows == R ? multiply<A, kRow, kStep, R> : multiply_for<A, kRow, kStep, R - 1>(rows);
}

// Computes c[rows, columns] = a b, or += a b if `accumulate`; columns is a multiple of kColumns.
template <int kRow, int kStep, class A>
void product(A* c, int64_t c_stride, const A* a, const A* b, int64_t b_stride, int64_t rows, int64_t columns,
             int64_t depth, bool accumulate) {
  for (int64_t j = 0; j < columns; j += kColumns<A>) {
    for (int64_t i = 0; i < rows; i += kRows) {
      A* to = c + i * c_stride + j;
      multiply_for<A, kRow, kStep>(std::min<int64_t>(kRows, rows - i))(to, c_stride, accumulate ? to : nullptr,
                                                                       c_stride, a + i * kRow, b + j, b_stride, depth);
    }
  }
}

}  // namespace tensor::cpu::KILM_KERNEL_ISA
