// Reductions. A block adds what its threads have added, in an order that follows from the sizes alone. What is longer
// than one block should read becomes parts, each with a block, and a second launch adds their results: no atomics, so
// the same bits every time. Sums over rows of columns are in sums.cuh. Traffic: x once.
#include "tensor/cuda/kernel.cuh"
#include "tensor/cuda/sums.cuh"
#include "tensor/cuda/tables.h"

namespace tensor::cuda {

namespace {

constexpr int kThreads = 256;
constexpr int64_t kPart = 1 << 14;      // elements that one block sums
constexpr int64_t kShortRow = 1 << 10;  // up to here one warp is enough

// ---- what is summed, and in which type

struct Same {
  using Total = float;
  __device__ static float of(float v) { return v; }
};
// The square of an f32 is exact in f64.
struct Square {
  using Total = double;
  __device__ static double of(float v) { return double(v) * double(v); }
};
// 0 for a finite number and nan for any other.
struct Defect {
  using Total = float;
  __device__ static float of(float v) { return v - v; }
};

// ---- where the total of row r goes

template <class A>
struct Store {
  A* y;
  __device__ void operator()(int64_t r, A total) const { y[r] = total; }
};
template <class Y>
struct PutSum {
  Y* y;
  bool accumulate;
  __device__ void operator()(int64_t r, float total) const { put_sum(y + r, total, accumulate); }
};
struct StoreFinite {
  uint8_t* y;
  __device__ void operator()(int64_t r, float defects) const { y[r] = defects == 0; }
};

// ---- rows of x[rows, n]

template <class A>
struct Shared {
  A sums[32];
};

// Sums rows. A block takes one of the `parts` of a row.
template <class Of, class X, class Put>
__global__ void __launch_bounds__(kThreads) sum_rows(const X* x, int64_t n, unsigned parts, bool aligned, Put put) {
  constexpr int N = kPack<X>;
  auto& s = shared_memory<Shared<typename Of::Total>>();
  const int64_t begin = blockIdx.x % parts * kPart, end = begin + kPart < n ? begin + kPart : n;
  const X* const row = x + blockIdx.x / parts * n;
  typename Of::Total total = 0;
  const auto add = [&](const Pack<N>& v) {
#pragma unroll
    for (int k = 0; k < N; ++k) total += Of::of(v[k]);
  };
  const int64_t step = int64_t(blockDim.x) * N;
  int64_t i = begin + int64_t(threadIdx.x) * N;
  if (aligned) {
#pragma unroll 4
    for (; i < end; i += step) add(load_pack<N>(row + i));
  }
  for (; i < end; i += step) add(load_pack<N>(row + i, end - i, false));
  total = block_sum(total, s.sums);
  if (threadIdx.x == 0) put(blockIdx.x, total);
}

// Adds the results of a row's parts; a block takes a row.
template <class A, class Put>
__global__ void __launch_bounds__(kThreads) add_parts(const A* results, int64_t parts, Put put) {
  auto& s = shared_memory<Shared<A>>();
  A total = 0;
  for (int64_t i = threadIdx.x; i < parts; i += kThreads) total += results[blockIdx.x * parts + i];
  total = block_sum(total, s.sums);
  if (threadIdx.x == 0) put(blockIdx.x, total);
}

// Returns the bytes of scratch for total_rows.
template <class Of>
size_t total_rows_scratch(int64_t rows, int64_t n) {
  const int64_t parts = blocks_for(n, kPart);
  return parts <= 1 ? 0 : size_t(rows * parts) * sizeof(typename Of::Total);
}

template <class Of, class X, class Put>
void total_rows(const X* x, int64_t rows, int64_t n, Tensor& scratch, cudaStream_t stream, Put put) {
  using A = typename Of::Total;
  const unsigned parts = std::max(1u, blocks_for(n, kPart));
  const bool aligned = packs_aligned<kPack<X>>(x) && n % kPack<X> == 0;
  if (parts == 1)
    return launch(sum_rows<Of, X, Put>, unsigned(rows), n <= kShortRow ? 32 : kThreads, sizeof(Shared<A>), stream, x, n,
                  1u, aligned, put);
  A* results = reinterpret_cast<A*>(scratch.mutable_data<uint8_t>());
  launch(sum_rows<Of, X, Store<A>>, unsigned(rows) * parts, kThreads, sizeof(Shared<A>), stream, x, n, parts, aligned,
         Store<A>{results});
  launch(add_parts<A, Put>, unsigned(rows), kThreads, sizeof(Shared<A>), stream, results, parts, put);
}

// ---- sum

template <class Y, class X>
void sum_typed(Target& to, const Tensor& x, Tensor& scratch) {
  const int64_t outer = x.size(0), n = x.size(1), inner = x.size(2);
  Y* y = to.tensor.mutable_data<Y>();
  const X* px = x.data<X>();
  const cudaStream_t stream = stream_of(x);
  if (inner == 1) return total_rows<Same>(px, outer, n, scratch, stream, PutSum<Y>{y, to.accumulate});
  add_rows(y, to.accumulate, RowsOf<X>{px, inner}, outer, n, inner,
           reinterpret_cast<float*>(scratch.mutable_data<uint8_t>()), stream);
}

void sum(Target& y, const Tensor& x, Tensor& scratch) {
  if (y.tensor.dtype() == DType::f32 && x.dtype() == DType::bf16) return sum_typed<float, bf16>(y, x, scratch);
  dispatch_f32_bf16("sum", x.dtype(), [&]<class T>() { sum_typed<T, T>(y, x, scratch); });
}

size_t sum_scratch(int64_t outer, int64_t n, int64_t inner, DType) {
  return inner == 1 ? total_rows_scratch<Same>(outer, n) : add_rows_scratch(outer, n, inner);
}

// ---- maximum: a warp takes an output, its lanes every 32nd element

struct Largest {
  float value;
  int64_t at;

