#include "tensor/tensor.h"

#include <doctest/doctest.h>

#include <numeric>

#include "tests/second_device.h"

using namespace tensor;

namespace {

// Returns 0, 1, 2, ... in row-major order.
Tensor counting(const Shape& shape) {
  std::vector<float> values(static_cast<size_t>(shape.numel()));
  std::iota(values.begin(), values.end(), 0.0f);
  return Tensor::from(shape, values);
}

std::vector<float> numbers(const Tensor& x) { return x.to_vector<float>(); }

}  // namespace

TEST_CASE("views share their numbers with what they are views of") {
  Tensor x = counting({2, 3, 4});
  CHECK(numbers(x.narrow(1, 1, 1)) == std::vector<float>{4, 5, 6, 7, 16, 17, 18, 19});
  CHECK(x.transpose(0, 2).shape() == Shape{4, 3, 2});
  CHECK(numbers(x.transpose(0, 2).narrow(0, 3, 1)) == std::vector<float>{3, 15, 7, 19, 11, 23});
  CHECK(x.narrow(0, 1, 1).squeeze(0).shape() == Shape{3, 4});
  CHECK(x.select(1, 2).shape() == Shape{2, 4});
  CHECK(numbers(x.select(1, 2)) == std::vector<float>{8, 9, 10, 11, 20, 21, 22, 23});
  CHECK(numbers(x.select(-1, 0)) == std::vector<float>{0, 4, 8, 12, 16, 20});
  CHECK(x.unsqueeze(3).shape() == Shape{2, 3, 4, 1});
  CHECK(x.unsqueeze(-1).shape() == Shape{2, 3, 4, 1});
  CHECK(x.rows().shape() == Shape{6, 4});
  CHECK(x.narrow(0, 0, 1).expand({5, 3, 4}).stride(0) == 0);
  Tensor column = x.narrow(2, 0, 1);
  column.fill(-1);
  CHECK(numbers(x.narrow(0, 0, 1)) == std::vector<float>{-1, 1, 2, 3, -1, 5, 6, 7, -1, 9, 10, 11});
  for (const Tensor& view :
       {x.transpose(0, 1), x.narrow(0, 1, 1), x.select(2, 1), x.reshape({6, 4}), x.expand({2, 2, 3, 4})})
    CHECK(view.storage() == x.storage());
}

TEST_CASE("contiguous and reshape copy only where the strides ask for it") {
  const Tensor x = counting({2, 3});
  CHECK(x.contiguous().storage() == x.storage());
  CHECK(x.reshape({3, -1}).storage() == x.storage());
  CHECK(x.clone().storage() != x.storage());
  const Tensor t = x.transpose(0, 1);
  CHECK_FALSE(t.is_contiguous());
  CHECK(t.contiguous().storage() != x.storage());
  CHECK(numbers(t.reshape({-1})) == std::vector<float>{0, 3, 1, 4, 2, 5});
  CHECK(x.cast(DType::f32).storage() == x.storage());
  CHECK(x.cast(DType::f64).storage() != x.storage());
}

TEST_CASE("scalars and empty tensors are tensors") {
  const Tensor scalar = Tensor::full({}, 2.5);
  CHECK(scalar.rank() == 0);
  CHECK(scalar.item() == 2.5);
  const Tensor none = Tensor::zeros({0, 3});
  CHECK(none.numel() == 0);
  CHECK(none.to_vector<float>().empty());
  CHECK(none.transpose(0, 1).contiguous().shape() == Shape{3, 0});
  CHECK_FALSE(Tensor().defined());
}

TEST_CASE("a tensor prints its dtype, shape, device and first numbers") {
  CHECK(counting({2, 2}).to_string() == "f32 [2, 2] cpu: 0 1 2 3");
  CHECK(counting({3, 3}).to_string() == "f32 [3, 3] cpu: 0 1 2 3 4 5 6 7 ...");
  CHECK(Tensor().to_string() == "undefined");
}

TEST_CASE("what does not fit is refused with shapes") {
  const Tensor x = counting({2, 3});
  CHECK_THROWS_WITH_AS(x.narrow(1, 2, 2), "narrow: 2 from 2 is outside of dimension 1 of [2, 3]", base::Error);
  CHECK_THROWS_AS(x.narrow(1, -1, 2), base::Error);
  CHECK_THROWS_AS(x.select(1, 3), base::Error);
  CHECK_THROWS_WITH_AS(x.reshape({4, 2}), "reshape: [2, 3] has 6 elements and cannot become [4, 2]", base::Error);
  CHECK_THROWS_WITH_AS(x.reshape({-1, -1}), "reshape: [-1, -1] has more than one -1", base::Error);
  CHECK_THROWS_AS(x.reshape({4, -1}), base::Error);
  CHECK_THROWS_WITH_AS(x.expand({2, 4}), "broadcast: [2, 3] and [2, 4] do not fit: dimension -1 is 3 and 4",
                       base::Error);
  CHECK_THROWS_WITH_AS(x.expand({3}), "expand: [2, 3] does not broadcast to [3]", base::Error);
  CHECK_THROWS_WITH_AS(x.squeeze(0), "squeeze: dimension 0 of [2, 3] is not 1", base::Error);
  CHECK_THROWS_WITH_AS(x.item(), "item: [2, 3] has 6 elements, not one", base::Error);
  CHECK_THROWS_WITH_AS(x.data<double>(), "tensor: a f32 tensor is accessed as f64", base::Error);
  CHECK_THROWS_WITH_AS(Tensor().data<float>(), "tensor: data of an undefined tensor", base::Error);
  CHECK_THROWS_WITH_AS(x.clone().copy_from(counting({3, 2})), "copy: [3, 2] cannot be copied into [2, 3]", base::Error);
  CHECK_THROWS_WITH_AS(Tensor::from({2}, std::vector<float>{1, 2, 3}), "tensor: 3 values do not fill a shape of 2",
                       base::Error);
  CHECK_THROWS_WITH_AS(Tensor::full({}, 1).rows(), "rows: a scalar has no rows", base::Error);
  CHECK_THROWS_WITH_AS(x.to({DeviceType::cuda, 0}),
                       "this program was built without CUDA; configure with -DKILM_CUDA=ON", base::UsageError);
  CHECK_THROWS_AS(Tensor::empty({int64_t(1) << 62, 2}), base::Error);
}

