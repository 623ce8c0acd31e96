// Bytes on one device with one owner. Allocator blocks, mapped files and slices of a larger storage differ only in
// what happens at the end, so there is one class and a deleter.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace tensor {

enum class DeviceType : uint8_t { cpu, cuda };

struct Device {
  DeviceType type = DeviceType::cpu;
  int index = 0;
  bool operator==(const Device&) const = default;
};

class Storage {
 public:
  // Takes over `data`; `release` runs when the last user is gone.
  Storage(std::byte* data, size_t bytes, Device device, std::function<void()> release);
  // A part of `parent`, which stays alive and whose version it shares: one in-place update of a flat parameter
  // buffer thereby invalidates every graph that still holds one of its old weights.
  Storage(std::shared_ptr<Storage> parent, size_t offset, size_t bytes);
  ~Storage();
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;

  std::byte* data() const { return data_; }
  size_t bytes() const { return bytes_; }
  Device device() const { return device_; }

  // Rises at every in-place write; saved tensors compare it to notice that they were overwritten.
  uint32_t version() const { return root().version_.load(std::memory_order_relaxed); }
  void raise_version() { root().version_.fetch_add(1, std::memory_order_relaxed); }

  // Uninitialised bytes, 64-byte aligned, from the caching allocator of the device. Throws OutOfMemory.
  static std::shared_ptr<Storage> allocate(size_t bytes, Device device);

 private:
  Storage& root() { return parent_ ? parent_->root() : *this; }
  const Storage& root() const { return parent_ ? parent_->root() : *this; }

  std::byte* data_;
  size_t bytes_;
  Device device_;
  std::function<void()> release_;
  std::shared_ptr<Storage> parent_;
  std::atomic<uint32_t> version_{0};
};

// Where Storage::allocate gets its blocks from; null: the caching allocator. Tests put guards around blocks with it.
using StorageSource = std::shared_ptr<Storage> (*)(size_t bytes, Device device);
void set_storage_source(StorageSource source);

}  // namespace tensor
