// Elementwise kernels: a thread reads 16 bytes of each input, computes in f32 and writes 16 bytes. Traffic: every input
// and the output once. Operands with strides are walked element by element, in the order of the output. The gradient of
// a bias is summed by the kernel whose gradient it sums.
#include <cstring>

#include "tensor/cuda/kernel.cuh"
#include "tensor/cuda/sums.cuh"
#include "tensor/cuda/tables.h"
#include "tensor/loops.h"

namespace tensor::cuda {

namespace {

constexpr int kThreads = 256;

// ---- y[i] = f(x[i] ...) over contiguous arrays of n elements, a pack per thread

template <class Y, class F, class... X>
__global__ void __launch_bounds__(kThreads) map_packs(int64_t n, bool aligned, Y* y, F f, const X*... x) {
  constexpr int N = kPack<Y, X...>;
  const int64_t first = (int64_t(blockIdx.x) * kThreads + threadIdx.x) * N;
  const int64_t left = n - first;
  if (left <= 0) return;
  const bool whole = aligned && left >= N;
  store_pack(y + first, f(first, load_pack<N>(x + first, left, whole)...), left, whole);
}

// Calls f(first, Pack<N>...) -> Pack<N> for all elements: a pack is of those from the `first`-th on.
template <class F, class Y, class... X>
void map(int64_t n, cudaStream_t stream, Y* y, F f, const X*... x) {
  constexpr int N = kPack<Y, X...>;
  launch(map_packs<Y, F, X...>, blocks_for(n, int64_t(kThreads) * N), kThreads, 0, stream, n, packs_aligned<N>(y, x...),
         y, f, x...);
}

template <int N, class F>
__device__ inline Pack<N> each(const Pack<N>& x, F&& f) {
  Pack<N> y;
#pragma unroll
  for (int i = 0; i < N; ++i) y[i] = f(x[i]);
  return y;
}
template <int N, class F>
__device__ inline Pack<N> each(const Pack<N>& a, const Pack<N>& b, F&& f) {
  Pack<N> y;
#pragma unroll
  for (int i = 0; i < N; ++i) y[i] = f(a[i], b[i]);
  return y;
}

// ---- the same with any strides, an element per thread

// Where element i of the loops lies in each operand.
template <int K>
struct Place {
  int64_t at[K];

