// Matrix products on a stream. blas.cpp, the only file that knows cuBLASLt, makes them; in tests its twin
// tests/cuda_emulation/blas.cpp does.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>

#include "tensor/dtype.h"

namespace tensor::cuda {

// All matrices, each of their rows, and the bias begin at multiples of so many bytes: else the fast kernels of cuBLASLt
// cannot load them.
inline constexpr int64_t kBlasAlignment = 16;

// Row-major matrices of a batch: rows and matrices are so many elements apart.
struct BlasOperand {
  const std::byte* data;
  bool transposed;
  int64_t stride, batch_stride;
};

// c[b, m, n] = op(a) op(b) + bias[n], with sums in f32; or c += op(a) op(b), the finished sum, without bias. No size is
// 0. op is as in MatmulKernels. a and b are f32 or bf16; c is as they are, or f32; the bias is as c.
struct BlasProduct {
  int64_t batches, m, n, k;
  DType dtype, c_dtype;
  BlasOperand a, b;
  std::byte* c;
  int64_t c_stride, c_batch_stride;
  const std::byte* bias;  // null: none
  bool accumulate;
};

// Opens the library. Throws UsageError that says where it was looked for.
void open_blas();

// Returns how many bytes gemm works with. It is one number, since cuBLASLt chooses by it, and with it the bits of a
// result.
size_t blas_workspace();

// Queues the product in a stream of the thread's device. Products of one shape and layout are made in one way as long
// as the process lives.
void gemm(const BlasProduct& product, std::byte* workspace, cudaStream_t stream);

}  // namespace tensor::cuda
