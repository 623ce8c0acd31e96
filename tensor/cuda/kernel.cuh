// What kernel files share: launches, sums over warps and blocks, packs of neighbouring elements, dispatch by dtype.
#pragma once

#include <cstdint>
#include <type_traits>

#include "tensor/cuda/ptx.cuh"
#include "tensor/cuda/runtime.h"
#include "tensor/kernels.h"

namespace tensor::cuda {

// ---- launches

// Queues kernel(arguments...) in `stream`, with `shared` bytes of shared memory per block. Throws Error. A grid without
// blocks, of an empty tensor, is no launch.
template <class... P, class... A>
void launch(void (*kernel)(P...), dim3 grid, dim3 block, size_t shared, cudaStream_t stream, A&&... arguments) {
  if (grid.x == 0 || grid.y == 0 || grid.z == 0) return;
  constexpr size_t kWithoutAsking = 48 << 10;
  if (shared > kWithoutAsking)
    check_cuda(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, int(shared)),
               "shared memory of a kernel");
  cudaLaunchConfig_t config{};
  config.gridDim = grid;
  config.blockDim = block;
  config.dynamicSmemBytes = shared;
  config.stream = stream;
  check_launch(cudaLaunchKernelEx(&config, kernel, static_cast<P>(arguments)...), stream);
}

// Returns the number of blocks for `items`, so many to a block.
inline unsigned blocks_for(int64_t items, int64_t per_block) { return unsigned((items + per_block - 1) / per_block); }

// Calls f.template operator()<T>() for the types that kernels here compute with.
template <class F>
void dispatch_f32_bf16(const char* op, DType dtype, F&& f) {
  switch (dtype) {
    case DType::f32: return f.template operator()<float>();
    case DType::bf16: return f.template operator()<bf16>();
    default: base::fail(std::string(op) + ": " + name(dtype) + " on cuda; it should be f32 or bf16");
  }
}

// ---- sums and maxima, always in the same order and the same in every thread

inline constexpr unsigned kAllLanes = ~0u;

struct Sum {
  static constexpr float kNone = 0;
  template <class A>
  __device__ static A of(A a, A b) {
    return a + b;
  }
};
struct Max {
  static constexpr float kNone = -__builtin_inff();
  __device__ static float of(float a, float b) { return fmaxf(a, b); }
};

template <class Op, class A>
__device__ inline A warp_reduce(A v) {
#pragma unroll
  for (int distance = 16; distance > 0; distance /= 2) v = Op::of(v, __shfl_xor_sync(kAllLanes, v, distance));
  return v;
}

// Reduces over a block of whole warps in one dimension. `scratch` is free again when the call returns.
template <class Op, class A>
__device__ inline A block_reduce(A v, A (&scratch)[32]) {
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32, warps = blockDim.x / 32;
  v = warp_reduce<Op>(v);
  if (lane == 0) scratch[warp] = v;
  __syncthreads();
  v = warp_reduce<Op>(lane < warps ? scratch[lane] : A(Op::kNone));
  __syncthreads();
  return v;
}

__device__ inline float warp_sum(float v) { return warp_reduce<Sum>(v); }
__device__ inline float warp_max(float v) { return warp_reduce<Max>(v); }
template <class A>  // float or double
__device__ inline A block_sum(std::type_identity_t<A> v, A (&scratch)[32]) {
  return block_reduce<Sum>(v, scratch);
}
__device__ inline float block_max(float v, float (&scratch)[32]) { return block_reduce<Max>(v, scratch); }

// ---- packs: N neighbouring elements, as floats in registers

template <int N>
struct Pack {
  static constexpr int kSize = N;
  float v[N];
  __device__ float& operator[](int i) { return v[i]; }
  __device__ float operator[](int i) const { return v[i]; }
};

// As many elements as fit into 16 bytes of the widest of these types.
template <class... T>
inline constexpr int kPack = [] {
  int n = 16;
  ((n = 16 / int(sizeof(T)) < n ? 16 / int(sizeof(T)) : n), ...);
  return n;
}();

__device__ inline float low_half(uint32_t pair) { return float(__uint_as_float(pair << 16)); }
__device__ inline float high_half(uint32_t pair) { return float(__uint_as_float(pair & 0xffff0000u)); }

