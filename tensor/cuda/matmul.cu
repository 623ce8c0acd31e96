// Matrix products: cuBLASLt makes them (blas.h). It is fast only where every row begins at a multiple of 16 bytes and
// the inner size is one, too, if the products run along rows. An operand that is not so is copied, with zeros behind
// its rows; a result that is not so is made aside and copied from there, or added. Traffic of a copy: the matrix twice.
#include "tensor/cuda/blas.h"
#include "tensor/cuda/kernel.cuh"
#include "tensor/cuda/tables.h"

namespace tensor::cuda {

namespace {

constexpr int kThreads = 256, kRows = kThreads / 32;  // a warp copies a row

// Matrices of a batch, of which rows and matrices are so many elements apart.
struct Place {
  int64_t rows, columns, stride, batch_stride;
};

// Writes to[b, rows, columns], without gaps, = from, and 0 where that has no element.
template <class Bits>
__global__ void __launch_bounds__(kThreads)
    copy_matrices(Bits* to, int64_t batches, int64_t rows, int64_t columns, const Bits* from, Place at) {
  const int64_t row = int64_t(blockIdx.x) * kRows + threadIdx.x / 32;
  if (row >= batches * rows) return;
  const int64_t b = row / rows, i = row % rows;
  const Bits* source = from + b * at.batch_stride + i * at.stride;
  for (int64_t j = threadIdx.x % 32; j < columns; j += 32)
    to[row * columns + j] = i < at.rows && j < at.columns ? source[j] : Bits(0);
}

// Writes c[b, rows, columns] = x, whose rows are x_stride apart and follow each other, or += x. Where x is null it is
// `bias`, once per row, and where that is null it is 0.
template <class C>
__global__ void __launch_bounds__(kThreads)
    put_matrices(C* c, int64_t batches, Place at, const C* x, int64_t x_stride, const C* bias, bool accumulate) {
  const int64_t row = int64_t(blockIdx.x) * kRows + threadIdx.x / 32;
  if (row >= batches * at.rows) return;
  C* to = c + row / at.rows * at.batch_stride + row % at.rows * at.stride;
  for (int64_t j = threadIdx.x % 32; j < at.columns; j += 32) {
    const float value = x ? float(x[row * x_stride + j]) : bias ? float(bias[j]) : 0.0f;
    store_one(to + j, accumulate ? float(to[j]) + value : value);
  }
}

// ---- which matrices are copied

int64_t round_up(int64_t n, int64_t to) { return (n + to - 1) / to * to; }

// Returns how many elements of a dtype kBlasAlignment holds.
int64_t unit_of(DType dtype) { return kBlasAlignment / int64_t(size_of(dtype)); }

int64_t distance_of_matrices(const Tensor& x) { return x.size(0) == 1 ? 0 : x.stride(0); }

Place place_of(const Tensor& x) { return {x.size(1), x.size(2), x.stride(1), distance_of_matrices(x)}; }

bool aligned(const Tensor& x) { return reinterpret_cast<uintptr_t>(x.bytes_data()) % kBlasAlignment == 0; }

bool fits(const Tensor& x) {
  const int64_t unit = unit_of(x.dtype());
  return aligned(x) && x.stride(1) >= x.size(2) && x.stride(1) % unit == 0 && distance_of_matrices(x) % unit == 0;
}

// A matrix of a product: where it lies, or where its copy will.
struct Part {
  bool copied;
  int64_t rows, columns, stride, batch_stride;  // of the copy, if there is one
  size_t bytes;                                 // of scratch

  Part(const Tensor& x, bool copied, int64_t rows, int64_t columns)
      : copied(copied),
        rows(rows),
        columns(columns),
        stride(x.stride(1)),
        batch_stride(distance_of_matrices(x)),
        bytes(0) {
    if (!copied) return;
    stride = columns;
    batch_stride = rows * columns;
    bytes = size_t(round_up(x.size(0) * rows * columns * int64_t(size_of(x.dtype())), 256));
  }
};

struct Plan {
  int64_t inner;  // k, or more with zeros
  Part a, b, c;
  size_t bias_bytes;

