#include "tensor/cuda/runtime.h"

#include <cstdlib>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "tensor/allocator.h"
#include "tensor/base/device_failure.h"
#include "tensor/cuda/tables.h"
#include "tensor/format.h"
#include "tensor/runtime.h"
#include "tensor/trace.h"

namespace tensor::cuda {

namespace {

thread_local Device device_in_use{DeviceType::cuda, 0};  // by this thread
thread_local bool recording = false;                     // whether this thread's work is recorded and does not run

bool sync() {
  static const bool sync = [] {
    const char* text = std::getenv("KILM_SYNC");
    return text && text == std::string_view("1");
  }();
  return sync;
}

// Tells whether the device has failed: from then on every call returns this error.
bool is_failure(cudaError_t error) {
  switch (error) {
    case cudaErrorECCUncorrectable:
    case cudaErrorNvlinkUncorrectable:
    case cudaErrorIllegalAddress:
    case cudaErrorLaunchTimeout:
    case cudaErrorAssert:
    case cudaErrorHardwareStackError:
    case cudaErrorIllegalInstruction:
    case cudaErrorMisalignedAddress:
    case cudaErrorInvalidAddressSpace:
    case cudaErrorInvalidPc:
    case cudaErrorLaunchFailure:
    case cudaErrorUnknown: return true;
    default: return false;
  }
}

std::string text_of(cudaError_t error) { return base::format("{} ({})", cudaGetErrorString(error), int(error)); }

[[noreturn]] void fail_device(cudaError_t error, const std::string& what) {
  throw base::DeviceFailure(base::format(
      "{}: {}{}{}", device_in_use, what, text_of(error),
      sync() || !is_failure(error) ? "" : "; work that was queued before may be to blame, KILM_SYNC=1 names its op"));
}

// Checks calls that let go of something, in destructors too. Of a device that has failed there is nothing to keep, and
// whoever used it has been told, or will be by the next call.
void check_release(cudaError_t error, const char* what) {
  if (!is_failure(error)) check_cuda(error, what);
}

}  // namespace

void check_cuda(cudaError_t error, const char* what) {
  if (error == cudaSuccess) return;
  cudaGetLastError();  // the next call is not to blame
  if (is_failure(error)) fail_device(error, base::format("{}: ", what));
  const std::string message = base::format("{}: {}: {}", device_in_use, what, text_of(error));
  if (error == cudaErrorMemoryAllocation) throw base::OutOfDeviceMemory(message);
  base::fail(message);
}

void check_launch(cudaError_t error, cudaStream_t stream) {
  if (error == cudaSuccess && sync() && !recording) error = cudaStreamSynchronize(stream);
  if (error == cudaSuccess) return;
  cudaGetLastError();
  base::check<base::UsageError>(error != cudaErrorNoKernelImageForDevice,
                                "{}: this program has no kernels for a device of its compute capability; name it when "
                                "you build: -DCMAKE_CUDA_ARCHITECTURES",
                                device_in_use);
  fail_device(error, "");
}

void use_device(Device device) {
  device_in_use = device;
  check_cuda(cudaSetDevice(device.index), "cudaSetDevice");
}

namespace {

// ---- streams: numbers stand for them. 0 is one of ours, too: CUDA's own default stream waits for all others.

class Streams {
 public:
  StreamId add(Device device) {
    const std::lock_guard lock(mutex_);
    return create(device);
  }
  cudaStream_t at(Device device, StreamId stream) {
    const std::lock_guard lock(mutex_);
    if (streams_.empty()) create(device);
    return streams_[stream];
  }

