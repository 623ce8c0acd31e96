// Elementwise kernels: one pass over memory, as wide as the instruction set. Operands with strides are walked as runs
// of their innermost dimension.
#include "tensor/base/threads.h"
#include "tensor/cpu/dropout.h"
#include "tensor/cpu/math.h"
#include "tensor/cpu/sums.h"
#include "tensor/cpu/tables.h"
#include "tensor/cpu/vec.h"
#include "tensor/loops.h"

namespace tensor::cpu::KILM_KERNEL_ISA {

namespace {

constexpr int64_t kGrain = 32768;

// Calls f(at, n) for runs of n elements along the innermost loop; at[k] is where operand k starts, in elements.
template <int N, class F>
void for_runs(const Loops<N>& loops, int64_t numel, F&& f) {
  const int last = loops.rank - 1;
  parallel_for(numel, kGrain, [&](int64_t begin, int64_t end) {
    int64_t index[kMaxRank];
    int64_t at[N] = {};
    int64_t rest = begin;
    for (int d = last; d >= 0; --d) {
      index[d] = rest % loops.size[d];
      rest /= loops.size[d];
      for (int k = 0; k < N; ++k) at[k] += index[d] * loops.stride[k][d];
    }
    while (begin < end) {
      const int64_t n = std::min(loops.size[last] - index[last], end - begin);
      f(at, n);
      begin += n;
      index[last] += n;
      for (int k = 0; k < N; ++k) at[k] += n * loops.stride[k][last];
      for (int d = last; d > 0 && index[d] == loops.size[d]; --d) {
        index[d] = 0;
        ++index[d - 1];
        for (int k = 0; k < N; ++k) at[k] += loops.stride[k][d - 1] - loops.size[d] * loops.stride[k][d];
      }
    }
  });
}

// ---- copy and fill

template <class Y, class X>
inline Y convert(X x) {
  constexpr bool from_half = std::is_same_v<X, bf16> || std::is_same_v<X, f16>;
  constexpr bool to_half = std::is_same_v<Y, bf16> || std::is_same_v<Y, f16>;
  if constexpr (from_half)
    return convert<Y>(float(x));
  else if constexpr (to_half)
    return Y(float(x));
  else if constexpr (std::is_same_v<Y, uint8_t> && std::is_floating_point_v<X>)
    return Y(int64_t(x));
  else
    return Y(x);
}

template <int kBytes>
void copy_same(Tensor& y, const Tensor& x) {
  const Loops<2> loops = merge_loops<2>(y.shape(), {&y.strides(), &x.strides()});
  const int64_t sy = loops.stride[0][loops.rank - 1] * kBytes, sx = loops.stride[1][loops.rank - 1] * kBytes;
  std::byte* to = y.mutable_bytes_data();
  const std::byte* from = x.bytes_data();
  for_runs(loops, y.numel(), [&](const int64_t* at, int64_t n) {
    std::byte* py = to + at[0] * kBytes;
    const std::byte* px = from + at[1] * kBytes;
    if (sy == kBytes && sx == kBytes)
      std::memcpy(py, px, size_t(n) * kBytes);
    else
      for (int64_t i = 0; i < n; ++i) std::memcpy(py + i * sy, px + i * sx, kBytes);
  });
}

// Casts the pairs that training casts all the time: f32 and bf16.
template <class Y, class X>
void copy_vectors(Y* py, const X* px, int64_t n) {
  constexpr int kLanes = lanes<float>;
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) store(py + i, load(px + i));
  for (; i < n; ++i) store_one(py + i, load_one(px + i));
}

// Writes from a short buffer of doubles. Any other pair goes through it; it holds every value but i64 beyond 2^53.
template <class Y>
void from_doubles(Y* y, int64_t stride, const double* buffer, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i * stride] = convert<Y>(buffer[i]);
}
template <class X>
void to_doubles(double* buffer, const X* x, int64_t stride, int64_t n) {
  for (int64_t i = 0; i < n; ++i) buffer[i] = convert<double>(x[i * stride]);
}

