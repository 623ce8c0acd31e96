// Rows chosen by ids: copies out of a table and into one, their gradients, and the k largest of a row. Gradients of a
// table walk the ids in sorted order. So one thread owns a row and sums for it in the order of the tokens: no atomics,
// the same bits every time.
#include <algorithm>
#include <limits>

#include "tensor/base/threads.h"
#include "tensor/cpu/sums.h"
#include "tensor/cpu/tables.h"
#include "tensor/cpu/vec.h"

namespace tensor::cpu::KILM_KERNEL_ISA {

namespace {

int64_t row_bytes(const Tensor& rows) { return rows.size(1) * int64_t(size_of(rows.dtype())); }

void gather_rows(Tensor& y, const Tensor& table, const Tensor& ids) {
  const int64_t n = row_bytes(y);
  std::byte* yp = y.mutable_bytes_data();
  const std::byte* tp = table.bytes_data();
  const int32_t* idp = ids.data<int32_t>();
  parallel_for(y.size(0), grain_for(n / 4), [=](int64_t begin, int64_t end) {
    for (int64_t t = begin; t < end; ++t) std::memcpy(yp + t * n, tp + idp[t] * n, size_t(n));
  });
}

void scatter_rows(Tensor& y, const Tensor& x, const Tensor& ids) {
  const int64_t n = row_bytes(x);
  std::byte* yp = y.mutable_bytes_data();
  const std::byte* xp = x.bytes_data();
  const int32_t* idp = ids.data<int32_t>();
  parallel_for(x.size(0), grain_for(n / 4), [=](int64_t begin, int64_t end) {
    for (int64_t t = begin; t < end; ++t) std::memcpy(yp + idp[t] * n, xp + t * n, size_t(n));
  });
}

void gather_rows_backward(Target& to, const Tensor& dy, const Tensor& ids, const Tensor& order, double scale,
                          int32_t padding, Tensor&) {
  Tensor& dtable = to.tensor;
  const bool accumulate = to.accumulate;
  dispatch_float("gather_rows_backward", dy.dtype(), [&]<class T>() {
    using A = acc_t<T>;
    const int64_t tokens = dy.size(0), d = dy.size(1);
    A* dtablep = dtable.mutable_data<A>();
    const T* dyp = dy.data<T>();
    const int32_t *idp = ids.data<int32_t>(), *orderp = order.data<int32_t>();
    if (!accumulate)
      parallel_for(dtable.numel(), grain_for(1),
                   [=](int64_t begin, int64_t end) { std::fill(dtablep + begin, dtablep + end, A(0)); });
    parallel_for(tokens, grain_for(d), [=](int64_t begin, int64_t end) {
      // a block owns the ids whose first token lies in it, and follows its last one beyond its end
      const auto id_at = [=](int64_t i) { return idp[orderp[i]]; };
      while (begin > 0 && begin < end && id_at(begin) == id_at(begin - 1)) ++begin;
      for (int64_t next; begin < end; begin = next) {
        const int32_t id = id_at(begin);
        for (next = begin + 1; next < tokens && id_at(next) == id;) ++next;
        if (id == padding) continue;
        put_sum_of_rows(dtablep + id * d, d, next - begin, A(scale), accumulate,
                        [=](int64_t i) { return dyp + orderp[begin + i] * d; });
      }
    });
  });
}

// Sorts by radix, from the lowest byte up; bytes that all ids share cost no pass.
void sort_ids(Tensor& order, const Tensor& ids, Tensor& scratch) {
  const int64_t n = ids.numel();
  const int32_t* idp = ids.data<int32_t>();
  int32_t *from = reinterpret_cast<int32_t*>(scratch.mutable_data<uint8_t>()), *to = order.mutable_data<int32_t>();
  int32_t* const result = to;
  const auto digit = [=](int32_t t, int byte) { return ((uint32_t(idp[t]) ^ 0x80000000u) >> (8 * byte)) & 0xffu; };

  int32_t begin[4][256] = {};
  for (int32_t t = 0; t < n; ++t) {
    from[t] = t;
    for (int byte = 0; byte < 4; ++byte) ++begin[byte][digit(t, byte)];
  }
  for (int byte = 0; byte < 4; ++byte) {
    if (n == 0 || begin[byte][digit(0, byte)] == n) continue;
    int32_t sum = 0;
    for (int32_t& slot : begin[byte]) {
      const int32_t count = slot;
      slot = sum;
      sum += count;
    }
    for (int64_t i = 0; i < n; ++i) to[begin[byte][digit(from[i], byte)]++] = from[i];
    std::swap(from, to);
  }
  if (from != result) std::copy(from, from + n, result);
}

size_t sort_ids_scratch(int64_t t) { return size_t(t) * sizeof(int32_t); }

void embedding_sum(Tensor& y, const Tensor& tokens, const Tensor& positions, const Tensor& ids, const Tensor& at,
                   double scale) {
  dispatch_float("embedding_sum", y.dtype(), [&]<class T>() {
    using A = acc_t<T>;
    const int64_t d = y.size(1);
    T* yp = y.mutable_data<T>();
    const T *tokenp = tokens.data<T>(), *positionp = positions.data<T>();
    const int32_t *idp = ids.data<int32_t>(), *atp = at.data<int32_t>();
    parallel_for(y.size(0), grain_for(d), [=](int64_t begin, int64_t end) {
      for (int64_t t = begin; t < end; ++t) {
        const T *token = tokenp + idp[t] * d, *position = positionp + atp[t] * d;
        for_lanes<A>(d, [&](int64_t j, auto step) {
          step.put(yp + t * d + j, step.get(token + j) * A(scale) + step.get(position + j));
        });
      }
    });
  });
}

// The best k of a stream of (value, index), as a binary heap over two arrays with the worst of them at the root.
template <class T, class A = acc_t<T>>
class Best {
 public:
  Best(T* values, int32_t* indices, int64_t k) : values_(values), indices_(indices), k_(k) {}

