// The kernel tables of CUDA, one per family, each at the end of the family's file here. A family without a file has
// none: its declaration is weak, and its address null.
#pragma once

#include "tensor/kernels.h"

namespace tensor::cuda {

extern const RuntimeKernels runtime_kernels;

#define KILM_DECLARE_TABLE(name, Type) extern const Type##Kernels name##_kernels __attribute__((weak));
KILM_FAMILIES(KILM_DECLARE_TABLE)
#undef KILM_DECLARE_TABLE

}  // namespace tensor::cuda
