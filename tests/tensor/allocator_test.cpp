#include "tensor/allocator.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <random>
#include <thread>

#include "tensor/base/error.h"
#include "tensor/storage.h"
#include "tensor/trace.h"

using tensor::CachingAllocator;
using tensor::Device;
using tensor::DeviceType;
using tensor::EventId;
using tensor::PoolGuard;
using tensor::PoolId;
using tensor::Storage;
using tensor::StreamId;
using tensor::Trace;
using Block = CachingAllocator::Block;

namespace {

constexpr size_t kMiB = 1 << 20;

// Addresses that nobody touches, in rising order; events that finish when told.
struct FakeMemory : tensor::MemorySource {
  explicit FakeMemory(size_t limit) : limit(limit) {}
  std::byte* allocate(size_t bytes) override {
    ++asked;
    if (used + bytes > limit) return nullptr;
    auto* data = reinterpret_cast<std::byte*>(next);
    next += (bytes + kMiB) / kMiB * kMiB + kMiB;  // never adjacent
    segments[data] = bytes;
    used += bytes;
    return data;
  }
  void release(std::byte* data) override {
    REQUIRE(segments.count(data) == 1);
    used -= segments[data];
    segments.erase(data);
  }
  EventId record(StreamId stream) override {
    recorded.push_back(stream);
    return recorded.size();
  }
  bool finished(EventId event) override { return event <= done; }

  size_t limit;
  size_t used = 0;
  int asked = 0;
  uintptr_t next = uintptr_t(1) << 40;
  std::map<std::byte*, size_t> segments;
  std::vector<StreamId> recorded;
  EventId done = 0;
};

struct Fixture {
  explicit Fixture(size_t limit, CachingAllocator::Mode mode = CachingAllocator::Mode::caching)
      : memory(new FakeMemory(limit)),
        allocator(std::unique_ptr<tensor::MemorySource>(memory), Device{DeviceType::cuda, 0}, mode) {}
  FakeMemory* memory;
  CachingAllocator allocator;
};

// The policy once more, as plainly as possible: lists of pieces, searched from end to end.
struct NaiveModel {
  struct Piece {
    std::byte* data;
    size_t bytes;
    bool free;
  };
  struct Segment {
    StreamId stream;
    bool large;
    std::vector<Piece> pieces;
  };
  std::vector<Segment> segments;

  // Returns where the allocator must put the request; null when it must ask the device.
  std::byte* allocate(size_t bytes, StreamId stream) {
    bytes = std::max<size_t>((bytes + 511) / 512 * 512, 512);
    const bool large = bytes > kMiB;
    Segment* in = nullptr;
    size_t at = 0;
    for (Segment& segment : segments)
      for (size_t i = 0; i < segment.pieces.size(); ++i) {
        const Piece& piece = segment.pieces[i];
        if (segment.stream != stream || segment.large != large || !piece.free || piece.bytes < bytes) continue;
        if (in && std::pair(in->pieces[at].bytes, in->pieces[at].data) <= std::pair(piece.bytes, piece.data)) continue;
        in = &segment;
        at = i;
      }
    return in ? cut(*in, at, bytes) : nullptr;
  }

  std::byte* cut(Segment& segment, size_t at, size_t bytes) {
    Piece& piece = segment.pieces[at];
    const size_t rest = piece.bytes - bytes;
    piece.free = false;
    std::byte* data = piece.data;
    if (segment.large ? rest > kMiB : rest >= 512) {
      piece.bytes = bytes;
      segment.pieces.insert(segment.pieces.begin() + long(at) + 1, Piece{data + bytes, rest, true});
    }
    return data;
  }

  void add_segment(std::byte* data, size_t bytes, StreamId stream, bool large) {
    segments.push_back({stream, large, {{data, bytes, true}}});
  }

