// Cross-entropy of logits [t, v]. The log-sum-exp of a row takes one read of it: a thread keeps the maximum m of what
// it has seen and s, the sum of exp(x - m); a larger x makes s smaller, and two pairs (m, s) make one (Milakov &
// Gimelshein 2018). Its gradient is weight (exp(x - lse) - onehot).
//
// A block has a row, and as many threads as the row has packs, up to 1,024: so even a few rows keep the card busy, and
// no bit of a row depends on the others. The loss that becomes its gradient in place keeps the row in registers in
// between, 7 packs of 16 bytes a thread: 57,344 bf16, more than BART's vocabulary, or 28,672 f32. That takes no shared
// memory, of which some cards have too little for such a row. What is beyond is read again, much of it out of L2.
// Traffic: the logits once forward, twice backward (a read and a write), and in place twice for both.
#include "tensor/cuda/kernel.cuh"
#include "tensor/cuda/tables.h"

namespace tensor::cuda {

namespace {

constexpr int kThreads = 256, kWarps = kThreads / 32;
constexpr int kRowThreads = 1024;  // at most, of a block that has a row

constexpr int64_t kChunkBytes = int64_t(4) << 30, kChunkRows = 8192;

// Returns how many rows a chunk has: all where they are no more than 4 GiB. Each chunk costs a pass over the gradient
// of the table.
int64_t chunk_rows(int64_t t, int64_t v, DType dtype) {
  const int64_t fitting = kChunkBytes / std::max<int64_t>(1, v * int64_t(size_of(dtype)));
  return std::max<int64_t>(1, t <= fitting ? t : std::min(fitting, kChunkRows));
}

// Returns e^x. bf16 logits are no more exact than the fast exponential.
__device__ inline float exponential(float x, float) { return expf(x); }
__device__ inline float exponential(float x, bf16) { return __expf(x); }

// ---- log-sum-exp

constexpr float kInfinity = __builtin_inff();

// Stands for numbers x: their maximum, and the sum of exp(x - largest).
struct Exponentials {
  float largest = -kInfinity, sum = 0;

  // Returns what exponents are taken from: -inf - -inf would be nan.
  __device__ static float base(float largest) { return largest == -kInfinity ? 0.0f : largest; }

  __device__ void join(const Exponentials& x) {
    const float most = fmaxf(largest, x.largest), from = base(most);
    sum = sum * expf(largest - from) + x.sum * expf(x.largest - from);
    largest = most;
  }
  __device__ float log() const { return largest + logf(sum); }
};

template <class T, int N>
__device__ inline void join(Exponentials& e, const Pack<N>& x) {
  float most = e.largest;
#pragma unroll
  for (int i = 0; i < N; ++i) most = fmaxf(most, x[i]);
  const float from = Exponentials::base(most);
  float sum = 0;
#pragma unroll
  for (int i = 0; i < N; ++i) sum += exponential(x[i] - from, T{});
  e.sum = e.sum * exponential(e.largest - from, T{}) + sum;
  e.largest = most;
}

struct WarpExponentials {
  float largest[32], sum[32];
};

__device__ inline Exponentials join_warp(Exponentials e) {
#pragma unroll
  for (int distance = 16; distance > 0; distance /= 2) {
    Exponentials other;
    other.largest = __shfl_xor_sync(kAllLanes, e.largest, distance);
    other.sum = __shfl_xor_sync(kAllLanes, e.sum, distance);
    e.join(other);
  }
  return e;
}
// Joins the exponentials of all threads of the block, and returns the result in each of them.
__device__ inline Exponentials join_block(Exponentials e) {
  auto& s = shared_memory<WarpExponentials>();
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  e = join_warp(e);
  if (lane == 0) {
    s.largest[warp] = e.largest;
    s.sum[warp] = e.sum;
  }
  __syncthreads();
  Exponentials of_lane;
  if (lane < int(blockDim.x / 32)) {
    of_lane.largest = s.largest[lane];
    of_lane.sum = s.sum[lane];
  }
  return join_warp(of_lane);
}

// The row of the block. Its thread has the packs that begin at columns first(0), first(1) ... below v.
template <class Element>
struct Row {
  using T = std::remove_const_t<Element>;
  static constexpr int N = kPack<T>;
  Element* x;
  int v;
  bool aligned;

  __device__ Row(Element* logits, int64_t stride, int v, bool aligned)
      : x(logits + blockIdx.x * stride), v(v), aligned(aligned) {}

  __device__ static int first(int k) { return (k * int(blockDim.x) + int(threadIdx.x)) * N; }
  __device__ bool whole(int first) const { return aligned && v - first >= N; }
  __device__ uint4 load(int first) const { return load_raw(static_cast<const T*>(x) + first, v - first, whole(first)); }
  __device__ void store(int first, const Pack<N>& y) const { store_pack(x + first, y, v - first, whole(first)); }