 private:
  StreamId create(Device device) {
    use_device(device);
    check_cuda(cudaStreamCreateWithFlags(&streams_.emplace_back(), cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
    if (streams_.size() == 1) return create(device);  // that was stream 0
    return streams_.size() - 1;
  }

  std::mutex mutex_;
  std::vector<cudaStream_t> streams_;  // by their numbers
};

Streams& streams(Device device) {
  constexpr int kMaxDevices = 64;
  static Streams* const all = new Streams[kMaxDevices];
  return all[device.index];
}

cudaStream_t in(Device device, StreamId stream) {
  use_device(device);
  return streams(device).at(device, stream);
}

StreamId create_stream(Device device) { return streams(device).add(device); }
void wait_for_stream(Device device, StreamId stream) {
  check_cuda(cudaStreamSynchronize(in(device, stream)), "cudaStreamSynchronize");
}

// ---- events: their numbers are addresses

cudaEvent_t at(EventId event) { return reinterpret_cast<cudaEvent_t>(event); }

EventId record(Device device, StreamId stream) {
  const cudaStream_t queue = in(device, stream);
  cudaEvent_t event;
  check_cuda(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), "cudaEventCreateWithFlags");
  const cudaError_t error = cudaEventRecord(event, queue);
  if (error != cudaSuccess) cudaEventDestroy(event);
  check_cuda(error, "cudaEventRecord");
  return reinterpret_cast<EventId>(event);
}

bool finished(Device device, EventId event) {
  use_device(device);
  const cudaError_t state = cudaEventQuery(at(event));
  if (state == cudaErrorNotReady) return false;
  check_cuda(state, "cudaEventQuery");
  return true;
}

void wait_for_event(Device device, EventId event) {
  use_device(device);
  check_cuda(cudaEventSynchronize(at(event)), "cudaEventSynchronize");
}

void stream_waits(Device device, StreamId stream, EventId event) {
  check_cuda(cudaStreamWaitEvent(in(device, stream), at(event), 0), "cudaStreamWaitEvent");
}

void destroy_event(Device device, EventId event) {
  check_release(cudaSetDevice(device.index), "cudaSetDevice");
  check_release(cudaEventDestroy(at(event)), "cudaEventDestroy");
}

// ---- memory

// Lets this thread do what a capture forbids, because it may harm one: to allocate and to ask for events, beside it.
class BesideCapture {
 public:
  BesideCapture() { exchange(); }
  ~BesideCapture() { exchange(); }
  BesideCapture(const BesideCapture&) = delete;
  BesideCapture& operator=(const BesideCapture&) = delete;

 private:
  void exchange() { check_release(cudaThreadExchangeStreamCaptureMode(&mode_), "cudaThreadExchangeStreamCaptureMode"); }
  cudaStreamCaptureMode mode_ = cudaStreamCaptureModeRelaxed;
};

// Memory that work of the device's streams uses: its own, or pinned memory of the host.
struct StreamMemory final : MemorySource {
  StreamMemory(Device device, bool pinned) : device(device), pinned(pinned) {}

  std::byte* allocate(size_t bytes) override {
    const BesideCapture beside;
    use_device(device);
    void* data = nullptr;
    const cudaError_t error = pinned ? cudaMallocHost(&data, bytes) : cudaMalloc(&data, bytes);
    if (error == cudaErrorMemoryAllocation) return cudaGetLastError(), nullptr;
    check_cuda(error, pinned ? "cudaMallocHost" : "cudaMalloc");
    return static_cast<std::byte*>(data);
  }
  void release(std::byte* data) override {
    const BesideCapture beside;
    check_release(cudaSetDevice(device.index), "cudaSetDevice");
    check_release(pinned ? cudaFreeHost(data) : cudaFree(data), pinned ? "cudaFreeHost" : "cudaFree");
  }
  // Records an event. A device that has failed has reached every event; 0 stands for one that it could not record.
  EventId record(StreamId stream) override {
    try {
      return cuda::record(device, stream);
    } catch (const base::DeviceFailure&) {
      return 0;
    }
  }
  bool finished(EventId event) override {
    if (event == 0) return true;
    const BesideCapture beside;
    try {
      if (!cuda::finished(device, event)) return false;
    } catch (const base::DeviceFailure&) {
    }
    destroy_event(device, event);
    return true;
  }

