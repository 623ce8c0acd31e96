#include "tensor/cuda/library.h"
#include "tensor/cuda/survey.h"
#include "tensor/format.h"

namespace tensor::cuda {

BlasLibrary find_blas() {
  const Library library("cuBLASLt, which makes matrix products,", {"libcublasLt.so.13", "libcublasLt.so.12"});
  const size_t version = library.function<size_t()>("cublasLtGetVersion")();
  return {base::format("{}.{}.{}", version / 10000, version / 100 % 100, version % 100), library.path()};
}

}  // namespace tensor::cuda