void copy_convert(Tensor& y, const Tensor& x) {
  const Loops<2> loops = merge_loops<2>(y.shape(), {&y.strides(), &x.strides()});
  const int64_t sy = loops.stride[0][loops.rank - 1], sx = loops.stride[1][loops.rank - 1];
  const DType ty = y.dtype(), tx = x.dtype();
  const bool dense = sy == 1 && sx == 1;
  std::byte* to = y.mutable_bytes_data();
  const std::byte* from = x.bytes_data();
  for_runs(loops, y.numel(), [&](const int64_t* at, int64_t n) {
    std::byte* py = to + at[0] * int64_t(size_of(ty));
    const std::byte* px = from + at[1] * int64_t(size_of(tx));
    if (dense && ty == DType::bf16 && tx == DType::f32)
      return copy_vectors(reinterpret_cast<bf16*>(py), reinterpret_cast<const float*>(px), n);
    if (dense && ty == DType::f32 && tx == DType::bf16)
      return copy_vectors(reinterpret_cast<float*>(py), reinterpret_cast<const bf16*>(px), n);
    constexpr int64_t kBuffer = 256;
    double buffer[kBuffer];
    for (int64_t i = 0; i < n; i += kBuffer) {
      const int64_t m = std::min(kBuffer, n - i);
      dispatch_all(tx, [&]<class X>() { to_doubles(buffer, reinterpret_cast<const X*>(px) + i * sx, sx, m); });
      dispatch_all(ty, [&]<class Y>() { from_doubles(reinterpret_cast<Y*>(py) + i * sy, sy, buffer, m); });
    }
  });
}

void copy(Tensor& y, const Tensor& x) {
  if (y.dtype() != x.dtype()) return copy_convert(y, x);
  switch (size_of(y.dtype())) {
    case 1: return copy_same<1>(y, x);
    case 2: return copy_same<2>(y, x);
    case 4: return copy_same<4>(y, x);
    default: return copy_same<8>(y, x);
  }
}

void fill(Tensor& y, double value) {
  const Loops<1> loops = merge_loops<1>(y.shape(), {&y.strides()});
  const int64_t sy = loops.stride[0][loops.rank - 1];
  dispatch_all(y.dtype(), [&]<class T>() {
    T* py = y.mutable_data<T>();
    const T v = convert<T>(value);
    for_runs(loops, y.numel(), [&](const int64_t* at, int64_t n) {
      for (int64_t i = 0; i < n; ++i) py[at[0] + i * sy] = v;
    });
  });
}

// ---- arithmetic

// Computes y[i] = f(x[i] ...) over contiguous arrays of one length, in vectors; the last ones are padded.
template <class Y, class F, class... X>
inline void map_run(int64_t begin, int64_t end, Y* y, F&& f, const X*... x) {
  constexpr int kLanes = lanes<acc_t<Y>>;
  int64_t i = begin;
  for (; i + kLanes <= end; i += kLanes) store(y + i, f(load(x + i)...));
  if (i < end) store_part(y + i, f(load_part(x + i, end - i)...), end - i);
}

template <class Y, class F, class... X>
void map(int64_t n, Y* y, F&& f, const X*... x) {
  parallel_for(n, kGrain, [&](int64_t begin, int64_t end) { map_run(begin, end, y, f, x...); });
}

template <class T, class F>
void binary_runs(Tensor& y, const Tensor& a, const Tensor& b, F f) {
  using A = acc_t<T>;
  const Loops<3> loops = merge_loops<3>(y.shape(), {&y.strides(), &a.strides(), &b.strides()});
  const int64_t sa = loops.stride[1][loops.rank - 1], sb = loops.stride[2][loops.rank - 1];
  T* py = y.mutable_data<T>();
  const T *pa = a.data<T>(), *pb = b.data<T>();
  for_runs(loops, y.numel(), [&](const int64_t* at, int64_t n) {
    T* ry = py + at[0];
    const T *ra = pa + at[1], *rb = pb + at[2];
    if (sa == 1 && sb == 1) return map_run(0, n, ry, f, ra, rb);
    if (sa == 1 && sb == 0) {
      const Vec<A> vb = Vec<A>{} + A(load_one(rb));
      return map_run(
          0, n, ry, [&](Vec<A> va) { return f(va, vb); }, ra);
    }
    if (sa == 0 && sb == 1) {
      const Vec<A> va = Vec<A>{} + A(load_one(ra));
      return map_run(
          0, n, ry, [&](Vec<A> vb) { return f(va, vb); }, rb);
    }
    for (int64_t i = 0; i < n; ++i) store_one(ry + i, f(A(load_one(ra + i * sa)), A(load_one(rb + i * sb))));
  });
}

