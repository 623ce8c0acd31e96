// The gradients of attention in bf16 on tensor cores, by the formulas of attention_backward.cu and in its two kernels.
// What the block's rows are multiplied with stays in registers, as do the sums; what it walks over comes by cp.async
// in two buffers. The kernel for keys forms the scores turned, k q^T, so that its probabilities are, in the very
// registers where they arise, the operand of the products with do and q.
// Traffic: each kernel its own tile once, the others once per tile, mostly out of the L2 cache; 8 t d flops for keys
// and 6 t d for queries, per query and head of t keys.
#include "tensor/cuda/tensor_core_tile.cuh"

namespace tensor::cuda {

namespace {

// ---- dk, dv

// Whether the values of a warp's keys stay in registers; otherwise they have a tile of their own, the last of dout.
template <int D>
inline constexpr bool kHoldsValues = D <= 64;

template <int D>
struct KeyShared {
  RowTile<D> q[2], dout[kHoldsValues<D> ? 2 : 3];
  alignas(16) float statistics[2][2 * kTile];  // lse to base 2 of each query, and delta
};

// Returns what a thread brings of the statistics of 64 queries. A query that is not there or sees nothing gets an lse
// of +inf: its probabilities are then 0.
__device__ inline float statistic(const BackwardInputs<bf16>& in, const Task& task, int first) {
  const int query = first + int(threadIdx.x) % kTile;
  const bool wants_lse = threadIdx.x < kTile;
  if (query >= task.queries) return wants_lse ? INFINITY : 0;
  if (!wants_lse) return in.delta[task.statistic(query)];
  const float lse = in.lse[task.statistic(query)];
  return lse == -INFINITY ? INFINITY : lse * kLog2OfE;
}

// Takes the j-th 16 queries (columns) and the warp's keys (rows). p becomes f p and ds the gradient of the scores, both
// without their constant factors.
template <class Kept>
__device__ inline void key_step(Square& p, Square& ds, const Task& task, int first_query, int first_key, int j,
                                float scale, float keep, const float (&statistics)[2 * kTile], const Kept& kept) {
  const bool some_hidden = task.seen(first_query + 16 * j) < first_key + 16;
#pragma unroll
  for (int i = 0; i < 2; ++i) {
    const int column = 16 * j + 8 * i + lane() % 4 * 2;
    const uint2 lse = load_8(&statistics[column]), delta = load_8(&statistics[kTile + column]);
#pragma unroll
    for (int e = 0; e < 4; ++e) {
      const int query = first_query + column + e % 2, key = first_key + lane() / 4 + e / 2 * 8;
      const bool hidden = some_hidden && key >= task.seen(query), stays = kept(2 * j + i, e);
      const float probability = hidden ? 0 : exp2_approx(p[i][e] * scale - __uint_as_float(e % 2 == 0 ? lse.x : lse.y));
      p[i][e] = stays ? probability : 0;
      ds[i][e] = probability * ((stays ? keep * ds[i][e] : 0) - __uint_as_float(e % 2 == 0 ? delta.x : delta.y));
    }
  }
}

template <int D, class Kept>
__global__ void __launch_bounds__(kTileThreads, kResidentBlocks<D>)
    key_gradients(Heads<bf16> dk, Heads<bf16> dv, BackwardInputs<bf16> in, Call call) {
  auto& s = shared_memory<KeyShared<D>>();
  if (!call.has_key_tile()) return;
  const Task task = call.key_tile();
  const int begin = task.first_viewer(task.first) / kTile * kTile, first_key = task.first + 16 * warp();
  const auto load = [&](int to, int first) {
    start_loading(s.q[to], in.q, task.q_begin + first, task.head, task.queries - first);
    start_loading(s.dout[to], in.dout, task.q_begin + first, task.head, task.queries - first);
    cp_async_commit();
  };
  start_loading(s.q[1], in.k, task.k_begin + task.first, task.head, task.rows);
  RowTile<D>& own_values = s.dout[kHoldsValues<D> ? 1 : 2];
  start_loading(own_values, in.v, task.k_begin + task.first, task.head, task.rows);
  load(0, begin);
  s.statistics[0][threadIdx.x] = statistic(in, task, begin);
  cp_async_wait<0>();
  __syncthreads();
  const HeldRows<D> keys(s.q[1]);
  const std::conditional_t<kHoldsValues<D>, HeldRows<D>, ReadRows<D>> values(own_values);

  Sums<D> dk_sum = {}, dv_sum = {};
  for (int first = begin, now = 0; first < task.queries; first += kTile, now ^= 1) {
    __syncthreads();  // this tile is here for all, and the other buffers are free
    if (first + kTile < task.queries) load(now ^ 1, first + kTile);
    const float next = statistic(in, task, first + kTile);
    const Kept kept(call.dropout, task, first, first_key);
#pragma unroll 1  // for the registers
    for (int j = 0; j < 4; ++j) {
      Square p, ds;
      dots(p, keys, s.q[now], 16 * j);
      dots(ds, values, s.dout[now], 16 * j);
      key_step(p, ds, task, first, first_key, j, call.scale * kLog2OfE, call.dropout.keep, s.statistics[now], kept);
      add_weighted<D>(dv_sum, p, s.dout[now], 16 * j);
      add_weighted<D>(dk_sum, ds, s.q[now], 16 * j);
    }
    s.statistics[now ^ 1][threadIdx.x] = next;
    cp_async_wait<0>();
  }
  __syncthreads();  // the tiles are free
  const int64_t row = task.k_begin + task.first;
  store_rows<D>(dk, row, task.head, task.rows, dk_sum, call.scale, call.scale, s.q[0]);
  store_rows<D>(dv, row, task.head, task.rows, dv_sum, call.dropout.keep, call.dropout.keep, s.dout[0]);
}

// ---- dq

template <int D>
struct QueryShared {
  RowTile<D> k[2], v[2];
};

// A lane's queries g and g + 8 of the warp.
struct QueryStatistics {
  float lse[2], delta[2];

