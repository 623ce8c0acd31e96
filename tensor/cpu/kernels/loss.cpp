// Cross-entropy, a row of logits per step. Two reads of a row, which fits the second-level cache, give its maximum and
// the sum of exponentials. One more with the log-sum-exp gives the gradient, in place where memory should see a row
// once.
#include <algorithm>
#include <limits>

#include "tensor/base/threads.h"
#include "tensor/cpu/math.h"
#include "tensor/cpu/tables.h"
#include "tensor/cpu/vec.h"

namespace tensor::cpu::KILM_KERNEL_ISA {

namespace {

constexpr int64_t kChunkBytes = int64_t(16) << 20;

int64_t chunk_rows(int64_t, int64_t v, DType dtype) {
  return std::max<int64_t>(1, kChunkBytes / std::max<int64_t>(1, v * int64_t(size_of(dtype))));
}

constexpr int64_t kPart = 1024;  // numbers summed apart, so that rounding errors do not grow with the vocabulary

template <class T, class A = acc_t<T>>
A log_sum_exp(const T* x, int64_t n) {
  constexpr A none = -std::numeric_limits<A>::infinity();
  Vec<A> largest = Vec<A>{} + none;
  for_lanes<A>(n, [&](int64_t i, auto step) { largest = vmax(largest, step.get(x + i, none)); });
  const A max = max_lanes<A>(largest);
  A total = 0;
  for (int64_t first = 0; first < n; first += kPart) {
    Vec<A> sum{};
    for_lanes<A>(std::min(kPart, n - first),
                 [&](int64_t i, auto step) { sum += exp(step.get(x + first + i, none) - max); });
    total += sum_lanes<A>(sum);
  }
  return max + std::log(total);
}

void log_sum_exp(Tensor& lse, const Tensor& logits) {
  dispatch_float("log_sum_exp", logits.dtype(), [&]<class T>() {
    const int64_t v = logits.size(1), stride = logits.stride(0);
    auto* lsep = lse.mutable_data<acc_t<T>>();
    const T* xp = logits.data<T>();
    parallel_for(logits.size(0), grain_for(12 * v), [=](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; ++r) lsep[r] = log_sum_exp(xp + r * stride, v);
    });
  });
}

void cross_entropy(Tensor& loss, Tensor& lse, const Tensor& logits, const Tensor& targets, Tensor&) {
  dispatch_float("cross_entropy", logits.dtype(), [&]<class T>() {
    using A = acc_t<T>;
    const int64_t v = logits.size(1), stride = logits.stride(0);
    A *lossp = loss.mutable_data<A>(), *lsep = lse.mutable_data<A>();
    const T* xp = logits.data<T>();
    const int32_t* targetp = targets.data<int32_t>();
    parallel_for(logits.size(0), grain_for(12 * v), [=](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; ++r) {
        lsep[r] = log_sum_exp(xp + r * stride, v);
        lossp[r] = targetp[r] < 0 ? 0 : lsep[r] - load_one(xp + r * stride + targetp[r]);
      }
    });
  });
}

template <class T, class A = acc_t<T>>
void cross_entropy_backward_row(T* dx, const T* x, int64_t n, A lse, int32_t target, A weight) {
  if (target < 0) {
    std::fill(dx, dx + n, T(0));
    return;
  }
  const A minus_one = std::expm1(load_one(x + target) - lse);  // softmax - 1 without cancellation; dx may be x
  for_lanes<A>(n, [&](int64_t i, auto step) { step.put(dx + i, exp(step.get(x + i) - lse) * weight); });
  store_one(dx + target, minus_one * weight);
}

void cross_entropy_backward(Tensor& dlogits, const Tensor& logits, const Tensor& lse, const Tensor& targets,
                            const Tensor& weight) {
  dispatch_float("cross_entropy_backward", logits.dtype(), [&]<class T>() {
    using A = acc_t<T>;
    const int64_t v = logits.size(1), stride = logits.stride(0), dstride = dlogits.stride(0);
    T* dxp = dlogits.mutable_data<T>();
    const T* xp = logits.data<T>();
    const A *lsep = lse.data<A>(), *weightp = weight.data<A>();
    const int32_t* targetp = targets.data<int32_t>();
    parallel_for(logits.size(0), grain_for(10 * v), [=](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; ++r)
        cross_entropy_backward_row(dxp + r * dstride, xp + r * stride, v, lsep[r], targetp[r], weightp[r]);
    });
  });
}

void cross_entropy_in_place(Tensor& loss, Tensor& logits, const Tensor& targets, const Tensor& weight) {
  dispatch_float("cross_entropy_in_place", logits.dtype(), [&]<class T>() {
    using A = acc_t<T>;
    const int64_t v = logits.size(1), stride = logits.stride(0);
    A* lossp = loss.mutable_data<A>();
    T* xp = logits.mutable_data<T>();
    const int32_t* targetp = targets.data<int32_t>();
    const A* weightp = weight.data<A>();
    parallel_for(logits.size(0), grain_for(22 * v), [=](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; ++r) {
        T* x = xp + r * stride;
        const bool counts = targetp[r] >= 0;
        const A lse = counts ? log_sum_exp(x, v) : 0;
        lossp[r] = counts ? lse - load_one(x + targetp[r]) : 0;
        cross_entropy_backward_row(x, x, v, lse, targetp[r], weightp[r]);
      }
    });
  });
}

void group_sums(Tensor& sums, const Tensor& loss, const Tensor& groups) {
  dispatch_float("group_sums", loss.dtype(), [&]<class T>() {
    double* sump = sums.mutable_data<double>();
    const T* lossp = loss.data<T>();
    const int32_t* groupp = groups.data<int32_t>();
    for (int64_t t = 0; t < loss.numel(); ++t)
      if (groupp[t] >= 0) sump[groupp[t]] += double(load_one(lossp + t));
  });
}

}  // namespace

constinit const LossKernels loss_kernels{
    .chunk_rows = chunk_rows,
    .log_sum_exp = log_sum_exp,
    .cross_entropy = cross_entropy,
    .cross_entropy_scratch = no_scratch,
    .cross_entropy_backward = cross_entropy_backward,
    .cross_entropy_in_place = cross_entropy_in_place,
    .group_sums = group_sums,
};

}  // namespace tensor::cpu::KILM_KERNEL_ISA