  // Takes the larger one, of equal ones the first. Nothing is larger than nan, and nan than nothing.
  __device__ void take(const Largest& other) {
    if (other.value > value || (other.value == value && other.at < at)) *this = other;
  }
};

template <class T>
__global__ void __launch_bounds__(kThreads)
    max_elements(T* y, int32_t* index, const T* x, int64_t outputs, int64_t n, int64_t inner) {
  const int64_t o = int64_t(blockIdx.x) * (kThreads / 32) + threadIdx.x / 32;
  if (o >= outputs) return;  // a whole warp
  const T* const column = x + o / inner * n * inner + o % inner;
  const int lane = threadIdx.x % 32;
  Largest best{float(column[0]), 0};  // in every lane: a nan there stays, any other is passed over
  for (int64_t k = lane; k < n; k += 32) best.take({float(column[k * inner]), k});
#pragma unroll
  for (int distance = 16; distance > 0; distance /= 2)
    best.take({__shfl_xor_sync(kAllLanes, best.value, distance), __shfl_xor_sync(kAllLanes, best.at, distance)});
  if (lane != 0) return;
  y[o] = column[best.at * inner];
  index[o] = int32_t(best.at);
}

void max(Tensor& y, Tensor& index, const Tensor& x, Tensor&) {
  dispatch_f32_bf16("max", x.dtype(), [&]<class T>() {
    launch(max_elements<T>, blocks_for(y.numel(), kThreads / 32), kThreads, 0, stream_of(x), y.mutable_data<T>(),
           index.mutable_data<int32_t>(), x.data<T>(), y.numel(), x.size(1), x.size(2));
  });
}

size_t max_scratch(int64_t, int64_t, int64_t, DType) { return 0; }

// ---- one number for a whole tensor

void square_norm(Tensor& y, const Tensor& x, Tensor& scratch) {
  dispatch_f32_bf16("square_norm", x.dtype(), [&]<class T>() {
    total_rows<Square>(x.data<T>(), 1, x.numel(), scratch, stream_of(x), Store<double>{y.mutable_data<double>()});
  });
}

size_t square_norm_scratch(int64_t numel) { return total_rows_scratch<Square>(1, numel); }

void all_finite(Tensor& y, const Tensor& x, Tensor& scratch) {
  dispatch_f32_bf16("all_finite", x.dtype(), [&]<class T>() {
    total_rows<Defect>(x.data<T>(), 1, x.numel(), scratch, stream_of(x), StoreFinite{y.mutable_data<uint8_t>()});
  });
}

size_t all_finite_scratch(int64_t numel) { return total_rows_scratch<Defect>(1, numel); }

}  // namespace

constinit const ReduceKernels reduce_kernels{
    .sum = sum,
    .sum_scratch = sum_scratch,
    .max = max,
    .max_scratch = max_scratch,
    .square_norm = square_norm,
    .square_norm_scratch = square_norm_scratch,
    .all_finite = all_finite,
    .all_finite_scratch = all_finite_scratch,
};

}  // namespace tensor::cuda