  __device__ void join(Exponentials& e, uint4 raw, int first) const {
    Pack<N> part = unpack<T>(raw);
    if (v - first < N) {
#pragma unroll
      for (int i = 0; i < N; ++i)
        if (i >= v - first) part[i] = -kInfinity;
    }
    cuda::join<T>(e, part);
  }
};

// Computes lse of each row, and where targets are given its loss.
template <class T>
__global__ void __launch_bounds__(kRowThreads)
    sum_rows(int v, int64_t stride, bool aligned, const T* logits, float* lse, float* loss, const int32_t* targets) {
  const Row<const T> row(logits, stride, v, aligned);
  Exponentials mine;
#pragma unroll 4
  for (int k = 0; row.first(k) < v; ++k) row.join(mine, row.load(row.first(k)), row.first(k));
  const float sum = join_block(mine).log();
  if (threadIdx.x != 0) return;
  lse[blockIdx.x] = sum;
  if (loss == nullptr) return;
  const int32_t target = targets[blockIdx.x];
  loss[blockIdx.x] = target < 0 ? 0.0f : sum - float(row.x[target]);
}

template <class T>
bool rows_aligned(const Tensor& x) {
  constexpr int N = kPack<T>;
  return x.stride(0) % N == 0 && packs_aligned<N>(x.data<T>());
}

// Returns the number of threads of a block that has a row of v numbers, a multiple of a warp.
template <class T>
unsigned row_threads(int64_t v) {
  return std::min(unsigned(kRowThreads), 32 * std::max(1u, blocks_for(v, 32 * kPack<T>)));
}

void sum_rows(const char* op, Tensor& lse, const Tensor& logits, float* loss, const int32_t* targets) {
  dispatch_f32_bf16(op, logits.dtype(), [&]<class T>() {
    const int64_t v = logits.size(1);
    launch(sum_rows<T>, unsigned(logits.size(0)), row_threads<T>(v), sizeof(WarpExponentials), stream_of(lse), int(v),
           logits.stride(0), rows_aligned<T>(logits), logits.data<T>(), lse.mutable_data<float>(), loss, targets);
  });
}

void log_sum_exp(Tensor& lse, const Tensor& logits) { sum_rows("log_sum_exp", lse, logits, nullptr, nullptr); }

void cross_entropy(Tensor& loss, Tensor& lse, const Tensor& logits, const Tensor& targets, Tensor&) {
  sum_rows("cross_entropy", lse, logits, loss.mutable_data<float>(), targets.data<int32_t>());
}

size_t cross_entropy_scratch(int64_t, int64_t, DType) { return 0; }

// ---- gradient

// What turns logits of a row into their gradient.
struct Gradient {
  float lse, weight;
  int target;

