// All inline PTX, all shared memory and all packed access of the project, as small functions. Tests execute kernels on
// the CPU with a twin of this file, tests/cuda_emulation/tensor/cuda/ptx.cuh: whoever adds a function adds it there
// too.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "tensor/dtype.h"

namespace tensor::cuda {

// Returns the kernel's one struct of shared memory; the kernel is launched with sizeof(T) bytes. The comment is for
// tools/cuda_report, since nothing else in PTX tells how many.
template <class T>
__device__ inline T& shared_memory() {
  asm volatile("// shared memory of a launch: %0 bytes" ::"n"(int(sizeof(T))));
  extern __shared__ __align__(128) unsigned char kilm_shared_memory[];
  return *reinterpret_cast<T*>(kilm_shared_memory);
}

// Reads and writes 16, 8 and 4 bytes at once, at an address that is a multiple of as many.
__device__ inline uint4 load_16(const void* p) { return *static_cast<const uint4*>(p); }
__device__ inline void store_16(void* p, uint4 v) { *static_cast<uint4*>(p) = v; }
__device__ inline uint2 load_8(const void* p) { return *static_cast<const uint2*>(p); }
__device__ inline void store_8(void* p, uint2 v) { *static_cast<uint2*>(p) = v; }
__device__ inline void store_4(void* p, uint32_t v) { *static_cast<uint32_t*>(p) = v; }

// Does the same to global memory, for numbers that are also used otherwise: nvcc 13 writes those one by one.
__device__ inline void store_global_16(void* p, uint4 v) {
  asm volatile("st.global.v4.u32 [%0], {%1,%2,%3,%4};" ::"l"(p), "r"(v.x), "r"(v.y), "r"(v.z), "r"(v.w) : "memory");
}

// Writes to global memory where other threads may write the same value at that time.
__device__ inline void store_relaxed(float* p, float v) {
  asm volatile("st.relaxed.gpu.global.f32 [%0], %1;" ::"l"(p), "f"(v) : "memory");
}
__device__ inline void store_relaxed(bf16* p, bf16 v) {
  asm volatile("st.relaxed.gpu.global.u16 [%0], %1;" ::"l"(p), "h"(v.bits) : "memory");
}

__device__ inline uint32_t shared_address(const void* p) { return uint32_t(__cvta_generic_to_shared(p)); }

// Starts to copy 16 bytes from global to shared memory, or to fill them with zeros if not `valid`; the source is then
// not read. They have arrived when their thread has waited for them, for other threads after a barrier behind that.
__device__ inline void cp_async_16(void* shared, const void* global, bool valid = true) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(shared_address(shared)), "l"(global),
               "r"(valid ? 16 : 0)
               : "memory");
}
// Makes the copies since the last commit a group.
__device__ inline void cp_async_commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }
// Waits until at most the last N groups of this thread are on their way.
template <int N>
__device__ inline void cp_async_wait() {
  asm volatile("cp.async.wait_group %0;" ::"n"(N) : "memory");
}

// Returns 2^x with an error of 2 ulp; 0 where the result would be below the normal numbers.
__device__ inline float exp2_approx(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

// Returns two floats as bf16, rounded to nearest even, the first in the lower half.
__device__ inline uint32_t pack_bf16(float low, float high) {
  uint32_t pair;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
  return pair;
}

// Loads four 8 x 8 matrices of 16-bit numbers from shared memory. Lane 8 i + r gives the address of row r of matrix i.
// r[i] of lane l holds elements (l / 4, 2 (l % 4)) and (l / 4, 2 (l % 4) + 1) of matrix i, or of its transpose.
__device__ inline void ldmatrix_x4(uint32_t (&r)[4], const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(shared_address(row))
               : "memory");
}
__device__ inline void ldmatrix_x4_trans(uint32_t (&r)[4], const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(shared_address(row))
               : "memory");
}

// Computes d[16, 8] += a[16, 16] b[16, 8] of a warp, bf16 with sums in f32. With g = lane / 4 and t = lane % 4 a lane
// holds
//   of a: rows g, g + 8, g, g + 8 at columns 2 t, 2 t + 1 (a[0], a[1]) and 2 t + 8, 2 t + 9 (a[2], a[3]);
//   of b: rows 2 t, 2 t + 1 (b0) and 2 t + 8, 2 t + 9 (b1) of column g;
//   of d: row g at columns 2 t, 2 t + 1 (d[0], d[1]) and row g + 8 (d[2], d[3]).
__device__ inline void mma_bf16(float (&d)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

}  // namespace tensor::cuda
