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

}  // namespace tensor
