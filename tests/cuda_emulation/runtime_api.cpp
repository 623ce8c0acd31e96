#include "tests/cuda_emulation/runtime_api.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <map>
#include <mutex>

#include "tensor/trace.h"
#include "tests/cuda_emulation/cuda_runtime.h"
#include "tests/cuda_emulation/emulation.h"
#include "tests/cuda_emulation/graph.h"
#include "tests/cuda_emulation/grid.h"
#include "tests/cuda_emulation/memory.h"
#include "tests/cuda_emulation/stream.h"

namespace cuda_emulation {

namespace {

constexpr int kRuntimeVersion = 13000;
constexpr int kMaxShared = 227 << 10, kSharedByDefault = 48 << 10;

// One call at a time, as if the host had one thread. Work runs in the call that waits for it.
std::recursive_mutex& mutex = *new std::recursive_mutex;
using Lock = std::lock_guard<std::recursive_mutex>;

thread_local cudaError_t last_error = cudaSuccess;
thread_local int device = 0;
std::map<const void*, int>& allowed_shared = *new std::map<const void*, int>;

cudaError_t result(cudaError_t error) {
  if (error != cudaSuccess && error != cudaErrorNotReady) last_error = error;
  return error;
}

// Returns the error of a device that has failed: it does no work, and every call says why.
cudaError_t failure() { return options().failed ? result(cudaError_t(options().failure)) : cudaSuccess; }
#define KILM_NOT_AFTER_FAILURE \
  if (const cudaError_t error = failure()) return error

// For calls that a capture does not allow.
#define KILM_NOT_IN_CAPTURE \
  KILM_NOT_AFTER_FAILURE;   \
  if (breaks_capture()) return result(cudaErrorStreamCaptureUnsupported)

cudaError_t break_capture(Stream& stream) {
  stream.capture->broken = true;
  return result(cudaErrorStreamCaptureUnsupported);
}

std::string current_op() {
  const char* op = tensor::Trace::innermost();
  return op == nullptr ? "a kernel" : op;
}

bool possible(const cudaLaunchConfig_t& c) {
  const auto within = [](const dim3& d, unsigned x, unsigned y, unsigned z) {
    return d.x > 0 && d.y > 0 && d.z > 0 && d.x <= x && d.y <= y && d.z <= z;
  };
  return within(c.gridDim, 0x7fffffff, 65535, 65535) && within(c.blockDim, 1024, 1024, 64) &&
         c.blockDim.x * c.blockDim.y * c.blockDim.z <= 1024;
}

void copy_bytes(void* to, const void* from, size_t bytes) {
  const Access access(-1);
  for (const void* end : {static_cast<const void*>(to), from})
    if (bytes > 0 && is_device_memory(end)) check_in_buffer(end, bytes, "a copy");
  std::memmove(to, from, bytes);
}

}  // namespace

cudaError_t launch(const cudaLaunchConfig_t& config, const void* kernel, std::function<void()> body) {
  const Lock lock(mutex);
  if (config.stream == nullptr || config.stream->device != device) return result(cudaErrorInvalidResourceHandle);
  if (!possible(config)) return result(cudaErrorInvalidConfiguration);
  if (options().failing_launch > 0 && --options().failing_launch == 0) options().failed = true;
  KILM_NOT_AFTER_FAILURE;
  const auto allowed = allowed_shared.find(kernel);
  const int most = allowed == allowed_shared.end() ? kSharedByDefault : std::max(kSharedByDefault, allowed->second);
  if (config.dynamicSmemBytes > size_t(most)) return result(cudaErrorInvalidValue);
  const Launch launch{current_op(),    config.stream->device,   config.gridDim,
                      config.blockDim, config.dynamicSmemBytes, std::move(body)};
  push(*config.stream, {launch.op, [launch] { run_grid(launch); }, {}});
  return cudaSuccess;
}

cudaError_t allow_shared(const void* kernel, int bytes) {
  const Lock lock(mutex);
  if (bytes < 0 || bytes > kMaxShared) return result(cudaErrorInvalidValue);
  allowed_shared[kernel] = bytes;
  return cudaSuccess;
}

void enqueue(cudaStream_t stream, const char* op, std::function<void()> function) {
  const Lock lock(mutex);
  const int device_of_stream = stream->device;
  push(*stream, {op,
                 [device_of_stream, function = std::move(function)] {
                   const Access access(device_of_stream);
                   function();
                   if (const std::string damage = damaged_guards(device_of_stream); !damage.empty())
                     throw Error(damage);
                 },
                 {}});
}

}  // namespace cuda_emulation

