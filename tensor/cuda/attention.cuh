// What the kernels of attention share: heads of packed tensors, and the tile of a sequence that a block works on.
#pragma once

#include <initializer_list>

#include "tensor/cuda/kernel.cuh"
#include "tensor/sequences.h"

namespace tensor::cuda {

inline constexpr int kTile = int(Sequences::kTileRows);  // queries or keys

// A [t, h, d] tensor whose rows and heads lie at any stride.
template <class T>
struct Heads {
  T* data;
  int64_t row_stride, head_stride;

  __device__ T* row(int64_t row, int head) const { return data + row * row_stride + head * head_stride; }
};

template <class T>
Heads<const T> heads_of(const Tensor& x) {
  return {x.data<T>(), x.stride(0), x.stride(1)};
}
template <class T>
Heads<T> heads_of(Tensor& x) {
  return {x.mutable_data<T>(), x.stride(0), x.stride(1)};
}

// Tells whether every row of every head begins at a multiple of a pack.
template <class T>
bool rows_aligned(std::initializer_list<const Tensor*> tensors) {
  constexpr int N = kPack<T>;
  for (const Tensor* x : tensors)
    if (!packs_aligned<N>(x->data<T>()) || x->stride(0) % N != 0 || x->stride(1) % N != 0) return false;
  return true;
}

// A tile of the queries or of the keys of one sequence, for one head. Queries and keys count from the sequence's first.
struct Task {
  int head, heads;
  int q_begin, queries, k_begin, keys;  // of the sequence: first row among all tokens, and how many
  int first, rows;                      // of the tile
  bool causal;

  // Returns how many keys a query sees.
  __device__ int seen(int query) const { return causal ? min(max(query + 1 + keys - queries, 0), keys) : keys; }
  // Returns the first query that sees a key.
  __device__ int first_viewer(int key) const { return causal ? max(key - keys + queries, 0) : 0; }

  __device__ int64_t statistic(int query) const { return int64_t(q_begin + query) * heads + head; }
  // Returns the random element that decides on a probability.
  __device__ uint64_t element(int query, int key) const {
    return attention_element(q_begin + query, heads, head) + uint64_t(key);
  }
};

// What all blocks of a call know. A block in x is a tile and a head: long sequences first, heads side by side. A tile
// that is not needed has no sequence, and its blocks end at once.
struct Call {
  const int32_t *cu_q, *cu_k, *q_tiles, *k_tiles;
  int heads, d;
  float scale;
  bool causal;
  Dropout dropout;

  Call(const Tensor& q, const Sequences& cu_q, const Sequences& cu_k, const AttentionOptions& options)
      : cu_q(cu_q.tensor().data<int32_t>()),
        cu_k(cu_k.tensor().data<int32_t>()),
        q_tiles(cu_q.tiles().data<int32_t>()),
        k_tiles(cu_k.tiles().data<int32_t>()),
        heads(int(q.size(1))),
        d(int(q.size(2))),
        scale(float(options.scale)),
        causal(options.causal),
        dropout(options.dropout, options.at) {}

  __device__ bool has_query_tile() const { return sequence_of(q_tiles) >= 0; }
  __device__ bool has_key_tile() const { return sequence_of(k_tiles) >= 0; }
  __device__ Task query_tile() const {
    Task task = sequence(q_tiles);
    task.first -= task.q_begin;
    task.rows = min(kTile, task.queries - task.first);
    return task;
  }
  __device__ Task key_tile() const {
    Task task = sequence(k_tiles);
    task.first -= task.k_begin;
    task.rows = min(kTile, task.keys - task.first);
    return task;
  }

 private:
  __device__ int sequence_of(const int32_t* tiles) const { return tiles[2 * (int(blockIdx.x) / heads)]; }
  __device__ Task sequence(const int32_t* tiles) const {
    const int tile = int(blockIdx.x) / heads, i = sequence_of(tiles);
    Task task;
    task.head = int(blockIdx.x) % heads;
    task.heads = heads;
    task.q_begin = cu_q[i];
    task.queries = cu_q[i + 1] - cu_q[i];
    task.k_begin = cu_k[i];
    task.keys = cu_k[i + 1] - cu_k[i];
    task.first = tiles[2 * tile + 1];
    task.rows = 0;
    task.causal = causal;
    return task;
  }
};

// Returns the number of blocks: one for each head of each tile.
inline unsigned blocks_of(const Sequences& cu, const Call& call) {
  return unsigned(cu.tiles().size(0) * int64_t(call.heads));
}

// Inputs of backward. delta[tq, h] = do . o
template <class T>
struct BackwardInputs {
  Heads<const T> q, k, v, dout;
  const float *lse, *delta;
};

// ---- tensor cores

// Tells whether the kernels for tensor cores take the call: bf16, a head size that they have, and rows that begin on 16
// bytes.
bool on_tensor_cores(const Call& call, std::initializer_list<const Tensor*> operands);

// Calls f.template operator()<head size, whether there is dropout>() for a call that they take.
template <class F>
void dispatch_head_size(const Call& call, F&& f) {
  const auto with = [&]<int D>() {
    if (call.dropout.threshold > 0) return f.template operator()<D, true>();
    f.template operator()<D, false>();
  };
  if (call.d == 32) return with.template operator()<32>();
  if (call.d == 64) return with.template operator()<64>();
  with.template operator()<128>();
}

void attention_on_tensor_cores(Tensor& out, Tensor& lse, const Tensor& q, const Tensor& k, const Tensor& v,
                               const Sequences& cu_q, const Call& call);
void attention_backward_on_tensor_cores(Tensor& dq, Tensor& dk, Tensor& dv, const BackwardInputs<bf16>& in,
                                        const Sequences& cu_q, const Sequences& cu_k, const Call& call);

// ---- the parts of the table, each in its file

void attention(Tensor& out, Tensor& lse, const Tensor& q, const Tensor& k, const Tensor& v, const Sequences& cu_q,
               const Sequences& cu_k, const AttentionOptions& options, Tensor& scratch);
void attention_backward(Tensor& dq, Tensor& dk, Tensor& dv, const Tensor& dout, const Tensor& q, const Tensor& k,
                        const Tensor& v, const Tensor& out, const Tensor& lse, const Sequences& cu_q,
                        const Sequences& cu_k, const AttentionOptions& options, Tensor& scratch);
void decode_attention(Tensor& out, const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& keys,
                      const Tensor& length, float scale, Tensor& scratch);
size_t decode_attention_scratch(const Tensor& q, int64_t m);
void softmax(Tensor& y, const Tensor& x);
void softmax_backward(Tensor& dx, const Tensor& dy, const Tensor& y);

}  // namespace tensor::cuda
