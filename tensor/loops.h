// Loops over one shape with the strides of several operands. Dimensions that every operand walks in one step are
// merged, so most tensors become one loop.
#pragma once

#include "tensor/shape.h"

namespace tensor {

template <int N>
struct Loops {
  int rank = 0;  // at least 1
  int64_t size[kMaxRank];
  int64_t stride[N][kMaxRank];  // in elements
};

template <int N>
Loops<N> merge_loops(const Shape& shape, const Strides* const (&strides)[N]) {
  Loops<N> loops;
  for (int d = 0; d < shape.rank(); ++d) {
    const int64_t size = shape.begin()[d];
    if (size == 1) continue;
    bool merge = loops.rank > 0;
    for (int k = 0; k < N && merge; ++k) merge = loops.stride[k][loops.rank - 1] == size * strides[k]->begin()[d];
    if (merge)
      loops.size[loops.rank - 1] *= size;
    else
      loops.size[loops.rank++] = size;
    for (int k = 0; k < N; ++k) loops.stride[k][loops.rank - 1] = strides[k]->begin()[d];
  }
  if (loops.rank == 0) {
    loops.rank = 1;
    loops.size[0] = 1;
    for (int k = 0; k < N; ++k) loops.stride[k][0] = 1;
  }
  return loops;
}

}  // namespace tensor
