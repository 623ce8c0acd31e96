// Chooses the CPU's kernel tables once, at the first use: the best instruction set that the processor has, or the one
// that KILM_ISA names.
#include <cstdlib>
#include <string_view>

#include "tensor/cpu/tables.h"
#include "tensor/format.h"

namespace tensor {

namespace {

#define KILM_BACKEND(isa)                                                                                  \
  Backend {                                                                                                \
#isa, &cpu::isa::elementwise, &cpu::isa::reduce, &cpu::isa::matmul, &cpu::isa::index, &cpu::isa::norm, \
        &cpu::isa::attention, &cpu::isa::loss, &cpu::isa::update                                           \
  }

const Backend backends[] = {KILM_BACKEND(avx512), KILM_BACKEND(avx2), KILM_BACKEND(baseline)};

#undef KILM_BACKEND

bool supported(std::string_view isa) {
  if (isa == "baseline") return true;
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (isa == "avx2") return avx2;
  return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

const Backend& choose() {
  const char* wanted = std::getenv("KILM_ISA");
  for (const Backend& backend : backends) {
    if (wanted ? wanted == std::string_view(backend.name) : supported(backend.name)) {
      base::check<base::UsageError>(supported(backend.name), "KILM_ISA: this processor has no {}", backend.name);
      return backend;
    }
  }
  throw base::UsageError(base::format("KILM_ISA: {} should be avx512, avx2 or baseline", wanted));
}

}  // namespace

const Backend& cpu_backend() {
  static const Backend& chosen = choose();
  return chosen;
}

const Backend* cuda_backend() { return nullptr; }

void missing_kernel(const char* op, Device device) {
  base::fail(base::format("{}: no {} kernel in this build", op, device));
}

const Backend& kernels(Device device) {
  if (device.type == DeviceType::cpu) return cpu_backend();
  const Backend* cuda = cuda_backend();
  base::check(cuda != nullptr, "this build has no cuda backend");
  return *cuda;
}

}  // namespace tensor
