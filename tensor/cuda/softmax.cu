// Softmax of rows: y = exp(x - max) / sum, and its gradient dx = y (dy - sum(dy y)). A block takes a row. Its threads
// keep a running maximum and sum of their own elements, which are then brought together.
// Traffic: x twice (the second time mostly out of a cache) and y once; backward dy and y twice and dx once.
#include "tensor/cuda/attention.cuh"

namespace tensor::cuda {

namespace {

constexpr int kThreads = 256;

struct Shared {
  float reduce[32];
};

// A row of n elements in packs; `aligned` says whether the row begins at a multiple of a pack.
template <class T>
struct Row {
  static constexpr int N = kPack<T>;
  T* data;
  int64_t n;
  bool aligned;

  __device__ Row(T* all, int64_t n, bool aligned) : data(all + int64_t(blockIdx.x) * n), n(n), aligned(aligned) {}
  __device__ Pack<N> load(int64_t i) const { return load_pack<N>(data + i, n - i, aligned && i + N <= n); }
  __device__ void store(int64_t i, const Pack<N>& x) const { store_pack(data + i, x, n - i, aligned && i + N <= n); }
};

// Calls f(first, elements) for the packs of this thread.
template <int N, class F>
__device__ inline void for_packs(int64_t n, F&& f) {
  for (int64_t i = int64_t(threadIdx.x) * N; i < n; i += int64_t(kThreads) * N) f(i, int(min(int64_t(N), n - i)));
}

template <class T>
__global__ void __launch_bounds__(kThreads) softmax_rows(T* y, const T* x, int64_t n, bool aligned) {
  constexpr int N = kPack<T>;
  auto& s = shared_memory<Shared>();
  const Row<const T> from(x, n, aligned);
  const Row<T> to(y, n, aligned);
  float largest = -INFINITY, sum = 0;
  for_packs<N>(n, [&](int64_t first, int elements) {
    const Pack<N> v = from.load(first);
    float most = largest;
#pragma unroll
    for (int i = 0; i < N; ++i)
      if (i < elements) most = fmaxf(most, v[i]);
    if (most == -INFINITY) return;
    sum *= expf(largest - most);
    largest = most;
#pragma unroll
    for (int i = 0; i < N; ++i)
      if (i < elements) sum += expf(v[i] - most);
  });
  const float most = block_max(largest, s.reduce);
  const float factor = 1 / block_sum(largest == -INFINITY ? 0 : sum * expf(largest - most), s.reduce);
  for_packs<N>(n, [&](int64_t first, int) {
    Pack<N> v = from.load(first);
#pragma unroll
    for (int i = 0; i < N; ++i) v[i] = expf(v[i] - most) * factor;
    to.store(first, v);
  });
}

template <class T>
__global__ void __launch_bounds__(kThreads) softmax_gradients(T* dx, const T* dy, const T* y, int64_t n, bool aligned) {
  constexpr int N = kPack<T>;
  auto& s = shared_memory<Shared>();
  const Row<const T> gradient(dy, n, aligned), result(y, n, aligned);
  const Row<T> to(dx, n, aligned);
  float sum = 0;
  for_packs<N>(n, [&](int64_t first, int) {
    const Pack<N> a = gradient.load(first), b = result.load(first);
#pragma unroll
    for (int i = 0; i < N; ++i) sum += a[i] * b[i];
  });
  sum = block_sum(sum, s.reduce);
  for_packs<N>(n, [&](int64_t first, int) {
    Pack<N> a = gradient.load(first);
    const Pack<N> b = result.load(first);
#pragma unroll
    for (int i = 0; i < N; ++i) a[i] = b[i] * (a[i] - sum);
    to.store(first, a);
  });
}

}  // namespace

void softmax(Tensor& y, const Tensor& x) {
  dispatch_f32_bf16("softmax", x.dtype(), [&]<class T>() {
    constexpr int N = kPack<T>;
    const int64_t n = x.size(1);
    T* to = y.mutable_data<T>();
    const T* from = x.data<T>();
    launch(softmax_rows<T>, unsigned(x.size(0)), kThreads, sizeof(Shared), stream_of(x), to, from, n,
           n % N == 0 && packs_aligned<N>(to, from));
  });
}

void softmax_backward(Tensor& dx, const Tensor& dy, const Tensor& y) {
  dispatch_f32_bf16("softmax_backward", y.dtype(), [&]<class T>() {
    constexpr int N = kPack<T>;
    const int64_t n = y.size(1);
    T* to = dx.mutable_data<T>();
    const T *gradient = dy.data<T>(), *result = y.data<T>();
    launch(softmax_gradients<T>, unsigned(y.size(0)), kThreads, sizeof(Shared), stream_of(y), to, gradient, result, n,
           n % N == 0 && packs_aligned<N>(to, gradient, result));
  });
}

}  // namespace tensor::cuda
