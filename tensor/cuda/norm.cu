// Layer norm and the residual step of a post-norm transformer, as in norm.cpp: a row is held in registers while its
// mean, its centred variance and its output are formed. Ba et al. 2016.
//
//   forward    y = (x - mean) rstd w + b                      traffic: x once, y once; with dropout x, residual, sum, y
//   backward   dx = rstd (g - mean(g) - xhat mean(g xhat))    traffic: dy, x, dx and its dropout once,
//              with g = dy w, xhat = (x - mean) rstd          and per 32 rows or more
//              dw = sum of dy xhat, db = sum of dy over rows  one f32 row for dw, one for db
//
// A row of up to 1,024 elements belongs to a warp, so that no sum of a row needs a barrier; a longer one belongs to a
// block. Rows that even a block cannot hold (8,192) are read again in each pass.
#include <algorithm>

#include "tensor/cuda/kernel.cuh"
#include "tensor/cuda/sums.cuh"
#include "tensor/cuda/tables.h"

namespace tensor::cuda {

namespace {

constexpr int kHeld = 32;                // elements of a row that a thread holds
constexpr int kWarpRow = 32 * kHeld;     // the longest row of a warp
constexpr int kWarps = 4;                // of a block whose warps have a row each
constexpr int kMaxWarps = 8;             // of a block that has a row
constexpr int64_t kMinPartialRows = 32;  // rows whose shares of dw and db one block sums
constexpr int64_t kMaxPartials = 1024;

struct Shared {
  float of_warps[32];
};

// The team of threads that has a row, a warp or a block, and the packs of the row that each of them holds. In an
// aligned row every pack is whole and may be accessed at once.
template <class Element, bool kWarp, bool kAligned>
struct Team {
  using T = Element;
  static constexpr bool kWhole = kAligned;
  static constexpr bool kIsWarp = kWarp;
  static constexpr int kTeams = kWarp ? kWarps : 1;  // of a block
  static constexpr int kMaxThreads = 32 * (kWarp ? kWarps : kMaxWarps);
  static constexpr int N = kPack<T>, kPacks = kHeld / N;
  // Blocks of a multiprocessor that a kernel asks for; 0 leaves it to ptxas. For rows that are not aligned it would
  // rather spill some registers of sm_100 and sm_120 than have one block.
  static constexpr int kFewestBlocks = kAligned ? 0 : 1;

  __device__ static int thread() { return kWarp ? threadIdx.x % 32 : threadIdx.x; }
  __device__ static int threads() { return kWarp ? 32 : blockDim.x; }
  __device__ static int number() { return kWarp ? threadIdx.x / 32 : 0; }  // in its block

  __device__ static float sum(float v) {
    if constexpr (kWarp)
      return warp_sum(v);
    else
      return block_sum(v, shared_memory<Shared>().of_warps);
  }

  // Tells whether the team holds a row of d elements as a whole.
  __device__ static bool holds(int d) { return kWarp || d <= threads() * kHeld; }

  // Calls f(k, column, n) for the thread's packs of a row of d elements. The k-th that it holds begins at `column`, and
  // its first n elements are in the row.
  template <class F>
  __device__ static void for_packs(int d, F&& f) {
    for (int first = 0; first < d; first += threads() * kHeld) {
#pragma unroll
      for (int k = 0; k < kPacks; ++k) {
        const int column = first + (k * threads() + thread()) * N;
        if (column < d) f(k, column, kAligned || d - column > N ? N : d - column);
      }
      if constexpr (kWarp) return;
    }
  }
};

// ---- forward

// Element e of the input is x[e].
template <class T>
struct Rows {
  const T* x;

  template <bool kWhole>
  __device__ uint4 make(int64_t e, int n) const {
    return load_raw(x + e, n, kWhole);
  }
  template <bool kWhole>
  __device__ void keep(int64_t, uint4, int) const {}
  template <bool kWhole>
  __device__ uint4 again(int64_t e, int n) const {
    return load_raw(x + e, n, kWhole);
  }
};

// It is residual[e] + dropout(x[e]), which is kept as sum[e].
template <class T>
struct ResidualRows {
  static constexpr int N = kPack<T>;
  T* sum;
  const T* x;
  const T* residual;
  Dropout dropout;