  void free(std::byte* data) {
    for (Segment& segment : segments) {
      std::vector<Piece>& pieces = segment.pieces;
      for (Piece& piece : pieces)
        if (piece.data == data) piece.free = true;
      for (size_t i = 1; i < pieces.size();) {
        if (pieces[i - 1].free && pieces[i].free) {
          pieces[i - 1].bytes += pieces[i].bytes;
          pieces.erase(pieces.begin() + long(i));
        } else {
          ++i;
        }
      }
    }
  }

  size_t live() const {
    size_t sum = 0;
    for (const Segment& segment : segments)
      for (const Piece& piece : segment.pieces) sum += piece.free ? 0 : piece.bytes;
    return sum;
  }
};

}  // namespace

TEST_CASE("allocator: random sequences choose the addresses of a naive model") {
  for (unsigned seed = 0; seed < 8; ++seed) {
    Fixture fixture(size_t(1) << 40);
    NaiveModel model;
    std::mt19937 random(seed);
    std::vector<Block*> live;
    size_t peak = 0;
    for (int step = 0; step < 3000; ++step) {
      if (live.empty() || random() % 100 < (step / 500 % 2 ? 40 : 60)) {
        const size_t kind = random() % 3, scale = kind == 0 ? 2000 : kind == 1 ? kMiB : 30 * kMiB;
        const size_t bytes = random() % scale;
        const StreamId stream = random() % 2;
        std::byte* expected = model.allocate(bytes, stream);
        const int asked = fixture.memory->asked;
        Block* block = fixture.allocator.allocate(bytes, stream);
        if (expected) {
          REQUIRE(block->data() == expected);
          REQUIRE(fixture.memory->asked == asked);
        } else {
          REQUIRE(fixture.memory->asked == asked + 1);
          const auto& [data, size] = *fixture.memory->segments.rbegin();
          const bool large = std::max<size_t>((bytes + 511) / 512 * 512, 512) > kMiB;
          REQUIRE(size == (!large                                   ? 2 * kMiB
                           : (bytes + 511) / 512 * 512 <= 10 * kMiB ? 20 * kMiB
                                                                    : (bytes + 2 * kMiB - 1) / (2 * kMiB) * 2 * kMiB));
          model.add_segment(data, size, stream, large);
          REQUIRE(block->data() == model.allocate(bytes, stream));
        }
        REQUIRE(block->bytes() >= bytes);
        REQUIRE(reinterpret_cast<uintptr_t>(block->data()) % 512 == 0);
        live.push_back(block);
      } else {
        std::swap(live[random() % live.size()], live.back());
        model.free(live.back()->data());
        fixture.allocator.free(live.back());
        live.pop_back();
      }
      peak = std::max(peak, model.live());
      const CachingAllocator::Stats stats = fixture.allocator.stats();
      REQUIRE(stats.live == model.live());
      REQUIRE(stats.peak == peak);
      REQUIRE(stats.reserved == fixture.memory->used);
      REQUIRE(stats.device_allocations == fixture.memory->asked);
    }
    std::sort(live.begin(), live.end(), [](Block* a, Block* b) { return a->data() < b->data(); });
    for (size_t i = 1; i < live.size(); ++i) REQUIRE(live[i - 1]->data() + live[i - 1]->bytes() <= live[i]->data());
    for (Block* block : live) fixture.allocator.free(block);
    fixture.allocator.release_cached();  // everything has merged back into whole segments
    CHECK(fixture.memory->used == 0);
    CHECK(fixture.allocator.stats().reserved == 0);
  }
}

TEST_CASE("allocator: 10,000 repeated steps ask the device for nothing after the third") {
  Fixture fixture(size_t(1) << 40);
  int64_t after_third = 0;
  for (int step = 0; step < 10000; ++step) {
    std::vector<Block*> blocks;
    for (size_t i = 1; i < 60; ++i) {
      blocks.push_back(fixture.allocator.allocate(i * i * 5000));
      if (i % 3 == 0) {
        fixture.allocator.free(blocks[blocks.size() / 2]);
        blocks.erase(blocks.begin() + long(blocks.size()) / 2);
      }
    }
    for (Block* block : blocks) fixture.allocator.free(block);
    if (step == 2) after_third = fixture.allocator.stats().device_allocations;
  }
  CHECK(fixture.allocator.stats().device_allocations == after_third);
}

