// Bytes on one device with one owner. Allocator blocks, mapped files and slices of a larger storage differ only in what
// happens at the end. So there is one class and a deleter.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "tensor/device.h"

namespace tensor {

class CachingAllocator;

class Storage {
 public:
  // Takes over `data`; `release` runs when the last user is gone.
  Storage(std::byte* data, size_t bytes, Device device, std::function<void()> release);
  // Makes a part of `parent`, which stays alive and whose version it shares. So one in-place update of a flat parameter
  // buffer invalidates every graph that still holds one of its old weights.
  Storage(std::shared_ptr<Storage> parent, size_t offset, size_t bytes);
  ~Storage();
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;

  std::byte* data() const { return data_; }
  size_t bytes() const { return bytes_; }
  Device device() const { return device_; }

  // Returns a number that rises at every in-place write; saved tensors compare it to notice that they were overwritten.
  uint32_t version() const { return root().version_.load(std::memory_order_relaxed); }
  void raise_version() { root().version_.fetch_add(1, std::memory_order_relaxed); }

  // Allocates bytes, uninitialised and 64-byte aligned, from the caching allocator of the device, for the current
  // stream of this thread. Throws OutOfMemory, and UsageError where there is no such device.
  static std::shared_ptr<Storage> allocate(size_t bytes, Device device);
  // The same of the host, pinned for `device`: a copy there reads them when its stream comes to it. Who queues one
  // says so by used_by(its stream).
  static std::shared_ptr<Storage> allocate_pinned(size_t bytes, Device device);

  // Says that work which is queued in `stream` uses these bytes: they are not given out again before it is done.
  void used_by(StreamId stream) {
    if (stream != stream_) [[unlikely]]
      note_use(stream);
  }

 private:
  static std::shared_ptr<Storage> allocate(size_t bytes, CachingAllocator& allocator, StreamId stream, Device device);
  void note_use(StreamId stream);
  Storage& root() { return parent_ ? parent_->root() : *this; }
  const Storage& root() const { return parent_ ? parent_->root() : *this; }

  std::byte* data_;
  size_t bytes_;
  Device device_;
  StreamId stream_ = 0;  // that it was allocated for
  std::function<void()> release_;
  std::function<void(StreamId)> note_use_;  // empty where the memory is not an allocator's
  std::shared_ptr<Storage> parent_;
  std::atomic<uint32_t> version_{0};
};

// Where Storage::allocate gets its blocks from; null: the caching allocator. Tests put guards around blocks with it.
using StorageSource = std::shared_ptr<Storage> (*)(size_t bytes, Device device);
void set_storage_source(StorageSource source);

}  // namespace tensor
