// Layer norm over the last dimension, alone and fused with the residual step before it. Ba et al. 2016.
#pragma once

#include "tensor/random.h"
#include "tensor/target.h"

namespace tensor {

struct LayerNormResult {
  Tensor y;           // [..., d]
  Tensor mean, rstd;  // [r], acc dtype, with r the number of rows
};

// Returns y = (x - mean) / sqrt(variance + eps) * w + b with x[..., d], w[d], b[d].
LayerNormResult layer_norm(const Tensor& x, const Tensor& w, const Tensor& b, double eps);

// Returns dx[..., d]; computes dw[d] and db[d], acc dtype, where wanted.
Tensor layer_norm_backward(const Tensor& dy, const Tensor& x, const Tensor& mean, const Tensor& rstd, const Tensor& w,
                           Target dw, Target db);

struct DropoutAddLayerNormResult {
  Tensor y, sum;      // [..., d]
  Tensor mean, rstd;  // [r], acc dtype
};

// Returns sum = residual + dropout(x) and y = layer_norm(sum) with x[..., d], residual[..., d], w[d], b[d], 0 <= p < 1.
DropoutAddLayerNormResult dropout_add_layer_norm(const Tensor& x, const Tensor& residual, const Tensor& w,
                                                 const Tensor& b, double eps, float p, const RandomPosition& at);

struct DropoutAddLayerNormGradients {
  Tensor dx, dresidual;  // [..., d]; one tensor if p is 0
};
// Returns the gradients at what the forward pass gave; computes dw[d] and db[d], acc dtype, where wanted. That of
// residual is layer_norm_backward's at sum, that of x the same dropout of it.
DropoutAddLayerNormGradients dropout_add_layer_norm_backward(const Tensor& dy, const Tensor& sum, const Tensor& mean,
                                                             const Tensor& rstd, const Tensor& w, Target dw, Target db,
                                                             float p, const RandomPosition& at);

}  // namespace tensor
