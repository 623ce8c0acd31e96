#include "tensor/launch.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tensor/base/device_failure.h"
#include "tensor/ops/elementwise.h"
#include "tensor/ops/matmul.h"
#include "tensor/ops/reduce.h"

using namespace tensor;

namespace {

constexpr Device kCuda{DeviceType::cuda, 0};

// Returns memory of the host that says it lies on a CUDA device.
std::shared_ptr<Storage> pretended(size_t bytes, Device) {
  auto block = std::make_shared<std::vector<double>>(bytes / sizeof(double) + 1);
  std::byte* data = reinterpret_cast<std::byte*>(block->data());
  return std::make_shared<Storage>(data, bytes, kCuda, [block] {});
}

Tensor on_cuda(const Shape& shape) {
  return Tensor(pretended(size_t(shape.numel()) * 4, kCuda), 0, shape, row_major(shape), DType::f32);
}

// A backend with three kernels of one family, of which unary fails, in the place of CUDA's while it lives.
struct StandIn {
  StandIn() {
    set_storage_source(pretended);
    register_backend(DeviceType::cuda, []() -> const Backend& { return backend; });
  }
  ~StandIn() {
    register_backend(DeviceType::cuda, nullptr);
    set_storage_source(nullptr);
  }

  static void fill(Tensor& y, double value) {
    for (int64_t i = 0; i < y.numel(); ++i) y.mutable_data<float>()[i] = float(value) + 100;
  }
  static void affine(Tensor& y, const Tensor& x, double scale, double shift) {
    for (int64_t i = 0; i < y.numel(); ++i) y.mutable_data<float>()[i] = float(scale + shift) + x.data<float>()[i];
  }

  static void unary(Unary, Tensor&, const Tensor&) { throw base::DeviceFailure("cuda:0: it failed"); }

  static constexpr ElementwiseKernels elementwise{.fill = fill, .unary = unary, .affine = affine};
  static constexpr Backend backend{.name = "stand-in", .elementwise = &elementwise};
};

std::vector<float> values(const Tensor& x) { return {x.data<float>(), x.data<float>() + x.numel()}; }

}  // namespace

TEST_CASE("an op runs the kernels of the backend that is registered for its device") {
  const StandIn cuda;
  const Tensor x = Tensor::full({2}, 1, DType::f32, kCuda);
  CHECK(values(x) == std::vector<float>{101, 101});
  const Tensor y = affine(x, 10, 20);
  CHECK(y.device() == kCuda);
  CHECK(values(y) == std::vector<float>{131, 131});
}

TEST_CASE("a kernel or a family that the backend lacks is named") {
  const StandIn cuda;
  Tensor x = on_cuda({2});
  CHECK_THROWS_WITH_AS(accumulate_(x, x), "accumulate: no cuda:0 kernel in this build", base::Error);
  CHECK_THROWS_WITH_AS(x.clone(), "copy: no cuda:0 kernel in this build", base::Error);
  CHECK_THROWS_WITH_AS(x.copy_from(x), "copy: no cuda:0 kernel in this build", base::Error);
  CHECK_THROWS_WITH_AS(square_norm(x), "square_norm: no cuda:0 kernel in this build", base::Error);
}

TEST_CASE("a device that fails is told with the op, its shapes, and the place in the model") {
  const StandIn cuda;
  const TracePath place("encoder.layers.3");
  const Tensor x = Tensor::full({2, 3}, 1, DType::f32, kCuda);
  CHECK_THROWS_WITH_AS(unary(Unary::relu, x), "relu of f32 [2, 3], f32 [2, 3] in encoder.layers.3: cuda:0: it failed",
                       base::DeviceFailure);
}

TEST_CASE("the tensors of a call are on one device") {
  Tensor x = Tensor::zeros({2, 3}), y = on_cuda({2, 3}), row = on_cuda({3}), product = on_cuda({2, 2});
  CHECK_THROWS_WITH_AS(add(x, row), "add: [2, 3] on cpu and [3] on cuda:0 should be on one device", base::Error);
  CHECK_THROWS_WITH_AS(accumulate_(x, y), "accumulate: [2, 3] on cpu and [2, 3] on cuda:0 should be on one device",
                       base::Error);
  CHECK_THROWS_WITH_AS(matmul(x, y, false, true), "matmul: [2, 3] on cpu and [2, 3] on cuda:0 should be on one device",
                       base::Error);
  CHECK_THROWS_WITH_AS(matmul_into({product}, x, x, false, true),
                       "matmul: [2, 3] on cpu and [2, 2] on cuda:0 should be on one device", base::Error);
  CHECK_THROWS_WITH_AS(linear(x, x, on_cuda({2})), "linear: [2, 3] on cpu and [2] on cuda:0 should be on one device",
                       base::Error);
  CHECK_THROWS_WITH_AS(Tensor().fill(1), "fill: none of its tensors is defined", base::Error);
}

TEST_CASE("an observer is told of each kernel, by its op and its place in the table") {
  static std::vector<std::string> ops;
  static std::vector<const void*> fields;
  const Tensor x = Tensor::zeros({2});
  static int running = 0;
  const LaunchObserver observer{.begins =
                                    [](const char* op, const void* field, Device device) {
                                      CHECK(device == Device{});
                                      ops.emplace_back(op);
                                      fields.push_back(field);
                                      ++running;
                                    },
                                .ended = [](Device) { --running; }};
  CHECK(Launch::set_observer(&observer) == nullptr);
  add(x, x);
  sum(x);
  CHECK(Launch::set_observer(nullptr) == &observer);
  CHECK(running == 0);
  affine(x, 1, 1);
  CHECK(ops == std::vector<std::string>{"add", "sum", "sum"});
  CHECK(fields == std::vector<const void*>{&cpu_backend().elementwise->binary, &cpu_backend().reduce->sum_scratch,
                                           &cpu_backend().reduce->sum});
}