TEST_CASE("allocator: a block used by a second stream returns when that stream has passed") {
  Fixture fixture(size_t(1) << 40);
  Block* block = fixture.allocator.allocate(1000, 1);
  std::byte* data = block->data();
  fixture.allocator.used_by(block, 1);  // its own stream needs no event
  fixture.allocator.used_by(block, 2);
  fixture.allocator.used_by(block, 3);
  fixture.allocator.used_by(block, 2);
  fixture.allocator.free(block);
  CHECK(fixture.memory->recorded == std::vector<StreamId>{2, 3});
  CHECK(fixture.allocator.stats().live == 0);
  CHECK(fixture.allocator.live().empty());
  fixture.memory->done = 1;  // stream 3 is not there yet
  Block* other = fixture.allocator.allocate(1000, 1);
  CHECK(other->data() != data);
  fixture.memory->done = 2;
  Block* again = fixture.allocator.allocate(1000, 1);
  CHECK(again->data() == data);
  fixture.allocator.free(again);
  fixture.allocator.free(other);
  CHECK(fixture.memory->recorded.size() == 2);  // the new owners had one stream
}

TEST_CASE("allocator: a private pool repeats its addresses whatever happens outside") {
  Fixture fixture(size_t(1) << 40);
  const PoolId pool = fixture.allocator.create_pool();
  const auto capture = [&] {
    const PoolGuard guard(fixture.allocator, pool);
    std::vector<Block*> blocks;
    std::vector<std::byte*> addresses;
    for (const size_t bytes : {1000, 3000000, 40, 30000000, 512}) {
      blocks.push_back(fixture.allocator.allocate(bytes));
      addresses.push_back(blocks.back()->data());
    }
    for (Block* block : blocks) fixture.allocator.free(block);
    return addresses;
  };
  Block* outside = fixture.allocator.allocate(100);
  const std::vector<std::byte*> first = capture();
  Block* later = fixture.allocator.allocate(3000000);
  CHECK(std::find(first.begin(), first.end(), later->data()) == first.end());
  fixture.allocator.free(outside);
  fixture.allocator.release_cached();
  CHECK(fixture.memory->segments.count(first[0]) == 1);  // the pool keeps what nobody uses
  CHECK(capture() == first);
  fixture.allocator.free(later);
  fixture.allocator.destroy_pool(pool);
  CHECK(fixture.memory->used == 0);
}

TEST_CASE("allocator: cached segments are given back before it gives up, and the report says what is live") {
  Fixture fixture(64 * kMiB);
  Block *attention, *norm, *untraced;
  {
    tensor::TracePath model("model"), layer("layers.0");
    Trace scope("attention");
    attention = fixture.allocator.allocate(16 * kMiB);
  }
  {
    Trace scope("layer_norm");
    norm = fixture.allocator.allocate(kMiB + 1);
  }
  untraced = fixture.allocator.allocate(1);
  Block* gone = fixture.allocator.allocate(24 * kMiB);
  fixture.allocator.free(gone);
  CHECK(fixture.allocator.stats().device_allocations == 4);
  Block* block = fixture.allocator.allocate(26 * kMiB);  // only fits when the 24 MiB are given back
  CHECK(fixture.memory->used == 64 * kMiB);
  fixture.allocator.free(block);
  const std::string report =
      "out of memory on cuda:0: asked 30.0 MiB, live 17.0 MiB, cached 21.0 MiB, peak 43.0 MiB; largest live: "
      "attention 16.0 MiB (16.0 MiB in model.layers.0), layer_norm 1.0 MiB, other 512 B";
  CHECK_THROWS_WITH_AS(fixture.allocator.allocate(30 * kMiB), report.c_str(), base::OutOfDeviceMemory);
  CHECK_THROWS_AS(fixture.allocator.allocate(SIZE_MAX), base::OutOfMemory);
  const auto live = fixture.allocator.live();
  REQUIRE(live.size() == 3);
  CHECK(live[0].op == "attention");
  CHECK(live[0].path == "model.layers.0");
  CHECK(live[0].bytes == 16 * kMiB);
  CHECK(live[1].path.empty());
  CHECK(live[2].op == "other");
  fixture.allocator.reset_peak();
  CHECK(fixture.allocator.stats().peak == fixture.allocator.stats().live);
  for (Block* held : {attention, norm, untraced}) fixture.allocator.free(held);
}

