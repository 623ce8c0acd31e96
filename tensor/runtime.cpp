#include "tensor/runtime.h"

#include <atomic>
#include <cstdlib>
#include <exception>
#include <map>
#include <mutex>
#include <string_view>
#include <tuple>
#include <vector>

#include "tensor/format.h"
#include "tensor/work_count.h"

namespace tensor {

constinit thread_local StreamGuard* StreamGuard::innermost_ = nullptr;

namespace {

constexpr int kMaxDevices = 64;  // of a type

CachingAllocator::Mode mode_from_environment() {
  const char* text = std::getenv("KILM_ALLOCATOR");
  if (!text || text == std::string_view("caching")) return CachingAllocator::Mode::caching;
  base::check<base::UsageError>(text == std::string_view("raw"), "KILM_ALLOCATOR: {} should be caching or raw", text);
  return CachingAllocator::Mode::raw;
}

struct OpenDevice {
  OpenDevice(const RuntimeKernels& functions, Device device)
      : functions(functions),
        allocator(functions.memory(device), device, mode_from_environment()),
        pinned(functions.pinned_memory(device), Device{}, mode_from_environment()) {}
  const RuntimeKernels& functions;
  CachingAllocator allocator, pinned;
  std::mutex mutex;
  std::vector<StreamId> idle_streams;  // that were somebody's
};

constinit std::atomic<OpenDevice*> opened[2][kMaxDevices] = {};  // as DeviceType counts

void check_index(const RuntimeKernels& functions, Device device) {
  const int count = functions.device_count();
  const char* type = name(device.type);
  base::check<base::UsageError>(count > 0, "{}: this machine has no {} device", device, type);
  base::check<base::UsageError>(
      device.index >= 0 && device.index < std::min(count, kMaxDevices), "{}: this machine has {} {} device{}, {}",
      device, count, type, count == 1 ? "" : "s",
      count == 1 ? base::format("{}:0", type) : base::format("{0}:0 to {0}:{1}", type, count - 1));
}

// Returns an open device. None is ever destroyed, so that globals may free their tensors at exit, and tensors may
// outlive the registration of their backend.
OpenDevice& open(Device device) {
  static std::mutex& mutex = *new std::mutex;
  using Key = std::tuple<const RuntimeKernels*, DeviceType, int>;
  static auto& devices = *new std::map<Key, OpenDevice>;
  const Backend& backend = kernels(device);
  base::check(backend.runtime != nullptr, "{}: the backend {} has no runtime", device, backend.name);
  check_index(*backend.runtime, device);
  const std::lock_guard lock(mutex);
  OpenDevice& found =
      devices.try_emplace({backend.runtime, device.type, device.index}, *backend.runtime, device).first->second;
  opened[size_t(device.type)][device.index] = &found;
  return found;
}

OpenDevice& open_device(Device device) {
  if (device.index >= 0 && device.index < kMaxDevices) [[likely]]
    if (OpenDevice* found = opened[size_t(device.type)][device.index].load(std::memory_order_acquire)) [[likely]]
      return *found;
  return open(device);
}

}  // namespace

void forget_devices(DeviceType type) {
  for (std::atomic<OpenDevice*>& device : opened[size_t(type)]) device = nullptr;
}

CachingAllocator& allocator_of(Device device) { return open_device(device).allocator; }
CachingAllocator& host_allocator() { return allocator_of(Device{}); }
CachingAllocator& pinned_allocator_of(Device device) { return open_device(device).pinned; }

const RuntimeKernels& runtime(Device device) { return open_device(device).functions; }
DeviceInfo device_info(Device device) { return runtime(device).device_info(device); }

StreamGuard::StreamGuard(Device device, StreamId stream) : device_(device), stream_(stream), scope_(innermost_, this) {}

void wait_for_device(Device device) {
  WorkCount::add(&Work::waits);
  runtime(device).wait_for_stream(device, current_stream(device));
}

Stream::Stream(Device device) : device_(device) {
  OpenDevice& at = open_device(device);
  const std::lock_guard lock(at.mutex);
  if (at.idle_streams.empty()) {
    id_ = at.functions.create_stream(device);
  } else {
    id_ = at.idle_streams.back();
    at.idle_streams.pop_back();
  }
}

Stream::~Stream() {
  OpenDevice& at = open_device(device_);
  const std::lock_guard lock(at.mutex);
  at.idle_streams.push_back(id_);
}

Event::Event(Device device) : device_(device), id_(runtime(device).record(device, current_stream(device))) {}
Event::~Event() { runtime(device_).destroy_event(device_, id_); }
bool Event::finished() const { return runtime(device_).finished(device_, id_); }
void Event::wait() const {
  WorkCount::add(&Work::waits);
  runtime(device_).wait_for_event(device_, id_);
}
void Event::wait_in(StreamId stream) const { runtime(device_).stream_waits(device_, stream, id_); }

GraphMemory::GraphMemory(Device device) : device_(device), pool_(allocator_of(device).create_pool()) {}
GraphMemory::~GraphMemory() { allocator_of(device_).destroy_pool(pool_); }

Graph::Graph(Device device, const std::function<void()>& work, std::shared_ptr<const GraphMemory> memory)
    : device_(device), memory_(memory ? std::move(memory) : std::make_shared<const GraphMemory>(device)) {
  const RuntimeKernels& functions = runtime(device);
  const StreamId stream = current_stream(device);
  functions.begin_capture(device, stream);
  std::exception_ptr error;
  try {
    const PoolGuard guard(allocator_of(device), memory_->pool());
    work();
  } catch (...) {
    error = std::current_exception();
  }
  try {
    id_ = functions.end_capture(device, stream);
    if (!error) return;
    functions.destroy_graph(device, id_);
  } catch (...) {
    // What breaks a recording fails its end as well; the first error is the reason.
    if (!error) error = std::current_exception();
  }
  std::rethrow_exception(error);
}

Graph::~Graph() { runtime(device_).destroy_graph(device_, id_); }

void Graph::launch() const {
  WorkCount::add(&Work::launches);
  runtime(device_).launch_graph(device_, id_, current_stream(device_));
}

void fill_bytes(Device device, std::byte* to, uint8_t value, size_t bytes) {
  if (bytes > 0) runtime(device).fill(device, to, value, bytes, current_stream(device));
}

void copy_bytes(Device device, std::byte* to, const std::byte* from, size_t bytes) {
  WorkCount::add(&Work::copies);
  if (bytes > 0) runtime(device).copy(device, to, from, bytes, current_stream(device));
}

void write_bytes(Device device, std::byte* to, const void* from, size_t bytes) {
  WorkCount::add(&Work::copies);
  if (bytes > 0) runtime(device).copy_to_device(device, to, from, bytes, current_stream(device));
}

void queue_read_bytes(Device device, void* to, const std::byte* from, size_t bytes) {
  WorkCount::add(&Work::copies);
  if (bytes > 0) runtime(device).copy_to_host(device, to, from, bytes, current_stream(device));
}

void read_bytes(Device device, void* to, const std::byte* from, size_t bytes) {
  queue_read_bytes(device, to, from, bytes);
  wait_for_device(device);
}

}  // namespace tensor
