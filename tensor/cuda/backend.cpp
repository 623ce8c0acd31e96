#include "tensor/cuda/backend.h"

#include <cuda_runtime.h>

#include "tensor/cuda/blas.h"
#include "tensor/cuda/tables.h"
#include "tensor/format.h"

namespace tensor::cuda {

namespace {

std::string version_text(int version) { return base::format("{}.{}", version / 1000, version % 1000 / 10); }

}  // namespace

void check_driver() {
  int driver = 0, runtime = 0, count = 0;
  cudaDriverGetVersion(&driver);
  cudaRuntimeGetVersion(&runtime);
  const cudaError_t error = cudaGetDeviceCount(&count);
  if (error == cudaSuccess) return;
  cudaGetLastError();
  base::check<base::UsageError>(
      driver > 0, "cuda: no NVIDIA driver was found (libcuda.so.1); this program needs one for CUDA {} or newer",
      version_text(runtime));
  base::check<base::UsageError>(error != cudaErrorInsufficientDriver,
                                "cuda: the NVIDIA driver is for CUDA {}; this program needs one for CUDA {} or newer",
                                version_text(driver), version_text(runtime));
  base::check<base::UsageError>(
      error != cudaErrorNoDevice,
      "cuda: the NVIDIA driver, for CUDA {}, shows no device; CUDA_VISIBLE_DEVICES may hide it", version_text(driver));
  throw base::UsageError(
      base::format("cuda: {} ({}), when asked for the number of devices", cudaGetErrorString(error), int(error)));
}

const Backend& backend() {
#define KILM_ENTRY(name, Type) , &name##_kernels
  static const Backend tables{"cuda", &runtime_kernels KILM_FAMILIES(KILM_ENTRY)};
#undef KILM_ENTRY
  static const bool checked = (check_driver(), open_blas(), true);
  return (void)checked, tables;
}

}  // namespace tensor::cuda