using namespace cuda_emulation;  // the functions below have the toolkit's names, and are in no namespace

// ---- errors

cudaError_t cudaGetLastError() { return std::exchange(last_error, cudaSuccess); }
cudaError_t cudaPeekAtLastError() { return last_error; }

const char* cudaGetErrorString(cudaError_t error) {
  switch (error) {
    case cudaSuccess: return "no error";
    case cudaErrorInvalidValue: return "invalid argument";
    case cudaErrorMemoryAllocation: return "out of memory";
    case cudaErrorInvalidConfiguration: return "invalid configuration argument";
    case cudaErrorInsufficientDriver: return "CUDA driver version is insufficient for CUDA runtime version";
    case cudaErrorNoDevice: return "no CUDA-capable device is detected";
    case cudaErrorInvalidDevice: return "invalid device ordinal";
    case cudaErrorNoKernelImageForDevice: return "no kernel image is available for execution on the device";
    case cudaErrorECCUncorrectable: return "uncorrectable ECC error encountered";
    case cudaErrorNvlinkUncorrectable: return "uncorrectable NVLink error detected during the execution";
    case cudaErrorInvalidResourceHandle: return "invalid resource handle";
    case cudaErrorNotReady: return "device not ready";
    case cudaErrorIllegalAddress: return "an illegal memory access was encountered";
    case cudaErrorLaunchTimeout: return "the launch timed out and was terminated";
    case cudaErrorAssert: return "device-side assert triggered";
    case cudaErrorHardwareStackError: return "hardware stack error";
    case cudaErrorIllegalInstruction: return "an illegal instruction was encountered";
    case cudaErrorMisalignedAddress: return "misaligned address";
    case cudaErrorInvalidAddressSpace: return "operation not supported on global/shared address space";
    case cudaErrorInvalidPc: return "invalid program counter";
    case cudaErrorLaunchFailure: return "unspecified launch failure";
    case cudaErrorStreamCaptureUnsupported: return "operation not permitted when stream is capturing";
    case cudaErrorStreamCaptureInvalidated: return "operation failed due to a previous error during capture";
    case cudaErrorStreamCaptureMerge: return "operation would result in a merge of separate capture sequences";
    case cudaErrorStreamCaptureUnmatched: return "capture was not ended in the same stream as it began";
    case cudaErrorStreamCaptureUnjoined: return "capturing stream has unjoined work";
    case cudaErrorStreamCaptureIsolation: return "dependency created on uncaptured work in another stream";
    case cudaErrorStreamCaptureWrongThread:
      return "attempt to terminate a thread-local capture sequence from another thread";
    case cudaErrorUnknown: return "unknown error";
  }
  return "unrecognized error code";
}

// ---- devices

cudaError_t cudaDriverGetVersion(int* version) { return *version = options().driver, cudaSuccess; }
cudaError_t cudaRuntimeGetVersion(int* version) { return *version = kRuntimeVersion, cudaSuccess; }

cudaError_t cudaGetDeviceCount(int* count) {
  if (options().driver < kRuntimeVersion) return result(cudaErrorInsufficientDriver);
  *count = options().devices;
  return result(*count == 0 ? cudaErrorNoDevice : cudaSuccess);
}

cudaError_t cudaGetDevice(int* index) { return *index = device, cudaSuccess; }