  __device__ Place(const Loops<K>& loops, int64_t i) {
#pragma unroll
    for (int k = 0; k < K; ++k) at[k] = 0;
#pragma unroll
    for (int d = kMaxRank - 1; d >= 0; --d) {
      if (d >= loops.rank) continue;
      const int64_t rest = i / loops.size[d], index = i - rest * loops.size[d];
      i = rest;
#pragma unroll
      for (int k = 0; k < K; ++k) at[k] += index * loops.stride[k][d];
    }
  }
};

__device__ inline int64_t thread_in_grid() { return int64_t(blockIdx.x) * kThreads + threadIdx.x; }

bool dense(const Loops<3>& loops) {
  return loops.rank == 1 && loops.stride[0][0] == 1 && loops.stride[1][0] == 1 && loops.stride[2][0] == 1;
}
bool dense(const Loops<2>& loops) { return loops.rank == 1 && loops.stride[0][0] == 1 && loops.stride[1][0] == 1; }

// ---- copy and fill

// Returns an element of any type as a double, which holds every value but i64 beyond 2^53.
__device__ double load_any(const std::byte* data, DType dtype, int64_t i) {
  switch (dtype) {
    case DType::f32: return reinterpret_cast<const float*>(data)[i];
    case DType::f64: return reinterpret_cast<const double*>(data)[i];
    case DType::bf16: return float(reinterpret_cast<const bf16*>(data)[i]);
    case DType::i32: return reinterpret_cast<const int32_t*>(data)[i];
    case DType::i64: return double(reinterpret_cast<const int64_t*>(data)[i]);
    default: return reinterpret_cast<const uint8_t*>(data)[i];
  }
}
__device__ void store_any(std::byte* data, DType dtype, int64_t i, double value) {
  switch (dtype) {
    case DType::f32: reinterpret_cast<float*>(data)[i] = float(value); break;
    case DType::f64: reinterpret_cast<double*>(data)[i] = value; break;
    case DType::bf16: reinterpret_cast<bf16*>(data)[i] = bf16(float(value)); break;
    case DType::i32: reinterpret_cast<int32_t*>(data)[i] = int32_t(value); break;
    case DType::i64: reinterpret_cast<int64_t*>(data)[i] = int64_t(value); break;
    default: reinterpret_cast<uint8_t*>(data)[i] = uint8_t(int64_t(value)); break;
  }
}

__global__ void __launch_bounds__(kThreads)
    convert_elements(int64_t n, Loops<2> loops, std::byte* y, DType y_dtype, const std::byte* x, DType x_dtype) {
  const int64_t i = thread_in_grid();
  if (i >= n) return;
  const Place<2> place(loops, i);
  store_any(y, y_dtype, place.at[0], load_any(x, x_dtype, place.at[1]));
}

template <class Bits>
__global__ void __launch_bounds__(kThreads) copy_elements(int64_t n, Loops<2> loops, Bits* y, const Bits* x) {
  const int64_t i = thread_in_grid();
  if (i >= n) return;
  const Place<2> place(loops, i);
  y[place.at[0]] = x[place.at[1]];
}

template <class Bits>
__global__ void __launch_bounds__(kThreads) fill_elements(int64_t n, Loops<1> loops, Bits* y, Bits value) {
  const int64_t i = thread_in_grid();
  if (i < n) y[Place<1>(loops, i).at[0]] = value;
}

// Calls f.template operator()<Bits>() with the unsigned integer that is as large as an element of the dtype.
template <class F>
void dispatch_size(DType dtype, F&& f) {
  switch (size_of(dtype)) {
    case 1: return f.template operator()<uint8_t>();
    case 2: return f.template operator()<uint16_t>();
    case 4: return f.template operator()<uint32_t>();
    default: return f.template operator()<uint64_t>();
  }
}

struct Same {
  template <int N>
  __device__ Pack<N> operator()(int64_t, const Pack<N>& x) const {
    return x;
  }
};

void copy_same(Tensor& y, const Tensor& x, const Loops<2>& loops) {
  const cudaStream_t stream = stream_of(y);
  if (dense(loops)) return copy_in(stream, y.mutable_bytes_data(), x.bytes_data(), size_t(y.bytes()));
  dispatch_size(y.dtype(), [&]<class Bits>() {
    launch(copy_elements<Bits>, blocks_for(y.numel(), kThreads), kThreads, 0, stream, y.numel(), loops,
           reinterpret_cast<Bits*>(y.mutable_bytes_data()), reinterpret_cast<const Bits*>(x.bytes_data()));
  });
}

void copy(Tensor& y, const Tensor& x) {
  const Loops<2> loops = merge_loops<2>(y.shape(), {&y.strides(), &x.strides()});
  if (y.dtype() == x.dtype()) return copy_same(y, x, loops);
  if (y.dtype() == DType::f16 || x.dtype() == DType::f16)
    base::fail("copy: f16 on cuda; it should be converted on the CPU");
  const cudaStream_t stream = stream_of(y);
  if (dense(loops) && y.dtype() == DType::bf16 && x.dtype() == DType::f32)
    return map(y.numel(), stream, y.mutable_data<bf16>(), Same{}, x.data<float>());
  if (dense(loops) && y.dtype() == DType::f32 && x.dtype() == DType::bf16)
    return map(y.numel(), stream, y.mutable_data<float>(), Same{}, x.data<bf16>());
  launch(convert_elements, blocks_for(y.numel(), kThreads), kThreads, 0, stream, y.numel(), loops,
         y.mutable_bytes_data(), y.dtype(), x.bytes_data(), x.dtype());
}

// Returns the bits of `value` as an element of the dtype.
template <class Bits>
Bits bits_of(double value, DType dtype) {
  const auto bits = [](auto element) {
    Bits result{};
    std::memcpy(&result, &element, sizeof element);
    return result;
  };
  if constexpr (sizeof(Bits) == 1) return bits(uint8_t(int64_t(value)));
  if constexpr (sizeof(Bits) == 2) return dtype == DType::bf16 ? bits(bf16(float(value))) : bits(f16(float(value)));
  if constexpr (sizeof(Bits) == 4) return dtype == DType::f32 ? bits(float(value)) : bits(int32_t(value));
  if constexpr (sizeof(Bits) == 8) return dtype == DType::f64 ? bits(value) : bits(int64_t(value));
}

void fill(Tensor& y, double value) {
  const Loops<1> loops = merge_loops<1>(y.shape(), {&y.strides()});
  dispatch_size(y.dtype(), [&]<class Bits>() {
    launch(fill_elements<Bits>, blocks_for(y.numel(), kThreads), kThreads, 0, stream_of(y), y.numel(), loops,
           reinterpret_cast<Bits*>(y.mutable_bytes_data()), bits_of<Bits>(value, y.dtype()));
  });
}

// ---- arithmetic

struct Arithmetic {
  Binary op;

