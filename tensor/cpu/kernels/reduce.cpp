// Reductions. Every sum runs over parts whose bounds follow from the sizes alone and whose results are added in order.
// So it does not depend on the number of threads. Short parts also keep the rounding error of long sums small.
#include "tensor/base/threads.h"
#include "tensor/cpu/sums.h"
#include "tensor/cpu/tables.h"
#include "tensor/cpu/vec.h"

namespace tensor::cpu::KILM_KERNEL_ISA {

namespace {

// f(begin, end) over at most kParts parts of [0, n), at least 32 k elements each; calls total(result) in order.
constexpr int64_t kParts = 256;

template <class R, class F, class Total>
void reduce_parts(int64_t n, F&& f, Total&& total) {
  const int64_t grain = std::max<int64_t>(32768, (n + kParts - 1) / kParts);
  R parts[kParts];
  parallel_for(n, grain, [&](int64_t begin, int64_t end) { parts[begin / grain] = f(begin, end); });
  for (int64_t i = 0; i * grain < n; ++i) total(parts[i]);
}

template <class T>
acc_t<T> sum_run(const T* x, int64_t n) {
  using A = acc_t<T>;
  constexpr int kLanes = lanes<A>;
  Vec<A> s[4] = {};
  int64_t i = 0;
  for (; i + 4 * kLanes <= n; i += 4 * kLanes)
    for (int k = 0; k < 4; ++k) s[k] += load(x + i + k * kLanes);
  for (; i + kLanes <= n; i += kLanes) s[0] += load(x + i);
  if (i < n) s[1] += load_part(x + i, n - i);
  return sum_lanes<A>((s[0] + s[1]) + (s[2] + s[3]));
}

// Sums x[outer, n] -> y[outer].
template <class Y, class X>
void sum_rows(Y* y, const X* x, int64_t outer, int64_t n, bool accumulate) {
  using A = acc_t<X>;
  parallel_for(outer, grain_for(n), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      A s = 0;
      reduce_parts<A>(
          n, [&](int64_t first, int64_t last) { return sum_run(x + r * n + first, last - first); },
          [&](A part) { s += part; });
      put_sums(y + r, &s, 1, accumulate);
    }
  });
}

// Sums x[n, inner] -> y[inner] for `width` neighbouring columns, `read(p)` giving kVectors vectors of a row. Groups of
// 64 rows are summed in registers before they join the total.
template <int kVectors, class Y, class X>
void sum_columns(Y* y, const X* x, int64_t n, int64_t inner, int64_t width, bool accumulate) {
  using A = acc_t<X>;
  constexpr int kLanes = lanes<A>;
  Vec<A> total[kVectors] = {};
  for (int64_t first = 0; first < n; first += 64) {
    const int64_t last = std::min(n, first + 64);
    Vec<A> s[kVectors] = {};
    for (int64_t i = first; i < last; ++i)
      for (int k = 0; k < kVectors; ++k)
        s[k] += width == kVectors * kLanes ? load(x + i * inner + k * kLanes) : load_part(x + i * inner, width);
    for (int k = 0; k < kVectors; ++k) total[k] += s[k];
  }
  A out[kVectors * kLanes];
  for (int k = 0; k < kVectors; ++k) store(out + k * kLanes, total[k]);
  put_sums(y, out, width, accumulate);
}

// Cuts columns into tiles of eight vectors, the last one into single vectors, and sums each.
template <class Y, class X>
void sum_middle(Y* y, const X* x, int64_t outer, int64_t n, int64_t inner, bool accumulate) {
  constexpr int kLanes = lanes<acc_t<X>>;
  constexpr int64_t kTile = 8 * kLanes;
  const int64_t tiles = (inner + kTile - 1) / kTile;
  parallel_for(outer * tiles, grain_for(n * std::min(inner, kTile)), [&](int64_t begin, int64_t end) {
    for (int64_t t = begin; t < end; ++t) {
      const int64_t column = t % tiles * kTile, stop = std::min(inner, column + kTile);
      Y* py = y + t / tiles * inner;
      const X* px = x + t / tiles * n * inner;
      if (stop - column == kTile) {
        sum_columns<8>(py + column, px + column, n, inner, kTile, accumulate);
      } else {
        for (int64_t c = column; c < stop; c += kLanes)
          sum_columns<1>(py + c, px + c, n, inner, std::min<int64_t>(kLanes, stop - c), accumulate);
      }
    }
  });
}

