#include "tests/second_device.h"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <map>
#include <mutex>

#include "tensor/base/device_failure.h"
#include "tensor/format.h"
#include "tensor/runtime.h"

namespace tests {

namespace {

using tensor::Device;
using tensor::DeviceType;
using tensor::EventId;
using tensor::GraphId;
using tensor::StreamId;

std::mutex mutex;
std::map<std::byte*, size_t> segments;
int users = 0;  // kernels and copies that run
std::atomic<bool> events_held = false;
std::atomic<StreamId> stream_of_read = 0;
std::atomic<int> kernels_to_failure = 0;  // 0: none fails
std::atomic<size_t> memory_limit = SIZE_MAX;
size_t memory_in_use = 0;

void protect_all(int protection) {
  for (const auto& [data, bytes] : segments)
    base::check(mprotect(data, bytes, protection) == 0, "second device: mprotect failed");
}

void open_memory() {
  const std::lock_guard lock(mutex);
  if (users++ == 0) protect_all(PROT_READ | PROT_WRITE);
}
void close_memory() {
  const std::lock_guard lock(mutex);
  if (--users == 0) protect_all(PROT_NONE);
}

struct OpenMemory {
  OpenMemory() { open_memory(); }
  ~OpenMemory() { close_memory(); }
};

struct Memory : tensor::MemorySource {
  std::byte* allocate(size_t bytes) override {
    const std::lock_guard lock(mutex);
    if (bytes > memory_limit - std::min<size_t>(memory_limit, memory_in_use)) return nullptr;
    void* data = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (data == MAP_FAILED) return nullptr;
    std::memset(data, 0xff, bytes);  // nan in every floating dtype
    memory_in_use += bytes;
    if (users == 0) mprotect(data, bytes, PROT_NONE);
    segments[static_cast<std::byte*>(data)] = bytes;
    return static_cast<std::byte*>(data);
  }
  void release(std::byte* data) override {
    const std::lock_guard lock(mutex);
    munmap(data, segments.at(data));
    memory_in_use -= segments.at(data);
    segments.erase(data);
  }
  EventId record(StreamId) override { return 0; }
  bool finished(EventId) override { return !events_held; }
};

struct PinnedMemory : tensor::AlignedHost {
  bool finished(EventId) override { return !events_held; }
};

const tensor::RuntimeKernels& host() { return *tensor::cpu_backend().runtime; }

tensor::DeviceInfo device_info(Device) {
  return {.name = "second device",
          .memory_total = size_t(1) << 30,
          .memory_free = size_t(1) << 29,
          .multiprocessors = 1,
          .capability_major = 8,
          .capability_minor = 0};
}
void fill(Device device, std::byte* to, uint8_t value, size_t bytes, StreamId stream) {
  const OpenMemory open;
  host().fill(device, to, value, bytes, stream);
}
void copy(Device device, std::byte* to, const std::byte* from, size_t bytes, StreamId stream) {
  const OpenMemory open;
  host().copy(device, to, from, bytes, stream);
}
void copy_to_device(Device device, std::byte* to, const void* from, size_t bytes, StreamId stream) {
  const OpenMemory open;
  host().copy_to_device(device, to, from, bytes, stream);
}
void copy_to_host(Device device, void* to, const std::byte* from, size_t bytes, StreamId stream) {
  const OpenMemory open;
  stream_of_read = stream;
  host().copy_to_host(device, to, from, bytes, stream);
}

const tensor::Backend& backend() {
  static const tensor::RuntimeKernels runtime = [] {
    tensor::RuntimeKernels functions = host();
    functions.device_count = [] { return 2; };
    functions.device_info = device_info;
    functions.memory = [](Device) -> std::unique_ptr<tensor::MemorySource> { return std::make_unique<Memory>(); };
    functions.pinned_memory = [](Device) -> std::unique_ptr<tensor::MemorySource> {
      return std::make_unique<PinnedMemory>();
    };
    functions.fill = fill;
    functions.copy = copy;
    functions.copy_to_device = copy_to_device;
    functions.copy_to_host = copy_to_host;
    functions.finished = [](Device, EventId) { return !events_held; };
    return functions;
  }();
  static const tensor::Backend backend = [] {
    tensor::Backend tables = tensor::cpu_backend();
    tables.name = "second device";
    tables.runtime = &runtime;
    return tables;
  }();
  return backend;
}

constexpr tensor::LaunchObserver kObserver{.begins =
                                               [](const char*, const void*, Device device) {
                                                 if (device.type != DeviceType::cuda) return;
                                                 if (kernels_to_failure > 0 && --kernels_to_failure == 0)
                                                   throw base::DeviceFailure("cuda:0: it failed");
                                                 open_memory();
                                               },
                                           .ended =
                                               [](Device device) {
                                                 if (device.type == DeviceType::cuda) close_memory();
                                               }};

}  // namespace

SecondDevice::SecondDevice() : before_(tensor::Launch::set_observer(&kObserver)) {
  tensor::register_backend(DeviceType::cuda, backend);
}

SecondDevice::~SecondDevice() {
  hold_events(false);
  fail_kernel(0);
  limit_memory(SIZE_MAX);
  for (const Device device : {SecondDevice::device, other}) tensor::allocator_of(device).release_cached();
  tensor::register_backend(DeviceType::cuda, nullptr);
  tensor::Launch::set_observer(before_);
}

void SecondDevice::hold_events(bool hold) { events_held = hold; }
void SecondDevice::fail_kernel(int n) { kernels_to_failure = n; }
void SecondDevice::limit_memory(size_t bytes) { memory_limit = bytes; }
StreamId SecondDevice::last_read() const { return stream_of_read; }

}  // namespace tests
