#include "tests/cuda_emulation/isolation.h"

#include <cstring>

#include "tests/cuda_emulation/memory.h"

namespace cuda_emulation {

Isolation::Isolation(int device) {
  for_each_buffer(device, [&](std::span<std::byte> memory) {
    buffers_.push_back({memory, {memory.begin(), memory.end()}, {}, {}});
  });
}

void Isolation::watch_changed() {
  std::erase_if(buffers_, [](const Buffer& buffer) {
    return std::memcmp(buffer.memory.data(), buffer.before.data(), buffer.before.size()) == 0;
  });
  for (Buffer& buffer : buffers_) std::memcpy(buffer.memory.data(), buffer.before.data(), buffer.before.size());
}

std::optional<Isolation::Conflict> Isolation::block_ended(uint32_t block) {
  std::optional<Conflict> first;
  for (Buffer& buffer : buffers_) {
    if (std::memcmp(buffer.memory.data(), buffer.before.data(), buffer.before.size()) == 0) continue;
    const std::optional<Conflict> conflict = take(buffer, block);
    if (!first) first = conflict;
  }
  return first;
}

std::optional<Isolation::Conflict> Isolation::take(Buffer& buffer, uint32_t block) {
  if (buffer.writer.empty()) {
    buffer.after = buffer.before;
    buffer.writer.resize(buffer.before.size());
  }
  std::optional<Conflict> first;
  for (size_t i = 0; i < buffer.before.size(); ++i) {
    if (buffer.memory[i] == buffer.before[i]) continue;
    if (buffer.writer[i] != 0 && !first) first = Conflict{&buffer.memory[i], buffer.writer[i] - 1};
    buffer.writer[i] = block + 1;
    buffer.after[i] = buffer.memory[i];
  }
  std::memcpy(buffer.memory.data(), buffer.before.data(), buffer.before.size());
  return first;
}

void Isolation::publish() {
  for (Buffer& buffer : buffers_)
    for (size_t i = 0; i < buffer.writer.size(); ++i)
      if (buffer.writer[i] != 0 && buffer.memory[i] == buffer.before[i]) buffer.memory[i] = buffer.after[i];
}

}  // namespace cuda_emulation
