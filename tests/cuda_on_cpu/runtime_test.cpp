#include "tensor/runtime.h"

#include <optional>

#include "tensor/base/device_failure.h"
#include "tensor/ops/elementwise.h"
#include "tensor/parcel.h"
#include "tests/cuda_emulation/memory.h"
#include "tests/cuda_on_cpu/on_device.h"

using namespace tests;
using tensor::CachingAllocator;
using tensor::Device;
using tensor::DType;
using tensor::StreamGuard;
using tensor::Tensor;

namespace {

constexpr Device kCuda{tensor::DeviceType::cuda, 0};

Tensor ones(int64_t n) { return Tensor::full({n}, 1, DType::f32, kCuda); }

}  // namespace

TEST_CASE("work of two streams that an event joins is right, however late it runs") {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const WithOptions with({.seed = seed, .deferred = true});
    const tensor::Stream other(kCuda);
    const Tensor x = tensor::affine(ones(100), 1, 2);
    const tensor::Event made(kCuda);
    made.wait_in(other.id());
    Tensor y;
    {
      const StreamGuard guard(kCuda, other.id());
      y = tensor::affine(x, 5, 0);
      CHECK(y.to({}).to_vector<float>() == std::vector<float>(100, 15));
    }
    CHECK(made.finished());
  }
}

TEST_CASE("parcels of a stream of their own have arrived after its event, and each with its own numbers") {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const WithOptions with({.seed = seed, .deferred = true});
    const tensor::Stream copies(kCuda);
    std::vector<Tensor> sums;
    for (float i = 0; i < 4; ++i) {
      tensor::Parcel parcel;
      std::optional<tensor::Event> arrived;
      {
        const StreamGuard guard(kCuda, copies.id());
        const std::vector<Tensor> sent = {Tensor::full({100}, i), Tensor::full({10}, 10 * i)};
        parcel = tensor::Parcel(sent, kCuda);
        arrived.emplace(kCuda);
      }
      arrived->wait_in(tensor::current_stream(kCuda));
      sums.push_back(tensor::add(parcel.tensors()[0].narrow(0, 0, 10), parcel.tensors()[1]));
    }
    for (size_t i = 0; i < sums.size(); ++i)
      CHECK(sums[i].to({}).to_vector<float>() == std::vector<float>(10, 11 * float(i)));
  }
}

TEST_CASE("memory that another stream uses is not given out again before that stream is done") {
  const WithOptions with({.deferred = true});
  CachingAllocator allocator(tensor::runtime(kCuda).memory(kCuda), kCuda);
  const tensor::Stream other(kCuda);
  const auto used_by_other = [&](bool noted) {
    CachingAllocator::Block* block = allocator.allocate(1000);
    const std::byte* data = block->data();
    {
      const StreamGuard guard(kCuda, other.id());
      tensor::fill_bytes(kCuda, block->data(), 1, 1000);
    }
    if (noted) allocator.used_by(block, other.id());
    allocator.free(block);
    CachingAllocator::Block* next = allocator.allocate(1000);
    const bool same = next->data() == data;
    allocator.free(next);
    tensor::runtime(kCuda).wait_for_stream(kCuda, other.id());
    return same;
  };
  CHECK(used_by_other(false));
  CHECK_FALSE(used_by_other(true));
  allocator.free(allocator.allocate(1000));  // takes back what has become free
}

TEST_CASE("a graph of kernels and their memory runs as often as it is launched") {
  for (const bool deferred : {false, true}) {
    const WithOptions with({.order = Order::random, .deferred = deferred});
    Tensor x = ones(50);
    tensor::wait_for_device(kCuda);
    const tensor::Graph graph(kCuda, [&] { x.copy_from(tensor::affine(tensor::affine(x, 2, 0), 1, 1)); });
    CHECK(x.to({}).to_vector<float>()[7] == 1);
    for (int i = 0; i < 3; ++i) graph.launch();
    CHECK(x.to({}).to_vector<float>() == std::vector<float>(50, 15));
  }
}

