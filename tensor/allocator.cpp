#include "tensor/allocator.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "tensor/format.h"
#include "tensor/trace.h"

namespace tensor {

namespace {

constexpr size_t kKiB = 1 << 10, kMiB = 1 << 20;
constexpr size_t kRounding = 512;
constexpr size_t kSmall = kMiB;
constexpr size_t kSmallSegment = 2 * kMiB;
constexpr size_t kLargeSegment = 20 * kMiB;
constexpr size_t kLargest = size_t(1) << 62;  // below it no rounding overflows

size_t round_up(size_t value, size_t multiple) { return (value + multiple - 1) / multiple * multiple; }

size_t segment_size(size_t bytes) {
  if (bytes <= kSmall) return kSmallSegment;
  return bytes <= kLargeSegment / 2 ? kLargeSegment : round_up(bytes, kSmallSegment);
}

// Tells whether the rest is worth a block: some request of its kind would take it.
bool worth_splitting(size_t bytes, size_t rest) { return bytes <= kSmall ? rest >= kRounding : rest > kSmall; }

std::string readable(size_t bytes) {
  if (bytes < kKiB) return base::format("{} B", bytes);
  const char* units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double value = double(bytes) / kKiB;
  int unit = 0;
  for (; value >= 1024; ++unit) value /= 1024;
  return base::format("{:.1f} {}", value, units[unit]);
}

}  // namespace

std::byte* AlignedHost::allocate(size_t bytes) {
  void* data = nullptr;
  return posix_memalign(&data, 64, bytes) == 0 ? static_cast<std::byte*>(data) : nullptr;
}

void AlignedHost::release(std::byte* data) { std::free(data); }

CachingAllocator::CachingAllocator(std::unique_ptr<MemorySource> source, Device device, Mode mode)
    : source_(std::move(source)), device_(device), mode_(mode) {}

CachingAllocator::~CachingAllocator() {
  for (Block* first : segments_) source_->release(first->data_);
}

CachingAllocator::Block* CachingAllocator::allocate(size_t bytes, StreamId stream) {
  const std::lock_guard lock(mutex_);
  if (bytes > kLargest) out_of_memory(bytes);
  if (!returning_.empty()) collect_returning();
  const bool raw = mode_ == Mode::raw;
  const size_t wanted = raw ? std::max<size_t>(bytes, 1) : std::max(round_up(bytes, kRounding), kRounding);
  const size_t segment = raw ? wanted : segment_size(wanted);
  const PoolId pool = PoolGuard::current(*this);
  Arena& arena = arenas_.try_emplace({pool, stream, wanted > kSmall}, Arena{{}, pool != 0}).first->second;
  Block* block = take(arena, wanted);
  if (!block) block = new_segment(arena, wanted, segment, stream);
  if (!block) {
    release_unused();
    block = new_segment(arena, wanted, segment, stream);
  }
  if (!block) out_of_memory(bytes);
  block->state_ = Block::State::live;
  block->op_ = Trace::innermost();
  block->path_ = trace_path();
  stats_.live += block->bytes_;
  stats_.peak = std::max(stats_.peak, stats_.live);
  return block;
}

// Returns the smallest free block that is large enough; null if there is none. Its entry in the set is used again for
// what is left of it, which saves two calls to malloc.
CachingAllocator::Block* CachingAllocator::take(Arena& arena, size_t bytes) {
  const auto found = arena.free.lower_bound(bytes);
  if (found == arena.free.end()) return nullptr;
  Block* block = *found;
  FreeBlocks::node_type node = arena.free.extract(found);
  if (worth_splitting(bytes, block->bytes_ - bytes)) split(block, bytes, std::move(node));
  return block;
}

CachingAllocator::Block* CachingAllocator::new_segment(Arena& arena, size_t bytes, size_t segment, StreamId stream) {
  std::byte* data = source_->allocate(segment);
  if (!data) return nullptr;
  Block* block = new_block();
  block->data_ = data;
  block->bytes_ = segment;
  block->arena_ = &arena;
  block->stream_ = stream;
  segments_.insert(block);
  stats_.reserved += segment;
  stats_.device_allocations += 1;
  if (mode_ == Mode::caching && worth_splitting(bytes, segment - bytes)) split(block, bytes, {});
  return block;
}

// Cuts `block` to `bytes`; the rest becomes free.
void CachingAllocator::split(Block* block, size_t bytes, FreeBlocks::node_type node) {
  Block* rest = new_block();
  rest->data_ = block->data_ + bytes;
  rest->bytes_ = block->bytes_ - bytes;
  rest->arena_ = block->arena_;
  rest->stream_ = block->stream_;
  rest->before_ = block;
  rest->after_ = block->after_;
  if (rest->after_) rest->after_->before_ = rest;
  block->after_ = rest;
  block->bytes_ = bytes;
  insert_free(rest, std::move(node));
}

// Adds a block to the free ones. `node` is an entry of the same set to be used again, or empty.
void CachingAllocator::insert_free(Block* block, FreeBlocks::node_type node) {
  block->state_ = Block::State::free;
  if (node.empty()) {
    block->arena_->free.insert(block);
  } else {
    node.value() = block;
    block->arena_->free.insert(std::move(node));
  }
}

void CachingAllocator::free(Block* block) {
  const std::lock_guard lock(mutex_);
  stats_.live -= block->bytes_;
  if (block->users_.empty()) return put_back(block);
  Returning returning{block, {}};
  for (const StreamId stream : block->users_) returning.events.push_back(source_->record(stream));
  block->users_.clear();
  block->state_ = Block::State::returning;
  returning_.push_back(std::move(returning));
}

void CachingAllocator::put_back(Block* block) {
  FreeBlocks& free = block->arena_->free;
  FreeBlocks::node_type node;
  if (block->after_ && block->after_->state_ == Block::State::free) {
    node = free.extract(block->after_);
    absorb_next(block);
  }
  if (block->before_ && block->before_->state_ == Block::State::free) {
    block = block->before_;
    node = free.extract(block);
    absorb_next(block);
  }
  insert_free(block, std::move(node));
  const bool whole = !block->before_ && !block->after_;
  if (mode_ == Mode::raw && whole && !block->arena_->keeps_segments) release_segment(block);
}

void CachingAllocator::absorb_next(Block* block) {
  Block* next = block->after_;
  block->bytes_ += next->bytes_;
  block->after_ = next->after_;
  if (block->after_) block->after_->before_ = block;
  unused_.push_back(next);
}

void CachingAllocator::used_by(Block* block, StreamId stream) {
  const std::lock_guard lock(mutex_);
  std::vector<StreamId>& users = block->users_;
  if (stream != block->stream_ && std::find(users.begin(), users.end(), stream) == users.end()) users.push_back(stream);
}

void CachingAllocator::collect_returning() {
  std::erase_if(returning_, [&](Returning& returning) {
    std::erase_if(returning.events, [&](EventId event) { return source_->finished(event); });
    if (!returning.events.empty()) return false;
    put_back(returning.block);
    return true;
  });
}

void CachingAllocator::release_cached() {
  const std::lock_guard lock(mutex_);
  release_unused();
}

void CachingAllocator::release_unused() {
  collect_returning();
  const std::vector<Block*> segments(segments_.begin(), segments_.end());
  for (Block* first : segments)
    if (first->state_ == Block::State::free && !first->after_ && !first->arena_->keeps_segments) release_segment(first);
}

// Gives back the segment of `first`, which is its only block, and free.
void CachingAllocator::release_segment(Block* first) {
  first->arena_->free.erase(first);
  segments_.erase(first);
  stats_.reserved -= first->bytes_;
  source_->release(first->data_);
  unused_.push_back(first);
}

CachingAllocator::Block* CachingAllocator::new_block() {
  if (unused_.empty()) return &blocks_.emplace_back();
  Block* block = unused_.back();
  unused_.pop_back();
  *block = Block();
  return block;
}

PoolId CachingAllocator::create_pool() {
  const std::lock_guard lock(mutex_);
  return next_pool_++;
}

void CachingAllocator::destroy_pool(PoolId pool) {
  const std::lock_guard lock(mutex_);
  for (auto& [key, arena] : arenas_)
    if (key.pool == pool) arena.keeps_segments = false;
  release_unused();
}

CachingAllocator::Stats CachingAllocator::stats() const {
  const std::lock_guard lock(mutex_);
  return stats_;
}

void CachingAllocator::reset_peak() {
  const std::lock_guard lock(mutex_);
  stats_.peak = stats_.live;
}

std::vector<CachingAllocator::Live> CachingAllocator::live() const {
  const std::lock_guard lock(mutex_);
  return live_blocks();
}

std::vector<CachingAllocator::Live> CachingAllocator::live_blocks() const {
  std::map<std::pair<std::string_view, std::string_view>, size_t> sums;
  for (const Block* first : segments_)
    for (const Block* block = first; block; block = block->after_)
      if (block->state_ == Block::State::live) sums[{block->op_ ? block->op_ : "other", block->path_}] += block->bytes_;
  std::vector<Live> result;
  for (const auto& [place, bytes] : sums)
    result.push_back({std::string(place.first), std::string(place.second), bytes});
  std::stable_sort(result.begin(), result.end(), [](const Live& a, const Live& b) { return a.bytes > b.bytes; });
  return result;
}

// Names the five ops that hold most, and where each holds most: "linear 3.2 GiB (266.0 MiB in decoder.layers.0), fill
// 1.0 GiB"
std::string CachingAllocator::largest_live() const {
  struct Op {
    std::string_view name;
    size_t bytes;
    const Live* most;
  };
  const std::vector<Live> places = live_blocks();
  std::vector<Op> ops;
  for (const Live& place : places) {
    const auto op = std::find_if(ops.begin(), ops.end(), [&](const Op& o) { return o.name == place.op; });
    if (op == ops.end())
      ops.push_back({place.op, place.bytes, &place});
    else
      op->bytes += place.bytes;
  }
  std::stable_sort(ops.begin(), ops.end(), [](const Op& a, const Op& b) { return a.bytes > b.bytes; });
  std::string text;
  for (size_t i = 0; i < std::min<size_t>(ops.size(), 5); ++i) {
    text += base::format("{}{} {}", i == 0 ? "" : ", ", ops[i].name, readable(ops[i].bytes));
    if (!ops[i].most->path.empty())
      text += base::format(" ({} in {})", readable(ops[i].most->bytes), ops[i].most->path);
  }
  return text;
}

void CachingAllocator::out_of_memory(size_t bytes) const {
  const std::string largest = largest_live();
  throw base::OutOfDeviceMemory(base::format(
      "out of memory on {}: asked {}, live {}, cached {}, peak {}{}{}", device_, readable(bytes), readable(stats_.live),
      readable(stats_.cached()), readable(stats_.peak), largest.empty() ? "" : "; largest live: ", largest));
}

namespace {
constinit thread_local PoolGuard* innermost_pool = nullptr;
}

PoolGuard::PoolGuard(const CachingAllocator& allocator, PoolId pool)
    : allocator_(allocator), pool_(pool), scope_(innermost_pool, this) {}

PoolId PoolGuard::current(const CachingAllocator& allocator) {
  const PoolGuard* guard = innermost_pool;
  while (guard && &guard->allocator_ != &allocator) guard = guard->scope_.before();
  return guard ? guard->pool_ : 0;
}

}  // namespace tensor