  // Offers x[0 .. n), n >= k, in order.
  void take(const T* x, int64_t n) {
    for (int64_t i = 0; i < k_; ++i) set(i, x[i], int32_t(i));
    for (int64_t i = k_ / 2; i-- > 0;) sift(i, k_);
    constexpr int64_t kRun = 64;  // most runs hold nothing better; finding that out is vector code
    for (int64_t begin = k_; begin < n; begin += kRun) {
      const int64_t end = std::min(n, begin + kRun);
      const A worst = key(values_[0]);
      int better = 0;
      for (int64_t i = begin; i < end; ++i) better |= load_one(x + i) > worst;
      for (int64_t i = begin; better != 0 && i < end; ++i) {
        if (!(load_one(x + i) > key(values_[0]))) continue;
        set(0, x[i], int32_t(i));
        sift(0, k_);
      }
    }
  }

  // Turns the heap into a descending list.
  void sort() {
    for (int64_t last = k_ - 1; last > 0; --last) {
      std::swap(values_[0], values_[last]);
      std::swap(indices_[0], indices_[last]);
      sift(0, last);
    }
  }

 private:
  static A key(T value) {
    const A v = load_one(&value);
    return v == v ? v : -std::numeric_limits<A>::infinity();
  }
  bool worse(int64_t i, int64_t j) const {
    const A a = key(values_[i]), b = key(values_[j]);
    return a < b || (a == b && indices_[i] > indices_[j]);
  }
  void set(int64_t i, T value, int32_t index) {
    values_[i] = value;
    indices_[i] = index;
  }
  void sift(int64_t i, int64_t size) {
    for (int64_t child = 2 * i + 1; child < size; child = 2 * i + 1) {
      if (child + 1 < size && worse(child + 1, child)) ++child;
      if (!worse(child, i)) return;
      std::swap(values_[i], values_[child]);
      std::swap(indices_[i], indices_[child]);
      i = child;
    }
  }

