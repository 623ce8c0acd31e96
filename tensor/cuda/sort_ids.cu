// A stable radix sort of ids, from the lowest byte up.
//
// Per byte: every block counts the values in its tile; one block turns the counts, value by value and in each by tile,
// into the places where they go; every block moves its tile there. Traffic: four times the order in and out.
#include "tensor/cuda/index.cuh"

namespace tensor::cuda {

namespace {

constexpr int kThreads = 256, kWarps = kThreads / 32;
constexpr int kDigits = 256, kTile = 1024;
static_assert(kDigits == kThreads);

// Returns the byte of an id, negative ones being the smallest.
__device__ inline int digit_of(int32_t id, int byte) { return int((uint32_t(id) ^ 0x80000000u) >> (8 * byte) & 0xff); }

struct Counts {
  int of[kDigits];
};

// Writes counts[digit][tile]. `from` is an order; null: that of the positions themselves.
__global__ void __launch_bounds__(kThreads)
    count_digits(int64_t t, int byte, const int32_t* ids, const int32_t* from, int32_t* counts) {
  auto& s = shared_memory<Counts>();
  s.of[threadIdx.x] = 0;
  __syncthreads();
  const int64_t begin = int64_t(blockIdx.x) * kTile, end = min(t, begin + kTile);
  for (int64_t i = begin + threadIdx.x; i < end; i += kThreads)
    atomicAdd(&s.of[digit_of(ids[from ? from[i] : i], byte)], 1);
  __syncthreads();
  counts[threadIdx.x * int64_t(gridDim.x) + blockIdx.x] = s.of[threadIdx.x];
}

struct WarpSums {
  int of[32];
};

// Makes counts[i] the sum of all before it. There is one block: a thread owns a piece.
__global__ void __launch_bounds__(1024) sum_counts(int64_t n, int32_t* counts) {
  auto& s = shared_memory<WarpSums>();
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const int64_t piece = (n + blockDim.x - 1) / blockDim.x;
  const int64_t begin = min(n, threadIdx.x * piece), end = min(n, begin + piece);
  int mine = 0;
  for (int64_t i = begin; i < end; ++i) mine += counts[i];
  const auto sums_up_to = [&](int v) {
#pragma unroll
    for (int distance = 1; distance < 32; distance *= 2) {
      const int below = __shfl_up_sync(kAllLanes, v, distance);
      if (lane >= distance) v += below;
    }
    return v;
  };
  const int within = sums_up_to(mine);
  if (lane == 31) s.of[warp] = within;
  __syncthreads();
  const int warps = sums_up_to(s.of[lane]);
  const int before_warp = __shfl_sync(kAllLanes, warps, (warp + 31) % 32);
  int sum = (warp > 0 ? before_warp : 0) + within - mine;
  for (int64_t i = begin; i < end; ++i) {
    const int count = counts[i];
    counts[i] = sum;
    sum += count;
  }
}

struct Moves {
  int next[kDigits];                 // where the next one of a value goes
  int32_t in_warp[kWarps][kDigits];  // how many of a value a warp has; then where its first one goes
};

__global__ void __launch_bounds__(kThreads)
    move_by_digit(int64_t t, int byte, const int32_t* ids, const int32_t* from, const int32_t* places, int32_t* to) {
  auto& s = shared_memory<Moves>();
  const int thread = int(threadIdx.x), warp = thread / 32;
  s.next[thread] = places[thread * int64_t(gridDim.x) + blockIdx.x];
  const int64_t begin = int64_t(blockIdx.x) * kTile;
  for (int64_t round = begin; round < begin + kTile && round < t; round += kThreads) {
#pragma unroll
    for (int w = 0; w < kWarps; ++w) s.in_warp[w][thread] = 0;
    __syncthreads();

    const int64_t i = round + thread;
    const bool valid = i < t;
    const int32_t position = valid ? (from ? from[i] : int32_t(i)) : 0;
    const int digit = valid ? digit_of(ids[position], byte) : kDigits;
    const unsigned same = __match_any_sync(kAllLanes, digit);
    const int rank = __popc(same & ((1u << thread % 32) - 1));
    if (valid && rank == 0) s.in_warp[warp][digit] = __popc(same);
    __syncthreads();

    int next = s.next[thread];
#pragma unroll
    for (int w = 0; w < kWarps; ++w) {
      const int count = s.in_warp[w][thread];
      s.in_warp[w][thread] = next;
      next += count;
    }
    s.next[thread] = next;
    __syncthreads();

    if (valid) to[s.in_warp[warp][digit] + rank] = position;
    __syncthreads();
  }
}

}  // namespace

void sort_ids(Tensor& order, const Tensor& ids, Tensor& scratch) {
  const int64_t t = ids.numel();
  const unsigned tiles = blocks_for(t, kTile);
  if (tiles == 0) return;
  const cudaStream_t stream = stream_of(order);
  const int32_t* const idp = ids.data<int32_t>();
  int32_t* const aside = reinterpret_cast<int32_t*>(scratch.mutable_bytes_data());
  int32_t *const counts = aside + t, *const result = order.mutable_data<int32_t>();
  const int32_t* from = nullptr;
  for (int byte = 0; byte < 4; ++byte) {
    int32_t* const to = byte % 2 == 0 ? aside : result;
    launch(count_digits, tiles, kThreads, sizeof(Counts), stream, t, byte, idp, from, counts);
    launch(sum_counts, 1, 1024, sizeof(WarpSums), stream, int64_t(kDigits) * tiles, counts);
    launch(move_by_digit, tiles, kThreads, sizeof(Moves), stream, t, byte, idp, from, counts, to);
    from = to;
  }
}

size_t sort_ids_scratch(int64_t t) { return (size_t(t) + size_t(kDigits) * blocks_for(t, kTile)) * sizeof(int32_t); }

}  // namespace tensor::cuda
