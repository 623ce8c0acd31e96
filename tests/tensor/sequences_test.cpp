#include "tensor/sequences.h"

#include <doctest/doctest.h>

#include <latch>
#include <thread>
#include <vector>

#include "tensor/work_count.h"
#include "tests/second_device.h"

using namespace tensor;

namespace {

Tensor tensor_of(const std::vector<int32_t>& values) { return Tensor::from({int64_t(values.size())}, values); }

}  // namespace

TEST_CASE("sequences say how many there are, their tokens and the longest") {
  for (const Sequences& packed : {Sequences::from({0, 3, 3, 10}), Sequences(tensor_of({0, 3, 3, 10}))}) {
    CHECK(packed.count() == 3);
    CHECK(packed.tokens() == 10);
    CHECK(packed.longest() == 7);
    CHECK(std::vector<int32_t>(packed.offsets().begin(), packed.offsets().end()) == std::vector<int32_t>{0, 3, 3, 10});
    CHECK(packed.tensor().to_vector<int32_t>() == std::vector<int32_t>{0, 3, 3, 10});
  }
  const Sequences none = Sequences::from({0});
  CHECK(none.count() == 0);
  CHECK(none.longest() == 0);
  CHECK(none.tiles().shape() == Shape{0, 2});
  CHECK_FALSE(Sequences().defined());
}

TEST_CASE("sequences lie on their device, and the host knows them without a wait") {
  const tests::SecondDevice second;
  const WorkCount count;
  const Sequences packed = Sequences::from({0, 3, 10}, second.device);
  packed.check("attention", "cu_q", 10);
  CHECK(packed.longest() == 7);
  CHECK(packed.tensor().device() == second.device);
  CHECK(packed.tiles().device() == second.device);
  CHECK(count.total().waits == 0);
  CHECK(Sequences(packed.tensor()).longest() == 7);
  CHECK(count.total().waits == 1);
}

TEST_CASE(
    "sequences that lie in other tensors as well are known there, and their tiles are those that came with them") {
  const tests::SecondDevice second;
  const Sequences packed = Sequences::from({0, 3, 10});
  const Tensor offsets = packed.tensor().to(second.device), tiles = packed.tiles().to(second.device);
  const WorkCount count;
  const Sequences moved = packed.at(offsets, tiles);
  moved.check("attention", "cu_q", 10);
  CHECK(moved.longest() == 7);
  CHECK(moved.tensor().storage() == offsets.storage());
  CHECK(moved.tiles().storage() == tiles.storage());
  CHECK(count.total().waits == 0);
}

TEST_CASE("sequences: offsets that are none are refused") {
  CHECK_THROWS_WITH_AS(Sequences::from({}), "sequences: there are no offsets; they should begin with 0", base::Error);
  CHECK_THROWS_WITH_AS(Sequences::from({1, 2}), "sequences: offsets begin with 1; they should begin with 0",
                       base::Error);
  CHECK_THROWS_WITH_AS(Sequences(tensor_of({0, 3, 2})), "sequences: offset 2 is 2, below 3 before it", base::Error);
  CHECK_THROWS_WITH_AS(Sequences(Tensor::zeros({2}, DType::i64)),
                       "sequences: offsets are i64 [2]; they should be i32 [n + 1]", base::Error);
}

TEST_CASE("sequences are cut into tiles, those of the longest first") {
  const Sequences packed = Sequences::from({0, 64, 64, 67, 197, 261});
  const std::vector<int32_t> expected = {3, 195, 3, 131, 3, 67, 0, 0, 4, 197, 2, 64, -1, 0, -1, 0, -1, 0};
  CHECK(packed.tiles().shape() == Shape{9, 2});
  CHECK(packed.tiles().to_vector<int32_t>() == expected);
  const Sequences copy = packed;
  CHECK(copy.tiles().storage() == packed.tiles().storage());
}

TEST_CASE("sequences of any lengths have as many tiles as their number and their tokens say") {
  const auto tiles = [](std::vector<int32_t> offsets) { return Sequences::from(std::move(offsets)).tiles().size(0); };
  CHECK(tiles({0, 1, 2, 130}) == 2 + 3);
  CHECK(tiles({0, 65, 130, 130}) == 2 + 3);
  CHECK(tiles({0, 0, 0, 191}) == 2 + 3);
  CHECK(tiles({0, 1, 2, 3, 4}) == 4);  // as many as are needed, and no more
}

TEST_CASE("sequences: threads that ask at the same time share one list of tiles") {
  const Sequences packed = Sequences::from({0, 64, 67, 197});
  std::vector<Tensor> tiles(4);
  std::latch start(4);
  std::vector<std::thread> threads;
  for (Tensor& of_thread : tiles)
    threads.emplace_back([&start, &of_thread, copy = packed] {
      start.arrive_and_wait();
      of_thread = copy.tiles();
    });
  for (std::thread& thread : threads) thread.join();
  for (const Tensor& of_thread : tiles) CHECK(of_thread.storage() == packed.tiles().storage());
}

TEST_CASE("sequences are checked against the tokens that they should cover") {
  Tensor offsets = tensor_of({0, 3});
  const Sequences packed = offsets;
  packed.check("attention", "cu_q", 3);
  CHECK_THROWS_WITH_AS(packed.check("attention", "cu_q", 2),
                       "attention: cu_q goes from 0 to 3; it should go from 0 to 2, the tokens", base::Error);
  offsets.mutable_data<int32_t>()[1] = 2;
  CHECK_THROWS_WITH_AS(packed.check("attention", "cu_q", 2),
                       "attention: cu_q was written to since the host has read it", base::Error);
}
