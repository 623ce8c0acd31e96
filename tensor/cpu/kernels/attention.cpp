// Attention over packed sequences. One task is a head of a sequence: a query meets the keys in blocks and keeps a
// running maximum, sum and weighted value (online softmax), so no row of scores is ever stored; backward forms the
// probabilities again from the saved log-sum-exp. A task owns its rows of dk and dv, so sums have one order.
// Dao et al. 2022.
#include <algorithm>
#include <limits>
#include <vector>

#include "tensor/cpu/dropout.h"
#include "tensor/cpu/math.h"
#include "tensor/cpu/parallel.h"
#include "tensor/cpu/tables.h"
#include "tensor/cpu/vec.h"

namespace tensor::cpu::KILM_ISA {

namespace {

constexpr int64_t kKeys = 64;  // of a block

// One head of a packed [t, h, d] tensor, by rows.
template <class T>
struct Head {
  T* data;
  int64_t stride;
  T* row(int64_t i) const { return data + i * stride; }
};

template <class T>
Head<const T> head_of(const Tensor& x, int64_t head) {
  return {x.data<T>() + head * x.stride(1), x.stride(0)};
}
template <class T>
Head<T> head_of(Tensor& x, int64_t head) {
  return {x.mutable_data<T>() + head * x.stride(1), x.stride(0)};
}

template <class T, class U, class A = acc_t<T>>
A dot(const T* a, const U* b, int64_t n) {
  Vec<A> sum{};
  for_lanes<A>(n, [&](int64_t i, auto step) { sum += step.get(a + i) * step.get(b + i); });
  return sum_lanes<A>(sum);
}

// y += factor x
template <class A, class T>
void add_scaled(A* y, const T* x, A factor, int64_t n) {
  for_lanes<A>(n, [&](int64_t i, auto step) { step.put(y + i, step.get(y + i) + factor * step.get(x + i)); });
}

// The sequence and head of a task, and what its queries may see.
struct Task {
  int64_t head, q_begin, q_end, k_begin, k_end;
  bool causal;

