#include "tensor/cpu/tables.h"

namespace tensor::cpu::KILM_ISA {

constinit const IndexKernels index{};

}  // namespace tensor::cpu::KILM_ISA
