#include "tensor/cpu/tables.h"

namespace tensor::cpu::KILM_ISA {

constinit const NormKernels norm{};

}  // namespace tensor::cpu::KILM_ISA
