// Matrix products as in Goto & van de Geijn 2008. A block of a is copied row by row into the second-level cache, a
// strip of b into the first. A register tile of c sums over both. Whatever the tiles, an element of c is the sum, in
// order, of one sum per block of kDepth products. So its bits depend on its row of a and its column of b alone, not on
// other rows or the number of threads. bf16 becomes f32 in the copies.
#include "tensor/base/threads.h"
#include "tensor/cpu/sums.h"
#include "tensor/cpu/tables.h"
#include "tensor/cpu/tile.h"

namespace tensor::cpu::KILM_KERNEL_ISA {

namespace {

constexpr int64_t kDepth = 256;     // products per partial sum: a strip of b is then 32 KB at most
constexpr int64_t kTileRows = 192;  // a tile of c is one task
constexpr int64_t kTileColumns = 512;

// Tells whether sums wait in the workspace for their last product: c may be bf16, or holds what a finished sum is added
// to.
bool sums_aside(DType dtype, int64_t k, bool accumulate) { return dtype == DType::bf16 || (accumulate && k > kDepth); }

// Calls multiply for `rows` x `columns` of c; a narrow c is computed aside, where whole vectors fit.
template <class A>
void multiply_part(A* c, int64_t c_stride, const A* start, int64_t start_stride, const A* a, const A* b, int64_t depth,
                   int64_t rows, int64_t columns) {
  // its rows of c lie on as many pages; by the end of the sum they have arrived
  for (int64_t r = 0; r < rows; ++r) __builtin_prefetch(c + r * c_stride + columns - 1, 1);
  const Multiply<A> whole = multiply_for<A, kDepth, 1>(rows);
  if (columns == kColumns<A>) return whole(c, c_stride, start, start_stride, a, b, kColumns<A>, depth);
  A aside[kRows * kColumns<A>];
  whole(aside, kColumns<A>, nullptr, 0, a, b, kColumns<A>, depth);
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
  A* c;     // [kTileRows, kTileColumns], only with sums_aside

  static int64_t numel(int64_t m, int64_t n, bool aside) {
    const int64_t rows = std::min(round_up(m, kRows), kTileRows);
    const int64_t columns = std::min(round_up(n, kColumns<A>), kTileColumns);
    return rows * kDepth + kDepth * kColumns<A> + columns + (aside ? rows * columns : 0);
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

// Computes to[rows, columns] = start + a b over all of k.
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

// Computes one tile of c, of type C. A single partial sum is finished in registers and joins c from there; several do
// so aside.
template <class T, class C, class A = acc_t<T>>
void tile(C* c, int64_t c_stride, Matrix<T> a, Matrix<T> b, const T* bias, bool accumulate, int64_t rows,
          int64_t columns, int64_t k, const Workspace<A>& w) {
  if (bias != nullptr) pack(w.bias, round_up(columns, kColumns<A>), Matrix<T>{bias, 0, false}, 1, columns);
  const A* start = bias != nullptr ? w.bias : nullptr;
  if constexpr (std::is_same_v<A, C>) {
    if (!accumulate) return sum_tile(c, c_stride, start, 0, a, b, rows, columns, k, w);
    if (k <= kDepth) return sum_tile(c, c_stride, c, c_stride, a, b, rows, columns, k, w);
  }
  const int64_t width = round_up(columns, kColumns<A>);
  sum_tile(w.c, width, start, 0, a, b, rows, columns, k, w);
  for (int64_t r = 0; r < rows; ++r) put_sums(c + r * c_stride, w.c + r * width, columns, accumulate);
}

// How c is cut into tasks: tiles of equal size, no larger than a workspace, and enough of them for all threads.
struct Tiling {
  int64_t rows, columns, down, across;

  template <class A>
  static Tiling of(int64_t batch, int64_t m, int64_t n) {
    const int64_t wanted = 3 * base::threads();
    int64_t down = divide_up(m, kTileRows);
    // few rows: narrow tiles, so that a strip of b is read once from end to end
    int64_t across = divide_up(n, m <= kRows ? 2 * kColumns<A> : kTileColumns);
    while (batch * down * across < wanted) {
      const bool rows_left = m / down >= 4 * kRows, columns_left = n / across >= 4 * kColumns<A>;
      if (!rows_left && !columns_left) break;
      // near squares: a tile copies its rows of a and its columns of b
      if (rows_left && (!columns_left || m / down >= n / across))
        down *= 2;
      else
        across *= 2;
    }
    const int64_t rows = round_up(divide_up(m, down), kRows);
    const int64_t columns = round_up(divide_up(n, across), kColumns<A>);
    return {rows, columns, divide_up(m, rows), divide_up(n, columns)};
  }
};

template <class T, class C>
void gemm_typed(Target& to, const Tensor& a, bool a_transposed, const Tensor& b, bool b_transposed, const Tensor* bias,
                Tensor& scratch) {
  using A = acc_t<T>;
  Tensor& c = to.tensor;
  const bool accumulate = to.accumulate;
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
  const int64_t workspace = Workspace<A>::numel(m, n, sums_aside(a.dtype(), k, accumulate));
  const int64_t tiles = tiling.down * tiling.across;
  const int64_t cost = divide_up(tiling.rows * tiling.columns * std::max<int64_t>(k, 1), kColumns<A>);
  parallel_for(batch * tiles, grain_for(cost), [&](int64_t begin, int64_t end, int worker) {
    const Workspace<A> w = Workspace<A>::in(memory + worker * workspace, m, n);
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

void gemm(Target& c, const Tensor& a, bool a_transposed, const Tensor& b, bool b_transposed, const Tensor* bias,
          Tensor& scratch) {
  dispatch_float("matmul", a.dtype(), [&]<class T>() {
    if (c.tensor.dtype() == a.dtype())
      gemm_typed<T, T>(c, a, a_transposed, b, b_transposed, bias, scratch);
    else
      gemm_typed<T, acc_t<T>>(c, a, a_transposed, b, b_transposed, bias, scratch);
  });
}

size_t gemm_scratch(const Target& c, const Tensor& a, bool a_transposed, const Tensor&, bool) {
  const int64_t m = c.tensor.size(1), n = c.tensor.size(2), k = a.size(a_transposed ? 1 : 2);
  const DType dtype = a.dtype();
  const bool aside = sums_aside(dtype, k, c.accumulate);
  const int64_t numel =
      dtype == DType::f64 ? Workspace<double>::numel(m, n, aside) : Workspace<float>::numel(m, n, aside);
  return size_t(base::threads()) * size_t(numel) * (dtype == DType::f64 ? sizeof(double) : sizeof(float));
}

}  // namespace

constinit const MatmulKernels matmul_kernels{.gemm = gemm, .gemm_scratch = gemm_scratch};

}  // namespace tensor::cpu::KILM_KERNEL_ISA
