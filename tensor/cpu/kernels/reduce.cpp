#include "tensor/cpu/tables.h"

namespace tensor::cpu::KILM_ISA {

constinit const ReduceKernels reduce{};

}  // namespace tensor::cpu::KILM_ISA
