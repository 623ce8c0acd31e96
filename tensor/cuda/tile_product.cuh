// Products of tiles of 64 x 64 numbers in f32 by a block of 256 threads, for attention with any head size. Operands lie
// in shared memory with the inner dimension first, [k][row] and [k][column], so each thread reads four rows and four
// columns at once for 16 products. They come there in slabs of 32 inner elements.
#pragma once

#include "tensor/cuda/attention.cuh"

namespace tensor::cuda {

inline constexpr int kProductThreads = 256;  // 16 x 16, each with 4 x 4 numbers of a tile
inline constexpr int kSlab = 32;             // inner elements
inline constexpr int kPitch = kTile + 4;     // keeps every four numbers on 16 bytes

using Numbers = float[4][4];  // a thread's part of a tile
using Slab = float[kSlab][kPitch];

struct TileMemory {
  alignas(16) float a[kSlab][kPitch];
  alignas(16) float b[kSlab][kPitch];
  alignas(16) float inner[kTile][kPitch];  // an operand that was computed here
};

// Returns the first of this thread's four rows; tile_column, the first of its columns.
__device__ inline int tile_row() { return int(threadIdx.x) / 16 * 4; }
__device__ inline int tile_column() { return int(threadIdx.x) % 16 * 4; }

// Rows of a head from some row on, `rows` of them, d numbers each; what is asked for beyond is 0.
template <class T>
struct Matrix {
  const T* data;
  int64_t stride;
  int rows, d;

  __device__ Matrix(const Heads<const T>& x, int64_t first, int head, int rows, int d)
      : data(x.row(first, head)), stride(x.row_stride), rows(rows), d(d) {}
};

// Writes to[k][row] = x[row][first + k].
template <class T>
__device__ inline void load_turned(Slab& to, const Matrix<T>& x, int first) {
  constexpr int kStep = kProductThreads / kSlab;
  const int k = int(threadIdx.x) % kSlab, inside = first + k < x.d ? x.rows : 0;
  const T* from = x.data + first + k;
#pragma unroll 2
  for (int row = int(threadIdx.x) / kSlab; row < kTile; row += kStep)
    to[k][row] = row < inside ? float(from[row * x.stride]) : 0.0f;
}

// Writes to[k][column] = x[first_row + k][first_column + column].
template <class T>
__device__ inline void load_rows(Slab& to, const Matrix<T>& x, int first_row, int first_column) {
  constexpr int kStep = kProductThreads / kTile;
  const int column = int(threadIdx.x) % kTile, inside = first_column + column < x.d ? x.rows - first_row : 0;
  const T* from = x.data + first_row * x.stride + first_column + column;
#pragma unroll 2
  for (int k = int(threadIdx.x) / kTile; k < kSlab; k += kStep)
    to[k][column] = k < inside ? float(from[k * x.stride]) : 0.0f;
}

// Computes sum[row][column] += a[k][row] b[k][column] over k < n.
__device__ inline void multiply(Numbers& sum, const float (*a)[kPitch], const float (*b)[kPitch], int n) {
  for (int k = 0; k < n; ++k) {
    const Pack<4> x = load_pack<4>(&a[k][tile_row()]), y = load_pack<4>(&b[k][tile_column()]);
#pragma unroll
    for (int i = 0; i < 4; ++i)
#pragma unroll
      for (int j = 0; j < 4; ++j) sum[i][j] += x[i] * y[j];
  }
}

// Computes sum[row][column] += a[row] . b[column].
template <class T>
__device__ inline void add_dots(Numbers& sum, TileMemory& s, const Matrix<T>& a, const Matrix<T>& b) {
  for (int first = 0; first < a.d; first += kSlab) {
    load_turned(s.a, a, first);
    load_turned(s.b, b, first);
    __syncthreads();
    if (tile_row() < a.rows && tile_column() < b.rows) multiply(sum, s.a, s.b, min(kSlab, a.d - first));
    __syncthreads();
  }
}

// Computes sum[row][column] += inner[k][row] x[k][first_column + column] over the rows k of x. The caller has written
// to s.inner, which is free again when the call returns. Only the first `rows` rows of sum count.
template <class T>
__device__ inline void add_weighted(Numbers& sum, TileMemory& s, const Matrix<T>& x, int first_column, int rows) {
  const int n = min(x.rows, kTile);
  for (int first = 0; first < n; first += kSlab) {
    load_rows(s.b, x, first, first_column);
    __syncthreads();
    if (tile_row() < rows && first_column + tile_column() < x.d)
      multiply(sum, s.inner + first, s.b, min(kSlab, n - first));
    __syncthreads();
  }
}

// Writes s.inner[row][column] = x; keep_turned writes s.inner[column][row] = x.
__device__ inline void keep(TileMemory& s, const Numbers& x) {
#pragma unroll
  for (int i = 0; i < 4; ++i)
    store_pack(&s.inner[tile_row() + i][tile_column()], Pack<4>{{x[i][0], x[i][1], x[i][2], x[i][3]}});
}
__device__ inline void keep_turned(TileMemory& s, const Numbers& x) {
#pragma unroll
  for (int j = 0; j < 4; ++j)
    store_pack(&s.inner[tile_column() + j][tile_row()], Pack<4>{{x[0][j], x[1][j], x[2][j], x[3][j]}});
}

// Stores columns first_column + ... of `rows` rows of d numbers; the others are left out.
template <class T>
__device__ inline void store_tile(const Heads<T>& to, int64_t first, int head, int rows, int d, int first_column,
                                  const Numbers& x) {
#pragma unroll
  for (int i = 0; i < 4; ++i)
#pragma unroll
    for (int j = 0; j < 4; ++j)
      if (tile_row() + i < rows && first_column + tile_column() + j < d)
        store_one(to.row(first + tile_row() + i, head) + first_column + tile_column() + j, x[i][j]);
}

// Reduces over the 16 threads that share a row.
template <class Op>
__device__ inline float row_reduce(float v) {
#pragma unroll
  for (int distance = 8; distance > 0; distance /= 2) v = Op::of(v, __shfl_xor_sync(kAllLanes, v, distance));
  return v;
}

}  // namespace tensor::cuda
