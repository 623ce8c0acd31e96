// Matrix products as in Goto & van de Geijn 2008: a block of a is copied row by row into the second-level cache, a
// strip of b into the first, and a register tile of c sums over both. An element of c is the sum, in order, of one sum
// per block of kDepth products, whatever the tiles, so its bits depend on its row of a and its column of b alone:
// neither on the number of threads nor on the other rows. bf16 becomes f32 in the copies.
#include <utility>

#include "tensor/cpu/parallel.h"
#include "tensor/cpu/tables.h"
#include "tensor/cpu/vec.h"

namespace tensor::cpu::KILM_ISA {

namespace {

// The register tile: kRows x two vectors. 24 (AVX-512) or 12 of the sums live in registers at a time.
constexpr int kRows = kVectorBytes == 64 ? 12 : 6;
template <class A>
constexpr int kColumns = 2 * lanes<A>;
constexpr int64_t kDepth = 256;     // products per partial sum: a strip of b is then 32 KB at most
constexpr int64_t kTileRows = 384;  // a tile of c is one task
constexpr int64_t kTileColumns = 512;

int64_t divide_up(int64_t x, int64_t y) { return (x + y - 1) / y; }
int64_t round_up(int64_t x, int64_t y) { return divide_up(x, y) * y; }

// Element (i, j) is data[i * stride + j], or data[j * stride + i] if turned.
template <class T>
struct Matrix {
  const T* data;
  int64_t stride;
  bool turned;

  Matrix at(int64_t i, int64_t j) const { return {data + (turned ? j * stride + i : i * stride + j), stride, turned}; }
};

template <int Half, class V, size_t... I>
[[gnu::always_inline]] inline V interleave(V a, V b, std::index_sequence<I...>) {
  constexpr int n = sizeof...(I);
  return __builtin_shufflevector(a, b, int(Half * n / 2 + I / 2 + I % 2 * n)...);
}

// Transposes lanes x lanes numbers: interleaving the first with the second half of the vectors rotates the bits of an
// element's position by one, and log2(lanes) rotations exchange row and column.
template <class A>
[[gnu::always_inline]] inline void transpose(Vec<A> (&v)[lanes<A>]) {
  constexpr int n = lanes<A>;
  constexpr auto order = std::make_index_sequence<n>{};
#pragma GCC unroll 4
  for (int round = 1; round < n; round *= 2) {
    Vec<A> t[n];
#pragma GCC unroll 8
    for (int i = 0; i < n / 2; ++i) {
      t[2 * i] = interleave<0>(v[i], v[i + n / 2], order);
      t[2 * i + 1] = interleave<1>(v[i], v[i + n / 2], order);
    }
#pragma GCC unroll 16
    for (int i = 0; i < n; ++i) v[i] = t[i];
  }
}

// to[r, c] = from[c, r] for up to lanes rows and columns; missing columns become 0.
template <bool Full, class T, class A = acc_t<T>>
void turn(A* to, int64_t width, const T* from, int64_t stride, int64_t rows, int64_t columns) {
  constexpr int n = lanes<A>;
  Vec<A> v[n];
#pragma GCC unroll 16
  for (int c = 0; c < n; ++c)
    v[c] = Full ? load(from + c * stride) : c < columns ? load_part(from + c * stride, rows) : Vec<A>{};
  transpose<A>(v);
#pragma GCC unroll 16
  for (int r = 0; r < n; ++r)
    if (Full || r < rows) store(to + r * width, v[r]);
}

// to[r, c] = from[r, c]. Rows of `to` are `width` apart, a multiple of lanes; columns up to the next such multiple may
// be overwritten.
template <class T, class A = acc_t<T>>
void pack(A* to, int64_t width, Matrix<T> from, int64_t rows, int64_t columns) {
  constexpr int n = lanes<A>;
  if (!from.turned) {
    for (int64_t r = 0; r < rows; ++r) {
      const T* row = from.data + r * from.stride;
      int64_t c = 0;
      for (; c + n <= columns; c += n) store(to + r * width + c, load(row + c));
      if (c < columns) store(to + r * width + c, load_part(row + c, columns - c));
    }
    return;
  }
  for (int64_t c = 0; c < columns; c += n) {
    for (int64_t r = 0; r < rows; r += n) {
      const T* block = from.data + c * from.stride + r;
      const int64_t height = std::min<int64_t>(n, rows - r), wide = std::min<int64_t>(n, columns - c);
      if (height == n && wide == n)
        turn<true>(to + r * width + c, width, block, from.stride, n, n);
      else
        turn<false>(to + r * width + c, width, block, from.stride, height, wide);
    }
  }
}

// c[R, kColumns] = sum over p < depth of a[R, p] b[p, kColumns] + start, where start may be c, a bias or null.
template <class A, int R>
void multiply(A* c, int64_t c_stride, const A* start, int64_t start_stride, const A* a, const A* b, int64_t depth) {
  constexpr int n = lanes<A>;
  Vec<A> sum[R][2] = {};
  for (int64_t p = 0; p < depth; ++p) {
    const Vec<A> b0 = load(b + p * kColumns<A>), b1 = load(b + p * kColumns<A> + n);
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
      sum[r][0] += a[r * kDepth + p] * b0;
      sum[r][1] += a[r * kDepth + p] * b1;
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r) {
    if (start != nullptr) {
      sum[r][0] += load(start + r * start_stride);
      sum[r][1] += load(start + r * start_stride + n);
    }
    store(c + r * c_stride, sum[r][0]);
    store(c + r * c_stride + n, sum[r][1]);
  }
}

template <class A>
using Multiply = void (*)(A*, int64_t, const A*, int64_t, const A*, const A*, int64_t);

template <class A, size_t... I>
Multiply<A> multiply_for(int64_t rows, std::index_sequence<I...>) {
  static constexpr Multiply<A> table[] = {multiply<A, int(I) + 1>...};
  return table[rows - 1];
}

// The same for `rows` x `columns` of c; a narrow c is computed aside, where whole vectors fit.
template <class A>
void multiply_part(A* c, int64_t c_stride, const A* start, int64_t start_stride, const A* a, const A* b, int64_t depth,
                   int64_t rows, int64_t columns) {
  const Multiply<A> whole = multiply_for<A>(rows, std::make_index_sequence<kRows>{});
  if (columns == kColumns<A>) return whole(c, c_stride, start, start_stride, a, b, depth);
  A aside[kRows * kColumns<A>];
  whole(aside, kColumns<A>, nullptr, 0, a, b, depth);
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t j = 0; j < columns; ++j)
      c[r * c_stride + j] = aside[r * kColumns<A> + j] + (start != nullptr ? start[r * start_stride + j] : A(0));
}

// What one thread works with.
template <class A>
struct Workspace {
  A* a;     // [kTileRows, kDepth]
  A* b;     // [kDepth, kColumns]
  A* bias;  // [kTileColumns]
  A* c;     // [kTileRows, kTileColumns]: sums where c itself is bf16, else absent