  size_t scratch() const { return blas_workspace() + a.bytes + b.bytes + c.bytes + bias_bytes; }
};

Plan plan_of(const Tensor& c, const Tensor& a, bool a_transposed, const Tensor& b, bool b_transposed) {
  const int64_t unit = unit_of(a.dtype()), k = a.size(a_transposed ? 1 : 2);
  const int64_t m = c.size(1), n = c.size(2), c_columns = round_up(n, unit_of(c.dtype()));
  const bool along_rows = !a_transposed || b_transposed;
  const int64_t inner = along_rows ? round_up(k, unit) : k;
  const auto operand = [&](const Tensor& x, int64_t rows, int64_t columns) {
    return Part(x, inner != k || !fits(x), rows, round_up(columns, unit));
  };
  return {inner, a_transposed ? operand(a, inner, m) : operand(a, m, inner),
          b_transposed ? operand(b, n, inner) : operand(b, inner, n), Part(c, !fits(c), m, c_columns),
          size_t(round_up(n * int64_t(size_of(c.dtype())), 256))};
}

// ---- the copies

// Returns where the matrix lies for the product; moves `scratch` behind what it takes.
template <class Bits>
const std::byte* bring(const Tensor& x, const Part& part, std::byte*& scratch, cudaStream_t stream) {
  if (!part.copied) return x.bytes_data();
  std::byte* const copy = scratch;
  scratch += part.bytes;
  launch(copy_matrices<Bits>, blocks_for(x.size(0) * part.rows, kRows), kThreads, 0, stream,
         reinterpret_cast<Bits*>(copy), x.size(0), part.rows, part.columns,
         reinterpret_cast<const Bits*>(x.bytes_data()), place_of(x));
  return copy;
}

template <class C>
void put(const Target& to, const std::byte* x, int64_t x_stride, const Tensor* bias, cudaStream_t stream) {
  Tensor c = to.tensor;
  launch(put_matrices<C>, blocks_for(c.size(0) * c.size(1), kRows), kThreads, 0, stream, c.mutable_data<C>(), c.size(0),
         place_of(c), reinterpret_cast<const C*>(x), x_stride, bias ? bias->data<C>() : nullptr, to.accumulate);
}

template <class T, class C>
void gemm_typed(Target& to, const Tensor& a, bool a_transposed, const Tensor& b, bool b_transposed, const Tensor* bias,
                Tensor& scratch) {
  using Bits = std::conditional_t<sizeof(T) == 2, uint16_t, uint32_t>;
  using BiasBits = std::conditional_t<sizeof(C) == 2, uint16_t, uint32_t>;
  Tensor& c = to.tensor;
  const cudaStream_t stream = stream_of(c);
  const Plan plan = plan_of(c, a, a_transposed, b, b_transposed);
  if (c.numel() == 0) return;
  if (plan.inner == 0) return put<C>(to, nullptr, 0, bias, stream);

  std::byte* const workspace = scratch.mutable_bytes_data();
  std::byte* rest = workspace + blas_workspace();
  const std::byte* const left = bring<Bits>(a, plan.a, rest, stream);
  const std::byte* const right = bring<Bits>(b, plan.b, rest, stream);
  const std::byte* added = nullptr;
  if (bias) {
    const Tensor row = bias->reshape({1, 1, bias->numel()});
    added = bring<BiasBits>(row, Part(row, !aligned(row), 1, row.size(2)), rest, stream);
  }
  const bool aside = plan.c.copied;
  std::byte* const result = aside ? rest : c.mutable_bytes_data();
  gemm({.batches = c.size(0),
        .m = c.size(1),
        .n = c.size(2),
        .k = plan.inner,
        .dtype = a.dtype(),
        .c_dtype = c.dtype(),
        .a = {left, a_transposed, plan.a.stride, plan.a.batch_stride},
        .b = {right, b_transposed, plan.b.stride, plan.b.batch_stride},
        .c = result,
        .c_stride = plan.c.stride,
        .c_batch_stride = plan.c.batch_stride,
        .bias = added,
        .accumulate = to.accumulate && !aside},
       workspace, stream);
  if (aside) put<C>(to, result, plan.c.stride, nullptr, stream);
}

void matmul(Target& c, const Tensor& a, bool a_transposed, const Tensor& b, bool b_transposed, const Tensor* bias,
            Tensor& scratch) {
  dispatch_f32_bf16("matmul", a.dtype(), [&]<class T>() {
    dispatch_f32_bf16("matmul", c.tensor.dtype(),
                      [&]<class C>() { gemm_typed<T, C>(c, a, a_transposed, b, b_transposed, bias, scratch); });
  });
}

size_t gemm_scratch(const Target& c, const Tensor& a, bool a_transposed, const Tensor& b, bool b_transposed) {
  return plan_of(c.tensor, a, a_transposed, b, b_transposed).scratch();
}

}  // namespace

constinit const MatmulKernels matmul_kernels{.gemm = matmul, .gemm_scratch = gemm_scratch};

}  // namespace tensor::cuda