// Returns 16 bytes as elements of T; packed() does the reverse.
template <class T>
__device__ inline Pack<kPack<T>> unpack(uint4 raw) {
  if constexpr (sizeof(T) == 4)
    return {{__uint_as_float(raw.x), __uint_as_float(raw.y), __uint_as_float(raw.z), __uint_as_float(raw.w)}};
  else
    return {{low_half(raw.x), high_half(raw.x), low_half(raw.y), high_half(raw.y), low_half(raw.z), high_half(raw.z),
             low_half(raw.w), high_half(raw.w)}};
}
template <class T>
__device__ inline uint4 packed(const Pack<kPack<T>>& x) {
  if constexpr (sizeof(T) == 4)
    return make_uint4(__float_as_uint(x[0]), __float_as_uint(x[1]), __float_as_uint(x[2]), __float_as_uint(x[3]));
  else
    return make_uint4(pack_bf16(x[0], x[1]), pack_bf16(x[2], x[3]), pack_bf16(x[4], x[5]), pack_bf16(x[6], x[7]));
}

// Loads a pack. The address is a multiple of its size, which is 8 or 16 bytes.
template <int N, class T>
__device__ inline Pack<N> load_pack(const T* p) {
  if constexpr (N == kPack<T>) {
    return unpack<T>(load_16(p));
  } else {
    static_assert(N == 4 && sizeof(T) == 2);
    const uint2 raw = load_8(p);
    return {{low_half(raw.x), high_half(raw.x), low_half(raw.y), high_half(raw.y)}};
  }
}
template <int N, class T>
__device__ inline void store_pack(T* p, const Pack<N>& x) {
  if constexpr (N == kPack<T>) {
    store_16(p, packed<T>(x));
  } else {
    static_assert(N == 4 && sizeof(T) == 2);
    store_8(p, make_uint2(pack_bf16(x[0], x[1]), pack_bf16(x[2], x[3])));
  }
}

__device__ inline void store_one(float* p, float v) { *p = v; }
__device__ inline void store_one(bf16* p, float v) { *p = bf16(v); }

// Does the same for an array that may end inside of the pack, or that lies at any address. Then it is not `whole`, and
// the first `n` elements are meant, one by one. Others are loaded as 0.
template <int N, class T>
__device__ inline Pack<N> load_pack(const T* p, int64_t n, bool whole) {
  if (whole) return load_pack<N>(p);
  Pack<N> x;
#pragma unroll
  for (int i = 0; i < N; ++i) x[i] = i < n ? float(p[i]) : 0.0f;
  return x;
}
template <int N, class T>
__device__ inline void store_pack(T* p, const Pack<N>& x, int64_t n, bool whole) {
  if (whole) return store_pack(p, x);
#pragma unroll
  for (int i = 0; i < N; ++i)
    if (i < n) store_one(p + i, x[i]);
}

// Does the same, but returns the bits that memory has, which take half of the registers where they are bf16.
template <class T>
__device__ inline uint4 load_raw(const T* p, int64_t n, bool whole) {
  return whole ? load_16(p) : packed<T>(load_pack<kPack<T>>(p, n, false));
}
template <class T>
__device__ inline void store_raw(T* p, uint4 raw, int64_t n, bool whole) {
  if (whole) return store_16(p, raw);
  store_pack(p, unpack<T>(raw), n, false);
}

// Tells whether packs of N elements that begin at these addresses may be loaded at once.
template <int N, class... T>
bool packs_aligned(const T*... p) {
  return ((reinterpret_cast<uintptr_t>(p) % (N * sizeof(T)) == 0) && ...);
}

// ---- dropout: what elements first .. first + N are multiplied by; `first` is a multiple of N, which is 4 or 8

struct Dropout {
  RandomPosition at;
  uint32_t threshold;
  float keep;

  Dropout(float p, const RandomPosition& at)
      : at(at), threshold(drop_threshold(p)), keep(float(keep_factor(threshold))) {}

  template <int N>
  __device__ Pack<N> factors(int64_t first) const {
    static_assert(N == 4 || N == 8);
    Pack<N> x;
    if (threshold == 0) {
#pragma unroll
      for (int i = 0; i < N; ++i) x[i] = 1;
      return x;
    }
    PhiloxCounter words = random_block(at, uint64_t(first) / 8);
    if (N == 4 && first % 8 != 0) words = {words[2], words[3]};
#pragma unroll
    for (int i = 0; i < N; ++i) x[i] = half_of(words, size_t(i)) < threshold ? 0.0f : keep;
    return x;
  }

  // Does the same for elements of which only the first n count, and which may begin anywhere if not `whole`.
  template <int N>
  __device__ Pack<N> factors(int64_t first, int64_t n, bool whole) const {
    if (whole) return factors<N>(first);
    Pack<N> x{};
#pragma unroll
    for (int i = 0; i < N; ++i)
      if (i < n) x[i] = factor(first + i);
    return x;
  }

  // Returns the factor of one element, wherever it is: at the price of a whole block.
  __device__ float factor(int64_t element) const {
    return random_half(at, uint64_t(element)) < threshold ? 0.0f : keep;
  }
};

}  // namespace tensor::cuda
