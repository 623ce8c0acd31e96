// The optimizer's step on flat buffers. These ops are not differentiable.
#pragma once

#include "tensor/kernels.h"
#include "tensor/tensor.h"

namespace tensor {

// Makes one step of AdamW, equal to torch.optim.AdamW, in place on working[n], master[n], m[n] and v[n]. master, m, v
// and grad[n] have the acc dtype of working, which may be master itself. grad counts times clip[1] f64; nothing changes
// where clip is 0 or nan. Loshchilov & Hutter 2019.
void adamw(Tensor& working, Tensor& master, Tensor& m, Tensor& v, const Tensor& grad, const Tensor& clip,
           const AdamWOptions& options);

// Returns [1] f64: min(1, max_norm / sqrt(square_norm[1])). It is 0 where the norm is not finite, or one of losses[n]
// if those are defined. max_norm <= 0 asks for no clipping. square_norm and losses are f64.
Tensor clip_factor(const Tensor& square_norm, double max_norm, const Tensor& losses = {});

}  // namespace tensor
