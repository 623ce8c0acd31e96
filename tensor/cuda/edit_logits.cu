// What generation does to logits: single tokens get a value, or all but some are ruled out. Traffic: the edited
// numbers, or the row once out and what stays twice.
#include "tensor/cuda/index.cuh"

namespace tensor::cuda {

namespace {

constexpr int kThreads = 256;

template <class T>
__global__ void __launch_bounds__(kThreads)
    edit_elements(int64_t n, int64_t stride, T* logits, const int32_t* rows, const int32_t* tokens, T value) {
  const int64_t i = int64_t(blockIdx.x) * kThreads + threadIdx.x;
  if (i < n) store_relaxed(logits + rows[i] * stride + tokens[i], value);
}

constexpr int kRowThreads = 512;

// Keeps the tokens of a list, a block per row: it puts aside what stays, fills the row, and puts it back.
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

}  // namespace

void edit_logits(Tensor& logits, const Tensor& rows, const Tensor& tokens, double value) {
  dispatch_f32_bf16("edit_logits", logits.dtype(), [&]<class T>() {
    launch(edit_elements<T>, blocks_for(rows.numel(), kThreads), kThreads, 0, stream_of(logits), rows.numel(),
           logits.stride(0), logits.mutable_data<T>(), rows.data<int32_t>(), tokens.data<int32_t>(), T(float(value)));
  });
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

}  // namespace tensor::cuda
