// Attention forward in bf16 on tensor cores: as in attention.cu, a block takes 64 queries of one head, 16 to a warp,
// and meets the keys 64 at a time. Queries, scores and weighted values stay in registers. The next tile of keys and
// values comes by cp.async while this one is used; the queries come through a buffer of the second tile.
// Scores are taken to base 2, so that exp is one instruction.
// Traffic: q once, out once, k and v once per tile of queries, mostly out of the L2 cache; 4 t d flops per query and
// head of t keys.
#include "tensor/cuda/tensor_core_tile.cuh"

namespace tensor::cuda {

namespace {

template <int D>
struct Shared {
  RowTile<D> k[2], v[2];
};

using TileScores = float[4][2][4];  // 16 queries x 64 keys of a warp

// Makes scores of keys that a query does not see -inf, in a tile that begins with key `first`.
__device__ inline void hide_unseen(TileScores& x, const Task& task, int first_query, int first) {
  const int query = first_query + lane() / 4;
  const int seen[2] = {task.seen(query) - first, task.seen(query + 8) - first};
#pragma unroll
  for (int j = 0; j < 8; ++j)
#pragma unroll
    for (int e = 0; e < 4; ++e)
      if (8 * j + lane() % 4 * 2 + e % 2 >= seen[e / 2]) x[j / 2][j % 2][e] = -INFINITY;
}

// The running maximum and sum of a lane's two queries, the sum over the lane's own keys alone.
struct OnlineSoftmax {
  float largest[2] = {-INFINITY, -INFINITY}, total[2] = {0, 0};

  // Turns the scores of query h into 2^(score - largest). Returns what earlier weighted values shrink by.
  __device__ float soften(TileScores& x, int h) {
    float most = largest[h];
#pragma unroll
    for (int j = 0; j < 8; ++j) most = fmaxf(most, fmaxf(x[j / 2][j % 2][2 * h], x[j / 2][j % 2][2 * h + 1]));
    most = fmaxf(most, __shfl_xor_sync(kAllLanes, most, 1));
    most = fmaxf(most, __shfl_xor_sync(kAllLanes, most, 2));
    const float shift = most == -INFINITY ? 0 : most, shrink = exp2_approx(largest[h] - shift);
    largest[h] = most;
    total[h] *= shrink;
#pragma unroll
    for (int j = 0; j < 8; ++j)
#pragma unroll
      for (int e = 2 * h; e < 2 * h + 2; ++e) {
        x[j / 2][j % 2][e] = exp2_approx(x[j / 2][j % 2][e] - shift);
        total[h] += x[j / 2][j % 2][e];
      }
    return shrink;
  }

  // Returns the sum over all keys, in every lane of the query.
  __device__ float finished(int h) const {
    const float pair = total[h] + __shfl_xor_sync(kAllLanes, total[h], 1);
    return pair + __shfl_xor_sync(kAllLanes, pair, 2);
  }
};

template <int D, class Kept>
__global__ void __launch_bounds__(kTileThreads, kResidentBlocks<D>)
    attend(Heads<bf16> out, float* lse, Heads<const bf16> q, Heads<const bf16> k, Heads<const bf16> v, Call call) {
  auto& s = shared_memory<Shared<D>>();
  if (!call.has_query_tile()) return;
  const Task task = call.query_tile();
  const int keys = task.seen(task.first + task.rows - 1), first_query = task.first + 16 * warp();
  const float scale = call.scale * kLog2OfE;
  const auto load = [&](int to, int first) {
    start_loading(s.k[to], k, task.k_begin + first, task.head, keys - first);
    start_loading(s.v[to], v, task.k_begin + first, task.head, keys - first);
    cp_async_commit();
  };
  start_loading(s.k[1], q, task.q_begin + task.first, task.head, task.rows);
  load(0, 0);
  cp_async_wait<0>();
  __syncthreads();
  const HeldRows<D> queries(s.k[1]);

  OnlineSoftmax softmax;
  Sums<D> sum = {};
  for (int first = 0, now = 0; first < keys; first += kTile, now ^= 1) {
    __syncthreads();  // this tile is here for all, and the other buffers are free
    if (first + kTile < keys) load(now ^ 1, first + kTile);
    const Kept kept(call.dropout, task, first_query, first);
    TileScores p;
#pragma unroll
    for (int j = 0; j < 4; ++j) {
      dots(p[j], queries, s.k[now], 16 * j);
#pragma unroll
      for (int e = 0; e < 8; ++e) p[j][e / 4][e % 4] *= scale;
    }
    if (first + kTile > task.seen(task.first)) hide_unseen(p, task, first_query, first);
    const float shrink[2] = {softmax.soften(p, 0), softmax.soften(p, 1)};
#pragma unroll
    for (int j = 0; j < D / 8; ++j)
#pragma unroll
      for (int e = 0; e < 4; ++e) sum[j][e] *= shrink[e / 2];
#pragma unroll
    for (int j = 0; j < 4; ++j) {
#pragma unroll
      for (int e = 0; e < 8; ++e)
        if (!kept(2 * j + e / 4, e % 4)) p[j][e / 4][e % 4] = 0;
      add_weighted<D>(sum, p[j], s.v[now], 16 * j);
    }
    cp_async_wait<0>();
  }

  float factor[2];
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    const float total = softmax.finished(h);
    const int query = first_query + lane() / 4 + 8 * h;
    factor[h] = total > 0 ? call.dropout.keep / total : 0;
    if (lane() % 4 == 0 && query < task.queries) lse[task.statistic(query)] = softmax.largest[h] * kLn2 + logf(total);
  }
  __syncthreads();  // the tiles are free
  store_rows<D>(out, task.q_begin + task.first, task.head, task.rows, sum, factor[0], factor[1], s.k[0]);
}

}  // namespace

void attention_on_tensor_cores(Tensor& out, Tensor& lse, const Tensor& q, const Tensor& k, const Tensor& v,
                               const Sequences& cu_q, const Call& call) {
  dispatch_head_size(call, [&]<int D, bool kDropout>() {
    using Kept = std::conditional_t<kDropout, KeptOfQueries, KeptAll>;
    launch(attend<D, Kept>, blocks_of(cu_q, call), kTileThreads, sizeof(Shared<D>), stream_of(q), heads_of<bf16>(out),
           lse.mutable_data<float>(), heads_of<bf16>(q), heads_of<bf16>(k), heads_of<bf16>(v), call);
  });
}

}  // namespace tensor::cuda