cudaError_t cudaSetDevice(int index) {
  if (index < 0 || index >= options().devices) return result(cudaErrorInvalidDevice);
  device = index;
  return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int index) {
  if (index < 0 || index >= options().devices) return result(cudaErrorInvalidDevice);
  *properties = {};
  std::snprintf(properties->name, sizeof properties->name, "emulated device %d", index);
  properties->totalGlobalMem = options().device_memory;
  properties->sharedMemPerBlockOptin = size_t(kMaxShared);
  properties->major = options().capability / 10;
  properties->minor = options().capability % 10;
  properties->multiProcessorCount = 4;  // few, so that grid-stride loops take more than one step
  properties->l2CacheSize = 1 << 20;
  return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int index) {
  cudaDeviceProp properties;
  if (const cudaError_t error = cudaGetDeviceProperties(&properties, index)) return error;
  switch (attribute) {
    case cudaDevAttrMultiProcessorCount: *value = properties.multiProcessorCount; break;
    case cudaDevAttrComputeCapabilityMajor: *value = properties.major; break;
    case cudaDevAttrComputeCapabilityMinor: *value = properties.minor; break;
    case cudaDevAttrMaxSharedMemoryPerBlockOptin: *value = int(properties.sharedMemPerBlockOptin); break;
  }
  return cudaSuccess;
}

cudaError_t cudaDeviceSynchronize() {
  const Lock lock(mutex);
  KILM_NOT_IN_CAPTURE;
  finish_all();
  return cudaSuccess;
}

// ---- memory

cudaError_t cudaMalloc(void** data, size_t bytes) {
  const Lock lock(mutex);
  KILM_NOT_IN_CAPTURE;
  *data = allocate_on_device(device, bytes);
  return result(*data == nullptr ? cudaErrorMemoryAllocation : cudaSuccess);
}

cudaError_t cudaFree(void* data) {
  const Lock lock(mutex);
  if (data == nullptr) return cudaSuccess;
  if (breaks_capture()) return result(cudaErrorStreamCaptureUnsupported);
  if (!options().failed) finish_all();
  if (!free_on_device(data)) return result(cudaErrorInvalidValue);
  return failure();
}

cudaError_t cudaMallocHost(void** data, size_t bytes) {
  const Lock lock(mutex);
  KILM_NOT_IN_CAPTURE;
  *data = allocate_pinned(bytes);
  return result(*data == nullptr ? cudaErrorMemoryAllocation : cudaSuccess);
}

cudaError_t cudaHostAlloc(void** data, size_t bytes, unsigned) { return cudaMallocHost(data, bytes); }

cudaError_t cudaFreeHost(void* data) {
  const Lock lock(mutex);
  if (data == nullptr) return cudaSuccess;
  if (breaks_capture()) return result(cudaErrorStreamCaptureUnsupported);
  if (!options().failed) finish_all();
  if (!free_pinned(data)) return result(cudaErrorInvalidValue);
  return failure();
}

cudaError_t cudaMemGetInfo(size_t* free, size_t* total) {
  const Lock lock(mutex);
  KILM_NOT_AFTER_FAILURE;
  *total = options().device_memory;
  *free = *total - std::min(*total, bytes_in_use(device));
  return cudaSuccess;
}

// Copies late only pinned memory. Pageable memory is read before the call returns, and written before it returns.
cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind, cudaStream_t stream) {
  const Lock lock(mutex);
  KILM_NOT_AFTER_FAILURE;
  if (stream == nullptr) return result(cudaErrorInvalidResourceHandle);
  const auto pageable = [](const void* p) { return !is_device_memory(p) && !is_pinned_memory(p); };
  if (stream->capture && (pageable(to) || pageable(from))) return break_capture(*stream);
  if (pageable(to)) {
    push(*stream, {"copy", [=] { copy_bytes(to, from, bytes); }, {}});
    finish(*stream);
  } else if (pageable(from)) {
    const auto* begin = static_cast<const std::byte*>(from);
    const auto staged = std::make_shared<std::vector<std::byte>>(begin, begin + bytes);
    push(*stream, {"copy", [=] { copy_bytes(to, staged->data(), bytes); }, {}});
  } else {
    push(*stream, {"copy", [=] { copy_bytes(to, from, bytes); }, {}});
  }
  return cudaSuccess;
}

cudaError_t cudaMemcpyPeerAsync(void* to, int, const void* from, int, size_t bytes, cudaStream_t stream) {
  return cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, stream);
}

