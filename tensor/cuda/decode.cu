// Attention of one query per sequence, as decoding with a cache needs it: out = softmax(scale q k^T) v over the rows of
// k and v that a table lists. A block takes 128 keys of one query and head: a key per thread for the scores, then some
// columns per thread for the weighted values. With more keys than that, each block leaves its maximum, sum and weighted
// values in scratch, and a second kernel brings them together. Where a part begins depends on the number of the key
// alone, so neither other queries nor the width of the table change a bit.
// Traffic: the listed rows of k and v once; scratch is 1 / 128 of them in f32.
#include "tensor/cuda/attention.cuh"

namespace tensor::cuda {

namespace {

constexpr int kKeys = 128;  // of a block, and its threads

struct Table {
  const int32_t *keys, *length;
  int64_t m;
  int parts;  // of kKeys keys: ceil(m / kKeys)
};

// What a block leaves of its keys, in scratch: [query and head][part] of a maximum, a sum and d weighted values.
struct Parts {
  float* data;
  int count, d;

  __device__ float* at(int64_t task, int part) const { return data + (task * count + part) * (d + 2); }
};

template <class T>
struct Shared {
  float reduce[32];
  float p[kKeys];
  int32_t row[kKeys];
  float weighted[kKeys][kPack<T>];
};

template <class T>
__device__ inline float dot(const T* a, const T* b, int d, bool aligned) {
  constexpr int N = kPack<T>;
  float sum = 0;
  for (int j = 0; j < d; j += N) {
    const bool whole = aligned && j + N <= d;
    const Pack<N> x = load_pack<N>(a + j, d - j, whole), y = load_pack<N>(b + j, d - j, whole);
#pragma unroll
    for (int i = 0; i < N; ++i) sum += x[i] * y[i];
  }
  return sum;
}

// Sums p v over the block's keys and gives them to f(column, weighted value). A pack of columns has several threads,
// each with every so many-th key, whose sums are added in the order of the threads.
template <class T, class F>
__device__ inline void weigh(Shared<T>& s, const Heads<const T>& v, int head, int n, int d, bool aligned, F&& f) {
  constexpr int N = kPack<T>;
  const int packs = (d + N - 1) / N;
  for (int first = 0; first < packs; first += kKeys) {
    const int here = min(packs - first, kKeys), groups = kKeys / here;
    const int group = int(threadIdx.x) / here, column = (first + int(threadIdx.x) % here) * N;
    Pack<N> sum = {};
    if (group < groups)
      for (int i = group; i < n; i += groups) {
        const Pack<N> x = load_pack<N>(v.row(s.row[i], head) + column, d - column, aligned && column + N <= d);
#pragma unroll
        for (int j = 0; j < N; ++j) sum[j] += s.p[i] * x[j];
      }
#pragma unroll
    for (int j = 0; j < N; ++j) s.weighted[threadIdx.x][j] = sum[j];
    __syncthreads();
    for (int i = int(threadIdx.x); i < here * N && first * N + i < d; i += kKeys) {
      float total = 0;
      for (int g = 0; g < groups; ++g) total += s.weighted[g * here + i / N][i % N];
      f(first * N + i, total);
    }
    __syncthreads();
  }
}

template <class T>
__global__ void __launch_bounds__(kKeys)
    decode_part(Heads<T> out, Parts parts, Heads<const T> q, Heads<const T> k, Heads<const T> v, Table table, int heads,
                float scale, bool aligned) {
  auto& s = shared_memory<Shared<T>>();
  const int64_t task = int64_t(blockIdx.x) / parts.count, query = task / heads;
  const int part = int(int64_t(blockIdx.x) % parts.count), head = int(task % heads), d = parts.d;
  const int first = part * kKeys, n = max(min(table.length[query] - first, kKeys), 0), mine = int(threadIdx.x);
  float score = -INFINITY;
  if (mine < n) {
    s.row[mine] = table.keys[query * table.m + first + mine];
    score = scale * dot(q.row(query, head), k.row(s.row[mine], head), d, aligned);
  }
  const float most = block_max(score, s.reduce);
  const float p = mine < n ? expf(score - most) : 0;
  s.p[mine] = p;
  const float total = block_sum(p, s.reduce);
  if (parts.count == 1)
    return weigh(s, v, head, n, d, aligned, [&](int column, float weighted) {
      store_one(out.row(query, head) + column, n > 0 ? weighted / total : 0);
    });
  float* to = parts.at(task, part);
  if (mine == 0) to[0] = most, to[1] = total;
  weigh(s, v, head, n, d, aligned, [&](int column, float weighted) { to[2 + column] = weighted; });
}

// Joins the parts of a query and head into out, a column per thread.
template <class T>
__global__ void __launch_bounds__(kKeys)
    join_parts(Heads<T> out, Parts parts, const int32_t* length, int64_t n, int heads) {
  const int64_t i = int64_t(blockIdx.x) * kKeys + threadIdx.x;
  if (i >= n) return;
  const int64_t task = i / parts.d, query = task / heads;
  const int column = int(i % parts.d), count = (length[query] + kKeys - 1) / kKeys;
  float most = -INFINITY, total = 0, weighted = 0;
  for (int part = 0; part < count; ++part) most = fmaxf(most, parts.at(task, part)[0]);
  for (int part = 0; part < count; ++part) {
    const float *from = parts.at(task, part), share = expf(from[0] - most);
    total += share * from[1];
    weighted += share * from[2 + column];
  }
  store_one(out.row(query, int(task % heads)) + column, count > 0 ? weighted / total : 0);
}

int parts_of(int64_t m) { return int(std::max<int64_t>((m + kKeys - 1) / kKeys, 1)); }

}  // namespace

void decode_attention(Tensor& out, const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& keys,
                      const Tensor& length, float scale, Tensor& scratch) {
  const int64_t tasks = q.size(0) * q.size(1), m = keys.size(1);
  const int heads = int(q.size(1)), d = int(q.size(2)), count = parts_of(m);
  const Table table{keys.data<int32_t>(), length.data<int32_t>(), m, count};
  const Parts parts{reinterpret_cast<float*>(scratch.mutable_data<uint8_t>()), count, d};
  const cudaStream_t stream = stream_of(q);
  dispatch_f32_bf16("decode_attention", q.dtype(), [&]<class T>() {
    const bool aligned = rows_aligned<T>({&q, &k, &v});
    launch(decode_part<T>, unsigned(tasks * count), kKeys, sizeof(Shared<T>), stream, heads_of<T>(out), parts,
           heads_of<T>(q), heads_of<T>(k), heads_of<T>(v), table, heads, scale, aligned);
    if (count > 1)
      launch(join_parts<T>, blocks_for(tasks * d, kKeys), kKeys, 0, stream, heads_of<T>(out), parts, table.length,
             tasks * d, heads);
  });
}

size_t decode_attention_scratch(const Tensor& q, int64_t m) {
  const int count = parts_of(m);
  return count == 1 ? 0 : size_t(q.size(0) * q.size(1) * count * (q.size(2) + 2)) * sizeof(float);
}

}  // namespace tensor::cuda
