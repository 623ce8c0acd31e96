#include "tests/cuda_emulation/memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <vector>

#include "tests/cuda_emulation/emulation.h"
#include "tests/cuda_emulation/sanitizers.h"

namespace cuda_emulation {

namespace {

constexpr size_t kPage = 4096, kGuard = 512;
constexpr size_t kAddresses = size_t(256) << 30;  // of which only those of live buffers are backed by memory
constexpr unsigned char kGuardByte = 0xfd, kFreshByte = 0xff;

struct Buffer {
  size_t bytes;
  int device;

  size_t room() const { return (kGuard + bytes + kGuard + kPage - 1) / kPage * kPage; }
};

// By the address of their first byte.
using Buffers = std::map<const std::byte*, Buffer>;

std::byte* addresses = nullptr;
size_t used = 0;  // of the addresses
// Every launch goes through the buffers in use. Those that were freed are many more, and only reports ask for them.
Buffers& live = *new Buffers;
Buffers& freed = *new Buffers;
std::map<int, size_t>& bytes_of_device = *new std::map<int, size_t>;
std::map<const std::byte*, size_t>& pinned = *new std::map<const std::byte*, size_t>;

void reserve_addresses() {
  void* mapped = mmap(nullptr, kAddresses, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) throw Error("the emulation found no addresses for the memory of its devices");
  addresses = static_cast<std::byte*>(mapped);
}

// Returns the pages of a buffer, guards included.
std::byte* pages_of(const std::byte* data) { return const_cast<std::byte*>(data) - kGuard; }

void set_access(const std::byte* data, const Buffer& buffer, int protection) {
  mprotect(pages_of(data), buffer.room(), protection);
}

// Returns the last of the buffers whose pages begin at or before the address.
Buffers::iterator last_before(Buffers& buffers, const void* address) {
  auto it = buffers.upper_bound(static_cast<const std::byte*>(address) + kGuard);
  return it == buffers.begin() ? buffers.end() : std::prev(it);
}

void fill_guards(const std::byte* data, const Buffer& buffer) {
  std::byte* const end = pages_of(data) + buffer.room();
  std::byte* const behind = const_cast<std::byte*>(data) + buffer.bytes;
  unpoison(pages_of(data), buffer.room());
  std::memset(pages_of(data), kGuardByte, kGuard);
  std::memset(behind, kGuardByte, size_t(end - behind));
  poison(pages_of(data), kGuard);
  poison(behind, size_t(end - behind));
}

// Returns the first byte of [begin, end) that is not as it should be, or `end`. The range is at most a page and a
// guard.
const std::byte* first_damage(const std::byte* begin, const std::byte* end) {
  static const std::vector<std::byte> whole(kPage + kGuard, std::byte(kGuardByte));
  if (std::memcmp(begin, whole.data(), size_t(end - begin)) == 0) return end;
  return std::find_if(begin, end, [](std::byte b) { return b != std::byte(kGuardByte); });
}

}  // namespace

std::byte* allocate_on_device(int device, size_t bytes) {
  if (!addresses) reserve_addresses();
  if (bytes > options().device_memory - std::min(options().device_memory, bytes_in_use(device))) return nullptr;
  const Buffer buffer{bytes, device};
  if (buffer.room() > kAddresses - used) throw Error("the emulation has no more addresses for memory of its devices");
  std::byte* data = addresses + used + kGuard;
  used += buffer.room();
  set_access(data, buffer, PROT_READ | PROT_WRITE);
  std::memset(data, kFreshByte, bytes);
  fill_guards(data, buffer);
  if (options().protect) set_access(data, buffer, PROT_NONE);
  live.emplace(data, buffer);
  bytes_of_device[device] += bytes;
  return data;
}

bool free_on_device(void* data) {
  const auto it = live.find(static_cast<std::byte*>(data));
  if (it == live.end()) return false;
  // Gives the memory back and keeps the addresses.
  mmap(pages_of(it->first), it->second.room(), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1,
       0);
  poison(pages_of(it->first), it->second.room());
  bytes_of_device[it->second.device] -= it->second.bytes;
  freed.insert(live.extract(it));
  return true;
}

size_t bytes_in_use(int device) { return bytes_of_device[device]; }

std::byte* allocate_pinned(size_t bytes) {
  void* data = nullptr;
  if (posix_memalign(&data, kPage, std::max<size_t>(bytes, 1)) != 0) return nullptr;
  std::memset(data, kFreshByte, bytes);
  pinned[static_cast<std::byte*>(data)] = bytes;
  return static_cast<std::byte*>(data);
}

bool free_pinned(void* data) {
  if (pinned.erase(static_cast<std::byte*>(data)) == 0) return false;
  std::free(data);
  return true;
}

bool is_device_memory(const void* address) {
  const auto* p = static_cast<const std::byte*>(address);
  return addresses && p >= addresses && p < addresses + kAddresses;
}

bool is_pinned_memory(const void* address) {
  const auto* p = static_cast<const std::byte*>(address);
  const auto it = pinned.upper_bound(p);
  return it != pinned.begin() && p < std::prev(it)->first + std::prev(it)->second;
}

std::string describe(const void* address) {
  const auto now = last_before(live, address), once = last_before(freed, address);
  if (now == live.end() && once == freed.end()) return "an address before every buffer";
  const bool is_freed = now == live.end() || (once != freed.end() && once->first > now->first);
  const auto& [data, buffer] = is_freed ? *once : *now;
  return "byte " + std::to_string(static_cast<const std::byte*>(address) - data) + " of a " +
         (is_freed ? "freed " : "") + "buffer of " + std::to_string(buffer.bytes) + " bytes on device " +
         std::to_string(buffer.device);
}

void check_in_buffer(const void* address, size_t bytes, const char* who) {
  const auto it = last_before(live, address);
  const auto* begin = static_cast<const std::byte*>(address);
  const bool starts_in = it != live.end() && begin >= it->first && begin < pages_of(it->first) + it->second.room();
  if (starts_in && begin + bytes <= it->first + it->second.bytes) return;
  throw Error(std::string(who) + " reads or writes " + describe(starts_in ? begin + bytes - 1 : begin));
}

std::string damaged_guards(int device) {
  if (kAddressSanitizer) return "";  // reports them itself
  const Unseen unseen;
  for (const auto& [data, buffer] : live) {
    if (buffer.device != device) continue;
    const std::byte* const end = pages_of(data) + buffer.room();
    const std::byte* before = first_damage(data - kGuard, data);
    const std::byte* behind = first_damage(data + buffer.bytes, end);
    if (before == data && behind == end) continue;
    fill_guards(data, buffer);
    return "wrote " + describe(before < data ? before : behind);
  }
  return "";
}

void for_each_buffer(int device, const std::function<void(std::span<std::byte>)>& f) {
  for (const auto& [data, buffer] : live)
    if (buffer.device == device) f({const_cast<std::byte*>(data), buffer.bytes});
}

Access::Access(int device) : device_(device), opened_(options().protect) {
  if (!opened_) return;
  for (const auto& [data, buffer] : live)
    if (device < 0 || buffer.device == device) set_access(data, buffer, PROT_READ | PROT_WRITE);
}

Access::~Access() {
  if (!opened_) return;
  for (const auto& [data, buffer] : live)
    if (device_ < 0 || buffer.device == device_) set_access(data, buffer, PROT_NONE);
}

}  // namespace cuda_emulation
