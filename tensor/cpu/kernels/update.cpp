#include "tensor/cpu/tables.h"

namespace tensor::cpu::KILM_ISA {

constinit const UpdateKernels update{};

}  // namespace tensor::cpu::KILM_ISA
