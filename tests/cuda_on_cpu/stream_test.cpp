#include "tests/cuda_emulation/stream.h"

#include "tests/cuda_on_cpu/on_device.h"

using namespace tests;

namespace {

void add(float* y, const float* x, float a) { y[threadIdx.x] = x[threadIdx.x] + a; }
void scale(float* y, const float* x, float a) { y[threadIdx.x] = x[threadIdx.x] * a; }

struct Mark {
  Mark() { succeed(cudaEventCreateWithFlags(&event, cudaEventDisableTiming)); }
  ~Mark() { cudaEventDestroy(event); }
  cudaEvent_t event;
};

}  // namespace

TEST_CASE("deferred: nothing runs before somebody waits, and what events order runs in that order") {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const WithOptions with({.seed = seed, .deferred = true});
    const Queue a, b;
    const Mark mark;
    const Array<float> x(4), y(4), z(4);
    float* host = nullptr;
    succeed(cudaMallocHost(reinterpret_cast<void**>(&host), 16));
    for (int i = 0; i < 4; ++i) host[i] = float(i);
    succeed(cudaMemcpyAsync(x, host, 16, cudaMemcpyHostToDevice, a));
    launch(add, 1, 4, 0, a, y, x, 1.0f);
    succeed(cudaEventRecord(mark.event, a));
    succeed(cudaStreamWaitEvent(b, mark.event));
    launch(scale, 1, 4, 0, b, z, y, 2.0f);
    succeed(cudaMemcpyAsync(host, z, 16, cudaMemcpyDeviceToHost, b));
    CHECK(host[3] == 3);
    succeed(cudaStreamSynchronize(b));
    for (int i = 0; i < 4; ++i) CHECK(host[i] == float(2 * (i + 1)));
    succeed(cudaFreeHost(host));
  }
}

TEST_CASE("a copy from pageable memory has read it when the call returns, one to it has written it") {
  const WithOptions with({.deferred = true});
  const Queue queue;
  std::vector<float> numbers = {1, 2, 3};
  const Array<float> x(numbers, queue);
  numbers = {7, 7, 7};
  CHECK(x.values(queue) == std::vector<float>{1, 2, 3});
}

TEST_CASE("events say whether they were reached, by asking often enough") {
  const WithOptions with({.deferred = true});
  const Queue queue;
  const Mark mark;
  CHECK(cudaEventQuery(mark.event) == cudaSuccess);  // never recorded
  const Array<float> x(4);
  succeed(cudaMemsetAsync(x, 0, 16, queue));
  succeed(cudaMemsetAsync(x, 1, 16, queue));
  succeed(cudaEventRecord(mark.event, queue));
  CHECK(cudaEventQuery(mark.event) == cudaErrorNotReady);
  CHECK(cudaStreamQuery(queue) == cudaErrorNotReady);
  succeed(cudaEventSynchronize(mark.event));
  CHECK(cudaEventQuery(mark.event) == cudaSuccess);
  CHECK(cudaStreamQuery(queue) == cudaSuccess);
}

TEST_CASE("a function of the host takes its turn in a stream") {
  const WithOptions with({.deferred = true});
  const Queue queue;
  std::string story;
  cuda_emulation::enqueue(queue, "first", [&] { story += "1"; });
  cuda_emulation::enqueue(queue, "second", [&] { story += "2"; });
  CHECK(story == "");
  succeed(cudaStreamSynchronize(queue));
  CHECK(story == "12");
}

TEST_CASE("launches that a card refuses are refused") {
  tensor::cuda::use_device({tensor::DeviceType::cuda, 0});
  const Queue queue;
  const Array<float> x(4);
  CHECK_THROWS_WITH(launch(add, 1, 4, 0, nullptr, x, x, 1.0f), "cuda:0: invalid resource handle (400)");
  CHECK_THROWS_WITH(launch(add, 1, 1025, 0, queue, x, x, 1.0f), "cuda:0: invalid configuration argument (9)");
  CHECK_THROWS_WITH(launch(add, dim3(1, 65536), 1, 0, queue, x, x, 1.0f), "cuda:0: invalid configuration argument (9)");
  CHECK_THROWS_WITH(launch(add, 1, 4, 228 << 10, queue, x, x, 1.0f),
                    "cuda:0: shared memory of a kernel: invalid argument (1)");
  launch(add, 1, 4, 227 << 10, queue, x, x, 1.0f);
  launch(add, 0, 4, 0, queue, x, x, 1.0f);  // nothing to do
  const WithOptions with({.devices = 2});
  succeed(cudaSetDevice(1));
  CHECK_THROWS_WITH(launch(add, 1, 4, 0, queue, x, x, 1.0f), "cuda:0: invalid resource handle (400)");
  succeed(cudaSetDevice(0));
  CHECK(cudaSetDevice(2) == cudaErrorInvalidDevice);
  cudaGetLastError();
}
