#include "tests/cuda_on_cpu/on_device.h"

using namespace tests;
using namespace tensor::cuda;
using tensor::bf16;

namespace {

struct Scratch {
  float sums[32];
};

void sums_and_maxima(float* y, const float* x) {
  auto& s = shared_memory<Scratch>();
  const float v = x[threadIdx.x];
  const float sum = block_sum(v, s.sums), most = block_max(v, s.sums), again = block_sum(1, s.sums);
  const float warp = warp_sum(1), lane = warp_max(float(threadIdx.x % 32));
  float* mine = y + 5 * threadIdx.x;
  for (const float result : {sum, most, again, warp, lane}) *mine++ = result;
}

template <class T>
void round_trip(T* y, const T* x, int64_t n, bool aligned) {
  constexpr int N = kPack<T>;
  const int64_t first = int64_t(threadIdx.x) * N;
  if (first >= n) return;
  const bool whole = aligned && first + N <= n;
  store_pack(y + first, load_pack<N>(x + first, n - first, whole), n - first, whole);
}

template <class T>
void check_packs() {
  const Queue queue;
  for (const int64_t n : {1, 7, 8, 33}) {
    std::vector<T> numbers(static_cast<size_t>(n));
    for (int64_t i = 0; i < n; ++i) numbers[size_t(i)] = T(float(i) - 3);
    for (const bool aligned : {true, false}) {
      const Array<T> x(numbers, queue), y(static_cast<size_t>(n));
      launch(round_trip<T>, 1, 32, 0, queue, y, x, n, aligned);
      const std::vector<T> got = y.values(queue);
      for (int64_t i = 0; i < n; ++i) CHECK(float(got[size_t(i)]) == float(i) - 3);
    }
  }
}

}  // namespace

TEST_CASE("sums and maxima of a block are the same in every thread, and in every order") {
  std::vector<float> numbers(96);
  for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = float((i * 37) % 101) / 7 - 5;
  std::vector<float> first;
  for (const Options& options : all_orders()) {
    const WithOptions with(options);
    const Queue queue;
    const Array<float> x(numbers, queue), y(5 * numbers.size());
    launch(sums_and_maxima, 1, 96, sizeof(Scratch), queue, y, x);
    const std::vector<float> got = y.values(queue);
    if (first.empty()) first = got;
    CHECK(got == first);
    double sum = 0;
    float most = numbers[0];
    for (const float v : numbers) {
      sum += double(v);
      most = std::max(most, v);
    }
    for (size_t i = 0; i < numbers.size(); ++i) {
      CHECK(got[5 * i] == got[0]);
      CHECK(double(got[5 * i]) == doctest::Approx(sum));
      CHECK(got[5 * i + 1] == most);
      CHECK(got[5 * i + 2] == 96);
      CHECK(got[5 * i + 3] == 32);
      CHECK(got[5 * i + 4] == 31);
    }
  }
}

TEST_CASE("packs: whole ones and the end of an array keep every number") {
  check_packs<float>();
  check_packs<bf16>();
}
