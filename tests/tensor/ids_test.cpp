#include "tensor/ids.h"

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

TEST_CASE("ids are checked against a bound, and the first outside of it is named") {
  for (const Ids& ids : {Ids(tensor_of({0, 4, 2})), Ids::from(std::vector<int32_t>{0, 4, 2})}) {
    ids.check("embedding", 5);
    CHECK_THROWS_WITH_AS(ids.check("embedding", 4), "embedding: id 4 at position 1 is outside of [0, 4)", base::Error);
    CHECK_THROWS_WITH_AS(ids.check("pick", 0), "pick: id 0 at position 0 is outside of [0, 0)", base::Error);
  }
  const Ids negative = Ids::from({2, 2}, std::vector<int32_t>{3, 2, -1, 9});
  CHECK_THROWS_WITH_AS(negative.check("embedding", 5), "embedding: id -1 at position 2 is outside of [0, 5)",
                       base::Error);
  Ids(tensor_of({})).check("embedding", 0);
  Ids::from(std::vector<int32_t>{}).check("embedding", 0);
  CHECK_THROWS_WITH_AS(Ids(Tensor::zeros({2}, DType::i64)).check("pick", 5), "pick: ids are i64; they should be i32",
                       base::Error);
}

TEST_CASE("ids as targets may be negative, but no target is above the bound") {
  const Ids targets = Ids::from(std::vector<int32_t>{-100, 4, -1});
  targets.check_targets("loss", 5);
  CHECK_THROWS_WITH_AS(targets.check_targets("loss", 4), "loss: target 4 at position 1 is outside of [0, 4)",
                       base::Error);
  CHECK_THROWS_WITH_AS(Ids(Tensor::zeros({2}, DType::i64)).check_targets("loss", 5),
                       "loss: targets are i64; they should be i32", base::Error);
}

TEST_CASE("ids are read once for all copies, and again when they were written to") {
  Tensor x = tensor_of({0, 4, 2});
  const WorkCount count;
  const Ids ids = x, copy = ids;
  CHECK(count.total().waits == 0);
  ids.check("embedding", 5);
  copy.check_targets("loss", 9);
  CHECK(count.total().waits == 1);
  x.mutable_data<int32_t>()[0] = 99;
  CHECK_THROWS_WITH_AS(ids.check("embedding", 5), "embedding: id 99 at position 0 is outside of [0, 5)", base::Error);
  copy.check("embedding", 100);
}

TEST_CASE("ids that lie in another tensor as well are known there, and their order is the one that came with them") {
  const tests::SecondDevice second;
  const Ids ids = Ids::from(std::vector<int32_t>{5, 1, 3});
  const Tensor there = ids.tensor().to(second.device), order = ids.order().to(second.device);
  const WorkCount count;
  const Ids moved = ids.at(there, order), without = ids.at(there);
  moved.check("embedding", 6);
  CHECK(moved.tensor().storage() == there.storage());
  CHECK(moved.order().storage() == order.storage());
  CHECK(without.order().storage() != order.storage());
  CHECK(count.total().waits == 0);
  CHECK(without.order().to_vector<int32_t>() == std::vector<int32_t>{1, 2, 0});
  CHECK_THROWS_WITH_AS(ids.at(Tensor::zeros({2}, DType::i32)), "ids: i32 [3] cannot lie in i32 [2]", base::Error);
}

TEST_CASE("ids from the host are known without a look at the tensor") {
  const tests::SecondDevice second;
  for (const Device device : {Device{}, second.device}) {
    const WorkCount count;
    const Ids ids = Ids::from({3, 1}, std::vector<int32_t>{0, 4, 2}, device);
    CHECK(ids.shape() == Shape{3, 1});
    CHECK(ids.count() == 3);
    CHECK(ids.flat().shape() == Shape{3});
    ids.check("embedding", 5);
    const Tensor order = ids.order();
    CHECK(count.total().waits == 0);
    CHECK(order.to_vector<int32_t>() == std::vector<int32_t>{0, 2, 1});
    CHECK_THROWS_WITH_AS(ids.check("embedding", 4), "embedding: id 4 at position 1 is outside of [0, 4)", base::Error);
  }
}

TEST_CASE("ids are sorted once for all copies, and again when they were written to") {
  const Ids ids = Ids::from({2, 3}, std::vector<int32_t>{2, 0, 2, 1, 0, 0}), copy = ids;
  const Tensor order = ids.order();
  CHECK(order.to_vector<int32_t>() == std::vector<int32_t>{1, 4, 5, 3, 0, 2});
  CHECK(copy.order().storage() == order.storage());
  Tensor x = ids.tensor();
  x.mutable_data<int32_t>()[1] = 3;
  CHECK(copy.order().to_vector<int32_t>() == std::vector<int32_t>{4, 5, 3, 0, 2, 1});
  CHECK(ids.order().storage() == copy.order().storage());
}

TEST_CASE("ids: threads that ask at the same time share one order") {
  const Ids ids = Tensor::from({6}, std::vector<int32_t>{2, 0, 2, 1, 0, 0});
  std::vector<Tensor> orders(4);
  std::latch start(4);
  std::vector<std::thread> threads;
  for (Tensor& order : orders)
    threads.emplace_back([&start, &order, copy = ids] {
      start.arrive_and_wait();
      copy.check("embedding", 3);
      order = copy.order();
    });
  for (std::thread& thread : threads) thread.join();
  for (const Tensor& order : orders) CHECK(order.storage() == ids.order().storage());
}

TEST_CASE("ids may be a view with gaps") {
  const Tensor column = Tensor::from({3, 2}, std::vector<int32_t>{2, 99, 0, 99, 1, 99}).select(1, 0);
  const Ids ids = column;
  ids.check("embedding", 3);
  CHECK(ids.flat().to_vector<int32_t>() == std::vector<int32_t>{2, 0, 1});
  CHECK(ids.order().to_vector<int32_t>() == std::vector<int32_t>{1, 2, 0});
  CHECK_FALSE(Ids().defined());
  CHECK_FALSE(Ids(Tensor()).defined());
}