  __device__ float operator()(float a, float b) const {
    switch (op) {
      case Binary::add: return a + b;
      case Binary::sub: return a - b;
      case Binary::mul: return a * b;
      default: return a / b;
    }
  }
  template <int N>
  __device__ Pack<N> operator()(int64_t, const Pack<N>& a, const Pack<N>& b) const {
    return each(a, b, *this);
  }
};

template <class T>
__global__ void __launch_bounds__(kThreads)
    binary_elements(int64_t n, Loops<3> loops, T* y, const T* a, const T* b, Arithmetic f) {
  const int64_t i = thread_in_grid();
  if (i >= n) return;
  const Place<3> place(loops, i);
  store_one(y + place.at[0], f(float(a[place.at[1]]), float(b[place.at[2]])));
}

void binary(Binary op, Tensor& y, const Tensor& a, const Tensor& b) {
  const Loops<3> loops = merge_loops<3>(y.shape(), {&y.strides(), &a.strides(), &b.strides()});
  dispatch_f32_bf16("binary", y.dtype(), [&]<class T>() {
    T* py = y.mutable_data<T>();
    const T *pa = a.data<T>(), *pb = b.data<T>();
    if (dense(loops)) return map(y.numel(), stream_of(y), py, Arithmetic{op}, pa, pb);
    launch(binary_elements<T>, blocks_for(y.numel(), kThreads), kThreads, 0, stream_of(y), y.numel(), loops, py, pa, pb,
           Arithmetic{op});
  });
}

struct Affine {
  float scale, shift;

  template <int N>
  __device__ Pack<N> operator()(int64_t, const Pack<N>& x) const {
    return each(x, [this](float v) { return v * scale + shift; });
  }
};

void affine(Tensor& y, const Tensor& x, double scale, double shift) {
  dispatch_f32_bf16("affine", y.dtype(), [&]<class T>() {
    map(y.numel(), stream_of(y), y.mutable_data<T>(), Affine{float(scale), float(shift)}, x.data<T>());
  });
}

void accumulate(Tensor& y, const Tensor& x) {
  const Arithmetic add{Binary::add};
  dispatch_f32_bf16("accumulate", y.dtype(), [&]<class Y>() {
    dispatch_f32_bf16("accumulate", x.dtype(), [&]<class X>() {
      Y* py = y.mutable_data<Y>();
      map(y.numel(), stream_of(y), py, add, static_cast<const Y*>(py), x.data<X>());
    });
  });
}

// ---- functions of one number

// Returns the standard normal distribution: of its left tail, 1 + erf would lose all digits.
__device__ inline float cumulative(float x) { return 0.5f * erfcf(-0.70710678f * x); }
__device__ inline float density(float x) { return 0.39894228f * expf(-0.5f * x * x); }

// Returns tanh's argument in the approximation of GELU by Hendrycks & Gimpel 2016; gelu_inner_slope, its derivative.
__device__ inline float gelu_inner(float x) { return 0.79788456f * (x + 0.044715f * x * x * x); }
__device__ inline float gelu_inner_slope(float x) { return 0.79788456f * (1 + 3 * 0.044715f * x * x); }

__device__ inline float logistic(float x) { return 1 / (1 + expf(-x)); }

// The switch is outside of the loop over the pack: all threads take the same way once.
struct Function {
  Unary op;

