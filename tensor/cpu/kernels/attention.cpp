#include "tensor/cpu/tables.h"

namespace tensor::cpu::KILM_ISA {

constinit const AttentionKernels attention{};

}  // namespace tensor::cpu::KILM_ISA
