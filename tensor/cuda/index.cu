// Rows chosen by ids: copies out of a table and into one, the gradient of a table, a sort of ids, and the k largest of
// a row. Nothing is added in the order of arrival: what is summed follows from the ids alone.
#include "tensor/cuda/kernel.cuh"
#include "tensor/cuda/tables.h"

namespace tensor::cuda {

namespace {

constexpr int kThreads = 256, kWarps = kThreads / 32;

__device__ inline int64_t thread_in_grid() { return int64_t(blockIdx.x) * kThreads + threadIdx.x; }
__device__ inline int64_t warp_in_grid() { return int64_t(blockIdx.x) * kWarps + threadIdx.x / 32; }

// ---- gather and scatter: y[to[t]] = x[from[t]], null ids being t itself. A warp copies a row, 16 bytes per lane where
// rows begin at multiples of 16. Traffic: the rows once in and once out.

template <class Unit>
__device__ inline Unit load_unit(const Unit* p) {
  if constexpr (sizeof(Unit) == 16)
    return load_16(p);
  else
    return *p;
}
template <class Unit>
__device__ inline void store_unit(Unit* p, Unit v) {
  if constexpr (sizeof(Unit) == 16)
    store_16(p, v);
  else
    *p = v;
}

template <class Unit>
__global__ void __launch_bounds__(kThreads)
    copy_units(int64_t t, int64_t units, Unit* y, const int32_t* to, const Unit* x, const int32_t* from) {
  const int64_t row = warp_in_grid();
  if (row >= t) return;
  Unit* target = y + (to ? to[row] : row) * units;
  const Unit* source = x + (from ? from[row] : row) * units;
#pragma unroll 4
  for (int64_t i = threadIdx.x % 32; i < units; i += 32) store_unit(target + i, load_unit(source + i));
}

// t rows of `bytes` each.
void copy_rows(int64_t t, int64_t bytes, Tensor& y, const int32_t* to, const Tensor& x, const int32_t* from) {
  const cudaStream_t stream = stream_of(y);
  std::byte* const yp = y.mutable_bytes_data();
  const std::byte* const xp = x.bytes_data();
  if (bytes == 0) return;
  const auto in_units_of = [&]<class Unit>() {
    const auto address = reinterpret_cast<uintptr_t>(yp) | reinterpret_cast<uintptr_t>(xp) | uintptr_t(bytes);
    if (address % sizeof(Unit) != 0) return false;
    launch(copy_units<Unit>, blocks_for(t, kWarps), kThreads, 0, stream, t, bytes / int64_t(sizeof(Unit)),
           reinterpret_cast<Unit*>(yp), to, reinterpret_cast<const Unit*>(xp), from);
    return true;
  };
  in_units_of.operator()<uint4>() || in_units_of.operator()<uint32_t>() || in_units_of.operator()<uint16_t>() ||
      in_units_of.operator()<uint8_t>();
}

int64_t row_bytes(const Tensor& rows) { return rows.size(1) * int64_t(size_of(rows.dtype())); }

void gather_rows(Tensor& y, const Tensor& table, const Tensor& ids) {
  copy_rows(y.size(0), row_bytes(y), y, nullptr, table, ids.data<int32_t>());
}

void scatter_rows(Tensor& y, const Tensor& x, const Tensor& ids) {
  copy_rows(x.size(0), row_bytes(x), y, ids.data<int32_t>(), x, nullptr);
}

// ---- y[t] = scale tokens[ids[t]] + positions[at[t]], a warp per row

template <class T>
__global__ void __launch_bounds__(kThreads)
    sum_embeddings(int64_t t, int64_t d, bool aligned, T* y, const T* tokens, const T* positions, const int32_t* ids,
                   const int32_t* at, float scale) {
  constexpr int N = kPack<T>;
  const int64_t row = warp_in_grid();
  if (row >= t) return;
  const T *token = tokens + ids[row] * d, *position = positions + at[row] * d;
#pragma unroll 2
  for (int64_t first = int64_t(threadIdx.x % 32) * N; first < d; first += 32 * N) {
    const int64_t left = d - first;
    const bool whole = aligned && left >= N;
    Pack<N> sum = load_pack<N>(token + first, left, whole);
    const Pack<N> added = load_pack<N>(position + first, left, whole);
#pragma unroll
    for (int i = 0; i < N; ++i) sum[i] = sum[i] * scale + added[i];
    store_pack(y + row * d + first, sum, left, whole);
  }
}

void embedding_sum(Tensor& y, const Tensor& tokens, const Tensor& positions, const Tensor& ids, const Tensor& at,
                   double scale) {
  dispatch_f32_bf16("embedding_sum", y.dtype(), [&]<class T>() {
    constexpr int N = kPack<T>;
    const int64_t t = y.size(0), d = y.size(1);
    T* py = y.mutable_data<T>();
    const T *token = tokens.data<T>(), *position = positions.data<T>();
    const bool aligned = d % N == 0 && packs_aligned<N>(py, token, position);
    launch(sum_embeddings<T>, blocks_for(t, kWarps), kThreads, 0, stream_of(y), t, d, aligned, py, token, position,
           ids.data<int32_t>(), at.data<int32_t>(), float(scale));
  });
}

// ---- dtable[id] = scale times the sum of the rows of dy with that id
//
// Sorted by id, the rows are cut into chunks. A block sums the runs of equal ids in a chunk. A run that lies within it
// is finished. One that crosses a border leaves a partial sum per chunk, which a second kernel adds in order: so an id
// that comes thousands of times is the work of many blocks. Traffic: dy once, the touched rows of dtable once.

constexpr int kChunk = 32, kColumnThreads = 64;
constexpr int kColumns = 4;  // per thread, which holds their sums in f32

// Of a chunk, two partial sums: of the run that comes in from before, and of that which goes on behind.
struct Partials {
  float* sums;
  int64_t d;

