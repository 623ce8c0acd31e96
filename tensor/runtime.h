// What there is of a device beside its kernels: how many there are, its memory, and its streams. The contract of a
// backend is RuntimeKernels (tensor/kernels.h); here are the values that own what it makes.
//
// A device works behind the host's back: kernels and copies are queued in a stream and the call returns. Everything
// that a thread does to a device goes to its current stream there. So it runs in the order in which it is written. Who
// goes from one stream to another says two things:
//  - order: the second stream waits for an event of the first (Event::wait_in) before it reads what that has written;
//  - life: memory belongs to the stream that it was allocated for. Another stream that uses it is noted. When the
//    last owner has let go of it, it is not given out again before that stream is done. A Launch and the copies below
//    note it of their own accord; a kernel that is called in another way calls Storage::used_by.
// On the CPU all work is done when the call returns, streams are numbers, and graphs are refused.
#pragma once

#include <functional>

#include "tensor/allocator.h"
#include "tensor/base/scoped.h"
#include "tensor/kernels.h"

namespace tensor {

// Returns the functions of the device's backend. Throws UsageError where there is no such device, saying what there is.
const RuntimeKernels& runtime(Device device);
DeviceInfo device_info(Device device);
// Forgets the devices of this type, for register_backend: they have another backend from now on.
void forget_devices(DeviceType type);

// Returns the stream that work of this thread on `device` goes to: that of the innermost guard, else 0.
StreamId current_stream(Device device);
class StreamGuard {
 public:
  StreamGuard(Device device, StreamId stream);

 private:
  friend StreamId current_stream(Device device);
  static constinit thread_local StreamGuard* innermost_;

  Device device_;
  StreamId stream_;
  base::Scoped<StreamGuard*> scope_;
};

inline StreamId current_stream(Device device) {
  const StreamGuard* guard = StreamGuard::innermost_;
  while (guard && !(guard->device_ == device)) guard = guard->scope_.before();
  return guard ? guard->stream_ : 0;
}

// Makes the host stand still until the current stream of the device has run dry.
void wait_for_device(Device device);

// A stream of one's own while this lives. Then somebody else gets it: as memory notes the streams that use it, none is
// ever destroyed.
class Stream {
 public:
  explicit Stream(Device device);
  ~Stream();  // what is queued still runs
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  StreamId id() const { return id_; }

 private:
  Device device_;
  StreamId id_;
};

// The point that the current stream has reached when it is made.
class Event {
 public:
  explicit Event(Device device);
  ~Event();
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  bool finished() const;                // whether all that was queued before it is done
  void wait() const;                    // the host stands still until it is
  void wait_in(StreamId stream) const;  // what is queued in `stream` from now on comes after it

 private:
  Device device_;
  EventId id_;
};

// Memory of graphs, whose addresses stay valid as long as one of them lives. Graphs that share it never run at the same
// time, and none keeps anything there for its next run or for another one.
class GraphMemory {
 public:
  explicit GraphMemory(Device device);
  ~GraphMemory();
  GraphMemory(const GraphMemory&) = delete;
  GraphMemory& operator=(const GraphMemory&) = delete;

  PoolId pool() const { return pool_; }

 private:
  Device device_;
  PoolId pool_;
};

// Work that is recorded once and run as often as wanted, without the host's part in it. What it allocates comes from
// `memory`, or from memory of its own.
class Graph {
 public:
  // Runs `work`, whose kernels and copies on the current stream of this thread are recorded instead of run. Throws
  // Error on a device that cannot do that, and what `work` throws.
  Graph(Device device, const std::function<void()>& work, std::shared_ptr<const GraphMemory> memory = nullptr);
  ~Graph();
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  void launch() const;  // in the current stream

 private:
  Device device_;
  std::shared_ptr<const GraphMemory> memory_;
  GraphId id_;
};

// Fills bytes of memory of `device`; this and the next four work in its current stream.
void fill_bytes(Device device, std::byte* to, uint8_t value, size_t bytes);
void copy_bytes(Device device, std::byte* to, const std::byte* from, size_t bytes);
void write_bytes(Device device, std::byte* to, const void* from, size_t bytes);       // from the host, which may go on
void read_bytes(Device device, void* to, const std::byte* from, size_t bytes);        // to the host, which waits
void queue_read_bytes(Device device, void* to, const std::byte* from, size_t bytes);  // there after wait_for_device

}  // namespace tensor