cudaError_t cudaMemsetAsync(void* data, int value, size_t bytes, cudaStream_t stream) {
  const Lock lock(mutex);
  KILM_NOT_AFTER_FAILURE;
  if (stream == nullptr) return result(cudaErrorInvalidResourceHandle);
  const auto fill = [=] {
    const Access access(-1);
    if (bytes > 0) check_in_buffer(data, bytes, "a fill");
    std::memset(data, value, bytes);
  };
  push(*stream, {"fill", fill, {}});
  return cudaSuccess;
}

// ---- streams and events

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  const Lock lock(mutex);
  KILM_NOT_AFTER_FAILURE;
  *stream = &new_stream(device);
  return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  const Lock lock(mutex);
  finish(*stream);
  delete_stream(*stream);
  return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  const Lock lock(mutex);
  KILM_NOT_AFTER_FAILURE;
  if (stream->capture) return break_capture(*stream);
  finish(*stream);
  return cudaSuccess;
}

cudaError_t cudaStreamQuery(cudaStream_t stream) {
  const Lock lock(mutex);
  KILM_NOT_AFTER_FAILURE;
  if (stream->capture) return break_capture(*stream);
  step();
  return stream->queue.empty() ? cudaSuccess : cudaErrorNotReady;
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  const Lock lock(mutex);
  KILM_NOT_AFTER_FAILURE;
  if (event->capture) return result(join_capture(*stream, *event));
  if (stream->capture) {
    stream->capture->broken = true;
    return result(cudaErrorStreamCaptureIsolation);
  }
  if (event->record) push(*stream, {"wait", {}, [record = event->record] { return record->done; }});
  return cudaSuccess;
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned flags) {
  *event = new Event;
  (*event)->timed = !(flags & cudaEventDisableTiming);
  return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  const Lock lock(mutex);
  delete event;
  return failure();
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  const Lock lock(mutex);
  KILM_NOT_AFTER_FAILURE;
  if (stream == nullptr) return result(cudaErrorInvalidResourceHandle);
  record(*event, *stream);
  return cudaSuccess;
}

cudaError_t cudaEventQuery(cudaEvent_t event) {
  const Lock lock(mutex);
  KILM_NOT_IN_CAPTURE;
  if (event->capture) return result(cudaErrorStreamCaptureUnsupported);
  if (event->record && !event->record->done) step();
  return !event->record || event->record->done ? cudaSuccess : cudaErrorNotReady;
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  const Lock lock(mutex);
  KILM_NOT_AFTER_FAILURE;
  if (event->capture) return result(cudaErrorStreamCaptureUnsupported);
  while (event->record && !event->record->done)
    if (!step()) throw Error("an event is never reached");
  return cudaSuccess;
}

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t from, cudaEvent_t to) {
  const Lock lock(mutex);
  if (!from->timed || !to->timed || !from->record || !to->record) return result(cudaErrorInvalidResourceHandle);
  if (!from->record->done || !to->record->done) return cudaErrorNotReady;
  *milliseconds = float(to->record->milliseconds - from->record->milliseconds);
  return cudaSuccess;
}

// ---- graphs

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode) {
  const Lock lock(mutex);
  KILM_NOT_AFTER_FAILURE;
  if (stream == nullptr) return result(cudaErrorStreamCaptureUnsupported);
  return result(begin_capture(*stream, mode));
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  const Lock lock(mutex);
  return result(end_capture(*stream, graph));
}

cudaError_t cudaStreamIsCapturing(cudaStream_t stream, cudaStreamCaptureStatus* status) {
  const Lock lock(mutex);
  if (!stream->capture)
    *status = cudaStreamCaptureStatusNone;
  else
    *status = stream->capture->broken ? cudaStreamCaptureStatusInvalidated : cudaStreamCaptureStatusActive;
  return cudaSuccess;
}

cudaError_t cudaThreadExchangeStreamCaptureMode(cudaStreamCaptureMode* mode) {
  std::swap(*mode, mode_of_thread());
  return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph, unsigned long long) {
  *executable = new Graph(*graph);
  return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  const Lock lock(mutex);
  KILM_NOT_AFTER_FAILURE;
  if (stream == nullptr) return result(cudaErrorInvalidResourceHandle);
  launch_graph(*executable, *stream);
  return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  const Lock lock(mutex);
  if (!options().failed) finish_all();
  delete executable;
  return failure();
}