  template <bool kWhole>
  __device__ uint4 make(int64_t e, int n) const {
    const Pack<N> factor = dropout.factors<N>(e, n, kWhole);
    const Pack<N> v = load_pack<N>(x + e, n, kWhole);
    Pack<N> s = load_pack<N>(residual + e, n, kWhole);
#pragma unroll
    for (int i = 0; i < N; ++i) s[i] += v[i] * factor[i];
    return packed<T>(s);
  }
  template <bool kWhole>
  __device__ void keep(int64_t e, uint4 raw, int n) const {
    store_raw(sum + e, raw, n, kWhole);
  }
  template <bool kWhole>
  __device__ uint4 again(int64_t e, int n) const {
    return load_raw(static_cast<const T*>(sum) + e, n, kWhole);
  }
};

template <class Team, class Input>
__global__ void __launch_bounds__(Team::kMaxThreads, Team::kFewestBlocks)
    normalize_rows(int64_t rows, int d, typename Team::T* __restrict__ y, float* means, float* rstds, Input input,
                   const typename Team::T* __restrict__ w, const typename Team::T* __restrict__ b, float eps) {
  using T = typename Team::T;
  constexpr int N = Team::N;
  constexpr bool kWhole = Team::kWhole;
  const int64_t r = int64_t(blockIdx.x) * Team::kTeams + Team::number();
  if (r >= rows) return;  // a whole warp
  const bool held = Team::holds(d);
  uint4 x[Team::kPacks];

  float sum = 0;
  Team::for_packs(d, [&](int k, int column, int n) {
    x[k] = input.template make<kWhole>(r * d + column, n);
    if (!held) input.template keep<kWhole>(r * d + column, x[k], n);
    const Pack<N> v = unpack<T>(x[k]);
#pragma unroll
    for (int i = 0; i < N; ++i) sum += v[i];
  });
  if (held)  // a store behind all loads lets them overlap
    Team::for_packs(d, [&](int k, int column, int n) { input.template keep<kWhole>(r * d + column, x[k], n); });
  const float mean = Team::sum(sum) / float(d);

  float squares = 0;
  Team::for_packs(d, [&](int k, int column, int n) {
    if (!held) x[k] = input.template again<kWhole>(r * d + column, n);
    const Pack<N> v = unpack<T>(x[k]);
#pragma unroll
    for (int i = 0; i < N; ++i)
      if (i < n) squares += (v[i] - mean) * (v[i] - mean);
  });
  const float rstd = 1 / sqrtf(Team::sum(squares) / float(d) + eps);

  Team::for_packs(d, [&](int k, int column, int n) {
    if (!held) x[k] = input.template again<kWhole>(r * d + column, n);
    Pack<N> v = unpack<T>(x[k]);
    const Pack<N> scale = load_pack<N>(w + column, n, kWhole), shift = load_pack<N>(b + column, n, kWhole);
#pragma unroll
    for (int i = 0; i < N; ++i) v[i] = (v[i] - mean) * rstd * scale[i] + shift[i];
    store_pack(y + r * d + column, v, n, kWhole);
  });
  if (Team::thread() != 0) return;
  means[r] = mean;
  rstds[r] = rstd;
}

// ---- backward

// What else is made of dx: nothing, or its dropout.
struct NothingElse {
  template <bool kWhole>
  __device__ void put(int64_t, uint4, int) const {}
};
template <class T>
struct Dropped {
  static constexpr int N = kPack<T>;
  T* y;
  Dropout dropout;

