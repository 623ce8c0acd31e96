// Tiles of attention for tensor cores: bf16, head size D, 64 rows in shared memory, four warps with 16 rows each. A
// product of a warp is made of steps of 16 x 16 x 16. Fragments are as ptx.cuh has them: with g = lane / 4 and
// t = lane % 4 a lane holds rows g and g + 8 at columns 2 t and 2 t + 1 of every eight.
#pragma once

#include "tensor/cuda/attention.cuh"

namespace tensor::cuda {

inline constexpr int kTileWarps = 4;
inline constexpr int kTileThreads = 32 * kTileWarps;
static_assert(kTile == 16 * kTileWarps);
// Blocks that should fit into a multiprocessor at once; it limits the registers of a thread.
template <int D>
inline constexpr int kResidentBlocks = D <= 64 ? 3 : 2;

inline constexpr float kLog2OfE = 1.44269504f, kLn2 = 0.69314718f;

__device__ inline int warp() { return int(threadIdx.x) / 32; }
__device__ inline int lane() { return int(threadIdx.x) % 32; }

// The 16 bytes behind each row put neighbouring rows of a fragment into different banks.
template <int D>
struct RowTile {
  alignas(16) bf16 row[kTile][D + 8];
};

// Starts to copy 64 rows, of which those from `rows` on are 0.
template <int D>
__device__ inline void start_loading(RowTile<D>& to, const Heads<const bf16>& x, int64_t first, int head, int rows) {
  constexpr int kPacks = D / 8, kRows = kTileThreads / kPacks;  // a thread copies 16 bytes of every kRows-th row
  const int row = int(threadIdx.x) / kPacks, column = int(threadIdx.x) % kPacks * 8;
  const bf16* from = x.row(first + row, head) + column;
#pragma unroll
  for (int i = 0; i < kTile; i += kRows) {
    const bool inside = row + i < rows;
    cp_async_16(&to.row[row + i][column], inside ? from + i * x.row_stride : x.data, inside);
  }
}

// Loads from a warp's 16 rows of a tile, the first operand of products. They are kept in registers, or read again for
// each product where registers do not suffice.
template <int D>
__device__ inline void load_fragment(uint32_t (&a)[4], const RowTile<D>& tile, int i) {
  ldmatrix_x4(a, &tile.row[16 * warp() + lane() % 16][16 * i + lane() / 16 * 8]);
}
template <int D>
struct HeldRows {
  uint32_t fragments[D / 16][4];

  __device__ explicit HeldRows(const RowTile<D>& tile) {
#pragma unroll
    for (int i = 0; i < D / 16; ++i) load_fragment(fragments[i], tile, i);
  }
  __device__ void get(uint32_t (&a)[4], int i) const {
#pragma unroll
    for (int e = 0; e < 4; ++e) a[e] = fragments[i][e];
  }
};
template <int D>
struct ReadRows {
  const RowTile<D>& tile;

