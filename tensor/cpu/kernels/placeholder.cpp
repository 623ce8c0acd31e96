namespace tensor::cpu::KILM_ISA {}
