#include "tensor/cpu/tables.h"

namespace tensor::cpu::KILM_ISA {

constinit const LossKernels loss{};

}  // namespace tensor::cpu::KILM_ISA
