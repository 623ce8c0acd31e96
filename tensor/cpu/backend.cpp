// Chooses the CPU's kernel tables once, at the first use: the best instruction set that the processor has, or the one
// that KILM_ISA names.
#include <cstdlib>
#include <string_view>

#include "tensor/cpu/tables.h"
#include "tensor/format.h"

namespace tensor {

#define KILM_ENTRY(name, Type) , &name##_kernels
#define KILM_BACKEND(isa)                                                             \
  namespace cpu::isa {                                                                \
  static constexpr Backend backend{#isa, &runtime_kernels KILM_FAMILIES(KILM_ENTRY)}; \
  }

KILM_BACKEND(baseline)
KILM_BACKEND(avx2)
KILM_BACKEND(avx512)

#undef KILM_BACKEND
#undef KILM_ENTRY

namespace {

bool supported(std::string_view isa) {
  if (isa == "baseline") return true;
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (isa == "avx2") return avx2;
  return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

const Backend& choose() {
  const char* wanted = std::getenv("KILM_ISA");
  for (const Backend* backend : {&cpu::avx512::backend, &cpu::avx2::backend, &cpu::baseline::backend}) {
    if (wanted ? wanted == std::string_view(backend->name) : supported(backend->name)) {
      base::check<base::UsageError>(supported(backend->name), "KILM_ISA: this processor has no {}", backend->name);
      return *backend;
    }
  }
  throw base::UsageError(base::format("KILM_ISA: {} should be avx512, avx2 or baseline", wanted));
}

}  // namespace

const Backend& cpu_backend() {
  static const Backend& chosen = choose();
  return chosen;
}

}  // namespace tensor
