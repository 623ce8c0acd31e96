#include "tensor/storage.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <string_view>

#include "tensor/ops/elementwise.h"
#include "tensor/runtime.h"
#include "tensor/tensor.h"
#include "tests/second_device.h"

using namespace tensor;

TEST_CASE("the deleter runs once, when the last user is gone, and a slice is a user") {
  std::byte bytes[64];
  int released = 0;
  auto whole = std::make_shared<Storage>(bytes, sizeof bytes, Device{}, [&] { ++released; });
  auto slice = std::make_shared<Storage>(whole, 16, 32);
  CHECK(slice->data() == bytes + 16);
  CHECK(slice->bytes() == 32);
  auto slice_of_slice = std::make_shared<Storage>(slice, 8, 8);
  whole.reset();
  slice.reset();
  CHECK(released == 0);
  slice_of_slice.reset();
  CHECK(released == 1);
}

TEST_CASE("a slice outside of its parent is refused") {
  std::byte bytes[64];
  auto whole = std::make_shared<Storage>(bytes, sizeof bytes, Device{}, nullptr);
  CHECK_THROWS_WITH_AS(Storage(whole, 40, 32), "storage: slice of 32 bytes at 40 is outside of 64 bytes", base::Error);
  CHECK_THROWS_AS(Storage(whole, size_t(-16), 32), base::Error);
}

TEST_CASE("slices share one version, so a write through one is seen by all") {
  std::byte bytes[64];
  auto whole = std::make_shared<Storage>(bytes, sizeof bytes, Device{}, nullptr);
  auto a = std::make_shared<Storage>(whole, 0, 32), b = std::make_shared<Storage>(whole, 32, 32);
  const uint32_t before = b->version();
  a->raise_version();
  CHECK(b->version() == before + 1);
  CHECK(whole->version() == before + 1);
}

TEST_CASE("writing raises the version, reading does not") {
  Tensor x = Tensor::zeros({4});
  uint32_t version = x.version();
  const auto rose = [&] {
    const bool result = x.version() > version;
    version = x.version();
    return result;
  };
  CHECK(x.data<float>()[0] == 0);
  CHECK(x.to_vector<float>().size() == 4);
  CHECK_FALSE(rose());
  x.mutable_data<float>()[1] = 2;
  CHECK(rose());
  x.fill(3);
  CHECK(rose());
  x.copy_from(Tensor::full({4}, 5));
  CHECK(rose());
  Tensor view = x.narrow(0, 1, 2);
  view.fill(7);
  CHECK(rose());
  CHECK(x.to_vector<float>() == std::vector<float>{5, 7, 7, 5});
}

TEST_CASE("memory is aligned for the widest vectors") {
  for (const size_t bytes : {1, 64, 1000, 3000000})
    CHECK(reinterpret_cast<uintptr_t>(Storage::allocate(bytes, {})->data()) % 64 == 0);
}

TEST_CASE("a device that this build has no memory of is refused") {
  CHECK_THROWS_WITH_AS(Storage::allocate(4, {DeviceType::cuda, 0}),
                       "this program was built without CUDA; configure with -DKILM_CUDA=ON", base::UsageError);
}

TEST_CASE("memory that another stream uses is given out again when that stream is done with it") {
  tests::SecondDevice second;
  const Device device = second.device;
  const Stream stream(device);
  const auto memory_after = [&](auto use) {
    Tensor x = Tensor::full({100}, 1, DType::f32, device);
    const std::byte* data = x.bytes_data();
    use(x);
    x = Tensor();
    const bool again = Tensor::empty({100}, DType::f32, device).bytes_data() == data;
    second.hold_events(false);
    Tensor::empty({100}, DType::f32, device);  // takes back what was held
    second.hold_events(true);
    return again;
  };
  second.hold_events(true);
  CHECK(memory_after([](const Tensor&) {}));
  CHECK(memory_after([](const Tensor& x) { add(x, x); }));
  const auto elsewhere = [&](auto use) {
    return [&, use](const Tensor& x) {
      const StreamGuard guard(device, stream.id());
      use(x);
    };
  };
  CHECK_FALSE(memory_after(elsewhere([](const Tensor& x) { add(x, x); })));
  CHECK_FALSE(memory_after(elsewhere([](const Tensor& x) { x.to_vector<float>(); })));
  CHECK_FALSE(memory_after(elsewhere([](Tensor x) { x.copy_from(Tensor::zeros({100})); })));
  CHECK_FALSE(memory_after(elsewhere([](const Tensor& x) {
    const auto part = std::make_shared<Storage>(x.storage(), 0, 64);  // of which a slice is used
    Tensor(part, 0, {16}, row_major(Shape{16}), DType::f32).fill(0);
  })));
  CHECK_FALSE(memory_after(elsewhere([&](const Tensor& x) { x.storage()->used_by(stream.id()); })));
}

TEST_CASE("memory belongs to the stream that it was allocated for") {
  const char* const allocator = std::getenv("KILM_ALLOCATOR");
  if (allocator && allocator == std::string_view("raw")) {
    MESSAGE("not run: without a cache the device may give freed memory out again at once");
    return;
  }
  const tests::SecondDevice second;
  const Stream stream(second.device);
  const std::byte* data = Tensor::empty({100}, DType::f32, second.device).bytes_data();
  const StreamGuard guard(second.device, stream.id());
  CHECK(Tensor::empty({100}, DType::f32, second.device).bytes_data() != data);
}
