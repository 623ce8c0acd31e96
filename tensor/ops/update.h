// The optimizer's step on flat buffers. These ops are not differentiable.
#pragma once

#include "tensor/kernels.h"
#include "tensor/tensor.h"

namespace tensor {

// One step of AdamW, equal to torch.optim.AdamW, in place on working[n], master[n], m[n] and v[n]. master, m, v and
// grad[n] have the acc dtype of working, which may be master itself. grad counts times clip[1]; nothing changes where
// clip is 0 or nan. lr[1] is the learning rate; both are f64. Loshchilov & Hutter 2019.
void adamw(Tensor& working, Tensor& master, Tensor& m, Tensor& v, const Tensor& grad, const Tensor& lr,
           const Tensor& clip, const AdamWOptions& options);

// [1] f64: min(1, max_norm / sqrt(square_norm[1])), or 0 where the norm is not finite; max_norm <= 0 asks for no
// clipping. square_norm is f64.
Tensor clip_factor(const Tensor& square_norm, double max_norm);

}  // namespace tensor