  __device__ float* incoming(int64_t chunk) const { return sums + 2 * chunk * d; }
  __device__ float* outgoing(int64_t chunk) const { return sums + (2 * chunk + 1) * d; }
};

struct Table {
  float* rows;
  int64_t d;
  float scale;
  int32_t padding;
  bool accumulate;

  // `sum` goes to columns `first` .. of row `id`.
  __device__ void put(int32_t id, int64_t first, Pack<kColumns> sum, bool whole) const {
    if (id == padding) return;
    float* to = rows + id * d + first;
    const int64_t left = d - first;
#pragma unroll
    for (int i = 0; i < kColumns; ++i) sum[i] *= scale;
    if (accumulate) add(sum, load_pack<kColumns>(to, left, whole));
    store_pack(to, sum, left, whole);
  }
  __device__ static void add(Pack<kColumns>& sum, const Pack<kColumns>& x) {
#pragma unroll
    for (int i = 0; i < kColumns; ++i) sum[i] += x[i];
  }
};

struct ChunkOfIds {
  int32_t token[kChunk];
  int32_t id[kChunk + 2];  // with the one before and the one behind
};

constexpr int32_t kNoId = -1;

template <class T>
__global__ void __launch_bounds__(kColumnThreads)
    sum_chunks(int64_t t, Table table, bool aligned, const T* dy, const int32_t* ids, const int32_t* order,
               Partials partials) {
  auto& s = shared_memory<ChunkOfIds>();
  const int64_t chunk = blockIdx.x, begin = chunk * kChunk;
  const int n = int(min(int64_t(kChunk), t - begin)), slot = int(threadIdx.x);
  if (slot < n + 2) {
    const int64_t at = begin + slot - 1;
    const bool inside = at >= 0 && at < t;
    const int32_t token = inside ? order[at] : 0;
    s.id[slot] = inside ? ids[token] : kNoId;
    if (slot >= 1 && slot <= n) s.token[slot - 1] = token;
  }
  __syncthreads();

  const int64_t first = (int64_t(blockIdx.y) * kColumnThreads + slot) * kColumns, left = table.d - first;
  if (left <= 0) return;
  const bool whole = aligned && left >= kColumns;
  constexpr int kAhead = 4;  // rows that are loaded before the first is added
  bool begins_here = s.id[0] != s.id[1];
  Pack<kColumns> sum{};
  for (int i = 0; i < n; i += kAhead) {
    Pack<kColumns> rows[kAhead];
#pragma unroll
    for (int u = 0; u < kAhead; ++u)
      if (i + u < n) rows[u] = load_pack<kColumns>(dy + s.token[i + u] * table.d + first, left, whole);
#pragma unroll
    for (int u = 0; u < kAhead; ++u) {
      if (i + u >= n) continue;
      Table::add(sum, rows[u]);
      const int32_t id = s.id[i + u + 1];
      const bool ends_here = id != s.id[i + u + 2];
      if (!ends_here && i + u + 1 < n) continue;
      if (!begins_here)
        store_pack(partials.incoming(chunk) + first, sum, left, whole);
      else if (ends_here)
        table.put(id, first, sum, whole);
      else
        store_pack(partials.outgoing(chunk) + first, sum, left, whole);
      begins_here = true;
      sum = {};
    }
  }
}

// The block of the chunk in which a run begins that goes on behind it.
__global__ void __launch_bounds__(kColumnThreads)
    join_chunks(int64_t t, Table table, bool aligned, const int32_t* ids, const int32_t* order, Partials partials) {
  const int64_t chunk = blockIdx.x, begin = chunk * kChunk, end = begin + kChunk;
  const int64_t first = (int64_t(blockIdx.y) * kColumnThreads + threadIdx.x) * kColumns, left = table.d - first;
  if (end >= t || left <= 0) return;
  const auto id_at = [&](int64_t i) { return ids[order[i]]; };
  const int32_t id = id_at(end - 1);
  if (id_at(end) != id || (begin > 0 && id_at(begin - 1) == id)) return;
  const bool whole = aligned && left >= kColumns;
  Pack<kColumns> sum = load_pack<kColumns>(partials.outgoing(chunk) + first, left, whole);
  for (int64_t next = chunk + 1; next * kChunk < t && id_at(next * kChunk) == id; ++next)
    Table::add(sum, load_pack<kColumns>(partials.incoming(next) + first, left, whole));
  table.put(id, first, sum, whole);
}

void gather_rows_backward(Target& to, const Tensor& dy, const Tensor& ids, const Tensor& order, double scale,
                          int32_t padding, Tensor& scratch) {
  Tensor& dtable = to.tensor;
  const cudaStream_t stream = stream_of(dtable);
  float* const rows = dtable.mutable_data<float>();
  if (!to.accumulate && dtable.numel() > 0)
    check_cuda(cudaMemsetAsync(rows, 0, dtable.bytes(), stream), "gather_rows_backward");
  dispatch_f32_bf16("gather_rows_backward", dy.dtype(), [&]<class T>() {
    const int64_t t = dy.size(0), d = dy.size(1);
    const Table table{rows, d, float(scale), padding, to.accumulate};
    const Partials partials{reinterpret_cast<float*>(scratch.mutable_bytes_data()), d};
    const bool aligned = d % kColumns == 0 && packs_aligned<kColumns>(rows, dy.data<T>());
    const dim3 grid(blocks_for(t, kChunk), blocks_for(d, kColumnThreads * kColumns));
    launch(sum_chunks<T>, grid, kColumnThreads, sizeof(ChunkOfIds), stream, t, table, aligned, dy.data<T>(),
           ids.data<int32_t>(), order.data<int32_t>(), partials);
    launch(join_chunks, grid, kColumnThreads, 0, stream, t, table, aligned, ids.data<int32_t>(), order.data<int32_t>(),
           partials);
  });
}

size_t gather_rows_backward_scratch(int64_t t, int64_t d, DType) {
  return size_t(blocks_for(t, kChunk)) * 2 * size_t(d) * sizeof(float);
}

// ---- a stable radix sort from the lowest byte up
//
// Per byte: every block counts the values in its tile; one block turns the counts, value by value and in each by tile,
// into the places where they go; every block moves its tile there. Traffic: four times the order in and out.

constexpr int kDigits = 256, kTile = 1024;
static_assert(kDigits == kThreads);

// The byte of an id, negative ones being the smallest.
__device__ inline int digit_of(int32_t id, int byte) { return int((uint32_t(id) ^ 0x80000000u) >> (8 * byte) & 0xff); }

struct Counts {
  int of[kDigits];
};

// `from` is an order; null: that of the positions themselves. counts[digit][tile].
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

// counts[i] becomes the sum of all before it. One block: a thread owns a piece.
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

// ---- the k largest of a row, in two levels
//
// A key is an element and its place in one number: no two are equal, and the larger one comes first. A block keeps the
// best k keys of a tile of the row, in order (Shanbhag et al. 2018: sorted runs of k, of which every two are merged
// into one until one is left). The place of a key among all of the row is then found by binary search in each tile's
// list. Traffic: the row once.

// 0 is no key: it is smaller than all others.
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

// best[row][tile][kept]: the first `kept` keys of the tile, falling; 0 where it has fewer. `run` is the power of two
// that holds `kept`.
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

// ---- one element per row

template <class T>
__global__ void __launch_bounds__(kThreads) pick_elements(int64_t t, int64_t n, T* y, const T* x, const int32_t* ids) {
  const int64_t i = thread_in_grid();
  if (i < t) y[i] = x[i * n + ids[i]];
}

template <class T>
__global__ void __launch_bounds__(kThreads) put_elements(int64_t t, int64_t n, T* dx, const T* dy, const int32_t* ids) {
  const int64_t i = thread_in_grid();
  if (i < t) dx[i * n + ids[i]] = dy[i];
}

void pick(Tensor& y, const Tensor& x, const Tensor& ids) {
  dispatch_f32_bf16("pick", x.dtype(), [&]<class T>() {
    launch(pick_elements<T>, blocks_for(x.size(0), kThreads), kThreads, 0, stream_of(y), x.size(0), x.size(1),
           y.mutable_data<T>(), x.data<T>(), ids.data<int32_t>());
  });
}

void pick_backward(Tensor& dx, const Tensor& dy, const Tensor& ids) {
  dispatch_f32_bf16("pick_backward", dy.dtype(), [&]<class T>() {
    const cudaStream_t stream = stream_of(dx);
    T* const dxp = dx.mutable_data<T>();
    if (dx.numel() == 0) return;
    check_cuda(cudaMemsetAsync(dxp, 0, dx.bytes(), stream), "pick_backward");
    launch(put_elements<T>, blocks_for(dx.size(0), kThreads), kThreads, 0, stream, dx.size(0), dx.size(1), dxp,
           dy.data<T>(), ids.data<int32_t>());
  });
}

// ---- what generation does to logits

template <class T>
__global__ void __launch_bounds__(kThreads)
    edit_elements(int64_t n, int64_t stride, T* logits, const int32_t* rows, const int32_t* tokens, T value) {
  const int64_t i = thread_in_grid();
  if (i < n) store_relaxed(logits + rows[i] * stride + tokens[i], value);
}

void edit_logits(Tensor& logits, const Tensor& rows, const Tensor& tokens, double value) {
  dispatch_f32_bf16("edit_logits", logits.dtype(), [&]<class T>() {
    launch(edit_elements<T>, blocks_for(rows.numel(), kThreads), kThreads, 0, stream_of(logits), rows.numel(),
           logits.stride(0), logits.mutable_data<T>(), rows.data<int32_t>(), tokens.data<int32_t>(), T(float(value)));
  });
}

constexpr int kRowThreads = 512;

// A block per row: it puts aside what stays, fills the row, and puts it back.
template <class T>
__global__ void __launch_bounds__(kRowThreads)
    keep_tokens(int64_t v, int64_t stride, bool aligned, T* logits, const int32_t* rows, const int32_t* offsets,
                const int32_t* tokens, T* kept) {
  constexpr int N = kPack<T>;
  T* const row = logits + rows[blockIdx.x] * stride;
  const int32_t begin = offsets[blockIdx.x], end = offsets[blockIdx.x + 1];
  for (int32_t i = begin + int32_t(threadIdx.x); i < end; i += kRowThreads) kept[i] = row[tokens[i]];
  __syncthreads();
  Pack<N> nothing;
#pragma unroll
  for (int i = 0; i < N; ++i) nothing[i] = -__builtin_inff();
  for (int64_t first = int64_t(threadIdx.x) * N; first < v; first += int64_t(kRowThreads) * N)
    store_pack(row + first, nothing, v - first, aligned && v - first >= N);
  __syncthreads();
  for (int32_t i = begin + int32_t(threadIdx.x); i < end; i += kRowThreads) store_relaxed(row + tokens[i], kept[i]);
}

void keep_only(Tensor& logits, const Tensor& rows, const Sequences& lists, const Tensor& tokens, Tensor& scratch) {
  dispatch_f32_bf16("keep_only", logits.dtype(), [&]<class T>() {
    constexpr int N = kPack<T>;
    T* const p = logits.mutable_data<T>();
    const int64_t stride = logits.stride(0);
    launch(keep_tokens<T>, unsigned(rows.numel()), kRowThreads, 0, stream_of(logits), logits.size(1), stride,
           stride % N == 0 && packs_aligned<N>(p), p, rows.data<int32_t>(), lists.tensor().data<int32_t>(),
           tokens.data<int32_t>(), reinterpret_cast<T*>(scratch.mutable_bytes_data()));
  });
}

size_t keep_only_scratch(int64_t tokens, DType dtype) { return size_t(tokens) * size_of(dtype); }

}  // namespace

constinit const IndexKernels index_kernels{
    .gather_rows = gather_rows,
    .gather_rows_backward = gather_rows_backward,
    .gather_rows_backward_scratch = gather_rows_backward_scratch,
    .sort_ids = sort_ids,
    .sort_ids_scratch = sort_ids_scratch,
    .scatter_rows = scatter_rows,
    .embedding_sum = embedding_sum,
    .top_k = top_k,
    .top_k_scratch = top_k_scratch,
    .pick = pick,
    .pick_backward = pick_backward,
    .edit_logits = edit_logits,
    .keep_only = keep_only,
    .keep_only_scratch = keep_only_scratch,
};

}  // namespace tensor::cuda
