// Attention of one query per sequence, as decoding with a cache needs it. The scores of a query fit the first-level
// cache, so softmax takes them whole. Each key and value is read once, wherever the table says that it is.
#include <algorithm>
#include <limits>

#include "tensor/base/threads.h"
#include "tensor/cpu/math.h"
#include "tensor/cpu/tables.h"
#include "tensor/cpu/vec.h"

namespace tensor::cpu::KILM_KERNEL_ISA {

namespace {

// One head of a [n, h, d] tensor, by rows.
template <class T>
struct Rows {
  const T* data;
  int64_t stride;

  Rows(const Tensor& x, int64_t head) : data(x.data<T>() + head * x.stride(1)), stride(x.stride(0)) {}
  const T* operator[](int64_t i) const { return data + i * stride; }
};

template <class T, class A = acc_t<T>>
A dot(const T* a, const T* b, int64_t n) {
  Vec<A> sum{};
  for_lanes<A>(n, [&](int64_t i, auto step) { sum += step.get(a + i) * step.get(b + i); });
  return sum_lanes<A>(sum);
}

// Computes out[d] = softmax(scale q k^T) v over n > 0 listed rows; p[n] is for the probabilities.
template <class T, class A = acc_t<T>>
void attend(T* out, const T* q, const Rows<T>& k, const Rows<T>& v, const int32_t* rows, int64_t n, int64_t d, A scale,
            A* p) {
  constexpr A none = -std::numeric_limits<A>::infinity();
  for (int64_t i = 0; i < n; ++i) p[i] = scale * dot(q, k[rows[i]], d);
  const A largest = *std::max_element(p, p + n);
  Vec<A> sum{};
  for_lanes<A>(n, [&](int64_t i, auto step) {
    const Vec<A> e = exp(step.get(p + i, none) - largest);
    step.put(p + i, e);
    sum += e;
  });
  const A total = sum_lanes<A>(sum);
  for_lanes<A>(d, [&](int64_t j, auto step) {
    Vec<A> weighted{};
    for (int64_t i = 0; i < n; ++i) weighted += p[i] * step.get(v[rows[i]] + j);
    step.put(out + j, weighted / total);
  });
}

}  // namespace

void decode_attention(Tensor& out, const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& keys,
                      const Tensor& length, float scale, Tensor& scratch) {
  dispatch_float("decode_attention", q.dtype(), [&]<class T>() {
    using A = acc_t<T>;
    const int64_t heads = q.size(1), d = q.size(2), m = keys.size(1);
    T* outp = out.mutable_data<T>();
    const int32_t *keysp = keys.data<int32_t>(), *lengthp = length.data<int32_t>();
    A* probabilities = reinterpret_cast<A*>(scratch.mutable_data<uint8_t>());  // [threads, m]
    parallel_for(q.size(0) * heads, grain_for(4 * m * d), [&](int64_t begin, int64_t end, int worker) {
      A* p = probabilities + worker * m;
      for (int64_t task = begin; task < end; ++task) {
        const int64_t row = task / heads, head = task % heads;
        if (lengthp[row] == 0)
          std::fill_n(outp + task * d, d, T(0));
        else
          attend<T>(outp + task * d, Rows<T>(q, head)[row], {k, head}, {v, head}, keysp + row * m, lengthp[row], d,
                    A(scale), p);
      }
    });
  });
}

size_t decode_attention_scratch(const Tensor& q, int64_t m) {
  return size_t(base::threads()) * size_t(m) * size_of(acc_dtype(q.dtype()));
}

}  // namespace tensor::cpu::KILM_KERNEL_ISA