template <class Y, class X>
void sum_typed(Target& to, const Tensor& x) {
  auto& [y, accumulate] = to;
  const int64_t outer = x.size(0), n = x.size(1), inner = x.size(2);
  Y* py = y.mutable_data<Y>();
  const X* px = x.data<X>();
  if (inner == 1)
    sum_rows(py, px, outer, n, accumulate);
  else
    sum_middle(py, px, outer, n, inner, accumulate);
}

void sum(Target& y, const Tensor& x, Tensor&) {
  if (y.tensor.dtype() == DType::f32 && x.dtype() == DType::bf16) return sum_typed<float, bf16>(y, x);
  dispatch_float("sum", x.dtype(), [&]<class T>() { sum_typed<T, T>(y, x); });
}

// ---- maximum

void max(Tensor& y, Tensor& index, const Tensor& x, Tensor&) {
  dispatch_float("max", x.dtype(), [&]<class T>() {
    const int64_t n = x.size(1), inner = x.size(2);
    T* py = y.mutable_data<T>();
    int32_t* pi = index.mutable_data<int32_t>();
    const T* px = x.data<T>();
    parallel_for(y.numel(), grain_for(n), [=](int64_t begin, int64_t end) {
      for (int64_t o = begin; o < end; ++o) {
        const T* column = px + o / inner * n * inner + o % inner;
        int64_t best = 0;
        for (int64_t k = 1; k < n; ++k)
          if (load_one(column + k * inner) > load_one(column + best * inner)) best = k;
        py[o] = column[best * inner];
        pi[o] = int32_t(best);
      }
    });
  });
}

// ---- one number for a whole tensor

f64v square(f64v v) { return v * v; }
// Squares numbers. A square of an f32 is exact in f64; the halves are added to one another.
f64v square(f32v v) {
  using half = float __attribute__((vector_size(KILM_VECTOR_BYTES / 2)));
  half h[2];
  std::memcpy(h, &v, sizeof v);
  return square(__builtin_convertvector(h[0], f64v)) + square(__builtin_convertvector(h[1], f64v));
}

void square_norm(Tensor& y, const Tensor& x, Tensor&) {
  double total = 0;
  dispatch_float("square_norm", x.dtype(), [&]<class T>() {
    using A = acc_t<T>;
    const T* px = x.data<T>();
    reduce_parts<double>(
        x.numel(),
        [=](int64_t begin, int64_t end) {
          f64v s[4] = {};
          for_lanes<A>(end - begin,
                       [&](int64_t i, auto step) { s[i / lanes<A> % 4] += square(step.get(px + begin + i)); });
          return sum_lanes<double>((s[0] + s[1]) + (s[2] + s[3]));
        },
        [&](double part) { total += part; });
  });
  *y.mutable_data<double>() = total;
}

void all_finite(Tensor& y, const Tensor& x, Tensor&) {
  bool finite = true;
  dispatch_float("all_finite", x.dtype(), [&]<class T>() {
    using A = acc_t<T>;
    const T* px = x.data<T>();
    // x - x is 0 for a finite number and nan for any other
    reduce_parts<A>(
        x.numel(),
        [=](int64_t begin, int64_t end) {
          Vec<A> s{};
          for_lanes<A>(end - begin, [&](int64_t i, auto step) {
            const Vec<A> v = step.get(px + begin + i);
            s += v - v;
          });
          return sum_lanes<A>(s);
        },
        [&](A part) { finite = finite && part == 0; });
  });
  *y.mutable_data<uint8_t>() = finite;
}

}  // namespace

constinit const ReduceKernels reduce_kernels{
    .sum = sum,
    .sum_scratch = no_scratch,
    .max = max,
    .max_scratch = no_scratch,
    .square_norm = square_norm,
    .square_norm_scratch = no_scratch,
    .all_finite = all_finite,
    .all_finite_scratch = no_scratch,
};

}  // namespace tensor::cpu::KILM_KERNEL_ISA
