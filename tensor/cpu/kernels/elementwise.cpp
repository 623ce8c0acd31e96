#include "tensor/cpu/tables.h"

namespace tensor::cpu::KILM_ISA {

constinit const ElementwiseKernels elementwise{};

}  // namespace tensor::cpu::KILM_ISA
