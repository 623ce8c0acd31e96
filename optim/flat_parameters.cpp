#include "optim/flat_parameters.h"

#include <unordered_set>

#include "tensor/format.h"

namespace optim {

namespace {

constexpr int64_t kAlign = 64;  // elements: every slice starts at 256 bytes of f32

// A tensor of the slice's own shape over flat memory, whose version is that of the flat storage.
Tensor view(const Tensor& flat, const FlatParameters::Slice& slice, const nn::Shape& shape) {
  const size_t element = tensor::size_of(flat.dtype());
  auto storage =
      std::make_shared<tensor::Storage>(flat.storage(), size_t(slice.begin) * element, size_t(slice.count) * element);
  return Tensor(std::move(storage), 0, shape, tensor::row_major(shape), flat.dtype());
}

}  // namespace

FlatParameters::FlatParameters(nn::Module& module) {
  std::unordered_set<const autograd::Leaf*> seen;
  for (const nn::Entry& entry : nn::entries(module)) {
    if (!entry.parameter || !seen.insert(entry.parameter->leaf().get()).second) continue;
    const Tensor& value = entry.parameter->value();
    slices_.push_back({entry.name, size_, value.numel(), value.rank() >= 2});
    size_ += (value.numel() + kAlign - 1) / kAlign * kAlign;
    parameters_.push_back(*entry.parameter);
  }
  tensor::check(!parameters_.empty(), "flat parameters: the module has no parameters");
  const DType dtype = parameters_[0].dtype();
  const DType state = tensor::acc_dtype(dtype);
  const tensor::Device device = parameters_[0].value().device();
  working = Tensor::zeros({size_}, dtype, device);
  master = dtype == state ? working : Tensor::zeros({size_}, state, device);
  for (Tensor* flat : {&grad, &m, &v}) *flat = Tensor::zeros({size_}, state, device);
  for (size_t i = 0; i < parameters_.size(); ++i) {
    autograd::Leaf& leaf = *parameters_[i].leaf();
    tensor::check(leaf.value.dtype() == dtype, "flat parameters: {} is {}, the first parameter {}", slices_[i].name,
                  leaf.value.dtype(), dtype);
    const nn::Shape shape = leaf.value.shape();
    Tensor value = view(working, slices_[i], shape);
    value.copy_from(leaf.value);
    if (dtype != state) view(master, slices_[i], shape).copy_from(leaf.value);
    leaf.value = value;
    leaf.grad = view(grad, slices_[i], shape);
    leaf.fresh = true;
  }
}

void FlatParameters::settle() {
  for (nn::Variable& parameter : parameters_) {
    if (!parameter.leaf()->fresh) continue;
    parameter.leaf()->grad.fill(0);
    parameter.leaf()->fresh = false;
  }
}

void FlatParameters::clear() {
  for (nn::Variable& parameter : parameters_) parameter.clear_grad();
}

}  // namespace optim