  Device device;
  bool pinned;
};

std::unique_ptr<MemorySource> memory(Device device) {
  const DeviceInfo info = runtime_kernels.device_info(device);
  base::check<base::UsageError>(info.capability_major >= 8,
                                "{}: {} has compute capability {}.{}; this program needs 8.0 (Ampere) or newer", device,
                                info.name, info.capability_major, info.capability_minor);
  return std::make_unique<StreamMemory>(device, false);
}

std::unique_ptr<MemorySource> pinned_memory(Device device) { return std::make_unique<StreamMemory>(device, true); }

void fill(Device device, std::byte* to, uint8_t value, size_t bytes, StreamId stream) {
  check_cuda(cudaMemsetAsync(to, value, bytes, in(device, stream)), "cudaMemsetAsync");
}

void copy(Device device, std::byte* to, const std::byte* from, size_t bytes, StreamId stream) {
  copy_in(in(device, stream), to, from, bytes);
}

void copy_to_device(Device device, std::byte* to, const void* from, size_t bytes, StreamId stream) {
  check_cuda(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, in(device, stream)), "a copy to the device");
}

void copy_to_host(Device device, void* to, const std::byte* from, size_t bytes, StreamId stream) {
  check_cuda(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, in(device, stream)), "a copy to the host");
}

// ---- graphs: their numbers are addresses

void begin_capture(Device device, StreamId stream) {
  check_cuda(cudaStreamBeginCapture(in(device, stream), cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
  recording = true;
}

GraphId end_capture(Device device, StreamId stream) {
  recording = false;
  cudaGraph_t graph;
  check_cuda(cudaStreamEndCapture(in(device, stream), &graph), "cudaStreamEndCapture");
  cudaGraphExec_t executable;
  const cudaError_t error = cudaGraphInstantiate(&executable, graph, 0);
  check_cuda(cudaGraphDestroy(graph), "cudaGraphDestroy");
  check_cuda(error, "cudaGraphInstantiate");
  return reinterpret_cast<GraphId>(executable);
}

cudaGraphExec_t executable(GraphId graph) { return reinterpret_cast<cudaGraphExec_t>(graph); }

void launch_graph(Device device, GraphId graph, StreamId stream) {
  const cudaStream_t queue = in(device, stream);
  const cudaError_t error = cudaGraphLaunch(executable(graph), queue);
  if (error == cudaErrorMemoryAllocation) check_cuda(error, "cudaGraphLaunch");  // the first launch needs some
  check_launch(error, queue);
}

void destroy_graph(Device device, GraphId graph) {
  check_release(cudaSetDevice(device.index), "cudaSetDevice");
  check_release(cudaGraphExecDestroy(executable(graph)), "cudaGraphExecDestroy");
}

// ---- devices

int device_count() {
  int count = 0;
  const cudaError_t error = cudaGetDeviceCount(&count);
  if (error == cudaErrorNoDevice) return cudaGetLastError(), 0;
  check_cuda(error, "cudaGetDeviceCount");
  return count;
}

DeviceInfo device_info(Device device) {
  use_device(device);
  cudaDeviceProp properties;
  check_cuda(cudaGetDeviceProperties(&properties, device.index), "cudaGetDeviceProperties");
  DeviceInfo info{.name = properties.name,
                  .multiprocessors = properties.multiProcessorCount,
                  .capability_major = properties.major,
                  .capability_minor = properties.minor};
  check_cuda(cudaMemGetInfo(&info.memory_free, &info.memory_total), "cudaMemGetInfo");
  return info;
}

}  // namespace

cudaStream_t stream_of(const Tensor& x) { return in(x.device(), current_stream(x.device())); }

void copy_in(cudaStream_t stream, std::byte* to, const std::byte* from, size_t bytes) {
  check_cuda(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, stream), "a copy on the device");
}

const RuntimeKernels runtime_kernels{
    .device_count = device_count,
    .device_info = device_info,
    .memory = memory,
    .pinned_memory = pinned_memory,
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

}  // namespace tensor::cuda
