// Which backend serves which type of device. The CPU's is an entry of the table, so that a program which links this
// library has it without naming it; every other backend is registered.
#include "tensor/kernels.h"

#include <atomic>

#include "tensor/format.h"

namespace tensor {

namespace {

const Backend* cpu() { return &cpu_backend(); }

constinit std::atomic<BackendProvider> providers[] = {cpu, nullptr};  // as DeviceType counts

}  // namespace

void register_backend(DeviceType type, BackendProvider provider) { providers[size_t(type)] = provider; }

const Backend& kernels(Device device) {
  const BackendProvider provider = providers[size_t(device.type)].load(std::memory_order_acquire);
  const Backend* backend = provider == nullptr ? nullptr : provider();
  base::check(backend != nullptr, "this build has no {} backend", name(device.type));
  return *backend;
}

void missing_kernel(const char* op, Device device) {
  base::fail(base::format("{}: no {} kernel in this build", op, device));
}

}  // namespace tensor
