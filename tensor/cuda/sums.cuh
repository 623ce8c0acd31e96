// Sums over rows, y[o, c] = sum over r of x[o, r, c]: the gradient of a bias, and the last step of other gradients. A
// lane owns a pack of neighbouring columns and walks down the rows, of which each warp of its block takes every eighth.
// A block has 128 rows. Where there are more, the sums of the blocks are rows that a second launch adds. The rows lie
// in memory, or the kernel that makes them sums them on their way there. Traffic: x once, and of f32 sums twice a 64th
// of it (bf16) or a 128th (f32).
#pragma once

#include <algorithm>

#include "tensor/cuda/kernel.cuh"

namespace tensor::cuda {

// Writes y = sum, or += sum: finished and rounded before it meets what y holds.
template <class Y>
__device__ inline void put_sum(Y* y, float sum, bool accumulate) {
  const Y rounded(sum);
  *y = accumulate ? Y(__fadd_rn(float(*y), float(rounded))) : rounded;
}

// x[outer, n, inner]. A block sums `part_rows` rows in one tile of columns.
struct ColumnSums {
  static constexpr int kWarps = 8;
  static constexpr int64_t kPartRows = 128;

  int64_t n, inner, part_rows;
  unsigned parts, tiles;
  bool aligned, accumulate;
};

template <int N>
struct ColumnSumsShared {
  float sums[ColumnSums::kWarps][32 * N];
};

// Rows in memory, `stride` elements apart. What is summed looks like this: pack(r, column, left, whole) is called once
// for each pack of each of the outer n rows. It has `left` elements to the row's end; a whole one may be accessed at
// once, if aligned(inner).
template <class X>
struct RowsOf {
  static constexpr int N = kPack<X>;
  static constexpr int kUnroll = 4;  // packs on their way at once
  const X* x;
  int64_t stride;

  bool aligned(int64_t inner) const { return packs_aligned<N>(x) && inner % N == 0 && stride % N == 0; }
  __device__ Pack<N> pack(int64_t r, int64_t column, int64_t left, bool whole) const {
    return load_pack<N>(x + r * stride + column, left, whole);
  }
};

// Sums columns. y may be null: then the rows are made and not summed.
template <class Y, class Source>
__global__ void __launch_bounds__(32 * ColumnSums::kWarps) sum_columns(Y* y, Source source, ColumnSums of) {
  constexpr int N = Source::N, kTile = 32 * N;
  auto& s = shared_memory<ColumnSumsShared<N>>();
  const unsigned tile = blockIdx.x % of.tiles, rows = blockIdx.x / of.tiles;
  const int64_t part = rows % of.parts, outer = rows / of.parts;
  const int64_t begin = part * of.part_rows, end = begin + of.part_rows < of.n ? begin + of.part_rows : of.n;
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  const int64_t column = int64_t(tile) * kTile + lane * N, left = of.inner - column;
  const int64_t above = outer * of.n;
  Pack<N> sum{};
  const auto add = [&](const Pack<N>& row) {
#pragma unroll
    for (int i = 0; i < N; ++i) sum[i] += row[i];
  };
  int64_t r = left > 0 ? begin + warp : end;
  if (of.aligned) {
#pragma unroll(Source::kUnroll)
    for (; r < end; r += ColumnSums::kWarps) add(source.pack(above + r, column, left, true));
  }
  for (; r < end; r += ColumnSums::kWarps) add(source.pack(above + r, column, left, false));
  if (y == nullptr) return;
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

// Writes y[outer, parts, inner] = the sums over each `part_rows` of the n rows, or += them. Without rows there is one
// part.
template <class Y, class Source>
void sum_parts(Y* y, bool accumulate, const Source& source, int64_t outer, int64_t n, int64_t inner, int64_t part_rows,
               cudaStream_t stream) {
  constexpr int N = Source::N;
  const unsigned parts = std::max(1u, blocks_for(n, part_rows)), tiles = blocks_for(inner, 32 * N);
  launch(sum_columns<Y, Source>, unsigned(outer) * parts * tiles, 32 * ColumnSums::kWarps, sizeof(ColumnSumsShared<N>),
         stream, y, source, ColumnSums{n, inner, part_rows, parts, tiles, source.aligned(inner), accumulate});
}

// Returns the bytes of scratch for add_rows.
inline size_t add_rows_scratch(int64_t outer, int64_t n, int64_t inner) {
  const int64_t parts = blocks_for(n, ColumnSums::kPartRows);
  return parts <= 1 ? 0 : size_t(outer * parts * inner) * sizeof(float);
}

// Writes y[outer, inner] = the sums, or += them. `scratch` may be null where none is needed.
template <class Y, class Source>
void add_rows(Y* y, bool accumulate, const Source& source, int64_t outer, int64_t n, int64_t inner, float* scratch,
              cudaStream_t stream) {
  const int64_t parts = blocks_for(n, ColumnSums::kPartRows);
  if (parts <= 1) return sum_parts(y, accumulate, source, outer, n, inner, ColumnSums::kPartRows, stream);
  sum_parts(scratch, false, source, outer, n, inner, ColumnSums::kPartRows, stream);
  sum_parts(y, accumulate, RowsOf<float>{scratch, inner}, outer, parts, inner, parts, stream);
}

}  // namespace tensor::cuda