TEST_CASE("allocator: raw blocks come from the device with their exact size and go back at once") {
  Fixture fixture(size_t(1) << 40, CachingAllocator::Mode::raw);
  Block* block = fixture.allocator.allocate(1001, 1);
  CHECK(fixture.memory->segments.at(block->data()) == 1001);
  fixture.allocator.used_by(block, 2);
  fixture.allocator.free(block);
  CHECK(fixture.memory->used == 1001);  // stream 2 still uses it
  fixture.memory->done = 1;
  block = fixture.allocator.allocate(0, 1);
  CHECK(fixture.memory->used == 1);
  fixture.allocator.free(block);
  CHECK(fixture.memory->used == 0);
}

TEST_CASE("allocator: a private pool keeps raw blocks until it is destroyed") {
  Fixture fixture(size_t(1) << 40, CachingAllocator::Mode::raw);
  const PoolId pool = fixture.allocator.create_pool();
  Block *small, *large;
  {
    const PoolGuard guard(fixture.allocator, pool);
    fixture.allocator.free(fixture.allocator.allocate(5000));
    CHECK(fixture.memory->used == 5000);
    small = fixture.allocator.allocate(1000);  // a part of it
    large = fixture.allocator.allocate(9000);
    CHECK(fixture.memory->used == 14000);
  }
  fixture.allocator.destroy_pool(pool);
  fixture.allocator.free(large);
  CHECK(fixture.memory->used == 5000);
  fixture.allocator.free(small);
  CHECK(fixture.memory->used == 0);
}

TEST_CASE("allocator: threads share it and never the same bytes") {
  CachingAllocator allocator(std::make_unique<tensor::AlignedHost>(), Device{});
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int id = 1; id <= 4; ++id)
    threads.emplace_back([&, id] {
      std::mt19937 random{unsigned(id)};
      std::vector<Block*> live;
      for (int step = 0; step < 2000; ++step) {
        if (live.size() < 10) {
          Block* block = allocator.allocate(random() % 5000);
          std::memset(block->data(), id, block->bytes());
          live.push_back(block);
        } else {
          std::swap(live[random() % 10], live.back());
          const std::byte* data = live.back()->data();
          wrong +=
              int(std::count_if(data, data + live.back()->bytes(), [&](std::byte b) { return b != std::byte(id); }));
          allocator.free(live.back());
          live.pop_back();
        }
      }
      for (Block* block : live) allocator.free(block);
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(allocator.stats().live == 0);
}

TEST_CASE("storage: memory is aligned, counted under the op that asked, and returned") {
  const size_t before = tensor::host_allocator().stats().live;
  {
    Trace scope("storage test");
    const auto storage = Storage::allocate(1000, Device{});
    CHECK(reinterpret_cast<uintptr_t>(storage->data()) % 64 == 0);
    CHECK(storage->bytes() == 1000);
    CHECK(tensor::host_allocator().stats().live >= before + 1000);
    const auto live = tensor::host_allocator().live();
    CHECK(std::any_of(live.begin(), live.end(), [](const auto& l) { return l.op == "storage test"; }));
  }
  CHECK(tensor::host_allocator().stats().live == before);
}
