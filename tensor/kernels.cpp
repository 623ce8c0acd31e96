// Which backend serves which type of device. The CPU's is an entry of the table, so a program that links this library
// has it without naming it. Every other backend is registered.
#include "tensor/kernels.h"

#include <atomic>

#include "tensor/format.h"
#include "tensor/runtime.h"

namespace tensor {

namespace {

constinit std::atomic<BackendProvider> providers[] = {cpu_backend, nullptr};  // as DeviceType counts

}  // namespace

void register_backend(DeviceType type, BackendProvider provider) {
  providers[size_t(type)] = provider;
  forget_devices(type);
}

const Backend& kernels(Device device) {
  const BackendProvider provider = providers[size_t(device.type)].load(std::memory_order_acquire);
  if (provider == nullptr) [[unlikely]]
    throw base::UsageError("this program was built without CUDA; configure with -DKILM_CUDA=ON");
  return provider();
}

void missing_kernel(const char* op, Device device) {
  base::fail(base::format("{}: no {} kernel in this build", op, device));
}

}  // namespace tensor
