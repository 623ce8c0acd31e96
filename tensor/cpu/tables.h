// The kernel tables of the CPU, once per instruction set. Each file of tensor/cpu/kernels is compiled for every set
// with KILM_KERNEL_ISA = baseline, avx2, avx512. That of a family ends with its table, `norm_kernels` say, in the
// namespace of the set. The build knows a table by its ending, and nothing else leaves the object of a set. The runtime
// is the same for all of them.
#pragma once

#include "tensor/base/threads.h"
#include "tensor/kernels.h"

namespace tensor::cpu {

using base::grain_for;
using base::parallel_for;

// Returns 0, the scratch of a kernel that needs none.
template <class... Sizes>
size_t no_scratch(Sizes...) {
  return 0;
}

#define KILM_DECLARE_TABLE(name, Type) extern const Type##Kernels name##_kernels;
#define KILM_DECLARE_TABLES(isa)    \
  namespace isa {                   \
  KILM_FAMILIES(KILM_DECLARE_TABLE) \
  }

KILM_DECLARE_TABLES(baseline)
KILM_DECLARE_TABLES(avx2)
KILM_DECLARE_TABLES(avx512)

#undef KILM_DECLARE_TABLES
#undef KILM_DECLARE_TABLE

extern const RuntimeKernels runtime_kernels;

}  // namespace tensor::cpu
