#include "tests/guarded_memory.h"

#include <cstring>
#include <map>
#include <mutex>

#include "tensor/format.h"
#include "tensor/storage.h"

namespace tests {

namespace {

constexpr size_t kGuard = 512;
constexpr unsigned char kPattern = 0xa5, kFresh = 0xff;

std::mutex mutex;
std::map<std::byte*, size_t> live;  // user pointer -> bytes
std::string first_damage;

void inspect(std::byte* data, size_t bytes) {
  const auto* guard = reinterpret_cast<const unsigned char*>(data) - kGuard;
  for (size_t i = 0; i < kGuard; ++i) {
    const bool before = guard[kGuard - 1 - i] != kPattern;
    const bool behind = guard[kGuard + bytes + i] != kPattern;
    if ((before || behind) && first_damage.empty())
      first_damage = base::format("a block of {} bytes was written to {} bytes {}", bytes, i + 1,
                                  before ? "before its start" : "behind its end");
  }
}

std::shared_ptr<tensor::Storage> allocate(size_t bytes, tensor::Device device) {
  const size_t total = (bytes + 2 * kGuard + 63) / 64 * 64;
  auto* block = static_cast<std::byte*>(::operator new(total, std::align_val_t(64)));
  std::memset(block, kPattern, total);
  std::byte* data = block + kGuard;
  std::memset(data, kFresh, bytes);
  const std::lock_guard lock(mutex);
  live[data] = bytes;
  return std::make_shared<tensor::Storage>(data, bytes, device, [block, data, bytes] {
    const std::lock_guard release_lock(mutex);
    inspect(data, bytes);
    live.erase(data);
    ::operator delete(block, std::align_val_t(64));
  });
}

}  // namespace

GuardedMemory::GuardedMemory() {
  first_damage.clear();
  tensor::set_storage_source(allocate);
}

GuardedMemory::~GuardedMemory() { tensor::set_storage_source(nullptr); }

std::string GuardedMemory::damage() const {
  const std::lock_guard lock(mutex);
  for (const auto& [data, bytes] : live) inspect(data, bytes);
  return first_damage;
}

}  // namespace tests
