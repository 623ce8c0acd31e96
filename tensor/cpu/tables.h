// The kernel tables of the CPU, once per instruction set. Each file of tensor/cpu/kernels is compiled for every set
// with KILM_KERNEL_ISA = baseline, avx2, avx512 and ends with its table in the namespace of that name.
#pragma once

#include "tensor/base/threads.h"
#include "tensor/kernels.h"

namespace tensor::cpu {

using base::grain_for;
using base::parallel_for;

#define KILM_DECLARE_TABLES(isa)               \
  namespace isa {                              \
  extern const ElementwiseKernels elementwise; \
  extern const ReduceKernels reduce;           \
  extern const MatmulKernels matmul;           \
  extern const IndexKernels index;             \
  extern const NormKernels norm;               \
  extern const AttentionKernels attention;     \
  extern const LossKernels loss;               \
  extern const UpdateKernels update;           \
  }

KILM_DECLARE_TABLES(baseline)
KILM_DECLARE_TABLES(avx2)
KILM_DECLARE_TABLES(avx512)

#undef KILM_DECLARE_TABLES

}  // namespace tensor::cpu
