// The optimizer's step over flat buffers, as in update.cpp: a thread reads 16 bytes of each buffer, steps and writes
// them. The clip factor is on the device, where every thread reads it, so the host need not know whether the step is
// one. Traffic: every number is read once and written once, 30 bytes per parameter with bf16 weights.
#include <cmath>

#include "tensor/cuda/kernel.cuh"
#include "tensor/cuda/tables.h"

namespace tensor::cuda {

namespace {

constexpr int kThreads = 256;

// ---- AdamW

// Loshchilov & Hutter 2019: decoupled decay first, then Adam's step with eps outside of the corrected root.
struct AdamW {
  float beta1, rest1, beta2, rest2, rate1, root2, eps, decay;

  explicit AdamW(const AdamWOptions& options)
      : beta1(float(options.beta1)),
        rest1(float(1 - options.beta1)),
        beta2(float(options.beta2)),
        rest2(float(1 - options.beta2)),
        rate1(float(options.learning_rate / (1 - std::pow(options.beta1, double(options.step))))),
        root2(float(1 / std::sqrt(1 - std::pow(options.beta2, double(options.step))))),
        eps(float(options.eps)),
        decay(float(1 - options.learning_rate * options.weight_decay)) {}

  __device__ void step(float& p, float& m, float& v, float g, bool decays) const {
    m = m * beta1 + g * rest1;
    v = v * beta2 + g * g * rest2;
    p = p * (decays ? decay : 1.0f) - m * rate1 / (sqrtf(v) * root2 + eps);
  }
};

template <class T>
__global__ void __launch_bounds__(kThreads)
    adamw_packs(int64_t n, int64_t decayed, bool aligned, T* working, float* master, float* m, float* v,
                const float* grad, const double* clip, AdamW adam) {
  constexpr int N = kPack<T, float>;
  const double factor = *clip;
  const int64_t first = (int64_t(blockIdx.x) * kThreads + threadIdx.x) * N, left = n - first;
  if (left <= 0 || !(factor > 0)) return;
  const bool whole = aligned && left >= N;
  Pack<N> p = load_pack<N>(master + first, left, whole);
  Pack<N> m1 = load_pack<N>(m + first, left, whole), v1 = load_pack<N>(v + first, left, whole);
  const Pack<N> g = load_pack<N>(grad + first, left, whole);
#pragma unroll
  for (int i = 0; i < N; ++i) adam.step(p[i], m1[i], v1[i], g[i] * float(factor), first + i < decayed);
  store_pack(m + first, m1, left, whole);
  store_pack(v + first, v1, left, whole);
  store_pack(master + first, p, left, whole);
  store_pack(working + first, p, left, whole);
}

void adamw(Tensor& working, Tensor& master, Tensor& m, Tensor& v, const Tensor& grad, const Tensor& clip,
           const AdamWOptions& options) {
  dispatch_f32_bf16("adamw", working.dtype(), [&]<class T>() {
    constexpr int N = kPack<T, float>;
    const int64_t n = master.numel();
    T* pw = working.mutable_data<T>();
    float *pp = master.mutable_data<float>(), *pm = m.mutable_data<float>(), *pv = v.mutable_data<float>();
    const float* pg = grad.data<float>();
    launch(adamw_packs<T>, blocks_for(n, int64_t(kThreads) * N), kThreads, 0, stream_of(master), n, options.decayed,
           packs_aligned<N>(pw, pp, pm, pv, pg), pw, pp, pm, pv, pg, clip.data<double>(), AdamW(options));
  });
}

// ---- what the gradient is multiplied by: a warp looks whether everything is finite

__global__ void __launch_bounds__(32)
    clip_to_norm(double* clip, const double* square_norm, const double* losses, int64_t n, double max_norm) {
  const double norm = sqrt(*square_norm);
  bool finite = norm - norm == 0;
  for (int64_t i = threadIdx.x; i < n; i += 32) finite = finite && losses[i] - losses[i] == 0;
  finite = __all_sync(kAllLanes, finite);
  if (threadIdx.x != 0) return;
  *clip = !finite ? 0 : max_norm > 0 && norm > max_norm ? max_norm / norm : 1;
}

void clip_factor(Tensor& clip, const Tensor& square_norm, const Tensor& losses, double max_norm) {
  const int64_t n = losses.defined() ? losses.numel() : 0;
  launch(clip_to_norm, 1, 32, 0, stream_of(clip), clip.mutable_data<double>(), square_norm.data<double>(),
         n > 0 ? losses.data<double>() : nullptr, n, max_norm);
}

}  // namespace

constinit const UpdateKernels update_kernels{.adamw = adamw, .clip_factor = clip_factor};

}  // namespace tensor::cuda