  static int64_t numel(int64_t m, int64_t n, bool sums_aside) {
    const int64_t rows = std::min(round_up(m, kRows), kTileRows);
    const int64_t columns = std::min(round_up(n, kColumns<A>), kTileColumns);
    return rows * kDepth + kDepth * kColumns<A> + columns + (sums_aside ? rows * columns : 0);
  }
  static Workspace in(A* memory, int64_t m, int64_t n) {
    const int64_t rows = std::min(round_up(m, kRows), kTileRows);
    const int64_t columns = std::min(round_up(n, kColumns<A>), kTileColumns);
    Workspace w;
    w.b = memory;
    w.a = w.b + kDepth * kColumns<A>;
    w.bias = w.a + rows * kDepth;
    w.c = w.bias + columns;
    return w;
  }
};

// to[rows, columns] += a b over all of k, beginning with `start`.
template <class T, class A>
void sum_tile(A* to, int64_t to_stride, const A* start, int64_t start_stride, Matrix<T> a, Matrix<T> b, int64_t rows,
              int64_t columns, int64_t k, const Workspace<A>& w) {
  for (int64_t p = 0; p == 0 || p < k; p += kDepth) {
    const int64_t depth = std::min(kDepth, k - p);
    pack(w.a, kDepth, a.at(0, p), rows, depth);
    for (int64_t j = 0; j < columns; j += kColumns<A>) {
      const int64_t wide = std::min<int64_t>(kColumns<A>, columns - j);
      pack(w.b, kColumns<A>, b.at(p, j), depth, wide);
      for (int64_t i = 0; i < rows; i += kRows)
        multiply_part<A>(to + i * to_stride + j, to_stride, start ? start + i * start_stride + j : nullptr,
                         start_stride, w.a + i * kDepth, w.b, depth, std::min<int64_t>(kRows, rows - i), wide);
    }
    start = to;
    start_stride = to_stride;
  }
}

// One tile of c, of type C: the accumulation type itself, or bf16 with the sums aside.
template <class T, class C, class A = acc_t<T>>
void tile(C* c, int64_t c_stride, Matrix<T> a, Matrix<T> b, const T* bias, bool accumulate, int64_t rows,
          int64_t columns, int64_t k, const Workspace<A>& w) {
  if (bias != nullptr) pack(w.bias, round_up(columns, kColumns<A>), Matrix<T>{bias, 0, false}, 1, columns);
  const A* start = bias != nullptr ? w.bias : nullptr;
  if constexpr (std::is_same_v<A, C>) {
    sum_tile(c, c_stride, accumulate ? c : start, accumulate ? c_stride : 0, a, b, rows, columns, k, w);
  } else {
    const int64_t width = round_up(columns, kColumns<A>);
    if (accumulate) pack(w.c, width, Matrix<C>{c, c_stride, false}, rows, columns);
    sum_tile(w.c, width, accumulate ? w.c : start, accumulate ? width : 0, a, b, rows, columns, k, w);
    for (int64_t r = 0; r < rows; ++r) {
      int64_t j = 0;
      for (; j + lanes<A> <= columns; j += lanes<A>) store(c + r * c_stride + j, load(w.c + r * width + j));
      if (j < columns) store_part(c + r * c_stride + j, load(w.c + r * width + j), columns - j);
    }
  }
}

// How c is cut into tasks: tiles of equal size, no larger than a workspace, and enough of them for all threads.
struct Tiling {
  int64_t rows, columns, down, across;