void binary(Binary op, Tensor& y, const Tensor& a, const Tensor& b) {
  dispatch_float("binary", y.dtype(), [&]<class T>() {
    switch (op) {
      case Binary::add: return binary_runs<T>(y, a, b, [](auto u, auto v) { return u + v; });
      case Binary::sub: return binary_runs<T>(y, a, b, [](auto u, auto v) { return u - v; });
      case Binary::mul: return binary_runs<T>(y, a, b, [](auto u, auto v) { return u * v; });
      case Binary::div: return binary_runs<T>(y, a, b, [](auto u, auto v) { return u / v; });
    }
  });
}

void affine(Tensor& y, const Tensor& x, double scale, double shift) {
  dispatch_float("affine", y.dtype(), [&]<class T>() {
    using A = acc_t<T>;
    const A s = A(scale), t = A(shift);
    map(
        y.numel(), y.mutable_data<T>(), [&](Vec<A> v) { return v * s + t; }, x.data<T>());
  });
}

template <class Y, class X>
void accumulate_into(Tensor& y, const Tensor& x) {
  using V = Vec<acc_t<Y>>;
  Y* py = y.mutable_data<Y>();
  map(
      y.numel(), py, [](V a, V b) { return a + b; }, py, x.data<X>());
}

void accumulate(Tensor& y, const Tensor& x) {
  if (y.dtype() == DType::f32 && x.dtype() == DType::bf16) return accumulate_into<float, bf16>(y, x);
  dispatch_float("accumulate", y.dtype(), [&]<class T>() { accumulate_into<T, T>(y, x); });
}

// ---- functions of one number

template <class V>
inline V positive_part(V x, V y) {  // y where x > 0, else 0
  return x > 0 ? y : V{};
}

// Returns tanh's argument in the approximation of GELU by Hendrycks & Gimpel 2016; gelu_inner_slope, its derivative.
template <class A, class V>
inline V gelu_inner(V x) {
  return A(0.7978845608028654) * (x + A(0.044715) * x * x * x);
}
template <class A, class V>
inline V gelu_inner_slope(V x) {
  return A(0.7978845608028654) * (1 + A(3 * 0.044715) * x * x);
}

// A function and its derivative on vectors of A. They are called, not inlined, so that one loop serves all of them.
// That makes the difference between minutes and seconds of compilation, and a call costs little beside a polynomial.
template <class A>
struct Function {
  using V = Vec<A>;
  V (*value)(V);
  V (*slope)(V);
};

template <class A>
Function<A> function_of(Unary op) {
  using V = Vec<A>;
  constexpr A kHalf = A(0.5);
  switch (op) {
    case Unary::neg: return {[](V x) { return -x; }, [](V) { return V{} - 1; }};
    case Unary::exp: return {[](V x) { return exp(x); }, [](V x) { return exp(x); }};
    case Unary::log: return {[](V x) { return log(x); }, [](V x) { return 1 / x; }};
    case Unary::sqrt: return {[](V x) { return sqrt(x); }, [](V x) { return kHalf / sqrt(x); }};
    case Unary::relu: return {[](V x) { return positive_part(x, x); }, [](V x) { return positive_part(x, V{} + 1); }};
    case Unary::tanh:
      return {[](V x) { return tanh(x); },
              [](V x) {
                const V t = tanh(x);
                return 1 - t * t;
              }};
    case Unary::gelu:
      return {[](V x) { return x * normal(x).cumulative; },
              [](V x) {
                const auto [cumulative, density] = normal(x);
                return cumulative + x * density;
              }};
    case Unary::gelu_tanh:
      return {[](V x) { return kHalf * x * (1 + tanh(gelu_inner<A>(x))); },
              [](V x) {
                const V t = tanh(gelu_inner<A>(x));
                return kHalf * (1 + t) + kHalf * x * (1 - t * t) * gelu_inner_slope<A>(x);
              }};
    case Unary::silu:
      return {[](V x) { return x / (1 + exp(-x)); },
              [](V x) {
                const V s = 1 / (1 + exp(-x));
                return s * (1 + x * (1 - s));
              }};
  }
  __builtin_unreachable();
}

