#include "tests/cuda_emulation/grid.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <optional>
#include <vector>

#include "tests/cuda_emulation/block.h"
#include "tests/cuda_emulation/device_functions.h"
#include "tests/cuda_emulation/faults.h"
#include "tests/cuda_emulation/isolation.h"
#include "tests/cuda_emulation/memory.h"
#include "tests/cuda_emulation/sanitizers.h"

namespace cuda_emulation {

namespace {

constexpr size_t kLargestShared = size_t(228) << 10, kGuard = 512;
constexpr unsigned char kGuardByte = 0xfd;

// Shared memory with guards before and behind; a block's part lies at the end.
alignas(128) std::byte memory[kGuard + kLargestShared + kGuard];
std::byte* shared = nullptr;
size_t shared_bytes = 0;
std::optional<Isolation>& isolation = *new std::optional<Isolation>;

void prepare_shared(size_t bytes) {
  const Unseen unseen;
  unpoison(memory, sizeof memory);
  shared = memory + (kGuard + kLargestShared - bytes) / 128 * 128;
  shared_bytes = bytes;
  std::memset(shared - kGuard, kGuardByte, kGuard);
  std::memset(shared, 0xff, bytes);  // nan, in any type
  std::memset(shared + bytes, kGuardByte, kGuard);
  poison(shared - kGuard, kGuard);
  poison(shared + bytes, kGuard);
}

std::string damaged_shared() {
  if (kAddressSanitizer) return "";
  const Unseen unseen;
  for (size_t i = 0; i < kGuard; ++i) {
    if (shared[shared_bytes + i] != std::byte(kGuardByte))
      return "wrote byte " + std::to_string(shared_bytes + i) + " of " + std::to_string(shared_bytes) +
             " bytes of shared memory";
    if (*(shared - 1 - i) != std::byte(kGuardByte))
      return "wrote " + std::to_string(i + 1) + " bytes before shared memory";
  }
  return "";
}

std::vector<uint32_t> order_of_blocks(uint32_t blocks, Random& random) {
  std::vector<uint32_t> order(blocks);
  std::iota(order.begin(), order.end(), 0);
  if (options().order == Order::reverse) std::reverse(order.begin(), order.end());
  if (options().order == Order::random || options().order == Order::greedy)
    for (uint32_t i = blocks; i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  return order;
}

uint3 index_of(uint32_t block, const dim3& grid) {
  return {block % grid.x, block / grid.x % grid.y, block / grid.x / grid.y};
}

std::string text(const uint3& v) {
  return "(" + std::to_string(v.x) + "," + std::to_string(v.y) + "," + std::to_string(v.z) + ")";
}

std::string run_block(const Launch& launch, uint32_t number, Random& random) {
  blockIdx = index_of(number, launch.grid);
  prepare_shared(launch.shared);
  try {
    block().run(launch.block, launch.body, options().order, random);
  } catch (const Error& error) {
    return error.what();
  }
  if (const std::string damage = damaged_shared(); !damage.empty()) return damage;
  if (!isolation) return "";
  const auto conflict = isolation->block_ended(number);
  if (!conflict) return "";
  return "writes " + describe(conflict->address) + ", as block " + text(index_of(conflict->other, launch.grid)) +
         " does";
}

// Returns the first fault; "" if all blocks end well.
std::string run_blocks(const Launch& launch, Random& random) {
  for (const uint32_t number : order_of_blocks(launch.grid.x * launch.grid.y * launch.grid.z, random))
    if (std::string fault = run_block(launch, number, random); !fault.empty()) return fault;
  return "";
}

}  // namespace

void run_grid(const Launch& launch) {
  const Access access(launch.device);
  const FaultWatch watch;
  const uint32_t blocks = launch.grid.x * launch.grid.y * launch.grid.z;
  ++counters().launches;
  counters().blocks += blocks;
  counters().threads += uint64_t(blocks) * launch.block.x * launch.block.y * launch.block.z;
  blockDim = launch.block;
  gridDim = launch.grid;
  Random random(options().seed * 0x2545F4914F6CDD1Dull + counters().launches);
  std::string fault;
  if (options().isolate && blocks > 1) {
    // To look at all memory after each block takes minutes: a first run finds the buffers that blocks write.
    Isolation all(launch.device);
    fault = run_blocks(launch, random);
    all.watch_changed();
    isolation.emplace(std::move(all));
  }
  if (fault.empty()) fault = run_blocks(launch, random);
  if (isolation && fault.empty()) isolation->publish();
  isolation.reset();
  unpoison(memory, sizeof memory);
  const std::string damage = damaged_guards(launch.device);
  if (fault.empty()) fault = damage;
  if (!fault.empty())
    throw Error(launch.op + ", block " + text(blockIdx) + " of " + text({launch.grid.x, launch.grid.y, launch.grid.z}) +
                ": " + fault);
}

std::byte* shared_memory(size_t& bytes) {
  bytes = shared_bytes;
  return shared;
}

void meet_other_blocks() {
  if (!isolation) return;
  const Unseen unseen;
  isolation->publish();
  isolation.reset();
}

void fence() {
  static char order;
  acquire(&order);
  release(&order);
}

}  // namespace cuda_emulation