TEST_CASE("to brings numbers of any dtype and strides to another device and back") {
  const tests::SecondDevice second;
  for (const DType dtype : {DType::f32, DType::f64, DType::bf16, DType::f16, DType::i32, DType::i64, DType::u8}) {
    const Tensor x = counting({2, 3}).cast(dtype);
    const Tensor there = x.transpose(0, 1).to(second.device);
    CHECK(there.device() == second.device);
    CHECK(there.dtype() == dtype);
    CHECK(there.shape() == Shape{3, 2});
    CHECK(there.to(second.device).storage() == there.storage());
    const Tensor back = there.transpose(0, 1).to(Device{}), between = there.to(second.other).to(Device{});
    CHECK(back.to_string() == x.to_string());
    CHECK(between.cast(DType::f32).to_vector<float>() == std::vector<float>{0, 3, 1, 4, 2, 5});
  }
  CHECK(Tensor::zeros({0, 3}).to(second.device).to(Device{}).shape() == Shape{0, 3});
}

TEST_CASE("numbers of another device are read where they are") {
  const tests::SecondDevice second;
  const Tensor x = Tensor::from({2, 2}, std::vector<int32_t>{5, 6, 7, 8}, second.device);
  CHECK(x.device() == second.device);
  CHECK(x.to_vector<int32_t>() == std::vector<int32_t>{5, 6, 7, 8});
  CHECK(x.transpose(0, 1).to_vector<int32_t>() == std::vector<int32_t>{5, 7, 6, 8});
  CHECK(x.select(1, 1).narrow(0, 1, 1).item() == 8);
  CHECK(x.to_string() == "i32 [2, 2] cuda:0: 5 6 7 8");
  CHECK(Tensor::full({}, 1.5, DType::bf16, second.device).item() == 1.5);
  CHECK_THROWS_WITH_AS(x.to_vector<float>(), "tensor: a i32 tensor is accessed as f32", base::Error);
}

TEST_CASE("copy_from takes numbers from another device, of any dtype and strides") {
  const tests::SecondDevice second;
  const Tensor x = counting({2, 3}), there = x.to(second.device);
  for (const Device to : {Device{}, second.device, second.other})
    for (const Tensor& from : {x, there})
      for (const DType dtype : {DType::f32, DType::f64}) {
        Tensor whole = Tensor::full({2, 6}, -1, dtype, to), dense = Tensor::empty({2, 3}, dtype, to);
        Tensor part = whole.narrow(1, 2, 3);
        const uint32_t version = dense.version();
        part.copy_from(from);
        dense.copy_from(from);
        CHECK(dense.version() > version);
        const auto numbers = [](const Tensor& y) { return y.to(Device{}).cast(DType::f32).to_vector<float>(); };
        CHECK(numbers(dense) == std::vector<float>{0, 1, 2, 3, 4, 5});
        CHECK(numbers(whole) == std::vector<float>{-1, -1, 0, 1, 2, -1, -1, -1, 3, 4, 5, -1});
      }
}

TEST_CASE("tensors are read back together with one wait") {
  const tests::SecondDevice second;
  for (const Device device : {Device{}, second.device}) {
    const Tensor x = counting({2, 3}).to(device), y = Tensor::full({2}, 7, DType::i32, device);
    const WorkCount count;
    const std::vector<Tensor> read = read_back({x.transpose(0, 1), y, Tensor::empty({0}, DType::f32, device)});
    CHECK(count.total().waits == 1);
    CHECK(numbers(read[0]) == std::vector<float>{0, 3, 1, 4, 2, 5});
    CHECK(read[1].to_vector<int32_t>() == std::vector<int32_t>{7, 7});
    CHECK(read[2].numel() == 0);
    for (const Tensor& t : read) CHECK(t.device() == Device{});
  }
  const Tensor x = counting({2});
  CHECK_THROWS_WITH_AS(read_back({x, x.to(second.device)}),
                       "read_back: [2] on cpu and [2] on cuda:0 should be on one device", base::Error);
}
