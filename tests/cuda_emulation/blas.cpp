// Twin of tensor/cuda/blas.cpp: a piece of work on a stream in which the CPU's kernel multiplies.
#include "tensor/cuda/blas.h"

#include "tensor/format.h"
#include "tensor/kernels.h"
#include "tests/cuda_emulation/memory.h"
#include "tests/cuda_emulation/stream.h"

namespace tensor::cuda {

namespace {

// Returns [batches, rows, columns] in memory of the device, as the host may see it within such work.
Tensor matrices(const std::byte* data, DType dtype, const Shape& shape, int64_t stride, int64_t batch_stride,
                const char* name) {
  const int64_t size = int64_t(size_of(dtype));
  const auto aligned = [](int64_t bytes) { return bytes % kBlasAlignment == 0; };
  base::check(aligned(int64_t(reinterpret_cast<uintptr_t>(data))) && aligned(stride * size) &&
                  aligned(batch_stride * size) && stride >= shape[2],
              "gemm: {} {} with strides {} and {} does not lie as cuBLASLt wants it", name, shape, batch_stride,
              stride);
  const size_t bytes = size_t(((shape[0] - 1) * batch_stride + (shape[1] - 1) * stride + shape[2]) * size);
  cuda_emulation::check_in_buffer(data, bytes, "a matrix product");
  const auto memory = std::make_shared<Storage>(const_cast<std::byte*>(data), bytes, Device{}, [] {});
  return Tensor(memory, 0, shape, {batch_stride, stride, 1}, dtype);
}

void multiply(const BlasProduct& p) {
  const auto operand = [&](const BlasOperand& x, int64_t rows, int64_t columns, const char* name) {
    const Shape shape = x.transposed ? Shape{p.batches, columns, rows} : Shape{p.batches, rows, columns};
    return matrices(x.data, p.dtype, shape, x.stride, x.batch_stride, name);
  };
  const Tensor a = operand(p.a, p.m, p.k, "a"), b = operand(p.b, p.k, p.n, "b");
  Target c{matrices(p.c, p.c_dtype, {p.batches, p.m, p.n}, p.c_stride, p.c_batch_stride, "c"), p.accumulate};
  Tensor bias;
  if (p.bias) bias = matrices(p.bias, p.c_dtype, {1, 1, p.n}, (p.n + 7) / 8 * 8, 0, "bias").reshape({p.n});
  const MatmulKernels& cpu = *cpu_backend().matmul;
  Tensor scratch = Tensor::empty({int64_t(cpu.gemm_scratch(c, a, p.a.transposed, b, p.b.transposed))}, DType::u8);
  cpu.gemm(c, a, p.a.transposed, b, p.b.transposed, p.bias ? &bias : nullptr, scratch);
}

}  // namespace

void open_blas() {}

size_t blas_workspace() { return 512; }

void gemm(const BlasProduct& product, std::byte* workspace, cudaStream_t stream) {
  cuda_emulation::enqueue(stream, "matmul", [product, workspace] {
    cuda_emulation::check_in_buffer(workspace, blas_workspace(), "a matrix product");
    multiply(product);
  });
}

}  // namespace tensor::cuda