  template <bool kWhole>
  __device__ void put(int64_t e, uint4 raw, int n) const {
    const Pack<N> factor = dropout.factors<N>(e, n, kWhole);
    Pack<N> v = unpack<T>(raw);
#pragma unroll
    for (int i = 0; i < N; ++i) v[i] *= factor[i];
    store_pack(y + e, v, n, kWhole);
  }
};

// The sums of a block's rows for dw and db, of rows that a warp holds.
struct BlockSums {
  float dw[kWarpRow], db[kWarpRow];
};

__device__ inline void add_to(float* sum, float v, bool first) { *sum = first ? v : *sum + v; }

// Computes dx of the rows of a block, and their shares of dw and db: partials[block, 2, d], if it is not null.
template <class Team, class Else>
__global__ void __launch_bounds__(Team::kMaxThreads, Team::kFewestBlocks)
    normalize_rows_backward(int64_t rows, int64_t partial_rows, int d, typename Team::T* __restrict__ dx, Else also,
                            float* partials, const typename Team::T* __restrict__ dy,
                            const typename Team::T* __restrict__ x, const float* means, const float* rstds,
                            const typename Team::T* __restrict__ w) {
  using T = typename Team::T;
  constexpr int N = Team::N, kPacks = Team::kPacks;
  constexpr bool kWhole = Team::kWhole;
  const int64_t begin = blockIdx.x * partial_rows, end = begin + partial_rows < rows ? begin + partial_rows : rows;
  const bool held = Team::holds(d);
  float* const partial = partials == nullptr ? nullptr : partials + int64_t(blockIdx.x) * 2 * d;
  Pack<N> dw[kPacks] = {}, db[kPacks] = {};

  for (int64_t r = begin + Team::number(); r < end; r += Team::kTeams) {
    const float mean = means[r], rstd = rstds[r];
    uint4 row_dy[kPacks], row_x[kPacks];
    float sum_g = 0, sum_gx = 0;
    Team::for_packs(d, [&](int k, int column, int n) {
      row_dy[k] = load_raw(dy + r * d + column, n, kWhole);
      row_x[k] = load_raw(x + r * d + column, n, kWhole);
      const Pack<N> dyv = unpack<T>(row_dy[k]), xv = unpack<T>(row_x[k]), scale = load_pack<N>(w + column, n, kWhole);
#pragma unroll
      for (int i = 0; i < N; ++i) {
        const float g = dyv[i] * scale[i];
        sum_g += g;
        sum_gx += g * ((xv[i] - mean) * rstd);
      }
    });
    const float mean_g = Team::sum(sum_g) / float(d), mean_gx = Team::sum(sum_gx) / float(d);
    Team::for_packs(d, [&](int k, int column, int n) {
      if (!held) {
        row_dy[k] = load_raw(dy + r * d + column, n, kWhole);
        row_x[k] = load_raw(x + r * d + column, n, kWhole);
      }
      const Pack<N> dyv = unpack<T>(row_dy[k]), xv = unpack<T>(row_x[k]), scale = load_pack<N>(w + column, n, kWhole);
      Pack<N> result;
#pragma unroll
      for (int i = 0; i < N; ++i) {
        const float xhat = (xv[i] - mean) * rstd;
        result[i] = (dyv[i] * scale[i] - mean_g - xhat * mean_gx) * rstd;
        if (held) {
          dw[k][i] += dyv[i] * xhat;
          db[k][i] += dyv[i];
        } else if (partial != nullptr && i < n) {
          add_to(partial + column + i, dyv[i] * xhat, r == begin);
          add_to(partial + d + column + i, dyv[i], r == begin);
        }
      }
      const uint4 raw = packed<T>(result);
      store_raw(dx + r * d + column, raw, n, kWhole);
      also.template put<kWhole>(r * d + column, raw, n);
    });
  }

  if (partial == nullptr || !held) return;
  if constexpr (Team::kIsWarp) {  // one warp after the other
    auto& s = shared_memory<BlockSums>();
    for (int team = 0; team < kWarps; ++team) {
      if (team == Team::number())
        Team::for_packs(d, [&](int k, int column, int n) {
#pragma unroll
          for (int i = 0; i < N; ++i) {
            if (i >= n) break;
            add_to(s.dw + column + i, dw[k][i], team == 0);
            add_to(s.db + column + i, db[k][i], team == 0);
          }
        });
      __syncthreads();
    }
    for (int c = threadIdx.x; c < d; c += blockDim.x) {
      partial[c] = s.dw[c];
      partial[d + c] = s.db[c];
    }
  } else {
    Team::for_packs(d, [&](int k, int column, int n) {
#pragma unroll
      for (int i = 0; i < N; ++i) {
        if (i >= n) break;
        partial[column + i] = dw[k][i];
        partial[d + column + i] = db[k][i];
      }
    });
  }
}

// ---- host

// Calls f.template operator()<Team>() for rows of d elements in these tensors.
template <class F, class... Tensors>
void dispatch_team(const char* op, int64_t d, F&& f, const Tensor& x, const Tensors&... others) {
  const auto whole = [](const Tensor& t) { return reinterpret_cast<uintptr_t>(t.bytes_data()) % 16 == 0; };
  const bool aligned = d * int64_t(size_of(x.dtype())) % 16 == 0 && whole(x) && (whole(others) && ...);
  dispatch_f32_bf16(op, x.dtype(), [&]<class T>() {
    if (d <= kWarpRow)
      return aligned ? f.template operator()<Team<T, true, true>>() : f.template operator()<Team<T, true, false>>();
    return aligned ? f.template operator()<Team<T, false, true>>() : f.template operator()<Team<T, false, false>>();
  });
}

// Returns the number of threads of a block.
template <class Team>
unsigned threads_for(int64_t d) {
  constexpr unsigned kMost = Team::kMaxThreads;
  return Team::kIsWarp ? kMost : std::min(kMost, 32 * blocks_for(d, kWarpRow));
}

template <class Team, class Input>
void normalize(Tensor& y, Tensor& mean, Tensor& rstd, const Input& input, const Tensor& w, const Tensor& b,
               double eps) {
  using T = typename Team::T;
  const int64_t rows = y.size(0), d = y.size(1);
  launch(normalize_rows<Team, Input>, blocks_for(rows, Team::kTeams), threads_for<Team>(d), sizeof(Shared),
         stream_of(y), rows, int(d), y.mutable_data<T>(), mean.mutable_data<float>(), rstd.mutable_data<float>(), input,
         w.data<T>(), b.data<T>(), float(eps));
}

void layer_norm(Tensor& y, Tensor& mean, Tensor& rstd, const Tensor& x, const Tensor& w, const Tensor& b, double eps) {
  const auto run = [&]<class Team>() {
    normalize<Team>(y, mean, rstd, Rows<typename Team::T>{x.data<typename Team::T>()}, w, b, eps);
  };
  dispatch_team("layer_norm", x.size(1), run, x, y, w, b);
}

void dropout_add_layer_norm(Tensor& y, Tensor& sum, Tensor& mean, Tensor& rstd, const Tensor& x, const Tensor& residual,
                            const Tensor& w, const Tensor& b, double eps, float p, RandomPosition at) {
  const auto run = [&]<class Team>() {
    using T = typename Team::T;
    normalize<Team>(y, mean, rstd,
                    ResidualRows<T>{sum.mutable_data<T>(), x.data<T>(), residual.data<T>(), Dropout(p, at)}, w, b, eps);
  };
  dispatch_team("dropout_add_layer_norm", x.size(1), run, x, y, sum, residual, w, b);
}

int64_t rows_per_partial(int64_t rows) { return std::max(kMinPartialRows, (rows + kMaxPartials - 1) / kMaxPartials); }

// Returns the bytes of partials[blocks, 2, d], and of what their sum wants.
size_t layer_norm_backward_scratch(int64_t rows, int64_t d, DType) {
  const int64_t partials = blocks_for(rows, rows_per_partial(rows));
  return size_t(partials * 2 * d) * sizeof(float) + add_rows_scratch(1, partials, d);
}

void layer_norm_backward(Tensor& dx, Tensor& dropped, Target& dw, Target& db, const Tensor& dy, const Tensor& x,
                         const Tensor& mean, const Tensor& rstd, const Tensor& w, float p, RandomPosition at,
                         Tensor& scratch) {
  const int64_t rows = x.size(0), d = x.size(1), partial_rows = rows_per_partial(rows);
  const unsigned blocks = blocks_for(rows, partial_rows);
  const cudaStream_t stream = stream_of(x);
  float* const partials =
      dw.wanted() || db.wanted() ? reinterpret_cast<float*>(scratch.mutable_data<uint8_t>()) : nullptr;
  const auto run = [&]<class Team>() {
    using T = typename Team::T;
    const auto launch_with = [&]<class Else>(const Else& also) {
      launch(normalize_rows_backward<Team, Else>, blocks, threads_for<Team>(d),
             Team::kIsWarp ? sizeof(BlockSums) : sizeof(Shared), stream, rows, partial_rows, int(d),
             dx.mutable_data<T>(), also, partials, dy.data<T>(), x.data<T>(), mean.data<float>(), rstd.data<float>(),
             w.data<T>());
    };
    dropped.defined() ? launch_with(Dropped<T>{dropped.mutable_data<T>(), Dropout(p, at)}) : launch_with(NothingElse{});
  };
  dispatch_team("layer_norm_backward", d, run, x, dx, dropped.defined() ? dropped : dx, dy, w);
  const auto add = [&](Target& gradient, const float* first) {
    if (!gradient.wanted()) return;
    add_rows(gradient.tensor.mutable_data<float>(), gradient.accumulate, RowsOf<float>{first, 2 * d}, 1, blocks, d,
             partials + int64_t(blocks) * 2 * d, stream);
  };
  add(dw, partials);
  add(db, partials + d);
}

}  // namespace

constinit const NormKernels norm_kernels{
    .layer_norm = layer_norm,
    .layer_norm_backward = layer_norm_backward,
    .layer_norm_backward_scratch = layer_norm_backward_scratch,
    .dropout_add_layer_norm = dropout_add_layer_norm,
};

}  // namespace tensor::cuda
