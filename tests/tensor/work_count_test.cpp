#include "tensor/work_count.h"

#include <doctest/doctest.h>

#include <thread>

#include "tensor/ops/elementwise.h"
#include "tensor/trace.h"
#include "tests/second_device.h"

using namespace tensor;

namespace {

bool is(const Work& work, int64_t launches, int64_t copies, int64_t waits) {
  return work.launches == launches && work.copies == copies && work.waits == waits;
}

}  // namespace

TEST_CASE("each number that the host reads is a wait, on the CPU too") {
  Tensor x = Tensor::full({2, 3}, 1);
  const WorkCount count;
  x.to_vector<float>();
  CHECK(is(count.total(), 0, 0, 1));
  x.narrow(0, 0, 1).narrow(1, 0, 1).item();
  CHECK(is(count.total(), 0, 0, 2));
  x.to_string();
  CHECK(is(count.total(), 0, 0, 3));
  x.to(Device{});  // nothing is read
  CHECK(is(count.total(), 0, 0, 3));
  x.transpose(0, 1).to_vector<float>();
  CHECK(is(count.total(), 1, 0, 4));
}

TEST_CASE("work is counted by the op that asks for it, and forgotten on demand") {
  const Tensor x = Tensor::full({2}, 1);
  WorkCount count;
  add(x, x);
  add(x, x);
  {
    const Trace trace("reader");
    x.to_vector<float>();
  }
  x.to_vector<float>();
  auto by_op = count.by_op();
  CHECK(by_op.size() == 3);
  CHECK(is(by_op["add"], 2, 0, 0));
  CHECK(is(by_op["reader"], 0, 0, 1));
  CHECK(is(by_op["other"], 0, 0, 1));
  CHECK(is(count.total(), 2, 0, 2));
  count.reset();
  CHECK(count.by_op().empty());
  add(x, x);
  CHECK(is(count.total(), 1, 0, 0));
}

TEST_CASE("each count that lives sees the work of all threads") {
  const Tensor x = Tensor::full({2}, 1);
  const WorkCount outer;
  add(x, x);
  {
    const WorkCount inner;
    std::thread([&] { add(x, x); }).join();
    CHECK(inner.total().launches == 1);
  }
  add(x, x);
  CHECK(outer.total().launches == 3);
}

TEST_CASE("a copy to a device is no wait, one from it is") {
  const tests::SecondDevice second;
  const Tensor x = Tensor::full({2}, 1);
  const WorkCount count;
  const Tensor y = x.to(second.device);
  CHECK(is(count.total(), 0, 1, 0));
  CHECK(y.to(Device{}).data<float>()[0] == 1);
  CHECK(is(count.total(), 0, 2, 1));
  {
    const Trace trace("reader");
    CHECK(y.narrow(0, 0, 1).item() == 1);
  }
  CHECK(is(count.by_op()["reader"], 0, 1, 1));
}
