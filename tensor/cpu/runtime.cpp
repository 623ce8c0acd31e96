// The CPU as a device: its memory is that of the host, and all work is done when the call returns. So streams and
// events are numbers that nobody has to wait for.
#include <unistd.h>

#include <atomic>
#include <cstring>

#include "tensor/allocator.h"
#include "tensor/base/threads.h"
#include "tensor/cpu/tables.h"
#include "tensor/format.h"

namespace tensor::cpu {

namespace {

int device_count() { return 1; }

DeviceInfo device_info(Device) {
  const size_t page = size_t(sysconf(_SC_PAGESIZE));
  return {.name = cpu_backend().name,
          .memory_total = page * size_t(sysconf(_SC_PHYS_PAGES)),
          .memory_free = page * size_t(sysconf(_SC_AVPHYS_PAGES)),
          .multiprocessors = base::threads()};
}

std::unique_ptr<MemorySource> memory(Device) { return std::make_unique<AlignedHost>(); }

StreamId create_stream(Device) {
  static constinit std::atomic<StreamId> last = 0;
  return ++last;
}
void wait_for_stream(Device, StreamId) {}

void fill(Device, std::byte* to, uint8_t value, size_t bytes, StreamId) { std::memset(to, value, bytes); }
void copy(Device, std::byte* to, const std::byte* from, size_t bytes, StreamId) { std::memcpy(to, from, bytes); }
void copy_to_device(Device, std::byte* to, const void* from, size_t bytes, StreamId) { std::memcpy(to, from, bytes); }
void copy_to_host(Device, void* to, const std::byte* from, size_t bytes, StreamId) { std::memcpy(to, from, bytes); }

EventId record(Device, StreamId) { return 0; }
bool finished(Device, EventId) { return true; }
void wait_for_event(Device, EventId) {}
void stream_waits(Device, StreamId, EventId) {}
void destroy_event(Device, EventId) {}

[[noreturn]] void refuse_graphs(Device device) {
  base::fail(base::format("graph: {} cannot record its work; it runs when it is called", device));
}
void begin_capture(Device device, StreamId) { refuse_graphs(device); }
GraphId end_capture(Device device, StreamId) { refuse_graphs(device); }
void launch_graph(Device device, GraphId, StreamId) { refuse_graphs(device); }
void destroy_graph(Device device, GraphId) { refuse_graphs(device); }

}  // namespace

const RuntimeKernels runtime_kernels{
    .device_count = device_count,
    .device_info = device_info,
    .memory = memory,
    .pinned_memory = memory,
    .create_stream = create_stream,
    .wait_for_stream = wait_for_stream,
    .fill = fill,
    .copy = copy,
    .copy_to_device = copy_to_device,
    .copy_to_host = copy_to_host,
    .record = record,
    .finished = finished,
    .wait_for_event = wait_for_event,
    .stream_waits = stream_waits,
    .destroy_event = destroy_event,
    .begin_capture = begin_capture,
    .end_capture = end_capture,
    .launch_graph = launch_graph,
    .destroy_graph = destroy_graph,
};

}  // namespace tensor::cpu