  template <int N>
  __device__ Pack<N> operator()(int64_t, const Pack<N>& x) const {
    switch (op) {
      case Unary::neg: return each(x, [](float v) { return -v; });
      case Unary::exp: return each(x, [](float v) { return expf(v); });
      case Unary::log: return each(x, [](float v) { return logf(v); });
      case Unary::sqrt: return each(x, [](float v) { return sqrtf(v); });
      case Unary::relu: return each(x, [](float v) { return v > 0 ? v : 0.0f; });
      case Unary::tanh: return each(x, [](float v) { return tanhf(v); });
      case Unary::gelu: return each(x, [](float v) { return v * cumulative(v); });
      case Unary::gelu_tanh: return each(x, [](float v) { return 0.5f * v * (1 + tanhf(gelu_inner(v))); });
      default: return each(x, [](float v) { return v * logistic(v); });
    }
  }
};

// The derivative.
struct Slope {
  Unary op;

  template <int N>
  __device__ Pack<N> operator()(const Pack<N>& x) const {
    switch (op) {
      case Unary::neg: return each(x, [](float) { return -1.0f; });
      case Unary::exp: return each(x, [](float v) { return expf(v); });
      case Unary::log: return each(x, [](float v) { return 1 / v; });
      case Unary::sqrt: return each(x, [](float v) { return 0.5f / sqrtf(v); });
      case Unary::relu: return each(x, [](float v) { return v > 0 ? 1.0f : 0.0f; });
      case Unary::tanh:
        return each(x, [](float v) {
          const float t = tanhf(v);
          return 1 - t * t;
        });
      case Unary::gelu: return each(x, [](float v) { return cumulative(v) + v * density(v); });
      case Unary::gelu_tanh:
        return each(x, [](float v) {
          const float t = tanhf(gelu_inner(v));
          return 0.5f * (1 + t) + 0.5f * v * (1 - t * t) * gelu_inner_slope(v);
        });
      default:
        return each(x, [](float v) {
          const float s = logistic(v);
          return s * (1 + v * (1 - s));
        });
    }
  }
  template <int N>
  __device__ Pack<N> operator()(int64_t, const Pack<N>& dy, const Pack<N>& x) const {
    return each(dy, (*this)(x), [](float g, float slope) { return g * slope; });
  }
};

void unary(Unary op, Tensor& y, const Tensor& x) {
  dispatch_f32_bf16("unary", y.dtype(),
                    [&]<class T>() { map(y.numel(), stream_of(y), y.mutable_data<T>(), Function{op}, x.data<T>()); });
}

void unary_backward(Unary op, Tensor& dx, const Tensor& dy, const Tensor& x) {
  dispatch_f32_bf16("unary_backward", dx.dtype(), [&]<class T>() {
    map(dx.numel(), stream_of(dx), dx.mutable_data<T>(), Slope{op}, dy.data<T>(), x.data<T>());
  });
}

// ---- dropout

struct Drop {
  Dropout dropout;