  __device__ explicit ReadRows(const RowTile<D>& tile) : tile(tile) {}
  __device__ void get(uint32_t (&a)[4], int i) const { load_fragment(a, tile, i); }
};

using Square = float[2][4];  // 16 x 16 numbers of a warp
template <int D>
using Sums = float[D / 8][4];  // 16 x D

// Computes x = rows . (rows first .. first + 16 of the tile).
template <int D, class Rows>
__device__ inline void dots(Square& x, const Rows& rows, const RowTile<D>& tile, int first) {
#pragma unroll
  for (int e = 0; e < 4; ++e) x[0][e] = x[1][e] = 0;
#pragma unroll
  for (int i = 0; i < D / 16; ++i) {
    uint32_t a[4], b[4];
    rows.get(a, i);
    ldmatrix_x4(b, &tile.row[first + lane() % 8 + lane() / 16 * 8][16 * i + lane() / 8 % 2 * 8]);
    mma_bf16(x[0], a, b[0], b[1]);
    mma_bf16(x[1], a, b[2], b[3]);
  }
}

// Computes sum += x (rows first .. first + 16 of the tile), x rounded to bf16.
template <int D>
__device__ inline void add_weighted(Sums<D>& sum, const Square& x, const RowTile<D>& tile, int first) {
  const uint32_t a[4] = {pack_bf16(x[0][0], x[0][1]), pack_bf16(x[0][2], x[0][3]), pack_bf16(x[1][0], x[1][1]),
                         pack_bf16(x[1][2], x[1][3])};
#pragma unroll
  for (int j = 0; j < D / 8; j += 2) {
    uint32_t b[4];
    ldmatrix_x4_trans(b, &tile.row[first + lane() % 16][8 * j + lane() / 16 * 8]);
    mma_bf16(sum[j], a, b[0], b[1]);
    mma_bf16(sum[j + 1], a, b[2], b[3]);
  }
}

// Writes rows first .. first + rows of a head, each multiplied by its factor: a lane's rows g by low, g + 8 by high.
// They go through the warp's part of `memory`, so that each lane writes 16 bytes.
template <int D>
__device__ inline void store_rows(const Heads<bf16>& to, int64_t first, int head, int rows, const Sums<D>& x, float low,
                                  float high, RowTile<D>& memory) {
  constexpr int kPacks = D / 8;
  const int base = 16 * warp(), g = lane() / 4, column = lane() % 4 * 2;
#pragma unroll
  for (int j = 0; j < kPacks; ++j) {
    store_4(&memory.row[base + g][8 * j + column], pack_bf16(x[j][0] * low, x[j][1] * low));
    store_4(&memory.row[base + g + 8][8 * j + column], pack_bf16(x[j][2] * high, x[j][3] * high));
  }
  __syncwarp();
#pragma unroll
  for (int i = 0; i < 16 * kPacks / 32; ++i) {
    const int pack = i * 32 + lane(), row = base + pack / kPacks, at = pack % kPacks * 8;
    if (row < rows) store_16(to.row(first + row, head) + at, load_16(&memory.row[row][at]));
  }
}

// ---- dropout. A block of Philox decides on eight neighbouring keys of a query. A warp's 16 rows of a tile need 128
// blocks, 4 per lane: each is made once, and lanes exchange the bits.

// Tells in bit 8 j + i whether key i of the block that begins with element(j) is kept.
template <class F>
__device__ inline uint32_t kept_bits(const Dropout& dropout, F&& element) {
  const RandomPosition at = dropout.at.read();
  uint32_t bits = 0;
#pragma unroll 1  // the sums of the kernel leave few registers
  for (int j = 0; j < 4; ++j) {
    const PhiloxCounter words = random_block(at, element(j) / 8);
    uint32_t kept = 0;
#pragma unroll
    for (int i = 0; i < 8; ++i) kept |= uint32_t(half_of(words, size_t(i)) >= dropout.threshold) << i;
    bits |= kept << (8 * j);
  }
  return bits;
}

// What is kept of a warp's 16 queries (rows) and the tile's keys (columns).
struct KeptOfQueries {
  uint32_t low[2], high[2];  // rows g and g + 8, of each half of the columns: bit 8 j + e is column 8 j + 2 t + e of it

  __device__ KeptOfQueries(const Dropout& dropout, const Task& task, int first_query, int first_key) {
    const int g = lane() / 4, t = lane() % 4;
    const uint64_t first = task.element(first_query + g + t % 2 * 8, first_key + t / 2 * 32);
    const uint32_t mine = kept_bits(dropout, [=](int j) { return first + uint64_t(8 * j); });
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      low[half] = __shfl_sync(kAllLanes, mine, 4 * g + 2 * half) >> (2 * t);
      high[half] = __shfl_sync(kAllLanes, mine, 4 * g + 2 * half + 1) >> (2 * t);
    }
  }
  // Tells whether element e of the j-th eight columns is kept.
  __device__ bool operator()(int j, int e) const {
    const uint32_t bits = e < 2 ? (j < 4 ? low[0] : low[1]) : (j < 4 ? high[0] : high[1]);
    return bits >> (8 * (j % 4) + e % 2) & 1;
  }
};

// What is kept of a warp's 16 keys (rows) and the tile's queries (columns).
struct KeptOfKeys {
  uint32_t bits;  // bit 8 e + j is element e of the j-th eight columns

  // Turns the bytes like a matrix: eight lanes have a byte for each of them, four times.
  __device__ KeptOfKeys(const Dropout& dropout, const Task& task, int first_query, int first_key) {
    const int g = lane() / 4, t = lane() % 4, query = first_query + 8 * g + 2 * t;
    bits = kept_bits(dropout, [&](int e) { return task.element(query + e % 2, first_key + e / 2 * 8); });
    turn(1, 0x55555555u);
    turn(2, 0x33333333u);
    turn(4, 0x0f0f0f0fu);
  }
  __device__ bool operator()(int j, int e) const { return bits >> (8 * e + j) & 1; }

 private:
  // Exchanges with the lane `distance` rows away what lies beside the diagonal. `columns` are those without that bit.
  __device__ void turn(int distance, uint32_t columns) {
    const uint32_t other = __shfl_xor_sync(kAllLanes, bits, 4 * distance);
    bits = (lane() / 4 & distance) == 0 ? (bits & columns) | (other & columns) << distance
                                        : (bits & ~columns) | (other >> distance & columns);
  }
};

// All is kept.
struct KeptAll {
  __device__ KeptAll(const Dropout&, const Task&, int, int) {}
  __device__ bool operator()(int, int) const { return true; }
};

}  // namespace tensor::cuda
