// Rows and elements chosen by ids: copies out of a table and into one, and the table of kernels of the family, whose
// longer ones have their files.
#include "tensor/cuda/index.cuh"

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

// Copies t rows of `bytes` each.
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