  T* values_;
  int32_t* indices_;
  int64_t k_;
};

void top_k(Tensor& values, Tensor& indices, const Tensor& x, Tensor&) {
  dispatch_float("top_k", x.dtype(), [&]<class T>() {
    const int64_t n = x.size(1), k = values.size(1);
    if (k == 0) return;
    T* vp = values.mutable_data<T>();
    int32_t* ip = indices.mutable_data<int32_t>();
    const T* xp = x.data<T>();
    parallel_for(x.size(0), grain_for(n), [=](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; ++r) {
        Best<T> best(vp + r * k, ip + r * k, k);
        best.take(xp + r * n, n);
        best.sort();
      }
    });
  });
}

void pick(Tensor& y, const Tensor& x, const Tensor& ids) {
  dispatch_float("pick", x.dtype(), [&]<class T>() {
    const int64_t n = x.size(1);
    T* yp = y.mutable_data<T>();
    const T* xp = x.data<T>();
    const int32_t* idp = ids.data<int32_t>();
    for (int64_t t = 0; t < x.size(0); ++t) yp[t] = xp[t * n + idp[t]];
  });
}

void pick_backward(Tensor& dx, const Tensor& dy, const Tensor& ids) {
  dispatch_float("pick_backward", dy.dtype(), [&]<class T>() {
    const int64_t n = dx.size(1);
    T* dxp = dx.mutable_data<T>();
    const T* dyp = dy.data<T>();
    const int32_t* idp = ids.data<int32_t>();
    parallel_for(dx.size(0), grain_for(n), [=](int64_t begin, int64_t end) {
      std::fill(dxp + begin * n, dxp + end * n, T{});
      for (int64_t t = begin; t < end; ++t) dxp[t * n + idp[t]] = dyp[t];
    });
  });
}

void edit_logits(Tensor& logits, const Tensor& rows, const Tensor& tokens, double value) {
  dispatch_float("edit_logits", logits.dtype(), [&]<class T>() {
    const int64_t stride = logits.stride(0);
    T* p = logits.mutable_data<T>();
    const int32_t *rowp = rows.data<int32_t>(), *tokenp = tokens.data<int32_t>();
    for (int64_t i = 0; i < rows.numel(); ++i) p[rowp[i] * stride + tokenp[i]] = T(acc_t<T>(value));
  });
}

void keep_only(Tensor& logits, const Tensor& rows, const Sequences& lists, const Tensor& tokens, Tensor& scratch) {
  dispatch_float("keep_only", logits.dtype(), [&]<class T>() {
    const int64_t v = logits.size(1), stride = logits.stride(0);
    const T nothing = T(-std::numeric_limits<acc_t<T>>::infinity());
    T *p = logits.mutable_data<T>(), *kept = reinterpret_cast<T*>(scratch.mutable_data<uint8_t>());
    const int32_t *rowp = rows.data<int32_t>(), *tokenp = tokens.data<int32_t>(), *begin = lists.offsets().data();
    parallel_for(rows.numel(), grain_for(v), [=](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; ++i) {
        T* row = p + rowp[i] * stride;
        for (int32_t j = begin[i]; j < begin[i + 1]; ++j) kept[j] = row[tokenp[j]];
        std::fill(row, row + v, nothing);
        for (int32_t j = begin[i]; j < begin[i + 1]; ++j) row[tokenp[j]] = kept[j];
      }
    });
  });
}

size_t keep_only_scratch(int64_t tokens, DType dtype) { return size_t(tokens) * size_of(dtype); }

}  // namespace

constinit const IndexKernels index_kernels{
    .gather_rows = gather_rows,
    .gather_rows_backward = gather_rows_backward,
    .gather_rows_backward_scratch = no_scratch,
    .sort_ids = sort_ids,
    .sort_ids_scratch = sort_ids_scratch,
    .scatter_rows = scatter_rows,
    .embedding_sum = embedding_sum,
    .top_k = top_k,
    .top_k_scratch = no_scratch,
    .pick = pick,
    .pick_backward = pick_backward,
    .edit_logits = edit_logits,
    .keep_only = keep_only,
    .keep_only_scratch = keep_only_scratch,
};

}  // namespace tensor::cpu::KILM_KERNEL_ISA
