// Sums over rows, and what it means that a kernel adds to its result: y += x, with x the value that the kernel would
// else have written. The sum is finished and rounded to the dtype of y before it meets what y holds. So adding two
// results in place gives the bits of computing them apart and adding them afterwards.
#pragma once

#include <algorithm>

#include "tensor/base/threads.h"
#include "tensor/cpu/tables.h"
#include "tensor/cpu/vec.h"
#include "tensor/target.h"

namespace tensor::cpu::KILM_KERNEL_ISA {

// Makes one step of for_lanes: y = sum, or += sum if `accumulate`.
template <class Step, class Y, class V>
inline void put_sum(Step step, Y* y, V sum, bool accumulate) {
  if (!accumulate) return step.put(y, sum);
  const V before = step.get(y);
  step.put(y, sum);  // rounds
  step.put(y, before + step.get(y));
}

// Writes y[0, n) = sums, or += sums if `accumulate`.
template <class Y, class A>
inline void put_sums(Y* y, const A* sums, int64_t n, bool accumulate) {
  for_lanes<A>(n, [&](int64_t i, auto step) { put_sum(step, y + i, step.get(sums + i), accumulate); });
}

// Writes y[0, kVectors vectors) = scale times the sum of row(k) over k < count, in this order, or += it if
// `accumulate`.
template <int kVectors, class Step, class Y, class A, class Row>
inline void put_sum_of_parts(Step step, Y* y, int64_t count, A scale, bool accumulate, Row&& row) {
  Vec<A> sums[kVectors] = {};
  for (int64_t k = 0; k < count; ++k) {
    const auto* from = row(k);
    for (int v = 0; v < kVectors; ++v) sums[v] += step.get(from + v * lanes<A>) * scale;
  }
  for (int v = 0; v < kVectors; ++v) put_sum(step, y + v * lanes<A>, sums[v], accumulate);
}

// Does the same for y[0, n), eight vectors at a time.
template <class Y, class A, class Row>
void put_sum_of_rows(Y* y, int64_t n, int64_t count, A scale, bool accumulate, Row&& row) {
  constexpr int64_t kPart = 8 * lanes<A>;
  const int64_t whole = n / kPart * kPart;
  for (int64_t i = 0; i < whole; i += kPart)
    put_sum_of_parts<8>(WholeVector{}, y + i, count, scale, accumulate, [&](int64_t k) { return row(k) + i; });
  for_lanes<A>(n - whole, [&](int64_t i, auto step) {
    put_sum_of_parts<1>(step, y + whole + i, count, scale, accumulate, [&](int64_t k) { return row(k) + whole + i; });
  });
}

// A kernel over rows of d numbers that also sums over them does so for `grain` rows at a time, which follows from the
// sizes alone, in the `count` partial sums of its scratch.
struct PartialSums {
  int64_t grain, count;

  PartialSums(int64_t rows, int64_t d) {
    constexpr int64_t kMost = 64;
    grain = std::max(grain_for(8 * d), (rows + kMost - 1) / kMost);
    count = (rows + grain - 1) / grain;
  }

  // Writes the gradient, of Y, where it is wanted, or adds to it: the sum of `count` rows, each `stride` after the one
  // before.
  template <class Y, class A>
  void add(Target& gradient, const A* partials, int64_t stride) const {
    if (!gradient.wanted()) return;
    Y* out = gradient.tensor.mutable_data<Y>();
    const bool accumulate = gradient.accumulate;
    parallel_for(gradient.tensor.numel(), grain_for(count), [=, count = count](int64_t begin, int64_t end) {
      put_sum_of_rows(out + begin, end - begin, count, A(1), accumulate,
                      [=](int64_t k) { return partials + k * stride + begin; });
    });
  }
};

}  // namespace tensor::cpu::KILM_KERNEL_ISA
