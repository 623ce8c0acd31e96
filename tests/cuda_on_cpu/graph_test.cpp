#include "tests/cuda_emulation/graph.h"

#include "tests/cuda_on_cpu/on_device.h"

using namespace tests;

namespace {

void add(float* y, const float* x, float a) { *y = *x + a; }
void scale(float* y, const float* x, float a) { *y = *x * a; }

class Event {
 public:
  Event() { succeed(cudaEventCreateWithFlags(&event_, cudaEventDisableTiming)); }
  ~Event() { cudaEventDestroy(event_); }
  operator cudaEvent_t() const { return event_; }

 private:
  cudaEvent_t event_;
};

cudaError_t begin(const Queue& queue, cudaStreamCaptureMode mode = cudaStreamCaptureModeGlobal) {
  return cudaStreamBeginCapture(queue, mode);
}

// Ends the capture and gives the graph back.
cudaError_t end(const Queue& queue) {
  cudaGraph_t graph = nullptr;
  const cudaError_t error = cudaStreamEndCapture(queue, &graph);
  if (graph) cudaGraphDestroy(graph);
  cudaGetLastError();
  return error;
}

}  // namespace

TEST_CASE("a captured fork and join runs at each launch, in the order that its events ask for") {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const WithOptions with({.order = Order::random, .seed = seed, .deferred = true});
    const Queue a, b;
    const Event fork, join;
    const Array<float> x({1}, a), y(1), z(1);
    succeed(begin(a));
    succeed(cudaEventRecord(fork, a));
    succeed(cudaStreamWaitEvent(b, fork));
    launch(add, 1, 1, 0, a, y, x, 1.0f);
    launch(scale, 1, 1, 0, b, z, x, 3.0f);
    succeed(cudaEventRecord(join, b));
    succeed(cudaStreamWaitEvent(a, join));
    launch(add, 1, 1, 0, a, x, z, 1.0f);
    cudaGraph_t graph = nullptr;
    succeed(cudaStreamEndCapture(a, &graph));
    cudaGraphExec_t executable = nullptr;
    succeed(cudaGraphInstantiate(&executable, graph));
    succeed(cudaGraphDestroy(graph));
    CHECK(x.values(a)[0] == 1);
    for (int i = 0; i < 3; ++i) succeed(cudaGraphLaunch(executable, a));
    CHECK(x.values(a)[0] == 40);  // 3 x + 1, three times
    succeed(cudaGraphExecDestroy(executable));
  }
}

TEST_CASE("what a capture does not allow has the error codes of the real runtime") {
  const Queue a, b;
  const Event event;
  void* data = nullptr;
  succeed(begin(a));
  CHECK(int(cudaMalloc(&data, 16)) == 900);
  CHECK(int(end(a)) == 901);
  succeed(begin(a));
  CHECK(int(cudaStreamSynchronize(a)) == 900);
  CHECK(int(end(a)) == 901);
  succeed(begin(a));
  CHECK(int(cudaDeviceSynchronize()) == 900);
  CHECK(int(end(a)) == 901);
  succeed(begin(a));
  succeed(cudaEventRecord(event, a));
  succeed(cudaStreamWaitEvent(b, event));
  cuda_emulation::enqueue(b, "work", [] {});
  CHECK(int(end(b)) == 903);
  CHECK(int(end(a)) == 904);
  cuda_emulation::enqueue(a, "work", [] {});
  succeed(cudaEventRecord(event, a));
  succeed(begin(b));
  CHECK(int(cudaStreamWaitEvent(b, event)) == 905);
  CHECK(int(end(b)) == 901);
  CHECK(int(begin(a)) == 0);
  CHECK(int(begin(a)) == 900);
  CHECK(int(end(a)) == 0);
}

TEST_CASE("a thread that is relaxed may allocate beside a capture") {
  const Queue queue;
  void* data = nullptr;
  succeed(begin(queue, cudaStreamCaptureModeThreadLocal));
  cudaStreamCaptureMode mode = cudaStreamCaptureModeRelaxed;
  succeed(cudaThreadExchangeStreamCaptureMode(&mode));
  CHECK(cudaMalloc(&data, 16) == cudaSuccess);
  succeed(cudaThreadExchangeStreamCaptureMode(&mode));
  CHECK(int(cudaMalloc(&data, 16)) == 900);
  CHECK(int(end(queue)) == 901);
  succeed(cudaFree(data));
}
