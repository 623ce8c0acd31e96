#include "tensor/tensor.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "tensor/format.h"
#include "tensor/launch.h"
#include "tensor/runtime.h"

namespace tensor {

Tensor::Tensor(std::shared_ptr<Storage> storage, int64_t offset, Shape shape, Strides strides, DType dtype)
    : storage_(std::move(storage)),
      offset_(offset),
      numel_(shape.numel()),
      shape_(std::move(shape)),
      strides_(std::move(strides)),
      dtype_(dtype) {}

Tensor Tensor::empty(const Shape& shape, DType dtype, Device device) {
  const int64_t bytes = checked_mul(shape.numel(), int64_t(size_of(dtype)));
  return Tensor(Storage::allocate(size_t(bytes), device), 0, shape, row_major(shape), dtype);
}

namespace {

// Returns y = x of the same shape, as `dtype`.
Tensor copied(const Tensor& x, DType dtype) {
  const Launch launch("copy", {&x}, int64_t(x.bytes()) + x.numel() * int64_t(size_of(dtype)));
  Tensor y = Tensor::empty(x.shape(), dtype, x.device());
  launch(&ElementwiseKernels::copy, y, x);
  return y;
}

// Moves bytes from x to y, which are row-major, of one dtype and shape, and not on the same device.
void transfer(Tensor& y, const Tensor& x) {
  const Device to = y.device(), from = x.device();
  const bool from_host = from.type == DeviceType::cpu, to_host = to.type == DeviceType::cpu;
  if (!from_host && !to_host) return transfer(y, x.to(Device{}));
  const Device device = from_host ? to : from;
  (from_host ? y : x).storage()->used_by(current_stream(device));
  if (from_host)
    write_bytes(device, y.mutable_bytes_data(), x.bytes_data(), x.bytes());
  else
    read_bytes(device, y.mutable_bytes_data(), x.bytes_data(), x.bytes());
}

// Returns the number of the host at `at`, converted.
double number_at(const std::byte* at, DType dtype) {
  double number = 0;
  dispatch_all(dtype, [&]<class T>() {
    T value;
    std::memcpy(&value, at, sizeof value);
    if constexpr (std::is_arithmetic_v<T>)
      number = double(value);
    else
      number = double(float(value));
  });
  return number;
}

}  // namespace

Tensor Tensor::from_bytes(const Shape& shape, DType dtype, const void* values, int64_t count, Device device) {
  base::check(shape.numel() == count, "tensor: {} values do not fill a shape of {}", count, shape.numel());
  const Trace trace("from", count * int64_t(size_of(dtype)));
  Tensor result = empty(shape, dtype, device);
  write_bytes(device, result.mutable_bytes_data(), values, result.bytes());
  return result;
}

Tensor Tensor::full(const Shape& shape, double value, DType dtype, Device device) {
  const Launch launch("fill", device, shape.numel() * int64_t(size_of(dtype)));
  Tensor result = empty(shape, dtype, device);
  launch(&ElementwiseKernels::fill, result, value);
  return result;
}

Tensor Tensor::zeros(const Shape& shape, DType dtype, Device device) { return full(shape, 0, dtype, device); }

void* Tensor::typed(DType dtype) const {
  base::check(defined(), "tensor: data of an undefined tensor");
  base::check(dtype == dtype_, "tensor: a {} tensor is accessed as {}", dtype_, dtype);
  return storage_->data() + size_t(offset_) * size_of(dtype_);
}

namespace {

// Replaces one -1 by what the number of elements asks for.
Shape resolve(const Shape& wanted, int64_t numel, const Shape& from) {
  Shape shape = wanted;
  int64_t known = 1;
  int unknown = -1;
  for (int i = 0; i < shape.rank(); ++i) {
    if (shape[i] == -1) {
      base::check(unknown < 0, "reshape: {} has more than one -1", wanted);
      unknown = i;
    } else {
      known = checked_mul(known, shape[i]);
    }
  }
  if (unknown >= 0 && known > 0) shape[unknown] = numel / known;
  base::check(shape.numel() == numel, "reshape: {} has {} elements and cannot become {}", from, numel, wanted);
  return shape;
}

}  // namespace

Tensor Tensor::reshape(const Shape& wanted) const {
  const Shape shape = resolve(wanted, numel_, shape_);
  const Tensor x = contiguous();
  return Tensor(x.storage_, x.offset_, shape, row_major(shape), dtype_);
}

Tensor Tensor::transpose(int a, int b) const {
  Tensor view = *this;
  a = shape_.index(a);
  b = shape_.index(b);
  std::swap(view.shape_[a], view.shape_[b]);
  std::swap(view.strides_[a], view.strides_[b]);
  return view;
}

Tensor Tensor::narrow(int dim, int64_t start, int64_t length) const {
  dim = shape_.index(dim);
  base::check(start >= 0 && length >= 0 && start + length <= shape_[dim],
              "narrow: {} from {} is outside of dimension {} of {}", length, start, dim, shape_);
  Shape shape = shape_;
  shape[dim] = length;
  return Tensor(storage_, offset_ + start * strides_[dim], shape, strides_, dtype_);
}

Tensor Tensor::select(int dim, int64_t index) const { return narrow(dim, index, 1).squeeze(dim); }

Tensor Tensor::expand(const Shape& shape) const {
  base::check(broadcast(shape_, shape) == shape, "expand: {} does not broadcast to {}", shape_, shape);
  Strides strides{Strides(std::span(shape.begin(), size_t(shape.rank())))};
  for (int i = 1; i <= shape.rank(); ++i)
    strides[-i] = i > rank() || (shape_[-i] == 1 && shape[-i] != 1) ? 0 : strides_[-i];
  return Tensor(storage_, offset_, shape, strides, dtype_);
}

Tensor Tensor::unsqueeze(int dim) const {
  const int at = dim < 0 ? dim + rank() + 1 : dim;
  Tensor view = *this;
  view.shape_ = Shape(shape_.inserted(at, 1));
  static_cast<Dims&>(view.strides_) = strides_.inserted(at, at < rank() ? strides_[at] * shape_[at] : 1);
  return view;
}

Tensor Tensor::squeeze(int dim) const {
  base::check(shape_[dim] == 1, "squeeze: dimension {} of {} is not 1", dim, shape_);
  Tensor view = *this;
  view.shape_ = Shape(shape_.erased(dim));
  static_cast<Dims&>(view.strides_) = strides_.erased(dim);
  return view;
}

Tensor Tensor::rows() const {
  base::check(rank() >= 1, "rows: a scalar has no rows");
  const int64_t d = shape_[-1];
  int64_t n = 1;
  for (int i = 0; i + 1 < rank(); ++i) n *= shape_[i];
  return reshape({n, d});
}

Tensor Tensor::contiguous() const { return is_contiguous() ? *this : clone(); }

Tensor Tensor::clone() const { return copied(*this, dtype_); }

Tensor Tensor::cast(DType dtype) const { return dtype == dtype_ ? *this : copied(*this, dtype); }

Tensor Tensor::to(Device device) const {
  if (device == this->device()) return *this;
  const Trace trace("to", int64_t(bytes()));
  Tensor y = empty(shape_, dtype_, device);
  transfer(y, contiguous());
  return y;
}

void Tensor::copy_from(const Tensor& x) {
  base::check(shape_ == x.shape_, "copy: {} cannot be copied into {}", x.shape_, shape_);
  if (device() != x.device()) {
    const Trace trace("copy", int64_t(bytes() + x.bytes()));
    if (is_contiguous() && dtype_ == x.dtype_) return transfer(*this, x.contiguous());
    const Tensor converted = x.to(Device{}).cast(dtype_);  // by the host, which converts any dtype
    return copy_from(is_contiguous() ? converted : converted.to(device()));
  }
  const Launch launch("copy", {this, &x}, int64_t(bytes() + x.bytes()));
  launch(&ElementwiseKernels::copy, *this, x);
}

void Tensor::fill(double value) {
  const Launch launch("fill", {this}, int64_t(bytes()));
  launch(&ElementwiseKernels::fill, *this, value);
}

double Tensor::item() const {
  base::check(numel_ == 1, "item: {} has {} elements, not one", shape_, numel_);
  return number_at(read().bytes_data(), dtype_);
}

Tensor Tensor::read() const { return read_back({*this})[0]; }

std::vector<Tensor> read_back(const std::vector<Tensor>& tensors) {
  const Device device = tensors.at(0).device();
  std::vector<Tensor> read;
  for (const Tensor& given : tensors) {
    base::check(given.device() == device, "read_back: {} on {} and {} on {} should be on one device",
                tensors[0].shape(), device, given.shape(), given.device());
    const Tensor& x = read.emplace_back(given.contiguous());
    if (device.type == DeviceType::cpu) continue;
    Tensor y = Tensor::empty(x.shape(), x.dtype());
    queue_read_bytes(device, y.mutable_bytes_data(), x.bytes_data(), x.bytes());
    x.storage()->used_by(current_stream(device));
    read.back() = y;
  }
  if (device.type == DeviceType::cpu)
    WorkCount::add(&Work::waits);
  else
    wait_for_device(device);
  return read;
}

std::string Tensor::to_string() const {
  if (!defined()) return "undefined";
  std::string text = base::format("{} {} {}:", dtype_, shape_, device());
  const int64_t shown = std::min<int64_t>(numel_, 8);
  const Tensor x = reshape({-1}).narrow(0, 0, shown).read();
  for (int64_t i = 0; i < shown; ++i)
    text += base::format(" {:g}", number_at(x.bytes_data() + size_t(i) * size_of(dtype_), dtype_));
  return shown < numel_ ? text + " ..." : text;
}

}  // namespace tensor
