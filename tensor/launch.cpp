#include "tensor/launch.h"

#include "tensor/format.h"
#include "tensor/runtime.h"

namespace tensor {

Device Launch::common_device(const char* op, std::initializer_list<const Tensor*> tensors) {
  const Tensor* first = nullptr;
  for (const Tensor* x : tensors) {
    if (x == nullptr || !x->defined()) continue;
    if (first == nullptr) first = x;
    base::check(x->device() == first->device(), "{}: {} on {} and {} on {} should be on one device", op, first->shape(),
                first->device(), x->shape(), x->device());
  }
  base::check(first != nullptr, "{}: none of its tensors is defined", op);
  const Device device = first->device();
  const StreamId stream = current_stream(device);
  for (const Tensor* x : tensors)
    if (x != nullptr && x->defined()) x->storage()->used_by(stream);
  return device;
}

Tensor Launch::scratch_of(int64_t bytes) const {
  // Most kernels of the CPU want none. Sharing one costs a small op less than allocating it.
  static const Tensor none = Tensor::empty({0}, DType::u8);
  if (bytes == 0 && device_ == Device{}) return none;
  return Tensor::empty({bytes}, DType::u8, device_);
}

void Launch::append_shape(std::string& shapes, const Tensor& x) {
  if (x.defined()) shapes += base::format("{}{} {}", shapes.empty() ? " of " : ", ", x.dtype(), x.shape());
}

void Launch::name_failure(const base::DeviceFailure& failure, const std::string& shapes) const {
  const std::string& path = trace_path();
  throw base::DeviceFailure(
      base::format("{}{}{}{}: {}", op_, shapes, path.empty() ? "" : " in ", path, failure.what()));
}

}  // namespace tensor
