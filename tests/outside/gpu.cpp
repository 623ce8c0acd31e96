// Doubles a number on the first GPU. Where there is none, the reason is an error that the program can handle.
#include <cstdio>

#include "tensor/cuda/backend.h"
#include "tensor/ops/elementwise.h"

int main() {
  using namespace tensor;
  register_backend(DeviceType::cuda, cuda::backend);
  try {
    const Tensor x = Tensor::full({1}, 21, DType::f32, {DeviceType::cuda, 0});
    return affine(x, 2, 0).item() == 42 ? 0 : 1;
  } catch (const base::UsageError& error) {
    std::printf("%s\n", error.what());
    return 0;
  }
}
