#include "tensor/cpu/tables.h"

namespace tensor::cpu::KILM_ISA {

constinit const MatmulKernels matmul{};

}  // namespace tensor::cpu::KILM_ISA
