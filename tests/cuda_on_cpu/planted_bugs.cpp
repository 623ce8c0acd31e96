// Kernels and uses of streams with a bug put in, each beside its right form: the emulation must find the bug, and must
// not complain of the right form.
#include <algorithm>

#include "tests/cuda_emulation/sanitizers.h"
#include "tests/cuda_on_cpu/on_device.h"
#include "tests/cuda_on_cpu/races.h"

using namespace tests;
using namespace tensor::cuda;

namespace {

using Numbers = std::vector<float>;

constexpr int kThreads = 128;

Numbers input(size_t n) {
  Numbers x(n);
  for (size_t i = 0; i < n; ++i) x[i] = float(i % 13) - 4;
  return x;
}

struct Shared {
  alignas(16) float v[kThreads];
  float sums[4];
};

// Runs `work` in every order, and then with `isolate`. Returns what was found: the first fault, or that a result is not
// what it should be; "" if nothing.
std::string found(const std::function<Numbers(cudaStream_t)>& work, const Numbers& expected) {
  std::vector<Options> ways = all_orders();
  ways.push_back({.isolate = true});
  for (const Options& options : ways) {
    const WithOptions with(options);
    const Queue queue;
    Numbers got;
    const std::string fault = fault_of([&] { got = work(queue); });
    if (!fault.empty()) return fault;
    if (got != expected) return "wrong numbers";
  }
  return "";
}

// The same for a kernel y[n] = f(x[n], bug) of one block, or more.
using Kernel = void (*)(float* y, const float* x, bool bug);
std::string found(Kernel kernel, bool bug, const Numbers& expected, size_t shared, unsigned blocks = 1) {
  const auto work = [&](cudaStream_t queue) {
    const Array<float> x(input(kThreads), queue), y(expected.size());
    launch(kernel, blocks, kThreads, shared, queue, y, x, bug);
    return y.values(queue);
  };
  return found(work, expected);
}

void check_kernel(Kernel kernel, const Numbers& expected, size_t shared, const std::string& report,
                  unsigned blocks = 1) {
  CHECK(found(kernel, false, expected, shared, blocks) == "");
  const std::string text = found(kernel, true, expected, shared, blocks);
  CHECK_MESSAGE(contains(text, report), "found: " << text);
}

// Checks a bug that lets two threads touch a number at once. Under ThreadSanitizer it shows whatever comes of it;
// `report` is "" if no number changes, in any order.
void check_race(Kernel kernel, const Numbers& expected, const std::string& report) {
  CHECK(found(kernel, false, expected, sizeof(Shared)) == "");
  const Races races;
  const std::string text = found(kernel, true, expected, sizeof(Shared));
  CHECK_MESSAGE((report.empty() ? text.empty() : contains(text, report)), "found: " << text);
  CHECK((races.found() > 0) == cuda_emulation::kThreadSanitizer);
}

float total() {
  float sum = 0;
  for (const float v : input(kThreads)) sum += v;
  return sum;
}

// ---- barriers

void neighbours(float* y, const float* x, bool bug) {
  auto& s = shared_memory<Shared>();
  s.v[threadIdx.x] = x[threadIdx.x];
  if (!bug) __syncthreads();
  y[threadIdx.x] = s.v[(threadIdx.x + 1) % kThreads];
}

float sum_of_warps(float v, float (&sums)[4], bool bug) {
  v = warp_sum(v);
  if (threadIdx.x % 32 == 0) sums[threadIdx.x / 32] = v;
  __syncthreads();
  v = sums[0] + sums[1] + sums[2] + sums[3];
  if (!bug) __syncthreads();  // before the next call writes sums
  return v;
}

void two_sums(float* y, const float* x, bool bug) {
  auto& s = shared_memory<Shared>();
  const float sum = sum_of_warps(x[threadIdx.x], s.sums, bug), count = sum_of_warps(1, s.sums, bug);
  y[threadIdx.x] = sum / count;
}

void leaves_early(float* y, const float* x, bool bug) {
  auto& s = shared_memory<Shared>();
  if (bug && threadIdx.x >= 100) return;
  s.v[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  y[threadIdx.x] = s.v[threadIdx.x];
}

void never_written(float* y, const float* x, bool bug) {
  auto& s = shared_memory<Shared>();
  if (!bug || threadIdx.x != 5) s.v[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  y[threadIdx.x] = s.v[threadIdx.x];
}

// ---- warps

void half_of_a_warp(float* y, const float* x, bool bug) {
  y[threadIdx.x] = x[threadIdx.x];
  const unsigned mask = bug ? ~0u : 0xffffu;
  if (threadIdx.x % 32 < 16) __shfl_xor_sync(mask, 1, 1);
}

void by_neighbours_of_a_warp(float* y, const float* x, bool bug) {
  auto& s = shared_memory<Shared>();
  s.v[threadIdx.x] = x[threadIdx.x];
  bug ? void(__shfl_xor_sync(~0u, 1, 1)) : __syncwarp();
  y[threadIdx.x] = s.v[threadIdx.x ^ 1];
}

void by_neighbours_through_flags(float* y, const float* x, bool bug) {
  auto& s = shared_memory<Shared>();
  s.v[threadIdx.x] = x[threadIdx.x];
  if (!bug) __threadfence_block();
  atomicAdd(&s.sums[0], 1.0f);
  __shfl_xor_sync(~0u, 1, 1);
  if (!bug) __threadfence_block();
  y[threadIdx.x] = s.v[threadIdx.x ^ 1];
}

void all_write_one(float* y, const float* x, bool bug) {
  auto& s = shared_memory<Shared>();
  if (bug || threadIdx.x == 0) s.sums[0] = x[0];
  __syncthreads();
  y[threadIdx.x] = s.sums[0];
}

// ---- cp.async

void through_shared(float* y, const float* x, bool bug) {
  auto& s = shared_memory<Shared>();
  if (threadIdx.x < kThreads / 4) cp_async_16(&s.v[4 * threadIdx.x], x + 4 * threadIdx.x);
  cp_async_commit();
  if (!bug) cp_async_wait<0>();
  __syncthreads();
  y[threadIdx.x] = s.v[threadIdx.x];
}

void through_shared_of_others(float* y, const float* x, bool bug) {
  auto& s = shared_memory<Shared>();
  if (threadIdx.x < kThreads / 4) cp_async_16(&s.v[4 * threadIdx.x], x + 4 * threadIdx.x);
  cp_async_commit();
  cp_async_wait<0>();
  if (!bug) __syncthreads();
  y[threadIdx.x] = s.v[threadIdx.x];
}

// ---- places

void one_too_far(float* y, const float* x, bool bug) { y[threadIdx.x + bug] = x[threadIdx.x]; }

void one_too_far_in_shared(float* y, const float* x, bool bug) {
  auto& s = shared_memory<Shared>();
  y[threadIdx.x] = x[threadIdx.x];
  if (threadIdx.x == 0) (&s.sums[0])[bug ? 4 : 3] = 0;
}

void odd_packs(float* y, const float* x, bool bug) {
  y[threadIdx.x] = x[threadIdx.x];
  if (threadIdx.x == 0) y[0] = load_pack<4>(x + (bug ? 1 : 0))[0];
}

void one_number_of_two_blocks(float* y, const float* x, bool bug) {
  if (blockIdx.x == 0 || bug) y[threadIdx.x] = x[threadIdx.x];
}

void sum_by_atomics(float* y, const float* x, bool bug) {
  auto& s = shared_memory<Shared>();
  const float v = x[threadIdx.x] / 3;
  if (threadIdx.x == 0) s.sums[0] = 0;
  __syncthreads();
  if (bug) atomicAdd(&s.sums[0], v);
  s.v[threadIdx.x] = v;
  __syncthreads();
  if (!bug && threadIdx.x == 0)
    for (int i = 0; i < kThreads; ++i) s.sums[0] += s.v[i];
  __syncthreads();
  y[threadIdx.x] = s.sums[0];
}

}  // namespace

TEST_CASE("planted: no barrier, one barrier too few, a thread that leaves before one") {
  Numbers shifted = input(kThreads);
  std::rotate(shifted.begin(), shifted.begin() + 1, shifted.end());
  check_race(neighbours, shifted, "wrong numbers");
  check_race(two_sums, Numbers(kThreads, total() / kThreads), "wrong numbers");
  check_kernel(leaves_early, input(kThreads), sizeof(Shared), "28 have left the kernel; 100 wait in __syncthreads");
  check_kernel(never_written, input(kThreads), sizeof(Shared), "wrong numbers");
}

TEST_CASE("planted: half of a warp in a shuffle") {
  check_kernel(half_of_a_warp, input(kThreads), 0, "64 wait in __shfl_xor_sync at ");
}

TEST_CASE("planted: cp.async without a wait, and without the barrier after it") {
  check_kernel(through_shared, input(kThreads), sizeof(Shared), "copies by cp.async that it never waited for");
  check_race(through_shared_of_others, input(kThreads), "wrong numbers");
}

TEST_CASE("planted: a shuffle or an atomic that is taken for a fence, and many threads that write one number") {
  Numbers swapped = input(kThreads);
  for (size_t i = 0; i < swapped.size(); i += 2) std::swap(swapped[i], swapped[i + 1]);
  check_race(by_neighbours_of_a_warp, swapped, "");
  check_race(by_neighbours_through_flags, swapped, "");
  check_race(all_write_one, Numbers(kThreads, input(1)[0]), "");
}

TEST_CASE("planted: a packed load at an odd address") {
  check_kernel(odd_packs, input(kThreads), 0, "load_16: the address is not a multiple of 16");
}

TEST_CASE("planted: two blocks that write one number, though the same, and a sum in the order of arrival") {
  check_kernel(one_number_of_two_blocks, input(kThreads), 0, "as block (0,0,0) does", 2);
  Numbers sum = {0};
  for (const float v : input(kThreads)) sum[0] += v / 3;
  check_kernel(sum_by_atomics, Numbers(kThreads, sum[0]), sizeof(Shared), "wrong numbers");
}

// AddressSanitizer ends the program at the line itself.
#if !KILM_EMULATION_ASAN
TEST_CASE("planted: an index that is one too far, in global and in shared memory") {
  check_kernel(one_too_far, input(kThreads), 0, "wrote byte 512 of a buffer of 512 bytes");
  check_kernel(one_too_far_in_shared, input(kThreads), sizeof(Shared), "wrote byte 528 of 528 bytes of shared memory");
}

namespace {

void copy_number(float* y, const float* x) { y[threadIdx.x] = x[threadIdx.x]; }

}  // namespace

TEST_CASE("planted: a buffer that is freed while a graph still reads it") {
  for (const bool bug : {false, true}) {
    const Queue queue;
    const Array<float> y(4);
    void* x = nullptr;
    succeed(cudaMalloc(&x, 16));
    succeed(cudaMemsetAsync(x, 0, 16, queue));
    succeed(cudaStreamBeginCapture(queue, cudaStreamCaptureModeGlobal));
    launch(copy_number, 1, 4, 0, queue, y, static_cast<float*>(x));
    cudaGraph_t graph = nullptr;
    succeed(cudaStreamEndCapture(queue, &graph));
    cudaGraphExec_t executable = nullptr;
    succeed(cudaGraphInstantiate(&executable, graph));
    succeed(cudaGraphDestroy(graph));
    if (bug) succeed(cudaFree(x));
    const std::string fault = fault_of([&] { cudaGraphLaunch(executable, queue); });
    CHECK(contains(fault, bug ? "of a freed buffer of 16 bytes" : ""));
    CHECK(fault.empty() == !bug);
    if (!bug) succeed(cudaFree(x));
    succeed(cudaGraphExecDestroy(executable));
  }
}
#endif

namespace {

void add_one(float* y, const float* x) { y[threadIdx.x] = x[threadIdx.x] + 1; }

enum class Mistake { none, no_event, host_reads_early, host_writes_early };

// Copies host -> x in one stream, where y = x + 1; in another one, z = y + 1 and z -> host. Tells whether the host sees
// x + 2.
bool right(Mistake mistake) {
  constexpr int n = 32;
  const Queue a, b;
  cudaEvent_t made = nullptr;
  succeed(cudaEventCreateWithFlags(&made, cudaEventDisableTiming));
  const Array<float> x(n), y(n), z(n);
  float* host = nullptr;
  succeed(cudaMallocHost(reinterpret_cast<void**>(&host), 2 * n * sizeof(float)));
  float *from = host, *to = host + n;
  for (int i = 0; i < n; ++i) from[i] = float(i);
  succeed(cudaMemcpyAsync(x, from, n * sizeof(float), cudaMemcpyHostToDevice, a));
  if (mistake == Mistake::host_writes_early) from[3] = 100;
  launch(add_one, 1, n, 0, a, y, x);
  succeed(cudaEventRecord(made, a));
  if (mistake != Mistake::no_event) succeed(cudaStreamWaitEvent(b, made));
  launch(add_one, 1, n, 0, b, z, y);
  succeed(cudaMemcpyAsync(to, z, n * sizeof(float), cudaMemcpyDeviceToHost, b));
  if (mistake != Mistake::host_reads_early) succeed(cudaStreamSynchronize(b));
  bool same = true;
  for (int i = 0; i < n; ++i) same &= to[i] == float(i + 2);
  succeed(cudaDeviceSynchronize());
  succeed(cudaEventDestroy(made));
  succeed(cudaFreeHost(host));
  return same;
}

int times_right(Mistake mistake) {
  int count = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const WithOptions with({.seed = seed, .deferred = true});
    count += right(mistake);
  }
  return count;
}

}  // namespace

TEST_CASE("planted: no event between two streams, and a host that reads or writes too early") {
  CHECK(times_right(Mistake::none) == 20);
  CHECK(times_right(Mistake::no_event) < 15);
  CHECK(times_right(Mistake::host_reads_early) == 0);
  CHECK(times_right(Mistake::host_writes_early) == 0);
}
