#include "tensor/cuda/backend.h"

#include <cuda_runtime.h>

#include <cstdlib>

#include "tensor/cuda/blas.h"
#include "tensor/cuda/tables.h"
#include "tensor/format.h"

namespace tensor::cuda {

std::string version_text(int version) { return base::format("{}.{}", version / 1000, version % 1000 / 10); }

void check_driver() {
  int driver = 0, runtime = 0, count = 0;
  cudaDriverGetVersion(&driver);
  cudaRuntimeGetVersion(&runtime);
  const cudaError_t error = cudaGetDeviceCount(&count);
  if (error == cudaSuccess) return;
  cudaGetLastError();
  base::check<base::UsageError>(
      driver > 0,
      "cuda: no NVIDIA driver was found: the loader has no libcuda.so.1; this program needs a driver for CUDA {} or "
      "newer. Install it; a container gets that of its host when it is started with --gpus all",
      version_text(runtime));
  base::check<base::UsageError>(error != cudaErrorInsufficientDriver,
                                "cuda: the NVIDIA driver is for CUDA {}; this program needs one for CUDA {} or newer. "
                                "Install a newer driver, or build this program with the toolkit of CUDA {}",
                                version_text(driver), version_text(runtime), version_text(driver));
  const char* const visible = std::getenv("CUDA_VISIBLE_DEVICES");
  base::check<base::UsageError>(
      error != cudaErrorNoDevice, "cuda: the NVIDIA driver, for CUDA {}, shows no device; {}", version_text(driver),
      visible ? base::format("CUDA_VISIBLE_DEVICES, which is \"{}\", may hide it: unset it", visible)
              : "nvidia-smi should list one; a container gets it when it is started with --gpus all");
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
