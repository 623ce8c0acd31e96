#include "tests/missing_kernels.h"

#include <cstddef>
#include <set>

#include "tensor/launch.h"

namespace tests {

namespace {

using tensor::Backend;

std::set<const void*> launched;  // places in the tables of the CPU

void note(const char*, const void* field, tensor::Device) { launched.insert(field); }

// Whether the field at this place of the CPU's table is null in the other one, which may be missing as a whole.
template <class Table>
bool lacks(const Table& cpu, const Table* other, const void* place) {
  const std::ptrdiff_t at = static_cast<const char*>(place) - reinterpret_cast<const char*>(&cpu);
  if (at < 0 || at >= std::ptrdiff_t(sizeof cpu)) return false;
  return other == nullptr || reinterpret_cast<void (*const*)()>(other)[size_t(at) / sizeof(void (*)())] == nullptr;
}

}  // namespace

std::string missing_kernels(tensor::Device device, const std::function<void()>& work) {
  static constexpr tensor::LaunchObserver observer{.begins = note};
  launched.clear();
  const tensor::LaunchObserver* const before = tensor::Launch::set_observer(&observer);
  work();
  tensor::Launch::set_observer(before);
  const Backend &cpu = tensor::cpu_backend(), &other = tensor::kernels(device);
  std::string families;
  for (const void* place : launched) {
    const char* family = nullptr;
#define KILM_LOOK(name, Type) \
  if (lacks(*cpu.name, other.name, place)) family = #name;
    KILM_FAMILIES(KILM_LOOK)
#undef KILM_LOOK
    if (family && families.find(family) == std::string::npos)
      families += (families.empty() ? "" : ", ") + std::string(family);
  }
  return families;
}

}  // namespace tests
