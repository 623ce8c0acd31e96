// The CUDA runtime behind RuntimeKernels: errors, and the stream that a kernel goes to.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>

#include "tensor/tensor.h"

namespace tensor::cuda {

// Throws unless it is a success: Error("cuda:0: WHAT: invalid argument (1)"), OutOfDeviceMemory, or DeviceFailure where
// the device does no work any more.
void check_cuda(cudaError_t error, const char* what);
// Does the same for a launch in `stream`: any error is a DeviceFailure, which the Launch gives the name of the op. It
// is UsageError where the program has no kernels for such a device. With KILM_SYNC=1 it waits for the kernel, so that
// an error inside of it has its name.
void check_launch(cudaError_t error, cudaStream_t stream);

// Makes the device the thread's own.
void use_device(Device device);
// Makes the tensor's device the thread's own, and returns the thread's current stream there.
cudaStream_t stream_of(const Tensor& x);

// Queues a copy between two places on the stream's device.
void copy_in(cudaStream_t stream, std::byte* to, const std::byte* from, size_t bytes);

}  // namespace tensor::cuda
