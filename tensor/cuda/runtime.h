// The CUDA runtime behind RuntimeKernels: errors, and which stream a kernel goes to. The streams of a device are
// numbered; 0 is one of ours, for the default stream of CUDA waits for all others.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>

#include "tensor/kernels.h"

namespace tensor::cuda {

// Throws Error("WHAT: out of memory (2)").
void check_cuda(cudaError_t error, const char* what);
// After a launch in `stream`. With KILM_SYNC=1 it waits for the kernel, so that an error names its op.
void check_launch(cudaError_t error, cudaStream_t stream);

// Makes the tensor's device the thread's own and returns the thread's current stream there.
cudaStream_t stream_of(const Tensor& x);
// Queues a copy between two places on the device of the stream.
void copy_on(cudaStream_t stream, std::byte* to, const std::byte* from, size_t bytes);

}  // namespace tensor::cuda
