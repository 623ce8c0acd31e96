// Attention over packed sequences, out = softmax(scale q k^T) v. A block takes the 64 queries of a tile of one head and
// walks over the keys they see, 64 at a time. It keeps a running maximum, a sum and a weighted value per query (online
// softmax, Dao et al. 2022), so no more than a tile of scores exists at any time.
// Traffic: q once, out once, and k and v once per tile of queries, mostly out of the L2 cache.
// The kernel here is for every head size and dtype; attention_tensor_cores.cu has another one for those of models. A
// block makes 64 columns of out; further columns are further blocks, which form the same scores again.
#include "tensor/cuda/tables.h"
#include "tensor/cuda/tile_product.cuh"

namespace tensor::cuda {

namespace {

// The running maximum and sum of a thread's four queries, the sum over the thread's own keys alone.
struct OnlineSoftmax {
  float largest[4], total[4];

  __device__ OnlineSoftmax() {
#pragma unroll
    for (int i = 0; i < 4; ++i) largest[i] = -INFINITY, total[i] = 0;
  }

  // Turns the scores of row i, of which the first `seen` columns count, into exp(scale score - largest). Returns what
  // earlier weighted values shrink by.
  __device__ float soften(float (&scores)[4], int i, int seen, float scale) {
    float most = largest[i];
#pragma unroll
    for (int j = 0; j < 4; ++j) {
      scores[j] = tile_column() + j < seen ? scale * scores[j] : -INFINITY;
      most = fmaxf(most, scores[j]);
    }
    most = row_reduce<Max>(most);
    const float shift = most == -INFINITY ? 0 : most, shrink = expf(largest[i] - shift);
    largest[i] = most;
    total[i] *= shrink;
#pragma unroll
    for (int j = 0; j < 4; ++j) {
      scores[j] = expf(scores[j] - shift);
      total[i] += scores[j];
    }
    return shrink;
  }
};

template <class T>
__global__ void __launch_bounds__(kProductThreads)
    attend(Heads<T> out, float* lse, Heads<const T> q, Heads<const T> k, Heads<const T> v, Call call) {
  auto& s = shared_memory<TileMemory>();
  if (!call.has_query_tile()) return;
  const Task task = call.query_tile();
  const int first_column = int(blockIdx.y) * kTile;
  const Matrix<T> queries(q, task.q_begin + task.first, task.head, task.rows, call.d);
  OnlineSoftmax softmax;
  Numbers sum = {};
  const int keys = task.seen(task.first + task.rows - 1);
  for (int first = 0; first < keys; first += kTile) {
    const int64_t row = task.k_begin + first;
    Numbers p = {};
    add_dots(p, s, queries, Matrix<T>(k, row, task.head, keys - first, call.d));
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const int query = task.first + tile_row() + i;
      const float shrink = softmax.soften(p[i], i, task.seen(query) - first, call.scale);
      const Pack<4> factor = call.dropout.factors<4>(int64_t(task.element(query, first + tile_column())));
#pragma unroll
      for (int j = 0; j < 4; ++j) sum[i][j] *= shrink, p[i][j] *= factor[j];
    }
    keep_turned(s, p);
    add_weighted(sum, s, Matrix<T>(v, row, task.head, keys - first, call.d), first_column, task.rows);
  }
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    const float total = row_reduce<Sum>(softmax.total[i]);
#pragma unroll
    for (int j = 0; j < 4; ++j) sum[i][j] = total > 0 ? sum[i][j] / total : 0;
    if (first_column == 0 && tile_column() == 0 && tile_row() + i < task.rows)
      lse[task.statistic(task.first + tile_row() + i)] = softmax.largest[i] + logf(total);
  }
  store_tile(out, task.q_begin + task.first, task.head, task.rows, call.d, first_column, sum);
}

}  // namespace

bool on_tensor_cores(const Call& call, std::initializer_list<const Tensor*> operands) {
  if (call.d != 32 && call.d != 64 && call.d != 128) return false;
  for (const Tensor* x : operands)
    if (x->dtype() != DType::bf16) return false;
  return rows_aligned<bf16>(operands);
}

void attention(Tensor& out, Tensor& lse, const Tensor& q, const Tensor& k, const Tensor& v, const Sequences& cu_q,
               const Sequences& cu_k, const AttentionOptions& options, Tensor&) {
  const Call call(q, cu_q, cu_k, options);
  if (on_tensor_cores(call, {&q, &k, &v, &out})) return attention_on_tensor_cores(out, lse, q, k, v, cu_q, call);
  dispatch_f32_bf16("attention", q.dtype(), [&]<class T>() {
    launch(attend<T>, dim3(blocks_of(cu_q, call), blocks_for(call.d, kTile)), kProductThreads, sizeof(TileMemory),
           stream_of(q), heads_of<T>(out), lse.mutable_data<float>(), heads_of<T>(q), heads_of<T>(k), heads_of<T>(v),
           call);
  });
}

namespace {

// Returns the bytes of backward's delta: do . o of every query and head.
size_t attention_scratch(const Tensor& q, const Sequences&, const Sequences&, bool backward) {
  return backward ? size_t(q.size(0) * q.size(1)) * sizeof(float) : 0;
}

}  // namespace

constinit const AttentionKernels attention_kernels{
    .attention = attention,
    .attention_backward = attention_backward,
    .attention_scratch = attention_scratch,
    .decode_attention = decode_attention,
    .decode_attention_scratch = decode_attention_scratch,
    .softmax = softmax,
    .softmax_backward = softmax_backward,
};

}  // namespace tensor::cuda