  __device__ QueryStatistics(const BackwardInputs<bf16>& in, const Task& task, int first_query) {
#pragma unroll
    for (int h = 0; h < 2; ++h) {
      const int query = first_query + lane() / 4 + 8 * h;
      const bool there = query < task.queries;
      lse[h] = there ? in.lse[task.statistic(query)] * kLog2OfE : INFINITY;
      delta[h] = there ? in.delta[task.statistic(query)] : 0;
    }
  }
};

// Takes the warp's queries (rows) and the j-th 16 keys (columns). ds holds do v^T, and becomes the gradient of the
// scores without `scale`.
template <class Kept>
__device__ inline void query_step(const Square& scores, Square& ds, const Task& task, int first_query, int first_key,
                                  int j, float scale, float keep, const QueryStatistics& of, const Kept& kept) {
  const bool some_hidden = task.seen(first_query) < first_key + 16 * j + 16;
#pragma unroll
  for (int i = 0; i < 2; ++i)
#pragma unroll
    for (int e = 0; e < 4; ++e) {
      const int query = first_query + lane() / 4 + e / 2 * 8;
      const int key = first_key + 16 * j + 8 * i + lane() % 4 * 2 + e % 2;
      const bool hidden = some_hidden && key >= task.seen(query);
      const float probability = hidden ? 0 : exp2_approx(scores[i][e] * scale - of.lse[e / 2]);
      ds[i][e] = probability * ((kept(2 * j + i, e) ? keep * ds[i][e] : 0) - of.delta[e / 2]);
    }
}

template <int D, class Kept>
__global__ void __launch_bounds__(kTileThreads, kResidentBlocks<D>)
    query_gradients(Heads<bf16> dq, BackwardInputs<bf16> in, Call call) {
  auto& s = shared_memory<QueryShared<D>>();
  if (!call.has_query_tile()) return;
  const Task task = call.query_tile();
  const int keys = task.seen(task.first + task.rows - 1), first_query = task.first + 16 * warp();
  const auto load = [&](int to, int first) {
    start_loading(s.k[to], in.k, task.k_begin + first, task.head, keys - first);
    start_loading(s.v[to], in.v, task.k_begin + first, task.head, keys - first);
    cp_async_commit();
  };
  start_loading(s.k[1], in.q, task.q_begin + task.first, task.head, task.rows);
  start_loading(s.v[1], in.dout, task.q_begin + task.first, task.head, task.rows);
  load(0, 0);
  const QueryStatistics statistics(in, task, first_query);
  cp_async_wait<0>();
  __syncthreads();
  const HeldRows<D> queries(s.k[1]), dout(s.v[1]);

  Sums<D> sum = {};
  for (int first = 0, now = 0; first < keys; first += kTile, now ^= 1) {
    __syncthreads();  // this tile is here for all, and the other buffers are free
    if (first + kTile < keys) load(now ^ 1, first + kTile);
    const Kept kept(call.dropout, task, first_query, first);
#pragma unroll 1  // for the registers
    for (int j = 0; j < 4; ++j) {
      Square scores, ds;
      dots(scores, queries, s.k[now], 16 * j);
      dots(ds, dout, s.v[now], 16 * j);
      query_step(scores, ds, task, first_query, first, j, call.scale * kLog2OfE, call.dropout.keep, statistics, kept);
      add_weighted<D>(sum, ds, s.k[now], 16 * j);
    }
    cp_async_wait<0>();
  }
  __syncthreads();  // the tiles are free
  store_rows<D>(dq, task.q_begin + task.first, task.head, task.rows, sum, call.scale, call.scale, s.k[0]);
}

}  // namespace

void attention_backward_on_tensor_cores(Tensor& dq, Tensor& dk, Tensor& dv, const BackwardInputs<bf16>& in,
                                        const Sequences& cu_q, const Sequences& cu_k, const Call& call) {
  const cudaStream_t stream = stream_of(dq);
  dispatch_head_size(call, [&]<int D, bool kDropout>() {
    launch(key_gradients<D, std::conditional_t<kDropout, KeptOfKeys, KeptAll>>, blocks_of(cu_k, call), kTileThreads,
           sizeof(KeyShared<D>), stream, heads_of<bf16>(dk), heads_of<bf16>(dv), in, call);
    launch(query_gradients<D, std::conditional_t<kDropout, KeptOfQueries, KeptAll>>, blocks_of(cu_q, call),
           kTileThreads, sizeof(QueryShared<D>), stream, heads_of<bf16>(dq), in, call);
  });
}

}  // namespace tensor::cuda
