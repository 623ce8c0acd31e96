// The k largest of a row, in two levels.
//
// A key is an element and its place in one number: no two are equal, and the larger one comes first. A block keeps the
// best k keys of a tile of the row, in order (Shanbhag et al. 2018: sorted runs of k, of which every two are merged
// into one until one is left). The place of a key among all of the row is then found by binary search in each tile's
// list. Traffic: the row once.
#include "tensor/cuda/index.cuh"

namespace tensor::cuda {

namespace {

constexpr int kThreads = 256, kTile = 1024;

// Returns a key that is larger for larger numbers, and for the first of equal ones. 0 is no key: it is smaller than all
// others.
template <class T>
__device__ inline uint64_t key_of(T x, int64_t place) {
  float v = float(x);
  if (v != v) v = -__builtin_inff();
  const uint32_t bits = __float_as_uint(v + 0.0f);  // -0 becomes 0
  const uint32_t rising = bits >> 31 ? ~bits : bits | 0x80000000u;
  return uint64_t(rising) << 32 | uint32_t(~uint32_t(place));
}
__device__ inline int64_t place_of(uint64_t key) { return int64_t(~uint32_t(key)); }

struct KeyTile {
  uint64_t key[kTile];
};

// Makes keys i and j of the block's tile fall, or rise.
__device__ inline void sort_pair(KeyTile& s, int i, int j, bool fall) {
  const uint64_t a = s.key[i], b = s.key[j];
  if ((a < b) != fall) return;
  s.key[i] = b;
  s.key[j] = a;
}

// Sorts bitonic runs of `length` keys that are `step` apart, falling ones and rising ones by turns. `keys` are so many.
__device__ inline void merge_runs(KeyTile& s, int keys, int length, int step) {
  for (int distance = length / 2; distance > 0; distance /= 2) {
    __syncthreads();
    for (int i = int(threadIdx.x); i < keys / 2; i += kThreads) {
      const int low = i / distance * 2 * distance + i % distance, run = low / length;
      const int at = run * step + low % length;
      sort_pair(s, at, at + distance, run % 2 == 0);
    }
  }
}

// Writes best[row][tile][kept]: the first `kept` keys of the tile, falling; 0 where it has fewer. `run` is the power of
// two that holds `kept`.
template <class T>
__global__ void __launch_bounds__(kThreads)
    best_of_tiles(int64_t n, int64_t tiles, int kept, int run, const T* x, uint64_t* best) {
  auto& s = shared_memory<KeyTile>();
  const int64_t row = blockIdx.x / tiles, begin = blockIdx.x % tiles * kTile;
  for (int i = int(threadIdx.x); i < kTile; i += kThreads)
    s.key[i] = begin + i < n ? key_of(x[row * n + begin + i], begin + i) : 0;
  for (int length = 2; length <= run; length *= 2) merge_runs(s, kTile, length, length);
  // of a falling run and a rising one, the larger of each pair are the best of both: again a bitonic run
  for (int keys = kTile / 2, step = 2 * run; keys >= run; keys /= 2, step *= 2) {
    __syncthreads();
    for (int i = int(threadIdx.x); i < keys; i += kThreads) {
      const int at = i / run * step + i % run;
      s.key[at] = max(s.key[at], s.key[at + step / 2]);
    }
    merge_runs(s, keys, run, step);
  }
  __syncthreads();
  for (int i = int(threadIdx.x); i < kept; i += kThreads) best[int64_t(blockIdx.x) * kept + i] = s.key[i];
}

template <class T>
__global__ void __launch_bounds__(kThreads)
    rank_best(int64_t n, int64_t k, int64_t tiles, int kept, int64_t blocks_per_row, const T* x, const uint64_t* best,
              T* values, int32_t* indices) {
  const int64_t row = blockIdx.x / blocks_per_row;
  const int64_t mine = blockIdx.x % blocks_per_row * kThreads + threadIdx.x;
  if (mine >= tiles * kept) return;
  const uint64_t* lists = best + row * tiles * kept;
  const uint64_t key = lists[mine];
  if (key == 0) return;
  int64_t rank = mine % kept;
  for (int64_t tile = 0; tile < tiles && rank < k; ++tile) {
    if (tile == mine / kept) continue;
    const uint64_t* list = lists + tile * kept;
    int low = 0, high = kept;  // all before `low` are larger, none from `high` on is
    while (low < high) {
      const int middle = (low + high) / 2;
      if (list[middle] > key)
        low = middle + 1;
      else
        high = middle;
    }
    rank += low;
  }
  if (rank >= k) return;
  values[row * k + rank] = x[row * n + place_of(key)];
  indices[row * k + rank] = int32_t(place_of(key));
}

int kept_of_tile(int64_t k) { return int(std::min<int64_t>(k, kTile)); }

}  // namespace

void top_k(Tensor& values, Tensor& indices, const Tensor& x, Tensor& scratch) {
  dispatch_f32_bf16("top_k", x.dtype(), [&]<class T>() {
    const int64_t r = x.size(0), n = x.size(1), k = values.size(1);
    if (k == 0) return;
    const cudaStream_t stream = stream_of(values);
    const int64_t tiles = blocks_for(n, kTile);
    const int kept = kept_of_tile(k);
    int run = 1;
    while (run < kept) run *= 2;
    auto* const best = reinterpret_cast<uint64_t*>(scratch.mutable_bytes_data());
    launch(best_of_tiles<T>, unsigned(r * tiles), kThreads, sizeof(KeyTile), stream, n, tiles, kept, run, x.data<T>(),
           best);
    const int64_t blocks = blocks_for(tiles * kept, kThreads);
    launch(rank_best<T>, unsigned(r * blocks), kThreads, 0, stream, n, k, tiles, kept, blocks, x.data<T>(), best,
           values.mutable_data<T>(), indices.mutable_data<int32_t>());
  });
}

size_t top_k_scratch(int64_t r, int64_t n, int64_t k, DType) {
  return size_t(r) * blocks_for(n, kTile) * size_t(kept_of_tile(k)) * sizeof(uint64_t);
}

}  // namespace tensor::cuda
