// Memory of the devices. Every buffer has pages of its own with guard bytes around it; what was freed is never used
// again, so that a late access is seen.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>

namespace cuda_emulation {

// Returns 0xff bytes, aligned to 512, or null if the device has no room for them.
std::byte* allocate_on_device(int device, size_t bytes);
bool free_on_device(void* data);  // false if that is no live buffer
size_t bytes_in_use(int device);

std::byte* allocate_pinned(size_t bytes);
bool free_pinned(void* data);

bool is_device_memory(const void* address);
bool is_pinned_memory(const void* address);

// Returns "byte 84 of a buffer of 80 bytes on device 0", or "byte 3 of a freed buffer ...".
std::string describe(const void* address);
// Throws Error if [address, address + bytes) is not within one live buffer: "a copy reads or writes byte ...".
void check_in_buffer(const void* address, size_t bytes, const char* who);
// Returns "", or which buffer of the device was written beside, and where. The guards are then whole again.
std::string damaged_guards(int device);
// Calls f with every live buffer of the device.
void for_each_buffer(int device, const std::function<void(std::span<std::byte>)>& f);

// While it lives, the memory of one device, or of all (-1), can be reached. It matters with Options::protect alone.
class Access {
 public:
  explicit Access(int device);
  ~Access();
  Access(const Access&) = delete;
  Access& operator=(const Access&) = delete;

 private:
  int device_;
  bool opened_;
};

}  // namespace cuda_emulation
