// Twin of tensor/cuda/ptx.cuh for the emulation: the same functions, with the same fragments in the same lanes.
#pragma once

#include <cstdint>

#include "tensor/dtype.h"
#include "tests/cuda_emulation/cuda_runtime.h"

namespace tensor::cuda {

template <class T>
T& shared_memory() {
  size_t bytes;
  std::byte* p = cuda_emulation::shared_memory(bytes);
  if (sizeof(T) > bytes)
    cuda_emulation::fail("shared_memory: the kernel uses " + std::to_string(sizeof(T)) +
                         " bytes and was launched with " + std::to_string(bytes));
  return *reinterpret_cast<T*>(p);
}

namespace emulated {

inline void check_aligned(const void* p, unsigned bytes, const char* what) {
  if (reinterpret_cast<uintptr_t>(p) % bytes != 0)
    cuda_emulation::fail(std::string(what) + ": the address is not a multiple of " + std::to_string(bytes));
}

}  // namespace emulated

inline uint4 load_16(const void* p) {
  emulated::check_aligned(p, 16, "load_16");
  return *static_cast<const uint4*>(p);
}
inline void store_16(void* p, uint4 v) {
  emulated::check_aligned(p, 16, "store_16");
  *static_cast<uint4*>(p) = v;
}
inline void store_global_16(void* p, uint4 v) { store_16(p, v); }
inline uint2 load_8(const void* p) {
  emulated::check_aligned(p, 8, "load_8");
  return *static_cast<const uint2*>(p);
}
inline void store_8(void* p, uint2 v) {
  emulated::check_aligned(p, 8, "store_8");
  *static_cast<uint2*>(p) = v;
}
inline void store_4(void* p, uint32_t v) {
  emulated::check_aligned(p, 4, "store_4");
  *static_cast<uint32_t*>(p) = v;
}

template <class T>
void store_relaxed(T* p, T v) {
  cuda_emulation::meet_other_blocks();
  __atomic_store(p, &v, __ATOMIC_RELAXED);
}

inline void cp_async_16(void* shared, const void* global, bool valid = true) {
  emulated::check_aligned(shared, 16, "cp_async_16");
  emulated::check_aligned(global, 16, "cp_async_16");
  size_t bytes;
  std::byte* begin = cuda_emulation::shared_memory(bytes);
  auto* to = static_cast<std::byte*>(shared);
  if (to < begin || to + 16 > begin + bytes) cuda_emulation::fail("cp_async_16: the target is not in shared memory");
  cuda_emulation::block().current().copies.issue(shared, global, valid ? 16 : 0);
}
inline void cp_async_commit() { cuda_emulation::block().current().copies.commit(); }
template <int N>
void cp_async_wait() {
  cuda_emulation::block().current().copies.wait(N);
}

inline float exp2_approx(float x) { return x < -126 ? 0 : std::exp2(x); }

inline uint32_t pack_bf16(float low, float high) { return uint32_t(bf16(low).bits) | uint32_t(bf16(high).bits) << 16; }

namespace emulated {

// Loads matrices: lane 8 i + r brings row r of matrix i. Lane l gets of each matrix, or of its transpose, the elements
// (l / 4, 2 (l % 4)) and the one to the right.
inline void load_matrices(uint32_t (&r)[4], const void* row, bool transposed, const char* what,
                          cuda_emulation::Location where) {
  check_aligned(row, 16, what);
  const uint4 mine = *static_cast<const uint4*>(row);
  const cuda_emulation::Exchange rows(~0u, what, &mine, sizeof mine, where);
  const unsigned lane = unsigned(cuda_emulation::lane()), line = lane / 4, column = 2 * (lane % 4);
  for (unsigned i = 0; i < 4; ++i) {
    uint32_t half[2];
    for (unsigned j = 0; j < 2; ++j) {
      const unsigned from = transposed ? column + j : line, at = transposed ? line : column + j;
      half[j] = rows.from<uint16_t>(8 * i + from, 2 * at);
    }
    r[i] = half[0] | half[1] << 16;
  }
}

inline float low(uint32_t pair) { return std::bit_cast<float>(pair << 16); }
inline float high(uint32_t pair) { return std::bit_cast<float>(pair & 0xffff0000u); }

}  // namespace emulated

inline void ldmatrix_x4(uint32_t (&r)[4], const void* row,
                        cuda_emulation::Location where = cuda_emulation::Location::current()) {
  emulated::load_matrices(r, row, false, "ldmatrix_x4", where);
}
inline void ldmatrix_x4_trans(uint32_t (&r)[4], const void* row,
                              cuda_emulation::Location where = cuda_emulation::Location::current()) {
  emulated::load_matrices(r, row, true, "ldmatrix_x4_trans", where);
}

// Computes d[16, 8] += a[16, 16] b[16, 8]. With g = lane / 4 and t = lane % 4, a lane holds
//   of a: rows g, g + 8, g, g + 8 at columns 2 t, 2 t + 1 (registers 0, 1) and 2 t + 8, 2 t + 9 (registers 2, 3);
//   of b: rows 2 t, 2 t + 1 (b0) and 2 t + 8, 2 t + 9 (b1) of column g;
//   of d: row g at columns 2 t, 2 t + 1 (0, 1) and row g + 8 (2, 3).
inline void mma_bf16(float (&d)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1,
                     cuda_emulation::Location where = cuda_emulation::Location::current()) {
  const uint32_t mine[6] = {a[0], a[1], a[2], a[3], b0, b1};
  const cuda_emulation::Exchange all(~0u, "mma_bf16", mine, sizeof mine, where);
  const unsigned lane = unsigned(cuda_emulation::lane()), g = lane / 4, t = lane % 4;
  if (lane == 0) cuda_emulation::count_product();
  for (unsigned k = 0; k < 8; ++k) {  // pairs of inner elements
    const unsigned half = k / 4, holder = k % 4;
    for (unsigned i = 0; i < 4; ++i) {
      const unsigned lower = i / 2, column = 2 * t + i % 2;
      const auto x = all.from<uint32_t>(4 * g + holder, 4 * (2 * half + lower));
      const auto y = all.from<uint32_t>(4 * column + holder, 4 * (4 + half));
      d[i] += emulated::low(x) * emulated::low(y) + emulated::high(x) * emulated::high(y);
    }
  }
}

}  // namespace tensor::cuda
