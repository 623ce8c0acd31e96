// Stands in for the toolkit's header of this name, which nvcc includes by itself. `__shared__` is left out on purpose:
// kernels have one struct of shared memory, shared_memory<T>() of tensor/cuda/ptx.cuh.
#pragma once

#include <functional>
#include <tuple>
#include <type_traits>

#include "tests/cuda_emulation/device_functions.h"
#include "tests/cuda_emulation/runtime_api.h"

#define __global__
#define __device__
#define __host__
#define __constant__ static const
#define __forceinline__ inline
#define __launch_bounds__(...)

struct cudaLaunchAttribute {};
struct cudaLaunchConfig_t {
  dim3 gridDim, blockDim;
  size_t dynamicSmemBytes;
  cudaStream_t stream;
  cudaLaunchAttribute* attrs;
  unsigned numAttrs;
};

namespace cuda_emulation {

cudaError_t launch(const cudaLaunchConfig_t& config, const void* kernel, std::function<void()> body);
cudaError_t allow_shared(const void* kernel, int bytes);

}  // namespace cuda_emulation

// Copies the arguments, as a real launch does: a kernel that runs late sees what they were.
template <class... P, class... A>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(P...), A&&... arguments) {
  const std::tuple<std::decay_t<P>...> copies(static_cast<std::decay_t<P>>(arguments)...);
  return cuda_emulation::launch(*config, reinterpret_cast<const void*>(kernel),
                                [kernel, copies] { std::apply(kernel, copies); });
}

template <class Kernel>
cudaError_t cudaFuncSetAttribute(Kernel* kernel, cudaFuncAttribute, int bytes) {
  return cuda_emulation::allow_shared(reinterpret_cast<const void*>(kernel), bytes);
}
