// The leaves of a model: linear maps, normalisation and tables.
#pragma once

#include "nn/module.h"

namespace nn {

// y[..., o] = x[..., i] weight[o, i]ᵀ + bias[o]
struct Linear final : Module {
  Linear(int64_t in, int64_t out, DType dtype);  // zeros until initialised or loaded
  Variable forward(const Variable& x) const;
  void visit(Visitor& v) override;

  Variable weight;  // [out, in]
  Variable bias;    // [out]
};

struct LayerNorm final : Module {
  LayerNorm(int64_t size, DType dtype, double eps = 1e-5);
  Variable forward(const Variable& x) const;
  // Returns layer_norm(residual + dropout(x)): the residual step of a post-norm transformer.
  Variable add_and_norm(const Variable& x, const Variable& residual, float dropout) const;
  void visit(Visitor& v) override;

  Variable weight;  // [size], ones
  Variable bias;    // [size], zeros
  double eps;
};

struct Embedding final : Module {
  Embedding(int64_t count, int64_t size, DType dtype);
  Variable forward(const Ids& ids) const;  // ids[t] i32 -> [t, size]
  void visit(Visitor& v) override;

  Variable weight;  // [count, size]
};

}  // namespace nn