  template <class A>
  static Tiling of(int64_t batch, int64_t m, int64_t n) {
    const int64_t wanted = 3 * omp_get_max_threads();
    int64_t down = divide_up(m, kTileRows);
    // few rows: narrow tiles, so that a strip of b is read once from end to end
    int64_t across = divide_up(n, m <= kRows ? 2 * kColumns<A> : kTileColumns);
    while (batch * down * across < wanted && n / across >= 4 * kColumns<A>) across *= 2;
    while (batch * down * across < wanted && m / down >= 4 * kRows) down *= 2;
    const int64_t rows = round_up(divide_up(m, down), kRows);
    const int64_t columns = round_up(divide_up(n, across), kColumns<A>);
    return {rows, columns, divide_up(m, rows), divide_up(n, columns)};
  }
};

template <class T, class C>
void gemm_typed(Tensor& c, const Tensor& a, bool a_transposed, const Tensor& b, bool b_transposed, const Tensor* bias,
                bool accumulate, Tensor& scratch) {
  using A = acc_t<T>;
  const int64_t batch = c.size(0), m = c.size(1), n = c.size(2), k = a.size(a_transposed ? 1 : 2);
  if (batch * m * n == 0) return;
  const T* a_data = a.data<T>();
  const T* b_data = b.data<T>();
  const T* bias_data = bias != nullptr ? bias->data<T>() : nullptr;
  C* c_data = c.mutable_data<C>();
  const int64_t a_batch = a.stride(0), a_stride = a.stride(1), c_batch = c.stride(0), c_stride = c.stride(1);
  const int64_t b_batch = b.stride(0), b_stride = b.stride(1);

  const Tiling tiling = Tiling::of<A>(batch, m, n);
  A* memory = reinterpret_cast<A*>(scratch.mutable_data<uint8_t>());
  const int64_t workspace = Workspace<A>::numel(m, n, !std::is_same_v<A, T>);
  const bool nested = omp_in_parallel();
  const int64_t tiles = tiling.down * tiling.across;
  const int64_t cost = divide_up(tiling.rows * tiling.columns * std::max<int64_t>(k, 1), kColumns<A>);
  parallel_for(batch * tiles, grain_for(cost), [&](int64_t begin, int64_t end) {
    const int64_t thread = nested ? 0 : omp_get_thread_num();
    const Workspace<A> w = Workspace<A>::in(memory + thread * workspace, m, n);
    for (int64_t t = begin; t < end; ++t) {
      const int64_t i = t % tiles / tiling.across * tiling.rows, j = t % tiling.across * tiling.columns;
      const Matrix<T> left{a_data + t / tiles * a_batch, a_stride, a_transposed};
      const Matrix<T> right{b_data + t / tiles * b_batch, b_stride, b_transposed};
      tile<T, C>(c_data + t / tiles * c_batch + i * c_stride + j, c_stride, left.at(i, 0), right.at(0, j),
                 bias_data != nullptr ? bias_data + j : nullptr, accumulate, std::min(tiling.rows, m - i),
                 std::min(tiling.columns, n - j), k, w);
    }
  });
}

void gemm(Tensor& c, const Tensor& a, bool a_transposed, const Tensor& b, bool b_transposed, const Tensor* bias,
          bool accumulate, Tensor& scratch) {
  dispatch_float("matmul", a.dtype(), [&]<class T>() {
    if (c.dtype() == a.dtype())
      gemm_typed<T, T>(c, a, a_transposed, b, b_transposed, bias, accumulate, scratch);
    else
      gemm_typed<T, acc_t<T>>(c, a, a_transposed, b, b_transposed, bias, accumulate, scratch);
  });
}

size_t gemm_scratch(int64_t m, int64_t n, int64_t, DType dtype) {
  const int64_t numel =
      dtype == DType::f64 ? Workspace<double>::numel(m, n, false) : Workspace<float>::numel(m, n, dtype == DType::bf16);
  return size_t(omp_get_max_threads()) * size_t(numel) * (dtype == DType::f64 ? sizeof(double) : sizeof(float));
}

}  // namespace

constinit const MatmulKernels matmul{.gemm = gemm, .gemm_scratch = gemm_scratch};

}  // namespace tensor::cpu::KILM_ISA
