// Finds two blocks of one launch that write the same byte, whatever they write: no block sees what another wrote, so
// each one's writes show as differences to what was there before the launch. A write of what is there already does not
// show; new memory is 0xff, which nobody writes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace cuda_emulation {

class Isolation {
 public:
  explicit Isolation(int device);  // remembers what the memory of the device holds
  // Puts that back where it has changed since, and watches these buffers alone from now on.
  void watch_changed();

  struct Conflict {
    const std::byte* address;
    uint32_t other;  // the block that wrote there before
  };
  // Takes what the block wrote out of memory; returns a byte that another one wrote, too.
  std::optional<Conflict> block_ended(uint32_t block);
  // Puts what all blocks wrote into memory, where the current one has not written.
  void publish();

 private:
  struct Buffer {
    std::span<std::byte> memory;
    std::vector<std::byte> before, after;
    std::vector<uint32_t> writer;  // 1 + block, per byte; empty until somebody writes
  };
  static std::optional<Conflict> take(Buffer& buffer, uint32_t block);

  std::vector<Buffer> buffers_;
};

}  // namespace cuda_emulation