void unary(Unary op, Tensor& y, const Tensor& x) {
  dispatch_float("unary", y.dtype(),
                 [&]<class T>() { map(y.numel(), y.mutable_data<T>(), function_of<acc_t<T>>(op).value, x.data<T>()); });
}

void unary_backward(Unary op, Tensor& dx, const Tensor& dy, const Tensor& x) {
  dispatch_float("unary_backward", dx.dtype(), [&]<class T>() {
    using V = Vec<acc_t<T>>;
    const auto slope = function_of<acc_t<T>>(op).slope;
    map(
        dx.numel(), dx.mutable_data<T>(), [&](V g, V v) { return g * slope(v); }, dy.data<T>(), x.data<T>());
  });
}

// ---- dropout

// Calls f(first, n, factors) for runs of elements with what dropout multiplies them by: null where p is 0.
template <class A, class F>
void for_dropout_runs(int64_t begin, int64_t end, float p, DropoutFactors<A>& factors, F&& f) {
  if (p == 0) return f(begin, end - begin, static_cast<const A*>(nullptr));
  for (int64_t i = begin; i < end; i += factors.kRun) {
    const int64_t n = std::min(end - i, factors.kRun);
    f(i, n, factors.of(uint64_t(i), n));
  }
}

void dropout(Tensor& y, const Tensor& x, float p, RandomPosition at) {
  dispatch_float("dropout", y.dtype(), [&]<class T>() {
    using A = acc_t<T>;
    T* py = y.mutable_data<T>();
    const T* px = x.data<T>();
    parallel_for(y.numel(), kGrain, [=](int64_t begin, int64_t end) {
      DropoutFactors<A> factors(p, at);
      for (int64_t i = begin; i < end; i += factors.kRun) {
        const int64_t n = std::min(end - i, factors.kRun);
        map_run(
            0, n, py + i, [](Vec<A> v, Vec<A> factor) { return v * factor; }, px + i, factors.of(uint64_t(i), n));
      }
    });
  });
}

// Calls f(first element, n, column, factors) for runs of elements within one row of rows begin .. end of [r, d].
template <class A, class F>
void for_row_runs(int64_t begin, int64_t end, int64_t d, float p, const RandomPosition& at, F&& f) {
  DropoutFactors<A> factors(p, at);
  for (int64_t r = begin; r < end; ++r)
    for_dropout_runs(r * d, (r + 1) * d, p, factors,
                     [&](int64_t first, int64_t n, const A* factor) { f(first, n, first - r * d, factor); });
}

void bias_activation_dropout(Unary op, Tensor& y, const Tensor& x, const Tensor& bias, float p, RandomPosition at) {
  dispatch_float("bias_activation_dropout", y.dtype(), [&]<class T>() {
    using A = acc_t<T>;
    using V = Vec<A>;
    T* py = y.mutable_data<T>();
    const T *px = x.data<T>(), *pb = bias.data<T>();
    const auto function = function_of<A>(op).value;
    const int64_t d = x.size(1);
    parallel_for(x.size(0), grain_for(8 * d), [=](int64_t begin, int64_t end) {
      for_row_runs<A>(begin, end, d, p, at, [=](int64_t i, int64_t n, int64_t column, const A* factor) {
        if (factor == nullptr)
          return map_run(
              0, n, py + i, [=](V v, V b) { return function(v + b); }, px + i, pb + column);
        map_run(
            0, n, py + i, [=](V v, V b, V k) { return function(v + b) * k; }, px + i, pb + column, factor);
      });
    });
  });
}