  template <int N>
  __device__ Pack<N> operator()(int64_t first, const Pack<N>& x) const {
    return each(x, dropout.factors<N>(first), [](float v, float factor) { return v * factor; });
  }
};

void dropout(Tensor& y, const Tensor& x, float p, RandomPosition at) {
  dispatch_f32_bf16("dropout", y.dtype(), [&]<class T>() {
    map(y.numel(), stream_of(y), y.mutable_data<T>(), Drop{Dropout(p, at)}, x.data<T>());
  });
}

// x + bias of the elements from the `first`-th on; `bias` repeats every d elements.
template <class T>
struct Biased {
  const T* bias;
  int64_t d;
  bool aligned;  // every pack lies within one row, and that of the bias can be loaded at once

  template <int N>
  __device__ Pack<N> operator()(int64_t first, const Pack<N>& x) const {
    const int64_t column = first % d;
    Pack<N> b;
    if (aligned) {
      b = load_pack<N>(bias + column);
    } else {
#pragma unroll
      for (int i = 0; i < N; ++i) b[i] = float(bias[(column + i) % d]);
    }
    return each(x, b, [](float u, float v) { return u + v; });
  }
};

template <class T>
Biased<T> biased(const Tensor& bias) {
  constexpr int N = kPack<T>;
  const int64_t d = bias.numel();
  return {bias.data<T>(), d, d % N == 0 && packs_aligned<N>(bias.data<T>())};
}

template <class T>
struct BiasFunctionDrop {
  Biased<T> add;
  Function function;
  Dropout dropout;

  template <int N>
  __device__ Pack<N> operator()(int64_t first, const Pack<N>& x) const {
    return each(function(first, add(first, x)), dropout.factors<N>(first), [](float v, float k) { return v * k; });
  }
};

void bias_activation_dropout(Unary op, Tensor& y, const Tensor& x, const Tensor& bias, float p, RandomPosition at) {
  dispatch_f32_bf16("bias_activation_dropout", y.dtype(), [&]<class T>() {
    const BiasFunctionDrop<T> f{biased<T>(bias), Function{op}, Dropout(p, at)};
    map(y.numel(), stream_of(y), y.mutable_data<T>(), f, x.data<T>());
  });
}

// Rows of dx, which are written and summed for the gradient of the bias.
template <class T>
struct BiasSlopeDropRows {
  static constexpr int N = kPack<T>;
  static constexpr int kUnroll = 1;
  T* dx;
  const T *dy, *x, *bias;
  int64_t d;
  Slope slope;
  Dropout dropout;

  bool aligned(int64_t) const { return d % N == 0 && packs_aligned<N>(static_cast<const T*>(dx), dy, x, bias); }
  __device__ Pack<N> pack(int64_t r, int64_t column, int64_t left, bool whole) const {
    const int64_t first = r * d + column;
    const Pack<N> v = load_pack<N>(x + first, left, whole), b = load_pack<N>(bias + column, left, whole);
    const Pack<N> of_activation = slope(each(v, b, [](float u, float w) { return u + w; }));
    const Pack<N> g = each(load_pack<N>(dy + first, left, whole), dropout.factors<N>(first, left, whole),
                           [](float u, float w) { return u * w; });
    const uint4 raw = packed<T>(each(g, of_activation, [](float u, float w) { return u * w; }));
    whole ? store_global_16(dx + first, raw) : store_raw(dx + first, raw, left, false);
    return unpack<T>(raw);
  }
};

size_t bias_activation_dropout_backward_scratch(int64_t rows, int64_t d, DType) { return add_rows_scratch(1, rows, d); }

void bias_activation_dropout_backward(Unary op, Tensor& dx, Target& dbias, const Tensor& dy, const Tensor& x,
                                      const Tensor& bias, float p, RandomPosition at, Tensor& scratch) {
  dispatch_f32_bf16("bias_activation_dropout_backward", dx.dtype(), [&]<class T>() {
    const int64_t rows = x.size(0), d = x.size(1);
    const cudaStream_t stream = stream_of(dx);
    const BiasSlopeDropRows<T> made{dx.mutable_data<T>(), dy.data<T>(), x.data<T>(), bias.data<T>(), d, Slope{op},
                                    Dropout(p, at)};
    if (!dbias.wanted())
      return sum_parts(static_cast<float*>(nullptr), false, made, 1, rows, d, ColumnSums::kPartRows, stream);
    float* const partials = reinterpret_cast<float*>(scratch.mutable_data<uint8_t>());
    if (dbias.tensor.dtype() == DType::f32)
      return add_rows(dbias.tensor.mutable_data<float>(), dbias.accumulate, made, 1, rows, d, partials, stream);
    add_rows(dbias.tensor.mutable_data<T>(), dbias.accumulate, made, 1, rows, d, partials, stream);
  });
}

// ---- random numbers, of the distribution of the CPU's, not with their bits

// y[e] = f of two words: those of element e in stream 0 and 1 of the position, which differ in the top bit of `op`.
template <class F>
struct Draw {
  RandomPosition first_stream, second_stream;
  F f;