TEST_CASE("graphs that share memory run one after another, and each is right") {
  for (const bool deferred : {false, true}) {
    const WithOptions with({.order = Order::random, .deferred = deferred});
    Tensor x = ones(50), y = ones(50);
    const auto memory = std::make_shared<const tensor::GraphMemory>(kCuda);
    const tensor::Graph twice(
        kCuda, [&] { x.copy_from(tensor::affine(tensor::affine(x, 2, 0), 1, 1)); }, memory);
    const tensor::Graph thrice(
        kCuda, [&] { y.copy_from(tensor::affine(tensor::affine(y, 3, 0), 1, 1)); }, memory);
    for (int i = 0; i < 3; ++i)
      for (const tensor::Graph* graph : {&twice, &thrice}) graph->launch();
    CHECK(x.to({}).to_vector<float>() == std::vector<float>(50, 15));
    CHECK(y.to({}).to_vector<float>() == std::vector<float>(50, 40));
  }
}

TEST_CASE("a wait in a capture is refused as a card refuses it") {
  const Tensor x = ones(5);
  CHECK_THROWS_AS(tensor::Graph(kCuda, [&] { x.to({}); }), base::Error);
  CHECK(tensor::affine(x, 2, 0).to({}).to_vector<float>()[0] == 2);
}

TEST_CASE("a device that is full says so as the allocator does") {
  Options options;
  options.device_memory = cuda_emulation::bytes_in_use(0) + 1000;
  const WithOptions with(options);
  CHECK_THROWS_AS(ones(1000), base::OutOfDeviceMemory);
  CHECK(ones(100).to({}).to_vector<float>()[99] == 1);
}

TEST_CASE("two devices have memory and streams of their own") {
  const WithOptions with({.protect = true, .devices = 2});
  const Device second{tensor::DeviceType::cuda, 1};
  const Tensor x = ones(10), y = x.to(second);
  CHECK(tensor::affine(y, 3, 0).to({}).to_vector<float>()[9] == 3);
  CHECK(tensor::device_info(second).name == "emulated device 1");
  CHECK_THROWS_AS(tensor::add(x, y), base::Error);
}

TEST_CASE("an error of CUDA names what was done") {
  tensor::cuda::use_device(kCuda);
  CHECK_THROWS_WITH_AS(tensor::cuda::check_cuda(cudaErrorMemoryAllocation, "cudaMalloc"),
                       "cuda:0: cudaMalloc: out of memory (2)", base::OutOfDeviceMemory);
  CHECK_THROWS_WITH_AS(tensor::cuda::check_cuda(cudaErrorInvalidValue, "cudaFree"),
                       "cuda:0: cudaFree: invalid argument (1)", base::Error);
  CHECK_THROWS_WITH_AS(tensor::cuda::check_launch(cudaErrorNoKernelImageForDevice, nullptr),
                       "cuda:0: this program has no kernels for a device of its compute capability; name it when you "
                       "build: -DCMAKE_CUDA_ARCHITECTURES",
                       base::UsageError);
}

TEST_CASE("a device that has failed is told with op and shapes, and what lives on it can be let go of") {
  for (const int failure : {cudaErrorECCUncorrectable, cudaErrorIllegalAddress, cudaErrorLaunchFailure}) {
    const WithOptions with({.failing_launch = 3, .failure = failure});
    const Tensor x = ones(10);
    const tensor::Stream other(kCuda);
    const tensor::Graph graph(kCuda, [&] { tensor::affine(x, 1, 2); });
    const tensor::Event event(kCuda);
    x.storage()->used_by(other.id());
    const std::string why =
        std::string("cuda:0: ") + cudaGetErrorString(cudaError_t(failure)) + " (" + std::to_string(failure) + ")";
    const std::string hint = "; work that was queued before may be to blame, KILM_SYNC=1 names its op";
    CHECK_THROWS_WITH_AS(tensor::affine(x, 2, 0), ("affine of f32 [10], f32 [10]: " + why + hint).c_str(),
                         base::DeviceFailure);
    CHECK_THROWS_AS(tensor::wait_for_device(kCuda), base::DeviceFailure);
    CHECK_THROWS_AS(x.to({}), base::DeviceFailure);
    CHECK_THROWS_AS(event.wait(), base::DeviceFailure);
    CHECK_THROWS_AS(ones(1 << 20), base::DeviceFailure);
  }
  CHECK(ones(10).to({}).to_vector<float>()[9] == 1);
}
