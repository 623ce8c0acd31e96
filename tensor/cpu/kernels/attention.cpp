// Attention over packed sequences. One task is a head of a sequence, cut into blocks of queries and keys small enough
// for the caches. A block of queries meets the keys block by block and keeps a running maximum, sum and weighted value
// (online softmax). So no more than a block of scores is ever stored. Backward forms the probabilities again from the
// saved log-sum-exp. A task owns its rows of dk and dv, so sums have one order. Dao et al. 2022.
#include <algorithm>
#include <limits>

#include "tensor/base/threads.h"
#include "tensor/cpu/dropout.h"
#include "tensor/cpu/math.h"
#include "tensor/cpu/tables.h"
#include "tensor/cpu/tile.h"

namespace tensor::cpu::KILM_KERNEL_ISA {

namespace {

constexpr int64_t kQueries = 48;  // of a block: a multiple of kRows
constexpr int64_t kKeys = 64;     // of a block: a multiple of kColumns

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

// The sequence and head of a task, and what its queries may see.
struct Task {
  int64_t head, q_begin, q_end, k_begin, k_end;
  bool causal;

  int64_t keys() const { return k_end - k_begin; }
  // Counts keys that query row `q` sees, from k_begin.
  int64_t seen(int64_t q) const {
    return causal ? std::clamp<int64_t>(q - q_begin + 1 + keys() - (q_end - q_begin), 0, keys()) : keys();
  }
};

// Scratch memory handed out in parts, which begin on a cache line where their sizes are multiples of one.
template <class A>
struct TaskMemory {
  A* next;
  A* take(int64_t numel) {
    A* part = next;
    next += numel;
    return part;
  }
};

// Calls f(task, memory) for every head of every sequence; tasks of one thread share its part of the scratch.
template <class A, class F>
void for_tasks(const Tensor& q, const Sequences& cu_q, const Sequences& cu_k, const AttentionOptions& options,
               Tensor& scratch, F&& f) {
  const int64_t heads = q.size(1), sequences = cu_q.count();
  const int32_t *pq = cu_q.offsets().data(), *pk = cu_k.offsets().data();
  uint8_t* memory = scratch.mutable_data<uint8_t>();
  const int64_t share = scratch.numel() / base::threads();
  parallel_for(sequences * heads, 1, [&](int64_t task, int64_t, int worker) {
    const int64_t i = task / heads;
    f(Task{task % heads, pq[i], pq[i + 1], pk[i], pk[i + 1], options.causal},
      TaskMemory<A>{reinterpret_cast<A*>(memory + worker * share)});
  });
}

// Packs rows first .. first + n of a head to [n, width]; pack_turned turns them to [d, kWidth].
template <class T, class A>
void pack_rows(A* to, int64_t width, const Head<const T>& x, int64_t first, int64_t n, int64_t d) {
  pack(to, width, Matrix<T>{x.row(first), x.stride, false}, n, d);
}
template <int64_t kWidth, class T, class A>
void pack_turned(A* to, const Head<const T>& x, int64_t first, int64_t n, int64_t d) {
  pack(to, kWidth, Matrix<T>{x.row(first), x.stride, true}, d, n);
}

// Packs all keys or values of a task turned, block by block: [block][d, kKeys].
template <class T, class A>
void pack_turned_blocks(A* to, const Head<const T>& x, const Task& task, int64_t d) {
  for (int64_t first = 0; first < task.keys(); first += kKeys)
    pack_turned<kKeys>(to + first * d, x, task.k_begin + first, std::min(kKeys, task.keys() - first), d);
}

// Returns all ones in the lanes whose number, counted from `first`, is below n.
template <class A>
auto lanes_below(int64_t first, int64_t n) {
  Vec<A> lane;
  for (int i = 0; i < lanes<A>; ++i) lane[i] = A(i);
  return lane < A(n - first);
}

// Softens one query of a block. Its scores q . k [width] become the unnormalised probabilities exp(scale score -
// largest) of the first `seen` keys and 0 behind them. The running maximum and sum grow; returns what earlier weighted
// values shrink by.
template <class A>
A soften(A* scores, int64_t width, int64_t seen, A scale, A& largest, A& total) {
  constexpr A none = -std::numeric_limits<A>::infinity();
  Vec<A> top = Vec<A>{} + none, sum{};
  for (int64_t j = 0; j < width; j += lanes<A>) {
    const Vec<A> x = load(scores + j) * scale;
    top = vmax(top, lanes_below<A>(j, seen) ? x : Vec<A>{} + none);
    store(scores + j, x);
  }
  const A grown = std::max(largest, max_lanes<A>(top));
  for (int64_t j = 0; j < width; j += lanes<A>) {
    const Vec<A> p = lanes_below<A>(j, seen) ? exp(load(scores + j) - grown) : Vec<A>{};
    sum += p;
    store(scores + j, p);
  }
  const A shrink = seen == 0 ? 1 : largest == none ? 0 : std::exp(largest - grown);
  largest = grown;
  total = total * shrink + sum_lanes<A>(sum);
  return shrink;
}

template <class A>
void multiply_row(A* x, const A* factor, int64_t width) {
  for (int64_t j = 0; j < width; j += lanes<A>) store(x + j, load(x + j) * load(factor + j));
}

// Queries q_first .. q_first + n of a task. Its keys lie turned in k, its values in v [keys, width]. The weighted
// values are in sum [n, width] and have to be divided by total.
template <class A>
struct QueryBlock {
  A *q, *scores, *sum;  // [d, kQueries], [kQueries, kKeys], [kQueries, width]
  A largest[kQueries], total[kQueries];

