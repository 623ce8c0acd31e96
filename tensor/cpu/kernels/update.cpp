// The optimizer's step over flat buffers. Every number is read once and written once, 28 to 32 bytes per parameter, so
// the memory's speed is the step's.
#include <algorithm>
#include <cmath>

#include "tensor/base/threads.h"
#include "tensor/cpu/math.h"
#include "tensor/cpu/tables.h"
#include "tensor/cpu/vec.h"

namespace tensor::cpu::KILM_KERNEL_ISA {

namespace {

// Follows Loshchilov & Hutter 2019: decoupled decay first, then Adam's step with eps outside of the corrected root.
void adamw(Tensor& working, Tensor& master, Tensor& m, Tensor& v, const Tensor& grad, const Tensor& clip,
           const AdamWOptions& options) {
  const double factor = *clip.data<double>(), rate = options.learning_rate;
  if (!(factor > 0)) return;
  dispatch_float("adamw", working.dtype(), [&]<class T>() {
    using A = acc_t<T>;
    T* workingp = working.mutable_data<T>();
    A *masterp = master.mutable_data<A>(), *mp = m.mutable_data<A>(), *vp = v.mutable_data<A>();
    const A* gradp = grad.data<A>();
    const A beta1 = A(options.beta1), beta2 = A(options.beta2), eps = A(options.eps), clipped = A(factor);
    const A rest1 = A(1 - options.beta1), rest2 = A(1 - options.beta2);
    const A rate1 = A(rate / (1 - std::pow(options.beta1, double(options.step))));
    const A root2 = A(1 / std::sqrt(1 - std::pow(options.beta2, double(options.step))));
    const auto step_run = [=](int64_t begin, int64_t end, A decay) {
      for_lanes<A>(end - begin, [&](int64_t j, auto step) {
        const int64_t i = begin + j;
        const Vec<A> g = step.get(gradp + i) * clipped;
        const Vec<A> m1 = step.get(mp + i) * beta1 + g * rest1;
        const Vec<A> v1 = step.get(vp + i) * beta2 + g * g * rest2;
        const Vec<A> p = step.get(masterp + i) * decay - m1 * rate1 / (sqrt(v1) * root2 + eps);
        step.put(mp + i, m1);
        step.put(vp + i, v1);
        step.put(masterp + i, p);
        step.put(workingp + i, p);
      });
    };
    const A decay = A(1 - rate * options.weight_decay);
    parallel_for(master.numel(), grain_for(1), [=](int64_t begin, int64_t end) {
      const int64_t border = std::clamp(options.decayed, begin, end);
      step_run(begin, border, decay);
      step_run(border, end, A(1));
    });
  });
}

void clip_factor(Tensor& clip, const Tensor& square_norm, const Tensor& losses, double max_norm) {
  const double norm = std::sqrt(*square_norm.data<double>());
  bool finite = std::isfinite(norm);
  for (int64_t i = 0; losses.defined() && i < losses.numel(); ++i) finite &= std::isfinite(losses.data<double>()[i]);
  double& factor = *clip.mutable_data<double>();
  if (!finite)
    factor = 0;
  else
    factor = max_norm > 0 && norm > max_norm ? max_norm / norm : 1;
}

}  // namespace

constinit const UpdateKernels update_kernels{.adamw = adamw, .clip_factor = clip_factor};

}  // namespace tensor::cpu::KILM_KERNEL_ISA
