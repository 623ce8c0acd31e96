#include "tests/cuda_emulation/memory.h"

#include <algorithm>
#include <cmath>

#include "tests/cuda_emulation/sanitizers.h"
#include "tests/cuda_on_cpu/on_device.h"

using namespace tests;

namespace {

void write_at(float* y, long i) { y[i] = 1; }

void read_at(float* y, const float* x, long i) { y[0] = x[i]; }

struct Four {
  float v[4];
};

void write_shared(int i) { (&shared_memory<Four>().v[0])[i] = 1; }

void read_shared(float* y) { y[0] = shared_memory<Four>().v[1]; }

}  // namespace

TEST_CASE("new memory, of a device, pinned or shared, is nan") {
  const Queue queue;
  const Array<float> x(3), y(1);
  for (const float v : x.values(queue)) CHECK(std::isnan(v));
  launch(read_shared, 1, 1, sizeof(Four), queue, y);
  CHECK(std::isnan(y.values(queue)[0]));
  float* pinned = nullptr;
  succeed(cudaMallocHost(reinterpret_cast<void**>(&pinned), 8));
  CHECK(std::isnan(pinned[1]));
  CHECK(cuda_emulation::is_pinned_memory(pinned + 1));
  CHECK(!cuda_emulation::is_pinned_memory(pinned + 2));
  succeed(cudaFreeHost(pinned));
}

// AddressSanitizer ends the program at the line itself.
#if !KILM_EMULATION_ASAN
TEST_CASE("a write beside a buffer is reported, to the byte") {
  const Queue queue;
  const Array<float> x(10);
  CHECK(contains(fault_of([&] { launch(write_at, 1, 1, 0, queue, x, 10); }),
                 "wrote byte 40 of a buffer of 40 bytes on device 0"));
  CHECK(contains(fault_of([&] { launch(write_at, 1, 1, 0, queue, x, -1); }),
                 "wrote byte -4 of a buffer of 40 bytes on device 0"));
  launch(write_at, 1, 1, 0, queue, x, 9);
  CHECK(contains(fault_of([&] { launch(write_shared, 1, 1, sizeof(Four), queue, 4); }),
                 "wrote byte 16 of 16 bytes of shared memory"));
  CHECK(contains(fault_of([&] { launch(write_shared, 1, 1, sizeof(Four), queue, -1); }),
                 "wrote 1 bytes before shared memory"));
}

TEST_CASE("an access to memory that was freed, or that never was, ends the kernel") {
  const Queue queue;
  float* freed = nullptr;
  {
    const Array<float> x(100000);
    freed = x;
  }
  const Array<float> y(1);
  CHECK(contains(fault_of([&] { launch(read_at, 1, 1, 0, queue, y, freed, 5); }),
                 "reads or writes byte 20 of a freed buffer of 400000 bytes on device 0"));
  CHECK(contains(fault_of([&] { launch(write_at, 1, 1, 0, queue, y, 1 << 20); }),
                 "reads or writes byte 4194304 of a buffer of 4 bytes"));
}
#endif

TEST_CASE("copies and fills stay inside of a buffer") {
  const Queue queue;
  const Array<float> x(4), y(8);
  CHECK(contains(fault_of([&] { cudaMemcpyAsync(x, y, 20, cudaMemcpyDeviceToDevice, queue); }),
                 "a copy reads or writes byte 19 of a buffer of 16 bytes"));
  CHECK(contains(fault_of([&] { cudaMemsetAsync(x, 0, 17, queue); }),
                 "a fill reads or writes byte 16 of a buffer of 16 bytes"));
}

TEST_CASE("a device has so much memory and no more, and knows what it gave") {
  Options options;
  options.device_memory = cuda_emulation::bytes_in_use(0) + 1000;
  const WithOptions with(options);
  void *first = nullptr, *second = nullptr;
  succeed(cudaMalloc(&first, 600));
  CHECK(cudaMalloc(&second, 600) == cudaErrorMemoryAllocation);
  CHECK(cudaGetLastError() == cudaErrorMemoryAllocation);
  CHECK(cudaGetLastError() == cudaSuccess);
  size_t free = 0, total = 0;
  succeed(cudaMemGetInfo(&free, &total));
  CHECK(free == 400);
  succeed(cudaFree(first));
  CHECK(cudaFree(first) == cudaErrorInvalidValue);
  cudaGetLastError();
}

TEST_CASE("protect: a kernel reaches the memory of its own device, and no other") {
  const WithOptions with({.protect = true, .devices = 2});
  const Queue queue;
  const Array<float> y(4);
  launch(write_at, 1, 1, 0, queue, y, 2);
  CHECK(y.values(queue)[2] == 1);
#if !KILM_EMULATION_ASAN
  const std::string fault = fault_of([&] {
    const Queue other(1);
    launch(write_at, 1, 1, 0, other, y, 2);
  });
  succeed(cudaSetDevice(0));
  CHECK(contains(fault, "reads or writes byte 8 of a buffer of 16 bytes on device 0"));
#endif
}