  // Returns the gradient of the columns from `first` on.
  template <class T, int N>
  __device__ Pack<N> of(const Pack<N>& x, int64_t first) const {
    Pack<N> g;
    float chosen = 0;
#pragma unroll
    for (int i = 0; i < N; ++i) {
      g[i] = exponential(x[i] - lse, T{}) * weight;
      if (first + i == target) chosen = x[i];
    }
    if (first <= target && target < first + N) {
      const float minus_one = expm1f(chosen - lse) * weight;  // softmax - 1 without cancellation
#pragma unroll
      for (int i = 0; i < N; ++i)
        if (first + i == target) g[i] = minus_one;
    }
    return g;
  }
};

constexpr int kPacksPerThread = 4;

// Computes the gradient of each row. A block has some columns of one row.
template <class T>
__global__ void __launch_bounds__(kThreads)
    backward_rows(int64_t v, bool aligned, T* dlogits, int64_t dstride, const T* logits, int64_t stride,
                  const float* lse, const int32_t* targets, const float* weights) {
  constexpr int N = kPack<T>;
  const int64_t row = blockIdx.x;
  const Gradient gradient{lse[row], weights[row], targets[row]};
  const T* x = logits + row * stride;
  T* dx = dlogits + row * dstride;
#pragma unroll
  for (int p = 0; p < kPacksPerThread; ++p) {
    const int64_t first = ((int64_t(blockIdx.y) * kPacksPerThread + p) * kThreads + threadIdx.x) * N, left = v - first;
    if (left <= 0) break;
    const bool whole = aligned && left >= N;
    Pack<N> g{};
    if (gradient.target >= 0) g = gradient.template of<T>(load_pack<N>(x + first, left, whole), first);
    store_pack(dx + first, g, left, whole);
  }
}

void cross_entropy_backward(Tensor& dlogits, const Tensor& logits, const Tensor& lse, const Tensor& targets,
                            const Tensor& weight) {
  dispatch_f32_bf16("cross_entropy_backward", logits.dtype(), [&]<class T>() {
    const int64_t v = logits.size(1);
    const bool aligned = rows_aligned<T>(logits) && rows_aligned<T>(dlogits);
    const dim3 grid(unsigned(logits.size(0)), blocks_for(v, int64_t(kThreads) * kPack<T> * kPacksPerThread));
    launch(backward_rows<T>, grid, kThreads, 0, stream_of(dlogits), v, aligned, dlogits.mutable_data<T>(),
           dlogits.stride(0), logits.data<T>(), logits.stride(0), lse.data<float>(), targets.data<int32_t>(),
           weight.data<float>());
  });
}

// ---- loss and gradient

constexpr int kHeld = 7;  // packs that a thread keeps

template <class T>
__global__ void __launch_bounds__(kRowThreads) replace_rows(int v, int64_t stride, bool aligned, T* logits, float* loss,
                                                            const int32_t* targets, const float* weights) {
  constexpr int N = kPack<T>;
  const Row<T> row(logits, stride, v, aligned);
  const int32_t target = targets[blockIdx.x];
  if (target < 0) {  // the whole block
    for (int k = 0; row.first(k) < v; ++k) row.store(row.first(k), Pack<N>{});
    if (threadIdx.x == 0) loss[blockIdx.x] = 0;
    return;
  }
  uint4 held[kHeld];
#pragma unroll
  for (int k = 0; k < kHeld; ++k)
    if (row.first(k) < v) held[k] = row.load(row.first(k));
  const float chosen(row.x[target]);
  Exponentials mine;
#pragma unroll
  for (int k = 0; k < kHeld; ++k)
    if (row.first(k) < v) row.join(mine, held[k], row.first(k));
  for (int k = kHeld; row.first(k) < v; ++k) row.join(mine, row.load(row.first(k)), row.first(k));
  const float lse = join_block(mine).log();  // behind its barrier nobody reads what others write
  if (threadIdx.x == 0) loss[blockIdx.x] = lse - chosen;
  const Gradient gradient{lse, weights[blockIdx.x], target};
  const auto replace = [&](uint4 raw, int first) { row.store(first, gradient.template of<T>(unpack<T>(raw), first)); };
#pragma unroll
  for (int k = 0; k < kHeld; ++k)
    if (row.first(k) < v) replace(held[k], row.first(k));
  for (int k = kHeld; row.first(k) < v; ++k) replace(row.load(row.first(k)), row.first(k));
}

void cross_entropy_in_place(Tensor& loss, Tensor& logits, const Tensor& targets, const Tensor& weight) {
  dispatch_f32_bf16("cross_entropy_in_place", logits.dtype(), [&]<class T>() {
    const int64_t v = logits.size(1);
    launch(replace_rows<T>, unsigned(logits.size(0)), row_threads<T>(v), sizeof(WarpExponentials), stream_of(logits),
           int(v), logits.stride(0), rows_aligned<T>(logits), logits.mutable_data<T>(), loss.mutable_data<float>(),
           targets.data<int32_t>(), weight.data<float>());
  });
}

// ---- sums[groups[t]] += loss[t]: a block sums one group, in f64. Groups are few

struct WarpTotals {
  double of[kWarps];
};

__global__ void __launch_bounds__(kThreads)
    sum_group(int64_t t, double* sums, const float* loss, const int32_t* groups) {
  auto& s = shared_memory<WarpTotals>();
  double total = 0;
  for (int64_t i = threadIdx.x; i < t; i += kThreads)
    if (groups[i] == int32_t(blockIdx.x)) total += double(loss[i]);
#pragma unroll
  for (int distance = 16; distance > 0; distance /= 2) total += __shfl_xor_sync(kAllLanes, total, distance);
  if (threadIdx.x % 32 == 0) s.of[threadIdx.x / 32] = total;
  __syncthreads();
  if (threadIdx.x != 0) return;
  total = 0;
#pragma unroll
  for (int warp = 0; warp < kWarps; ++warp) total += s.of[warp];
  sums[blockIdx.x] += total;
}

void group_sums(Tensor& sums, const Tensor& loss, const Tensor& groups) {
  if (loss.numel() == 0) return;
  launch(sum_group, unsigned(sums.numel()), kThreads, sizeof(WarpTotals), stream_of(sums), loss.numel(),
         sums.mutable_data<double>(), loss.data<float>(), groups.data<int32_t>());
}

}  // namespace

constinit const LossKernels loss_kernels{
    .chunk_rows = chunk_rows,
    .log_sum_exp = log_sum_exp,
    .cross_entropy = cross_entropy,
    .cross_entropy_scratch = cross_entropy_scratch,
    .cross_entropy_backward = cross_entropy_backward,
    .cross_entropy_in_place = cross_entropy_in_place,
    .group_sums = group_sums,
};

}  // namespace tensor::cuda
