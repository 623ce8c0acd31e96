#include "nn/layers.h"

#include "autograd/ops/index.h"
#include "autograd/ops/matmul.h"
#include "autograd/ops/norm.h"

namespace nn {

namespace {
Variable zeros(const Shape& shape, DType dtype) { return Variable::parameter(Tensor::zeros(shape, dtype)); }
}  // namespace

Linear::Linear(int64_t in, int64_t out, DType dtype) : weight(zeros({out, in}, dtype)), bias(zeros({out}, dtype)) {}

Variable Linear::forward(const Variable& x) const { return autograd::linear(x, weight, bias); }

void Linear::visit(Visitor& v) {
  v("weight", weight);
  v("bias", bias);
}

LayerNorm::LayerNorm(int64_t size, DType dtype, double eps)
    : weight(Variable::parameter(Tensor::full({size}, 1, dtype))), bias(zeros({size}, dtype)), eps(eps) {}

Variable LayerNorm::forward(const Variable& x) const { return autograd::layer_norm(x, weight, bias, eps); }

Variable LayerNorm::add_and_norm(const Variable& x, const Variable& residual, float dropout) const {
  return autograd::dropout_add_layer_norm(x, residual, weight, bias, eps, dropout);
}

void LayerNorm::visit(Visitor& v) {
  v("weight", weight);
  v("bias", bias);
}

Embedding::Embedding(int64_t count, int64_t size, DType dtype) : weight(zeros({count, size}, dtype)) {}

Variable Embedding::forward(const Ids& ids) const { return autograd::embedding(weight, ids); }

void Embedding::visit(Visitor& v) { v("weight", weight); }

}  // namespace nn