  static int64_t numel(int64_t d, int64_t width) { return kQueries * (d + kKeys + width); }
  static QueryBlock in(TaskMemory<A>& memory, int64_t d, int64_t width) {
    return {memory.take(kQueries * d), memory.take(kQueries * kKeys), memory.take(kQueries * width), {}, {}};
  }

  void attend(const A* k, const A* v, const Task& task, int64_t q_first, int64_t n, int64_t d, int64_t width,
              int64_t heads, const AttentionOptions& options, DropoutFactors<A>& factors) {
    std::fill_n(largest, n, -std::numeric_limits<A>::infinity());
    std::fill_n(total, n, A(0));
    std::fill_n(sum, n * width, A(0));
    const int64_t keys = task.seen(q_first + n - 1);
    for (int64_t first = 0; first < keys; first += kKeys) {
      const int64_t here = std::min(kKeys, keys - first), columns = round_up(here, kColumns<A>);
      product<1, kQueries>(scores, kKeys, q, k + first * d, kKeys, n, columns, d, false);
      for (int64_t i = 0; i < n; ++i) {
        A* row = scores + i * kKeys;
        const int64_t seen = std::clamp<int64_t>(task.seen(q_first + i) - first, 0, here);
        const A shrink = soften(row, columns, seen, A(options.scale), largest[i], total[i]);
        for (int64_t j = 0; j < width; j += lanes<A>) store(sum + i * width + j, load(sum + i * width + j) * shrink);
        if (options.dropout > 0)
          multiply_row(row, factors.of(attention_element(q_first + i, heads, task.head) + uint64_t(first), columns),
                       columns);
      }
      product<kKeys, 1>(sum, width, scores, v + first * width, width, n, width, here, true);
    }
  }
};

void attention(Tensor& out, Tensor& lse, const Tensor& q, const Tensor& k, const Tensor& v, const Sequences& cu_q,
               const Sequences& cu_k, const AttentionOptions& options, Tensor& scratch) {
  dispatch_float("attention", q.dtype(), [&]<class T>() {
    using A = acc_t<T>;
    const int64_t heads = q.size(1), d = q.size(2), width = round_up(d, kColumns<A>);
    T* outp = out.mutable_data<T>();
    A* lsep = lse.mutable_data<A>();
    for_tasks<A>(q, cu_q, cu_k, options, scratch, [&](const Task& task, TaskMemory<A> memory) {
      const auto qh = head_of<T>(q, task.head), kh = head_of<T>(k, task.head), vh = head_of<T>(v, task.head);
      A *packed_k = memory.take(round_up(task.keys(), kKeys) * d), *packed_v = memory.take(task.keys() * width);
      pack_turned_blocks(packed_k, kh, task, d);
      pack_rows(packed_v, width, vh, task.k_begin, task.keys(), d);
      QueryBlock<A> block = QueryBlock<A>::in(memory, d, width);
      DropoutFactors<A> factors(options.dropout, options.at);
      for (int64_t first = task.q_begin; first < task.q_end; first += kQueries) {
        const int64_t n = std::min(kQueries, task.q_end - first);
        pack_turned<kQueries>(block.q, qh, first, n, d);
        block.attend(packed_k, packed_v, task, first, n, d, width, heads, options, factors);
        for (int64_t i = 0; i < n; ++i) {
          const int64_t row = (first + i) * heads + task.head;
          const bool blind = task.seen(first + i) == 0;
          const A divisor = blind ? 1 : block.total[i];
          lsep[row] = blind ? block.largest[i] : block.largest[i] + std::log(divisor);
          for_lanes<A>(d, [&](int64_t j, auto step) {
            step.put(outp + row * d + j, step.get(block.sum + i * width + j) / divisor);
          });
        }
      }
    });
  });
}

// Goes back through one query of a block. Its scores become the probabilities after dropout, and the products dout . v
// in dp become the gradients of the scores. With p = softmax(s) and o = sum of f p v (f the dropout factors): ds = p (f
// dp - do . o).
template <class A>
void soften_backward(A* scores, A* dp, int64_t width, int64_t seen, A scale, A lse, A delta, const A* factor) {
  for (int64_t j = 0; j < width; j += lanes<A>) {
    const auto visible = lanes_below<A>(j, seen);
    const Vec<A> p = exp(load(scores + j) * scale - lse), f = factor == nullptr ? Vec<A>{} + 1 : load(factor + j);
    store(scores + j, visible ? f * p : Vec<A>{});
    store(dp + j, visible ? scale * p * (f * load(dp + j) - delta) : Vec<A>{});
  }
}

// What backward keeps of a task. Keys, values and their gradients in whole; queries and what goes with them a block at
// a time, by rows [., width] and turned [d, .].
template <class A>
struct BackwardBlocks {
  A *k, *k_turned, *v_turned, *dk, *dv;
  A *q, *q_turned, *dout, *dout_turned, *dq;
  A *scores, *dp;  // [kQueries, kKeys]

