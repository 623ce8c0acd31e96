#include "tensor/parcel.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "tensor/format.h"
#include "tensor/runtime.h"
#include "tensor/trace.h"

namespace tensor {

namespace {

constexpr size_t kAlign = 256;  // bytes: where a tensor may begin

size_t room_of(const Tensor& x) { return (x.bytes() + kAlign - 1) / kAlign * kAlign; }

size_t room_of(std::span<const Tensor> tensors) {
  size_t bytes = 0;
  for (const Tensor& x : tensors) bytes += room_of(x);
  return bytes;
}

}  // namespace

Parcel::Parcel(std::span<const Tensor> like, std::shared_ptr<Storage> memory) : memory_(std::move(memory)) {
  size_t begin = 0;
  for (const Tensor& x : like) {
    tensors_.emplace_back(memory_, int64_t(begin / size_of(x.dtype())), x.shape(), row_major(x.shape()), x.dtype());
    begin += room_of(x);
  }
}

Parcel::Parcel(std::span<const Tensor> tensors, Device device)
    : Parcel(tensors, Storage::allocate(room_of(tensors), device)) {
  const Trace trace("parcel", 2 * int64_t(memory_->bytes()));
  const std::shared_ptr<Storage> pinned = Storage::allocate_pinned(memory_->bytes(), device);
  std::byte* to = pinned->data();
  for (const Tensor& x : tensors) {
    base::check(x.device() == Device{}, "parcel: a tensor {} is on {}; it should be on the host", x.shape(),
                x.device());
    const Tensor rows = x.contiguous();
    if (x.bytes() > 0) std::memcpy(to, rows.bytes_data(), x.bytes());
    to += room_of(x);
  }
  write_bytes(device, memory_->data(), pinned->data(), memory_->bytes());
  pinned->used_by(current_stream(device));
}

Parcel Parcel::clone() const {
  Parcel copy(tensors_, Storage::allocate(memory_->bytes(), memory_->device()));
  copy.copy_from(*this);
  return copy;
}

void Parcel::copy_from(const Parcel& x) {
  const auto fits = [](const Tensor& a, const Tensor& b) {
    return a.shape() == b.shape() && a.dtype() == b.dtype() && a.device() == b.device();
  };
  base::check(std::equal(tensors_.begin(), tensors_.end(), x.tensors_.begin(), x.tensors_.end(), fits),
              "parcel: tensors that are copied should have the shapes, dtypes and device of those that are replaced");
  const Device device = memory_->device();
  copy_bytes(device, memory_->data(), x.memory_->data(), memory_->bytes());
  for (const Parcel* used : {&std::as_const(*this), &x}) used->memory_->used_by(current_stream(device));
  memory_->raise_version();
}

}  // namespace tensor
