// The kernel tables of CUDA, one per family, each at the end of the family's file here.
#pragma once

#include "tensor/kernels.h"

namespace tensor::cuda {

extern const RuntimeKernels runtime_kernels;

#define KILM_DECLARE_TABLE(name, Type) extern const Type##Kernels name##_kernels;
KILM_FAMILIES(KILM_DECLARE_TABLE)
#undef KILM_DECLARE_TABLE

}  // namespace tensor::cuda