  static int64_t numel(int64_t keys, int64_t d, int64_t width) {
    return 3 * keys * width + 2 * round_up(keys, kKeys) * d + kQueries * (3 * width + 2 * d + 2 * kKeys);
  }
  static BackwardBlocks in(TaskMemory<A>& memory, int64_t keys, int64_t d, int64_t width) {
    const auto rows = [&](int64_t n) { return memory.take(n * width); };
    const auto turned = [&](int64_t n) { return memory.take(n * d); };
    BackwardBlocks b;
    b.k = rows(keys), b.dk = rows(keys), b.dv = rows(keys);
    b.k_turned = turned(round_up(keys, kKeys)), b.v_turned = turned(round_up(keys, kKeys));
    b.q = rows(kQueries), b.dout = rows(kQueries), b.dq = rows(kQueries);
    b.q_turned = turned(kQueries), b.dout_turned = turned(kQueries);
    b.scores = memory.take(kQueries * kKeys), b.dp = memory.take(kQueries * kKeys);
    return b;
  }

  // Adds dv += (f p)^T dout, dk += ds^T q, dq = ds k for n queries; delta[i] = do . o.
  void attend(const Task& task, int64_t q_first, int64_t n, int64_t d, int64_t width, int64_t heads, const A* lse,
              const A* delta, const AttentionOptions& options, DropoutFactors<A>& factors) {
    std::fill_n(dq, n * width, A(0));
    const int64_t keys = task.seen(q_first + n - 1);
    for (int64_t first = 0; first < keys; first += kKeys) {
      const int64_t here = std::min(kKeys, keys - first), columns = round_up(here, kColumns<A>);
      product<1, kQueries>(scores, kKeys, q_turned, k_turned + first * d, kKeys, n, columns, d, false);
      product<1, kQueries>(dp, kKeys, dout_turned, v_turned + first * d, kKeys, n, columns, d, false);
      for (int64_t i = 0; i < n; ++i) {
        const int64_t seen = std::clamp<int64_t>(task.seen(q_first + i) - first, 0, here);
        const uint64_t element = attention_element(q_first + i, heads, task.head) + uint64_t(first);
        soften_backward(scores + i * kKeys, dp + i * kKeys, columns, seen, A(options.scale),
                        lse[(q_first + i) * heads + task.head], delta[i],
                        options.dropout > 0 ? factors.of(element, columns) : nullptr);
      }
      product<1, kKeys>(dv + first * width, width, scores, dout, width, here, width, n, true);
      product<1, kKeys>(dk + first * width, width, dp, q, width, here, width, n, true);
      product<kKeys, 1>(dq, width, dp, k + first * width, width, n, width, here, true);
    }
  }
};

template <class T, class A>
void unpack_rows(const Head<T>& to, int64_t first, const A* from, int64_t width, int64_t n, int64_t d) {
  for (int64_t i = 0; i < n; ++i)
    for_lanes<A>(d, [&](int64_t j, auto step) { step.put(to.row(first + i) + j, step.get(from + i * width + j)); });
}

void attention_backward(Tensor& dq, Tensor& dk, Tensor& dv, const Tensor& dout, const Tensor& q, const Tensor& k,
                        const Tensor& v, const Tensor& out, const Tensor& lse, const Sequences& cu_q,
                        const Sequences& cu_k, const AttentionOptions& options, Tensor& scratch) {
  dispatch_float("attention_backward", q.dtype(), [&]<class T>() {
    using A = acc_t<T>;
    const int64_t heads = q.size(1), d = q.size(2), width = round_up(d, kColumns<A>);
    const A* lsep = lse.data<A>();
    for_tasks<A>(q, cu_q, cu_k, options, scratch, [&](const Task& task, TaskMemory<A> memory) {
      const auto qh = head_of<T>(q, task.head), kh = head_of<T>(k, task.head), vh = head_of<T>(v, task.head);
      const auto doh = head_of<T>(dout, task.head), oh = head_of<T>(out, task.head);
      BackwardBlocks<A> blocks = BackwardBlocks<A>::in(memory, task.keys(), d, width);
      pack_rows(blocks.k, width, kh, task.k_begin, task.keys(), d);
      pack_turned_blocks(blocks.k_turned, kh, task, d);
      pack_turned_blocks(blocks.v_turned, vh, task, d);
      std::fill_n(blocks.dk, task.keys() * width, A(0));
      std::fill_n(blocks.dv, task.keys() * width, A(0));
      DropoutFactors<A> factors(options.dropout, options.at);
      for (int64_t first = task.q_begin; first < task.q_end; first += kQueries) {
        const int64_t n = std::min(kQueries, task.q_end - first);
        pack_rows(blocks.q, width, qh, first, n, d);
        pack_rows(blocks.dout, width, doh, first, n, d);
        pack_turned<kQueries>(blocks.q_turned, qh, first, n, d);
        pack_turned<kQueries>(blocks.dout_turned, doh, first, n, d);
        A delta[kQueries];
        for (int64_t i = 0; i < n; ++i) delta[i] = dot(doh.row(first + i), oh.row(first + i), d);
        blocks.attend(task, first, n, d, width, heads, lsep, delta, options, factors);
        unpack_rows(head_of<T>(dq, task.head), first, blocks.dq, width, n, d);
      }
      unpack_rows(head_of<T>(dk, task.head), task.k_begin, blocks.dk, width, task.keys(), d);
      unpack_rows(head_of<T>(dv, task.head), task.k_begin, blocks.dv, width, task.keys(), d);
    });
  });
}

size_t attention_scratch(const Tensor& q, const Sequences&, const Sequences& cu_k, bool backward) {
  const int64_t keys = cu_k.longest();
  size_t share = 0;
  dispatch_float("attention", q.dtype(), [&]<class T>() {
    using A = acc_t<T>;
    const int64_t d = q.size(2), width = round_up(d, kColumns<A>);
    const int64_t numel = backward ? BackwardBlocks<A>::numel(keys, d, width)
                                   : round_up(keys, kKeys) * d + keys * width + QueryBlock<A>::numel(d, width);
    share = size_t(round_up(numel, 64)) * sizeof(A);
  });
  return size_t(base::threads()) * share;
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

// Computes dx = y (dy - sum(dy y)).
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

// Attends with one query per sequence; it is in decode.cpp.
void decode_attention(Tensor& out, const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& keys,
                      const Tensor& length, float scale, Tensor& scratch);
size_t decode_attention_scratch(const Tensor& q, int64_t m);

constinit const AttentionKernels attention_kernels{
    .attention = attention,
    .attention_backward = attention_backward,
    .attention_scratch = attention_scratch,
    .decode_attention = decode_attention,
    .decode_attention_scratch = decode_attention_scratch,
    .softmax = softmax,
    .softmax_backward = softmax_backward,
};

}  // namespace tensor::cpu::KILM_KERNEL_ISA