  // Keys that query row `q` sees, from k_begin.
  int64_t seen(int64_t q) const {
    const int64_t keys = k_end - k_begin;
    return causal ? std::clamp<int64_t>(q - q_begin + 1 + keys - (q_end - q_begin), 0, keys) : keys;
  }
};

template <class F>
void for_tasks(const Tensor& q, const Tensor& cu_q, const Tensor& cu_k, const AttentionOptions& options, F&& f) {
  const int64_t heads = q.size(1), sequences = cu_q.numel() - 1;
  const int32_t *pq = cu_q.data<int32_t>(), *pk = cu_k.data<int32_t>();
  parallel_for(sequences * heads, 1, [&](int64_t task, int64_t) {
    const int64_t i = task / heads;
    f(Task{task % heads, pq[i], pq[i + 1], pk[i], pk[i + 1], options.causal});
  });
}

// The dropout element of a query row and head at key column 0.
inline uint64_t first_element(int64_t row, int64_t heads, int64_t head) { return uint64_t(row * heads + head) << 16; }

// scores[i] = scale q . k[i] for n keys
template <class T, class A = acc_t<T>>
void score(A* scores, const T* q, const Head<const T>& k, int64_t first, int64_t n, A scale, int64_t d) {
  for (int64_t i = 0; i < n; ++i) scores[i] = scale * dot(q, k.row(first + i), d);
}

template <class A>
void exp_minus(A* x, int64_t n, A shift) {
  for_lanes<A>(n, [&](int64_t i, auto step) { step.put(x + i, exp(step.get(x + i) - shift)); });
}

// One query: returns its log-sum-exp and leaves the weighted value in sum[d].
template <class T, class A = acc_t<T>>
A attend(A* sum, const T* q, const Head<const T>& k, const Head<const T>& v, const Task& task, int64_t seen, int64_t d,
         const AttentionOptions& options, uint64_t element, DropoutFactors<A>& factors) {
  constexpr A none = -std::numeric_limits<A>::infinity();
  A largest = none, total = 0;
  std::fill(sum, sum + d, A(0));
  A p[kKeys];
  for (int64_t first = 0; first < seen; first += kKeys) {
    const int64_t n = std::min(kKeys, seen - first);
    score(p, q, k, task.k_begin + first, n, A(options.scale), d);
    const A grown = std::max(largest, *std::max_element(p, p + n));
    const A shrink = largest == none ? 0 : std::exp(largest - grown);
    largest = grown;
    exp_minus(p, n, largest);
    total *= shrink;
    for (int64_t i = 0; i < n; ++i) total += p[i];
    for (int64_t i = 0; i < d; ++i) sum[i] *= shrink;
    const A* factor = options.dropout > 0 ? factors.of(element + uint64_t(first), n) : nullptr;
    for (int64_t i = 0; i < n; ++i)
      add_scaled(sum, v.row(task.k_begin + first + i), factor == nullptr ? p[i] : p[i] * factor[i], d);
  }
  if (seen == 0) return none;
  for (int64_t i = 0; i < d; ++i) sum[i] /= total;
  return largest + std::log(total);
}

void packed_attention(Tensor& out, Tensor& lse, const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& cu_q,
                      const Tensor& cu_k, const AttentionOptions& options) {
  dispatch_float("attention", q.dtype(), [&]<class T>() {
    using A = acc_t<T>;
    const int64_t heads = q.size(1), d = q.size(2);
    T* outp = out.mutable_data<T>();
    A* lsep = lse.mutable_data<A>();
    for_tasks(q, cu_q, cu_k, options, [&](const Task& task) {
      const auto qh = head_of<T>(q, task.head), kh = head_of<T>(k, task.head), vh = head_of<T>(v, task.head);
      DropoutFactors<A> factors(options.dropout, options.at);
      std::vector<A> sum(size_t(d), A(0));
      for (int64_t row = task.q_begin; row < task.q_end; ++row) {
        lsep[row * heads + task.head] = attend(sum.data(), qh.row(row), kh, vh, task, task.seen(row), d, options,
                                               first_element(row, heads, task.head), factors);
        T* y = outp + (row * heads + task.head) * d;
        for (int64_t i = 0; i < d; ++i) store_one(y + i, sum[size_t(i)]);
      }
    });
  });
}

// With p = softmax(s) and o = sum of f p v (f the dropout factors): dv = f p do, dp = f (do . v), ds = p (dp - do . o),
// dq = scale ds k, dk = scale ds q. dq[d], dk and dv are added to.
template <class T, class A = acc_t<T>>
void attend_backward(A* dq, const Head<A>& dk, const Head<A>& dv, const T* dout, const T* out, const T* q,
                     const Head<const T>& k, const Head<const T>& v, const Task& task, int64_t seen, int64_t d, A lse,
                     const AttentionOptions& options, uint64_t element, DropoutFactors<A>& factors) {
  const A delta = dot(dout, out, d), scale = A(options.scale);
  A p[kKeys];
  for (int64_t first = 0; first < seen; first += kKeys) {
    const int64_t n = std::min(kKeys, seen - first);
    score(p, q, k, task.k_begin + first, n, scale, d);
    exp_minus(p, n, lse);
    const A* factor = options.dropout > 0 ? factors.of(element + uint64_t(first), n) : nullptr;
    for (int64_t i = 0; i < n; ++i) {
      const int64_t row = task.k_begin + first + i;
      const A f = factor == nullptr ? 1 : factor[i];
      const A ds = scale * p[i] * (f * dot(dout, v.row(row), d) - delta);
      add_scaled(dv.row(row), dout, f * p[i], d);
      add_scaled(dk.row(row), q, ds, d);
      add_scaled(dq, k.row(row), ds, d);
    }
  }
}

void packed_attention_backward(Tensor& dq, Tensor& dk, Tensor& dv, const Tensor& dout, const Tensor& q, const Tensor& k,
                               const Tensor& v, const Tensor& out, const Tensor& lse, const Tensor& cu_q,
                               const Tensor& cu_k, const AttentionOptions& options, Tensor& scratch) {
  dispatch_float("attention_backward", q.dtype(), [&]<class T>() {
    using A = acc_t<T>;
    const int64_t heads = q.size(1), d = q.size(2), half = k.size(0) * heads * d;
    A* sums = scratch.mutable_data<A>();
    const A* lsep = lse.data<A>();
    for_tasks(q, cu_q, cu_k, options, [&](const Task& task) {
      const auto qh = head_of<T>(q, task.head), kh = head_of<T>(k, task.head), vh = head_of<T>(v, task.head);
      const auto doh = head_of<T>(dout, task.head), oh = head_of<T>(out, task.head);
      const Head<A> dkh{sums + task.head * d, heads * d}, dvh{sums + half + task.head * d, heads * d};
      for (int64_t row = task.k_begin; row < task.k_end; ++row) {
        std::fill_n(dkh.row(row), d, A(0));
        std::fill_n(dvh.row(row), d, A(0));
      }
      DropoutFactors<A> factors(options.dropout, options.at);
      std::vector<A> dq_row(size_t(d), A(0));
      const Head<T> dqh = head_of<T>(dq, task.head);
      for (int64_t row = task.q_begin; row < task.q_end; ++row) {
        std::fill(dq_row.begin(), dq_row.end(), A(0));
        attend_backward(dq_row.data(), dkh, dvh, doh.row(row), oh.row(row), qh.row(row), kh, vh, task, task.seen(row),
                        d, lsep[row * heads + task.head], options, first_element(row, heads, task.head), factors);
        for (int64_t i = 0; i < d; ++i) store_one(dqh.row(row) + i, dq_row[size_t(i)]);
      }
      const Head<T> to_k = head_of<T>(dk, task.head), to_v = head_of<T>(dv, task.head);
      for (int64_t row = task.k_begin; row < task.k_end; ++row) {
        for (int64_t i = 0; i < d; ++i) store_one(to_k.row(row) + i, dkh.row(row)[i]);
        for (int64_t i = 0; i < d; ++i) store_one(to_v.row(row) + i, dvh.row(row)[i]);
      }
    });
  });
}

// ---- softmax of rows

void softmax(Tensor& y, const Tensor& x) {
  dispatch_float("softmax", x.dtype(), [&]<class T>() {
    using A = acc_t<T>;
    constexpr A none = -std::numeric_limits<A>::infinity();
    const int64_t n = x.size(1);
    T* yp = y.mutable_data<T>();
    const T* xp = x.data<T>();
    parallel_for(x.size(0), grain_for(12 * n), [=](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; ++r) {
        const T* row = xp + r * n;
        Vec<A> largest = Vec<A>{} + none, sum{};
        for_lanes<A>(n, [&](int64_t i, auto step) { largest = vmax(largest, step.get(row + i, none)); });
        const A max = max_lanes<A>(largest);
        for_lanes<A>(n, [&](int64_t i, auto step) { sum += exp(step.get(row + i, none) - max); });
        const A factor = 1 / sum_lanes<A>(sum);
        for_lanes<A>(n, [&](int64_t i, auto step) { step.put(yp + r * n + i, exp(step.get(row + i) - max) * factor); });
      }
    });
  });
}

// dx = y (dy - sum(dy y))
void softmax_backward(Tensor& dx, const Tensor& dy, const Tensor& y) {
  dispatch_float("softmax_backward", y.dtype(), [&]<class T>() {
    using A = acc_t<T>;
    const int64_t n = y.size(1);
    T* dxp = dx.mutable_data<T>();
    const T *dyp = dy.data<T>(), *yp = y.data<T>();
    parallel_for(y.size(0), grain_for(4 * n), [=](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; ++r) {
        const int64_t at = r * n;
        const A sum = dot(dyp + at, yp + at, n);
        for_lanes<A>(n, [&](int64_t i, auto step) {
          step.put(dxp + at + i, step.get(yp + at + i) * (step.get(dyp + at + i) - sum));
        });
      }
    });
  });
}

}  // namespace

// In decode.cpp.
void decode_attention(Tensor& out, const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& keys,
                      const Tensor& length, float scale);

constinit const AttentionKernels attention{
    .attention = packed_attention,
    .attention_backward = packed_attention_backward,
    .decode_attention = decode_attention,
    .softmax = softmax,
    .softmax_backward = softmax_backward,
};

}  // namespace tensor::cpu::KILM_ISA
