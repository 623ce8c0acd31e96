// The tensor: a value that shares its storage. A header of shape, strides, offset and dtype over shared bytes; copying
// a Tensor copies the header. Views change the header only. There is no autograd here and no implicit conversion:
// devices and dtypes change through `to` and `cast` alone.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tensor/dtype.h"
#include "tensor/shape.h"
#include "tensor/storage.h"

namespace tensor {

class Tensor {
 public:
  Tensor() = default;  // undefined: no storage, `defined()` is false
  Tensor(std::shared_ptr<Storage> storage, int64_t offset, Shape shape, Strides strides, DType dtype);

  // Makes a row-major tensor whose elements are not initialised.
  static Tensor empty(const Shape& shape, DType dtype = DType::f32, Device device = {});
  static Tensor zeros(const Shape& shape, DType dtype = DType::f32, Device device = {});
  static Tensor full(const Shape& shape, double value, DType dtype = DType::f32, Device device = {});
  // Copies `values` in row-major order; their number must be shape.numel().
  template <class T>
  static Tensor from(const Shape& shape, std::span<const T> values, Device device = {}) {
    return from_bytes(shape, dtype_of<T>(), values.data(), int64_t(values.size()), device);
  }
  template <class T>
  static Tensor from(const Shape& shape, const std::vector<T>& values, Device device = {}) {
    return from(shape, std::span<const T>(values), device);
  }

  bool defined() const { return storage_ != nullptr; }
  const Shape& shape() const { return shape_; }
  const Strides& strides() const { return strides_; }
  int rank() const { return shape_.rank(); }
  int64_t size(int dim) const { return shape_[dim]; }
  int64_t stride(int dim) const { return strides_[dim]; }
  int64_t numel() const { return numel_; }
  int64_t offset() const { return offset_; }  // in elements, from the start of the storage
  DType dtype() const { return dtype_; }
  Device device() const { return storage_->device(); }
  size_t bytes() const { return size_t(numel_) * size_of(dtype_); }
  bool is_contiguous() const { return is_row_major(shape_, strides_); }
  uint32_t version() const { return storage_->version(); }
  const std::shared_ptr<Storage>& storage() const { return storage_; }

  // Points to the first element. T must be the dtype's type (checked). The caller of mutable_data announces a write:
  // the version rises, and graphs that saved this storage will refuse to run backward.
  template <class T>
  const T* data() const {
    return static_cast<const T*>(typed(dtype_of<T>()));
  }
  template <class T>
  T* mutable_data() {
    storage_->raise_version();
    return static_cast<T*>(typed(dtype_of<T>()));
  }
  const std::byte* bytes_data() const { return storage_->data() + size_t(offset_) * size_of(dtype_); }
  std::byte* mutable_bytes_data() {
    storage_->raise_version();
    return storage_->data() + size_t(offset_) * size_of(dtype_);
  }

  // Returns a view, as all down to rows() do: no copy, same storage.
  Tensor reshape(const Shape& shape) const;  // one size may be -1; copies only if the strides do not allow a view
  Tensor transpose(int a, int b) const;
  Tensor narrow(int dim, int64_t start, int64_t length) const;
  Tensor select(int dim, int64_t index) const;  // without `dim`: select(1, i) of x[t, n, d] is x[:, i], [t, d]
  Tensor expand(const Shape& shape) const;      // broadcasts sizes of 1 with stride 0
  Tensor unsqueeze(int dim) const;              // a size of 1 before `dim`; dim = rank() appends
  Tensor squeeze(int dim) const;                // removes a size of 1
  Tensor rows() const;                          // [..., d] -> [n, d]

  // Returns this tensor if it is row-major, else a row-major copy.
  Tensor contiguous() const;
  Tensor clone() const;             // always a row-major copy
  Tensor cast(DType dtype) const;   // this tensor if the dtype is the same
  Tensor to(Device device) const;   // this tensor if it is there, else a row-major copy; to the host: waits for it
  void copy_from(const Tensor& x);  // same shape, from any device; converts the dtype
  void fill(double value);

  // Waits, as all reading on the host does, until the device has the numbers (tensor/work_count.h).
  double item() const;  // the only element, converted
  // Returns all elements in row-major order. T must be the dtype's type.
  template <class T>
  std::vector<T> to_vector() const;
  std::string to_string() const;  // "f32 [2, 3] cpu: 1 2 3 ..." for messages

 private:
  static Tensor from_bytes(const Shape& shape, DType dtype, const void* values, int64_t count, Device device);
  void* typed(DType dtype) const;
  Tensor read() const;  // row-major, on the host; counted as a wait

  std::shared_ptr<Storage> storage_;
  int64_t offset_ = 0;
  int64_t numel_ = 0;
  Shape shape_;
  Strides strides_;
  DType dtype_ = DType::f32;
};

// Copies these tensors of one device to the host, row-major. The host waits for the device once, after all copies.
std::vector<Tensor> read_back(const std::vector<Tensor>& tensors);

template <class T>
std::vector<T> Tensor::to_vector() const {
  const Tensor x = read();
  const T* begin = x.data<T>();
  return std::vector<T>(begin, begin + x.numel());
}

}  // namespace tensor
