#include "tensor/parcel.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <string_view>

#include "tensor/base/error.h"
#include "tensor/runtime.h"
#include "tensor/work_count.h"
#include "tests/second_device.h"

using namespace tensor;

namespace {

std::vector<Tensor> three() {
  const Tensor square = Tensor::from({2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6});
  return {Tensor::from({5}, std::vector<int32_t>{7, 8, 9, 10, 11}), Tensor::zeros({0, 2}, DType::i32),
          square.transpose(0, 1)};
}

}  // namespace

TEST_CASE("a parcel brings tensors of any dtype, row-major, by one copy and without a wait") {
  const tests::SecondDevice second;
  for (const Device device : {Device{}, second.device}) {
    const std::vector<Tensor> sent = three();
    const WorkCount count;
    const Parcel parcel(sent, device);
    CHECK(count.by_op()["parcel"].copies == 1);
    CHECK(count.total().copies == 1);
    CHECK(count.total().waits == 0);
    REQUIRE(parcel.tensors().size() == 3);
    CHECK(parcel.tensors()[0].to_vector<int32_t>() == std::vector<int32_t>{7, 8, 9, 10, 11});
    CHECK(parcel.tensors()[1].shape() == Shape{0, 2});
    CHECK(parcel.tensors()[2].to_vector<float>() == std::vector<float>{1, 4, 2, 5, 3, 6});
    for (const Tensor& x : parcel.tensors()) {
      CHECK(x.device() == device);
      CHECK(x.storage() == parcel.tensors()[0].storage());
      CHECK(reinterpret_cast<uintptr_t>(x.bytes_data()) % 64 == 0);
    }
  }
  CHECK(Parcel({}, second.device).tensors().empty());
}

TEST_CASE("a parcel is packed from the host's tensors alone") {
  const tests::SecondDevice second;
  const std::vector<Tensor> there = {Tensor::zeros({2}, DType::f32, second.device)};
  CHECK_THROWS_WITH_AS(Parcel(there, second.device), "parcel: a tensor [2] is on cuda:0; it should be on the host",
                       base::Error);
}

TEST_CASE("the pinned memory of a parcel is given out again when its copy is done, and not before") {
  const char* const kind = std::getenv("KILM_ALLOCATOR");
  if (kind && kind == std::string_view("raw")) {
    MESSAGE("not run: without a cache nothing is kept to be given out again");
    return;
  }
  tests::SecondDevice second;
  const CachingAllocator& allocator = pinned_allocator_of(second.device);
  const Parcel first(three(), second.device);
  second.hold_events(true);
  const Parcel parcel(three(), second.device);
  const int64_t before = allocator.stats().device_allocations;
  const std::byte* const waiting = Storage::allocate_pinned(2 << 20, second.device)->data();
  CHECK(Storage::allocate_pinned(2 << 20, second.device)->data() == waiting);  // nobody copies from it
  {
    const auto pinned = Storage::allocate_pinned(2 << 20, second.device);
    CHECK(pinned->data() == waiting);
    pinned->used_by(0);
  }
  CHECK(Storage::allocate_pinned(2 << 20, second.device)->data() != waiting);
  second.hold_events(false);
  CHECK(allocator.stats().device_allocations > before);
}

TEST_CASE("a parcel takes the numbers of another one by one copy, and its clone is another") {
  const tests::SecondDevice second;
  const Parcel first(three(), second.device);
  std::vector<Tensor> others = three();
  others[0] = Tensor::from({5}, std::vector<int32_t>{1, 2, 3, 4, 5});
  const WorkCount count;
  Parcel clone = first.clone();
  clone.copy_from(Parcel(others, second.device));
  CHECK(count.total().copies == 3);
  CHECK(clone.tensors()[0].to_vector<int32_t>() == std::vector<int32_t>{1, 2, 3, 4, 5});
  CHECK(clone.tensors()[2].to_vector<float>() == std::vector<float>{1, 4, 2, 5, 3, 6});
  CHECK(first.tensors()[0].to_vector<int32_t>() == std::vector<int32_t>{7, 8, 9, 10, 11});
  others.pop_back();
  CHECK_THROWS_WITH_AS(
      clone.copy_from(Parcel(others, second.device)),
      "parcel: tensors that are copied should have the shapes, dtypes and device of those that are replaced",
      base::Error);
}