size_t bias_activation_dropout_backward_scratch(int64_t rows, int64_t d, DType dtype) {
  return size_t(PartialSums(rows, d).count * d) * size_of(acc_dtype(dtype));
}

// Adds a run of dx to the partial sums of its rows while it is in the first-level cache.
void bias_activation_dropout_backward(Unary op, Tensor& dx, Target& dbias, const Tensor& dy, const Tensor& x,
                                      const Tensor& bias, float p, RandomPosition at, Tensor& scratch) {
  dispatch_float("bias_activation_dropout_backward", dx.dtype(), [&]<class T>() {
    using A = acc_t<T>;
    using V = Vec<A>;
    const int64_t rows = x.size(0), d = x.size(1);
    const PartialSums sums(rows, d);
    T* pdx = dx.mutable_data<T>();
    const T *pdy = dy.data<T>(), *px = x.data<T>(), *pb = bias.data<T>();
    A* partials = dbias.wanted() ? reinterpret_cast<A*>(scratch.mutable_data<uint8_t>()) : nullptr;
    const auto slope = function_of<A>(op).slope;
    parallel_for(rows, sums.grain, [=, grain = sums.grain](int64_t begin, int64_t end) {
      A* partial = partials == nullptr ? nullptr : partials + begin / grain * d;
      if (partial != nullptr) std::fill(partial, partial + d, A(0));
      for_row_runs<A>(begin, end, d, p, at, [=](int64_t i, int64_t n, int64_t column, const A* factor) {
        if (factor == nullptr)
          map_run(
              0, n, pdx + i, [=](V g, V v, V b) { return g * slope(v + b); }, pdy + i, px + i, pb + column);
        else
          map_run(
              0, n, pdx + i, [=](V g, V v, V b, V k) { return g * k * slope(v + b); }, pdy + i, px + i, pb + column,
              factor);
        if (partial != nullptr)
          map_run(
              0, n, partial + column, [](V sum, V v) { return sum + v; }, partial + column, pdx + i);
      });
    });
    if (partials == nullptr) return;
    dbias.tensor.dtype() == dx.dtype() ? sums.add<T>(dbias, partials, d) : sums.add<A>(dbias, partials, d);
  });
}

// ---- random numbers

// Computes y[e] = f of two words: those of element e in stream 0 and 1 of the position. The streams differ in the top
// bit of `op`.
template <class F>
void draw(Tensor& y, const RandomPosition& at, F&& f) {
  RandomPosition second = at;
  second.op ^= 1u << 31;
  dispatch_float("random", y.dtype(), [&]<class T>() {
    T* py = y.mutable_data<T>();
    parallel_for(y.numel(), kGrain, [&](int64_t begin, int64_t end) {
      for (int64_t b = begin / 4; b * 4 < end; ++b) {
        const PhiloxCounter u = random_block(at, uint64_t(b)), v = random_block(second, uint64_t(b));
        for (int64_t i = b * 4; i < std::min(b * 4 + 4, end); ++i) store_one(py + i, acc_t<T>(f(u[i % 4], v[i % 4])));
      }
    });
  });
}

void random_normal(Tensor& y, double mean, double stddev, RandomPosition at) {
  draw(y, at, [=](uint32_t u, uint32_t v) {
    const double radius = std::sqrt(-2 * std::log((u + 0.5) * 0x1p-32));
    return mean + stddev * radius * std::cos(6.283185307179586 * v * 0x1p-32);
  });
}

void random_uniform(Tensor& y, double low, double high, RandomPosition at) {
  draw(y, at, [=](uint32_t u, uint32_t) { return low + (high - low) * to_unit(u); });
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

}  // namespace tensor::cpu::KILM_KERNEL_ISA
