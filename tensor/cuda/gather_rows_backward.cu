// The gradient of rows gathered by ids: dtable[id] = scale times the sum of the rows of dy with that id.
//
// Sorted by id, the rows are cut into chunks. A block sums the runs of equal ids in a chunk. A run that lies within it
// is finished. One that crosses a border leaves a partial sum per chunk, which a second kernel adds in order: so an id
// that comes thousands of times is the work of many blocks. Traffic: dy once, the touched rows of dtable once.
#include "tensor/cuda/index.cuh"

namespace tensor::cuda {

namespace {

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

  // Puts `sum` into columns `first` .. of row `id`.
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

// Joins a run that goes on behind the chunk in which it begins; the block of that chunk does it.
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

}  // namespace

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

}  // namespace tensor::cuda