  template <int N>
  __device__ Pack<N> operator()(int64_t first) const {
    Pack<N> y;
#pragma unroll
    for (int b = 0; b < N / 4; ++b) {
      const uint64_t block = uint64_t(first) / 4 + uint64_t(b);
      const PhiloxCounter u = random_block(first_stream, block), v = random_block(second_stream, block);
#pragma unroll
      for (int i = 0; i < 4; ++i) y[4 * b + i] = f(u[size_t(i)], v[size_t(i)]);
    }
    return y;
  }
};

template <class T, class F>
__global__ void __launch_bounds__(kThreads) draw_packs(int64_t n, bool aligned, T* y, Draw<F> draw) {
  constexpr int N = kPack<T>;
  const int64_t first = thread_in_grid() * N, left = n - first;
  if (left > 0) store_pack(y + first, draw.template operator()<N>(first), left, aligned && left >= N);
}

template <class F>
void draw(Tensor& y, const RandomPosition& at, F f) {
  RandomPosition second = at;
  second.op ^= 1u << 31;
  dispatch_f32_bf16("random", y.dtype(), [&]<class T>() {
    constexpr int N = kPack<T>;
    T* py = y.mutable_data<T>();
    launch(draw_packs<T, F>, blocks_for(y.numel(), int64_t(kThreads) * N), kThreads, 0, stream_of(y), y.numel(),
           packs_aligned<N>(py), py, Draw<F>{at, second, f});
  });
}

struct Normal {
  float mean, stddev;

  __device__ float operator()(uint32_t u, uint32_t v) const {
    const float radius = sqrtf(-2 * logf((float(u) + 0.5f) * 0x1p-32f));
    return mean + stddev * radius * cospif(float(v) * 0x1p-31f);  // cosf would need a stack
  }
};

struct Uniform {
  float low, high;

  __device__ float operator()(uint32_t u, uint32_t) const { return low + (high - low) * to_unit(u); }
};

void random_normal(Tensor& y, double mean, double stddev, RandomPosition at) {
  draw(y, at, Normal{float(mean), float(stddev)});
}

void random_uniform(Tensor& y, double low, double high, RandomPosition at) {
  draw(y, at, Uniform{float(low), float(high)});
}

}  // namespace

constinit const ElementwiseKernels elementwise_kernels{
    .copy = copy,
    .fill = fill,
    .unary = unary,
    .unary_backward = unary_backward,
    .binary = binary,
    .affine = affine,
    .accumulate = accumulate,
    .dropout = dropout,
    .bias_activation_dropout = bias_activation_dropout,
    .bias_activation_dropout_backward = bias_activation_dropout_backward,
    .bias_activation_dropout_backward_scratch = bias_activation_dropout_backward_scratch,
    .random_normal = random_normal,
    .random_uniform = random_uniform,
};

}  // namespace tensor::cuda
