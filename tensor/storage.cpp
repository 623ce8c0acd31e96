#include "tensor/storage.h"

#include <utility>

#include "tensor/format.h"
#include "tensor/runtime.h"

namespace tensor {

Storage::Storage(std::byte* data, size_t bytes, Device device, std::function<void()> release)
    : data_(data), bytes_(bytes), device_(device), release_(std::move(release)) {}

Storage::Storage(std::shared_ptr<Storage> parent, size_t offset, size_t bytes)
    : data_(nullptr), bytes_(bytes), device_(parent->device_), stream_(parent->stream_), parent_(std::move(parent)) {
  base::check(offset <= parent_->bytes_ && bytes <= parent_->bytes_ - offset,
              "storage: slice of {} bytes at {} is outside of {} bytes", bytes, offset, parent_->bytes_);
  data_ = parent_->data_ + offset;
}

Storage::~Storage() {
  if (release_) release_();
}

namespace {
std::atomic<StorageSource> storage_source{nullptr};
}

void set_storage_source(StorageSource source) { storage_source = source; }

std::shared_ptr<Storage> Storage::allocate(size_t bytes, Device device) {
  if (const StorageSource source = storage_source.load(std::memory_order_relaxed)) return source(bytes, device);
  return allocate(bytes, allocator_of(device), current_stream(device), device);
}

std::shared_ptr<Storage> Storage::allocate_pinned(size_t bytes, Device device) {
  constexpr StreamId kOfTheHost = ~StreamId(0);
  return allocate(bytes, pinned_allocator_of(device), kOfTheHost, Device{});
}

std::shared_ptr<Storage> Storage::allocate(size_t bytes, CachingAllocator& allocator, StreamId stream, Device device) {
  CachingAllocator::Block* block = allocator.allocate(bytes, stream);
  auto storage =
      std::make_shared<Storage>(block->data(), bytes, device, [&allocator, block] { allocator.free(block); });
  storage->stream_ = stream;
  storage->note_use_ = [&allocator, block](StreamId user) { allocator.used_by(block, user); };
  return storage;
}

void Storage::note_use(StreamId stream) {
  if (const auto& note = root().note_use_) note(stream);
}

}  // namespace tensor
