// The caching allocator. Memory is asked of the device in segments and never given back while the program runs well. So
// after a few training steps an allocation costs a search and no device call. The policy knows no device; it works over
// a MemorySource and is tested with a simulated one.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tensor/base/scoped.h"
#include "tensor/device.h"

namespace tensor {

using PoolId = uint64_t;  // 0 is the pool of everybody

// What a device must offer.
struct MemorySource {
  virtual ~MemorySource() = default;
  virtual std::byte* allocate(size_t bytes) = 0;  // null when out of memory
  virtual void release(std::byte* data) = 0;
  virtual EventId record(StreamId stream) = 0;
  virtual bool finished(EventId event) = 0;  // not asked again once it is true, so that the event may be forgotten
};

// Memory of the process, aligned to 64 bytes. Work on it is finished when the call returns.
struct AlignedHost : MemorySource {
  std::byte* allocate(size_t bytes) override;
  void release(std::byte* data) override;
  EventId record(StreamId) override { return 0; }
  bool finished(EventId) override { return true; }
};

// Policy: sizes are rounded to 512 bytes. Blocks of up to 1 MiB come from segments of 2 MiB, others from segments of 20
// MiB. Above 10 MiB a block has a segment of its own size in whole 2 MiB. The best fitting free block of the same
// stream and pool is taken, and split if the rest is worth it. When it comes back, it is merged with free neighbours.
// If the device has no more, the unused segments are given back and it is asked once more. All functions may be called
// from any thread.
class CachingAllocator {
  struct Arena;

 public:
  enum class Mode {
    caching,
    // Every block comes from the device with exactly its size and goes back there, so that memory checkers see its
    // bounds. Private pools keep theirs: what a captured graph uses stays.
    raw,
  };

  class Block {
   public:
    std::byte* data() const { return data_; }
    size_t bytes() const { return bytes_; }  // at least those asked for

   private:
    friend class CachingAllocator;
    enum class State : uint8_t { live, returning, free };

    std::byte* data_ = nullptr;
    size_t bytes_ = 0;
    Arena* arena_ = nullptr;
    Block* before_ = nullptr;  // neighbours in the segment
    Block* after_ = nullptr;
    const char* op_ = nullptr;  // the innermost trace scope at allocation
    std::string path_;          // the trace path then
    StreamId stream_ = 0;
    std::vector<StreamId> users_;  // other streams that use it
    State state_ = State::live;
  };

  // Bytes, where blocks count with their rounded size.
  struct Stats {
    size_t live = 0;                 // in blocks that somebody holds
    size_t peak = 0;                 // the most that was ever live
    size_t reserved = 0;             // taken from the device
    int64_t device_allocations = 0;  // calls to the device so far
    size_t cached() const { return reserved - live; }
  };

  CachingAllocator(std::unique_ptr<MemorySource> source, Device device, Mode mode = Mode::caching);
  ~CachingAllocator();  // every block must be free
  CachingAllocator(const CachingAllocator&) = delete;
  CachingAllocator& operator=(const CachingAllocator&) = delete;

  // Throws OutOfDeviceMemory with a report of what is live.
  Block* allocate(size_t bytes, StreamId stream = 0);
  void free(Block* block);
  // Notes that `stream`, which is not that of the block, uses it too. Once freed, the block waits for what `stream` has
  // queued by then.
  void used_by(Block* block, StreamId stream);
  void release_cached();  // gives unused segments back to the device

  // Makes a private pool. It keeps its segments, so that the addresses in a captured graph stay valid until
  // destroy_pool.
  PoolId create_pool();
  void destroy_pool(PoolId pool);

  Stats stats() const;
  void reset_peak();
  // Live bytes by who allocated them: the innermost trace scope ("other" outside of all) and the trace path.
  struct Live {
    std::string op, path;
    size_t bytes = 0;
  };
  std::vector<Live> live() const;  // the largest first

 private:
  struct Smaller {
    using is_transparent = void;
    bool operator()(const Block* a, const Block* b) const {
      return a->bytes_ != b->bytes_ ? a->bytes_ < b->bytes_ : a->data_ < b->data_;
    }
    bool operator()(const Block* a, size_t bytes) const { return a->bytes_ < bytes; }
  };
  using FreeBlocks = std::set<Block*, Smaller>;
  // The free blocks of one pool, stream and kind of segment. Blocks never change the arena.
  struct Arena {
    FreeBlocks free;
    bool keeps_segments;
  };
  struct ArenaKey {
    PoolId pool;
    StreamId stream;
    bool large;
    auto operator<=>(const ArenaKey&) const = default;
  };
  struct Returning {  // freed, but other streams may still use it
    Block* block;
    std::vector<EventId> events;
  };

  Block* take(Arena& arena, size_t bytes);
  Block* new_segment(Arena& arena, size_t bytes, size_t segment, StreamId stream);
  void split(Block* block, size_t bytes, FreeBlocks::node_type node);
  void put_back(Block* block);
  void insert_free(Block* block, FreeBlocks::node_type node);
  void absorb_next(Block* block);
  void collect_returning();
  void release_unused();
  void release_segment(Block* first);
  Block* new_block();
  std::vector<Live> live_blocks() const;
  std::string largest_live() const;
  [[noreturn]] void out_of_memory(size_t bytes) const;

  const std::unique_ptr<MemorySource> source_;
  const Device device_;
  const Mode mode_;
  mutable std::mutex mutex_;
  Stats stats_;
  std::map<ArenaKey, Arena> arenas_;
  PoolId next_pool_ = 1;
  std::vector<Returning> returning_;
  std::set<Block*> segments_;   // the first block of each
  std::deque<Block> blocks_;    // all that ever existed
  std::vector<Block*> unused_;  // of blocks_, for new use
};

// While it lives, this thread's allocations from `allocator` come from `pool`.
class PoolGuard {
 public:
  PoolGuard(const CachingAllocator& allocator, PoolId pool);

  static PoolId current(const CachingAllocator& allocator);

 private:
  const CachingAllocator& allocator_;
  PoolId pool_;
  base::Scoped<PoolGuard*> scope_;
};

// Returns the allocator of the process for memory of a device, made at its first use. Throws as runtime() does where
// there is no such device. KILM_ALLOCATOR=raw makes all of them raw.
CachingAllocator& allocator_of(Device device);
CachingAllocator& host_allocator();  // that of the CPU
// Returns that for memory of the host which copies to `device` read late. Its blocks belong to no stream of the device,
// so every stream that reads one is a user of it.
CachingAllocator& pinned_allocator_of(Device device);

}  // namespace tensor
