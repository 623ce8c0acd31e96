// The gradients of attention. With p = softmax(scale q k^T), formed again from the saved log-sum-exp, f the factors of
// dropout and delta = do . o:
//   dv = (f p)^T do,  ds = scale p (f (do v^T) - delta),  dk = ds^T q,  dq = ds k.
// One kernel sums over queries for a tile of keys, another one over keys for a tile of queries. So each number is
// written once, by the block that owns it, in a fixed order; the price is that p and do v^T are formed twice.
// Traffic of each: its own tile once, and what it walks over once per tile, mostly out of the L2 cache.
#include "tensor/cuda/tile_product.cuh"

namespace tensor::cuda {

namespace {

constexpr int kDotLanes = 8;
constexpr int kDots = kProductThreads / kDotLanes;  // of a block

// Computes delta[tq, h], by eight lanes per query and head, which read packs side by side.
template <class T>
__global__ void __launch_bounds__(kProductThreads)
    dot_outputs(float* delta, Heads<const T> dout, Heads<const T> out, int64_t n, int heads, int d, bool aligned) {
  constexpr int N = kPack<T>;
  const int64_t i = int64_t(blockIdx.x) * kDots + threadIdx.x / kDotLanes;
  float sum = 0;
  if (i < n) {
    const T *a = dout.row(i / heads, int(i % heads)), *b = out.row(i / heads, int(i % heads));
    for (int j = int(threadIdx.x) % kDotLanes * N; j < d; j += kDotLanes * N) {
      const bool whole = aligned && j + N <= d;
      const Pack<N> x = load_pack<N>(a + j, d - j, whole), y = load_pack<N>(b + j, d - j, whole);
#pragma unroll
      for (int e = 0; e < N; ++e) sum += x[e] * y[e];
    }
  }
#pragma unroll
  for (int distance = kDotLanes / 2; distance > 0; distance /= 2) sum += __shfl_xor_sync(kAllLanes, sum, distance);
  if (i < n && threadIdx.x % kDotLanes == 0) delta[i] = sum;
}

// Computes f p and ds of a tile of queries (rows) and keys (columns).
template <class T>
__device__ inline void score_gradients(Numbers& p, Numbers& ds, TileMemory& s, const BackwardInputs<T>& in,
                                       const Call& call, const Task& task, int first_query, int first_key) {
  const int64_t q_row = task.q_begin + first_query, k_row = task.k_begin + first_key;
  const int queries = task.queries - first_query, keys = task.keys - first_key;
  add_dots(p, s, Matrix<T>(in.q, q_row, task.head, queries, call.d), Matrix<T>(in.k, k_row, task.head, keys, call.d));
  add_dots(ds, s, Matrix<T>(in.dout, q_row, task.head, queries, call.d),
           Matrix<T>(in.v, k_row, task.head, keys, call.d));
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    const int query = first_query + tile_row() + i, key = first_key + tile_column();
    const int seen = query < task.queries ? task.seen(query) : 0;
    const float lse = seen > 0 ? in.lse[task.statistic(query)] : 0;
    const float delta = seen > 0 ? in.delta[task.statistic(query)] : 0;
    const Pack<4> f = call.dropout.factors<4>(int64_t(task.element(query, key)));
#pragma unroll
    for (int j = 0; j < 4; ++j) {
      const bool visible = key + j < seen;
      const float probability = expf(call.scale * p[i][j] - lse);
      p[i][j] = visible ? f[j] * probability : 0;
      ds[i][j] = visible ? call.scale * probability * (f[j] * ds[i][j] - delta) : 0;
    }
  }
}

template <class T>
__global__ void __launch_bounds__(kProductThreads)
    key_gradients(Heads<T> dk, Heads<T> dv, BackwardInputs<T> in, Call call) {
  auto& s = shared_memory<TileMemory>();
  if (!call.has_key_tile()) return;
  const Task task = call.key_tile();
  const int first_column = int(blockIdx.y) * kTile;
  Numbers dk_sum = {}, dv_sum = {};
  for (int first = task.first_viewer(task.first) / kTile * kTile; first < task.queries; first += kTile) {
    const int64_t row = task.q_begin + first;
    Numbers p = {}, ds = {};
    score_gradients(p, ds, s, in, call, task, first, task.first);
    keep(s, p);
    add_weighted(dv_sum, s, Matrix<T>(in.dout, row, task.head, task.queries - first, call.d), first_column, task.rows);
    keep(s, ds);
    add_weighted(dk_sum, s, Matrix<T>(in.q, row, task.head, task.queries - first, call.d), first_column, task.rows);
  }
  store_tile(dk, task.k_begin + task.first, task.head, task.rows, call.d, first_column, dk_sum);
  store_tile(dv, task.k_begin + task.first, task.head, task.rows, call.d, first_column, dv_sum);
}

template <class T>
__global__ void __launch_bounds__(kProductThreads) query_gradients(Heads<T> dq, BackwardInputs<T> in, Call call) {
  auto& s = shared_memory<TileMemory>();
  if (!call.has_query_tile()) return;
  const Task task = call.query_tile();
  const int first_column = int(blockIdx.y) * kTile;
  Numbers sum = {};
  const int keys = task.seen(task.first + task.rows - 1);
  for (int first = 0; first < keys; first += kTile) {
    Numbers p = {}, ds = {};
    score_gradients(p, ds, s, in, call, task, task.first, first);
    keep_turned(s, ds);
    add_weighted(sum, s, Matrix<T>(in.k, task.k_begin + first, task.head, keys - first, call.d), first_column,
                 task.rows);
  }
  store_tile(dq, task.q_begin + task.first, task.head, task.rows, call.d, first_column, sum);
}

}  // namespace

void attention_backward(Tensor& dq, Tensor& dk, Tensor& dv, const Tensor& dout, const Tensor& q, const Tensor& k,
                        const Tensor& v, const Tensor& out, const Tensor& lse, const Sequences& cu_q,
                        const Sequences& cu_k, const AttentionOptions& options, Tensor& scratch) {
  const Call call(q, cu_q, cu_k, options);
  const cudaStream_t stream = stream_of(q);
  const int64_t statistics = lse.numel();
  float* delta = reinterpret_cast<float*>(scratch.mutable_data<uint8_t>());
  dispatch_f32_bf16("attention_backward", q.dtype(), [&]<class T>() {
    launch(dot_outputs<T>, blocks_for(statistics, kDots), kProductThreads, 0, stream, delta, heads_of<T>(dout),
           heads_of<T>(out), statistics, call.heads, call.d, rows_aligned<T>({&dout, &out}));
    const BackwardInputs<T> in{heads_of<T>(q),    heads_of<T>(k),    heads_of<T>(v),
                               heads_of<T>(dout), lse.data<float>(), delta};
    if constexpr (std::is_same_v<T, bf16>)
      if (on_tensor_cores(call, {&q, &k, &v, &dout, &dq, &dk, &dv}))
        return attention_backward_on_tensor_cores(dq, dk, dv, in, cu_q, cu_k, call);
    const unsigned columns = blocks_for(call.d, kTile);
    launch(key_gradients<T>, dim3(blocks_of(cu_k, call), columns), kProductThreads, sizeof(TileMemory), stream,
           heads_of<T>(dk), heads_of<T>(dv), in, call);
    launch(query_gradients<T>, dim3(blocks_of(cu_q, call), columns), kProductThreads, sizeof(TileMemory), stream,
           heads_of<T>(dq), in, call);
  });
}

}  // namespace tensor::cuda
