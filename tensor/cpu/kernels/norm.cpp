// Layer norm and the residual step of a post-norm transformer, row by row. A row stays in the first-level cache while
// its mean, its centred variance and its output are formed. So memory sees every input once and every output once. Ba
// et al. 2016.
#include <algorithm>
#include <cmath>

#include "tensor/base/threads.h"
#include "tensor/cpu/dropout.h"
#include "tensor/cpu/sums.h"
#include "tensor/cpu/tables.h"
#include "tensor/cpu/vec.h"

namespace tensor::cpu::KILM_KERNEL_ISA {

namespace {

template <class A>
struct RowStats {
  A mean, rstd;
};

template <class T, class A = acc_t<T>>
RowStats<A> normalize_row(T* y, const T* x, const T* w, const T* b, int64_t d, double eps) {
  Vec<A> sum{};
  for_lanes<A>(d, [&](int64_t i, auto step) { sum += step.get(x + i); });
  const A mean = sum_lanes<A>(sum) / A(d);
  Vec<A> squares{};
  for_lanes<A>(d, [&](int64_t i, auto step) {
    const Vec<A> centred = step.get(x + i, mean) - mean;
    squares += centred * centred;
  });
  const A rstd = 1 / std::sqrt(sum_lanes<A>(squares) / A(d) + A(eps));
  for_lanes<A>(d, [&](int64_t i, auto step) {
    step.put(y + i, (step.get(x + i) - mean) * rstd * step.get(w + i) + step.get(b + i));
  });
  return {mean, rstd};
}

void layer_norm(Tensor& y, Tensor& mean, Tensor& rstd, const Tensor& x, const Tensor& w, const Tensor& b, double eps) {
  dispatch_float("layer_norm", x.dtype(), [&]<class T>() {
    using A = acc_t<T>;
    const int64_t d = x.size(1);
    T* yp = y.mutable_data<T>();
    A* mp = mean.mutable_data<A>();
    A* rp = rstd.mutable_data<A>();
    const T *xp = x.data<T>(), *wp = w.data<T>(), *bp = b.data<T>();
    parallel_for(x.size(0), grain_for(4 * d), [=](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; ++r) {
        const RowStats<A> stats = normalize_row(yp + r * d, xp + r * d, wp, bp, d, eps);
        mp[r] = stats.mean;
        rp[r] = stats.rstd;
      }
    });
  });
}

template <class T, class A = acc_t<T>>
void add_row(T* sum, const T* x, const T* residual, int64_t d) {
  for_lanes<A>(d, [&](int64_t i, auto step) { step.put(sum + i, step.get(residual + i) + step.get(x + i)); });
}

template <class T, class A = acc_t<T>>
void dropout_add_row(T* sum, const T* x, const T* residual, int64_t d, uint64_t first, DropoutFactors<A>& factors) {
  for (int64_t i = 0; i < d; i += factors.kRun) {
    const int64_t n = std::min(d - i, factors.kRun);
    const A* factor = factors.of(first + uint64_t(i), n);
    for_lanes<A>(n, [&](int64_t j, auto step) {
      step.put(sum + i + j, step.get(residual + i + j) + step.get(x + i + j) * step.get(factor + j));
    });
  }
}

void dropout_add_layer_norm(Tensor& y, Tensor& sum, Tensor& mean, Tensor& rstd, const Tensor& x, const Tensor& residual,
                            const Tensor& w, const Tensor& b, double eps, float p, RandomPosition at) {
  dispatch_float("dropout_add_layer_norm", x.dtype(), [&]<class T>() {
    using A = acc_t<T>;
    const int64_t d = x.size(1);
    T *yp = y.mutable_data<T>(), *sp = sum.mutable_data<T>();
    A* mp = mean.mutable_data<A>();
    A* rp = rstd.mutable_data<A>();
    const T *xp = x.data<T>(), *residualp = residual.data<T>(), *wp = w.data<T>(), *bp = b.data<T>();
    parallel_for(x.size(0), grain_for(8 * d), [=](int64_t begin, int64_t end) {
      DropoutFactors<A> factors(p, at);
      for (int64_t r = begin; r < end; ++r) {
        if (p > 0)
          dropout_add_row(sp + r * d, xp + r * d, residualp + r * d, d, uint64_t(r * d), factors);
        else
          add_row(sp + r * d, xp + r * d, residualp + r * d, d);
        const RowStats<A> stats = normalize_row(yp + r * d, sp + r * d, wp, bp, d, eps);
        mp[r] = stats.mean;
        rp[r] = stats.rstd;
      }
    });
  });
}

// Computes dx = rstd (g - mean(g) - xhat mean(g xhat)) with g = dy w and xhat = (x - mean) rstd. If `partial` is not
// null, dy xhat is added to partial[0 .. d) and dy to partial[d .. 2d): the row's share of dw and db.
template <class T, class A = acc_t<T>>
void normalize_row_backward(T* dx, A* partial, const T* dy, const T* x, const T* w, int64_t d, RowStats<A> stats) {
  const A mean = stats.mean, rstd = stats.rstd;
  Vec<A> sum_g{}, sum_gx{};
  for_lanes<A>(d, [&](int64_t i, auto step) {
    const Vec<A> dyv = step.get(dy + i);
    const Vec<A> xhat = (step.get(x + i, mean) - mean) * rstd;
    const Vec<A> g = dyv * step.get(w + i);
    sum_g += g;
    sum_gx += g * xhat;
    if (partial != nullptr) {
      step.put(partial + i, step.get(partial + i) + dyv * xhat);
      step.put(partial + d + i, step.get(partial + d + i) + dyv);
    }
  });
  const A mean_g = sum_lanes<A>(sum_g) / A(d), mean_gx = sum_lanes<A>(sum_gx) / A(d);
  for_lanes<A>(d, [&](int64_t i, auto step) {
    const Vec<A> xhat = (step.get(x + i, mean) - mean) * rstd;
    step.put(dx + i, (step.get(dy + i) * step.get(w + i) - mean_g - xhat * mean_gx) * rstd);
  });
}

// Returns the bytes of sums of dy xhat and of dy, [partials, 2, d] acc dtype.
size_t layer_norm_backward_scratch(int64_t rows, int64_t d, DType dtype) {
  return size_t(PartialSums(rows, d).count * 2 * d) * size_of(acc_dtype(dtype));
}

template <class T, class A = acc_t<T>>
void dropout_row(T* y, const T* x, int64_t d, uint64_t first, DropoutFactors<A>& factors) {
  for (int64_t i = 0; i < d; i += factors.kRun) {
    const int64_t n = std::min(d - i, factors.kRun);
    const A* factor = factors.of(first + uint64_t(i), n);
    for_lanes<A>(n, [&](int64_t j, auto step) { step.put(y + i + j, step.get(x + i + j) * step.get(factor + j)); });
  }
}

void layer_norm_backward(Tensor& dx, Tensor& dropped, Target& dw, Target& db, const Tensor& dy, const Tensor& x,
                         const Tensor& mean, const Tensor& rstd, const Tensor& w, float p, RandomPosition at,
                         Tensor& scratch) {
  dispatch_float("layer_norm_backward", x.dtype(), [&]<class T>() {
    using A = acc_t<T>;
    const int64_t rows = x.size(0), d = x.size(1);
    const PartialSums sums(rows, d);
    const int64_t grain = sums.grain;
    T* dxp = dx.mutable_data<T>();
    T* droppedp = dropped.defined() ? dropped.mutable_data<T>() : nullptr;
    const T *dyp = dy.data<T>(), *xp = x.data<T>(), *wp = w.data<T>();
    const A *mp = mean.data<A>(), *rp = rstd.data<A>();
    A* partials = dw.wanted() || db.wanted() ? reinterpret_cast<A*>(scratch.mutable_data<uint8_t>()) : nullptr;
    parallel_for(rows, grain, [=](int64_t begin, int64_t end) {
      A* partial = partials == nullptr ? nullptr : partials + begin / grain * 2 * d;
      if (partial != nullptr) std::fill(partial, partial + 2 * d, A(0));
      DropoutFactors<A> factors(p, at);
      for (int64_t r = begin; r < end; ++r) {
        normalize_row_backward(dxp + r * d, partial, dyp + r * d, xp + r * d, wp, d, RowStats<A>{mp[r], rp[r]});
        if (droppedp != nullptr) dropout_row(droppedp + r * d, dxp + r * d, d, uint64_t(r * d), factors);
      }
    });
    if (partials == nullptr) return;
    sums.add<A>(dw, partials, 2 * d);
    sums.add<A>(db, partials + d, 2 * d);
  });
}

}  // namespace

constinit const NormKernels norm_kernels{
    .layer_norm = layer_norm,
    .layer_norm_backward = layer_norm_backward,
    .layer_norm_backward_scratch = layer_norm_backward_scratch,
    .dropout_add_layer_norm = dropout_add_layer_norm,
};

}  // namespace tensor::cpu::KILM_KERNEL_ISA
