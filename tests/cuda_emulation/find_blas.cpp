// In place of cuBLASLt, which the emulation does not need.
#include "tensor/base/error.h"
#include "tensor/cuda/survey.h"
#include "tests/cuda_emulation/emulation.h"

namespace tensor::cuda {

BlasLibrary find_blas() {
  if (!cuda_emulation::options().cublaslt) throw base::UsageError("cuda: cuBLASLt was not found");
  return {"13.0.0", "emulated"};
}

}  // namespace tensor::cuda
