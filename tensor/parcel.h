// Tensors that lie one behind another in one piece of memory, so that one copy takes all of them to a device. Where
// each of them lies follows from shapes and dtypes alone.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "tensor/tensor.h"

namespace tensor {

class Parcel {
 public:
  Parcel() = default;  // of nothing
  // Copies tensors of the host into memory that is pinned for `device`, and from there by one copy in the device's
  // current stream. The host may go on: nothing waits.
  Parcel(std::span<const Tensor> tensors, Device device);

  const std::vector<Tensor>& tensors() const { return tensors_; }  // row-major, on the device

  Parcel clone() const;  // in memory of its own
  // Takes the numbers of a parcel of the same shapes and dtypes on the same device, by one copy in its current stream.
  void copy_from(const Parcel& x);

 private:
  Parcel(std::span<const Tensor> like, std::shared_ptr<Storage> memory);

  std::shared_ptr<Storage> memory_;
  std::vector<Tensor> tensors_;
};

}  // namespace tensor
