// Sums over rows, y[o, c] = sum over r of x[o, r, c]: the gradient of a bias, and the last step of other gradients. A
// lane owns a pack of neighbouring columns and walks down the rows, of which each warp of its block takes every eighth.
// A block has 128 rows. Where there are more, the sums of the blocks are rows that a second launch adds. Traffic: x
// once, and of f32 sums twice a 64th of it (bf16) or a 128th (f32).
#pragma once

#include <algorithm>

#include "tensor/cuda/kernel.cuh"

namespace tensor::cuda {

// y = sum, or += sum: finished and rounded before it meets what y holds.
template <class Y>
__device__ inline void put_sum(Y* y, float sum, bool accumulate) {
  const Y rounded(sum);
  *y = accumulate ? Y(__fadd_rn(float(*y), float(rounded))) : rounded;
}

// x[outer, n, inner] with rows that are `stride` elements apart. A block sums `part_rows` of them in one tile of
// columns.
struct ColumnSums {
  static constexpr int kWarps = 8;
  static constexpr int64_t kPartRows = 128;

  int64_t n, inner, stride, part_rows;
  unsigned parts, tiles;
  bool aligned, accumulate;
};

template <int N>
struct ColumnSumsShared {
  float sums[ColumnSums::kWarps][32 * N];
};

template <class Y, class X>
__global__ void __launch_bounds__(32 * ColumnSums::kWarps) sum_columns(Y* y, const X* x, ColumnSums of) {
  constexpr int N = kPack<X>, kTile = 32 * N;
  auto& s = shared_memory<ColumnSumsShared<N>>();
  const unsigned tile = blockIdx.x % of.tiles, rows = blockIdx.x / of.tiles;
  const int64_t part = rows % of.parts, outer = rows / of.parts;
  const int64_t begin = part * of.part_rows, end = begin + of.part_rows < of.n ? begin + of.part_rows : of.n;
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  const int64_t column = int64_t(tile) * kTile + lane * N, left = of.inner - column;
  const X* const from = x + outer * of.n * of.stride + column;
  Pack<N> sum{};
  const auto add = [&](const Pack<N>& row) {
#pragma unroll
    for (int i = 0; i < N; ++i) sum[i] += row[i];
  };
  int64_t r = left > 0 ? begin + warp : end;
  if (of.aligned) {
#pragma unroll 4
    for (; r < end; r += ColumnSums::kWarps) add(load_pack<N>(from + r * of.stride));
  }
  for (; r < end; r += ColumnSums::kWarps) add(load_pack<N>(from + r * of.stride, left, false));
#pragma unroll
  for (int i = 0; i < N; ++i) s.sums[warp][lane * N + i] = sum[i];
  __syncthreads();
  const int64_t mine = int64_t(tile) * kTile + threadIdx.x;
  if (threadIdx.x >= kTile || mine >= of.inner) return;
  float total = 0;
#pragma unroll
  for (int w = 0; w < ColumnSums::kWarps; ++w) total += s.sums[w][threadIdx.x];
  put_sum(y + int64_t(rows) * of.inner + mine, total, of.accumulate);
}

// y[outer, parts, inner] = the sums over each `part_rows` of the n rows, or += them. Without rows there is one part.
template <class Y, class X>
void sum_parts(Y* y, bool accumulate, const X* x, int64_t outer, int64_t n, int64_t inner, int64_t stride,
               int64_t part_rows, cudaStream_t stream) {
  constexpr int N = kPack<X>;
  const unsigned parts = std::max(1u, blocks_for(n, part_rows)), tiles = blocks_for(inner, 32 * N);
  const bool aligned = packs_aligned<N>(x) && inner % N == 0 && stride % N == 0;
  launch(sum_columns<Y, X>, unsigned(outer) * parts * tiles, 32 * ColumnSums::kWarps, sizeof(ColumnSumsShared<N>),
         stream, y, x, ColumnSums{n, inner, stride, part_rows, parts, tiles, aligned, accumulate});
}

// Bytes of scratch for add_rows.
inline size_t add_rows_scratch(int64_t outer, int64_t n, int64_t inner) {
  const int64_t parts = blocks_for(n, ColumnSums::kPartRows);
  return parts <= 1 ? 0 : size_t(outer * parts * inner) * sizeof(float);
}

// y[outer, inner] = the sums, or += them. `scratch` may be null where none is needed.
template <class Y, class X>
void add_rows(Y* y, bool accumulate, const X* x, int64_t outer, int64_t n, int64_t inner, int64_t stride,
              float* scratch, cudaStream_t stream) {
  const int64_t parts = blocks_for(n, ColumnSums::kPartRows);
  if (parts <= 1) return sum_parts(y, accumulate, x, outer, n, inner, stride, ColumnSums::kPartRows, stream);
  sum_parts(scratch, false, x, outer, n, inner, stride, ColumnSums::kPartRows, stream);
  sum_parts(y, accumulate, scratch, outer, parts, inner, inner, parts, stream);
}

}  // namespace tensor::cuda
