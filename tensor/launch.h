// One call of an operation on its device: what it is called in traces and errors, and what it runs there.
#pragma once

#include <atomic>
#include <initializer_list>
#include <string>
#include <type_traits>

#include "tensor/base/device_failure.h"
#include "tensor/kernels.h"
#include "tensor/trace.h"
#include "tensor/work_count.h"

namespace tensor {

// Told of each kernel, by the thread that calls it. Tests ask with it which kernels they reach, and what touches the
// memory of a device outside of them.
struct LaunchObserver {
  // The op, the field's place in the table of the backend, and the device of the tensors.
  void (*begins)(const char* op, const void* field, Device device) = nullptr;
  void (*ended)(Device device) = nullptr;  // or has thrown; null: of no interest
};

// const Launch launch("layer_norm", {&x, &w, &b}, bytes);
// launch(&NormKernels::layer_norm, y, mean, rstd, x, w, b, eps);
// It comes before the op allocates, so that its Trace names the memory.
class Launch {
 public:
  // `bytes` and `flops` as for Trace. An op without inputs names its device.
  Launch(const char* op, Device device, int64_t bytes = 0, int64_t flops = 0)
      : trace_(op, bytes, flops), op_(op), device_(device) {}
  // Launches on the device of the tensors. Null and undefined ones do not count. Throws Error if the others are on
  // several devices, or if there are none. Notes that the thread's current stream uses them.
  Launch(const char* op, std::initializer_list<const Tensor*> tensors, int64_t bytes = 0, int64_t flops = 0)
      : trace_(op, bytes, flops), op_(op), device_(common_device(op, tensors)) {}

  // Calls the device's kernel and returns what it returns. Throws Error if the backend lacks it. A DeviceFailure also
  // says op, shapes and the place in the model.
  template <class Table, class R, class... P>
  R operator()(R (*Table::*field)(P...), std::type_identity_t<P>... arguments) const {
    const Table* family = table_of<Table>(kernels(device_));
    if (family == nullptr || family->*field == nullptr) missing_kernel(op_, device_);
    WorkCount::add(&Work::launches);
    try {
      if (const LaunchObserver* observer = observer_.load(std::memory_order_relaxed)) [[unlikely]] {
        const Observed observed(*observer, op_, &(family->*field), device_);
        return (family->*field)(arguments...);
      }
      return (family->*field)(arguments...);
    } catch (const base::DeviceFailure& failure) {
      std::string shapes;
      (append_shape(shapes, arguments), ...);
      name_failure(failure, shapes);
    }
  }

  // Allocates the scratch of a kernel: u8, as many bytes as `field` says.
  template <class Table, class... P>
  Tensor scratch(size_t (*Table::*field)(P...), std::type_identity_t<P>... sizes) const {
    return scratch_of(int64_t((*this)(field, sizes...)));
  }

  // `observer` must outlive its use; null: nobody asks. Returns the one before.
  static const LaunchObserver* set_observer(const LaunchObserver* observer) { return observer_.exchange(observer); }

 private:
  struct Observed {
    Observed(const LaunchObserver& observer, const char* op, const void* field, Device device)
        : observer(observer), device(device) {
      observer.begins(op, field, device);
    }
    ~Observed() {
      if (observer.ended) observer.ended(device);
    }
    const LaunchObserver& observer;
    Device device;
  };

  static void append_shape(std::string& shapes, const Tensor& x);
  static void append_shape(std::string& shapes, const Tensor* x) {
    if (x) append_shape(shapes, *x);
  }
  static void append_shape(std::string& shapes, const Target& y) { append_shape(shapes, y.tensor); }
  template <class T>
  static void append_shape(std::string&, const T&) {}  // numbers
  [[noreturn]] void name_failure(const base::DeviceFailure& failure, const std::string& shapes) const;

  Tensor scratch_of(int64_t bytes) const;
  static Device common_device(const char* op, std::initializer_list<const Tensor*> tensors);

  static inline constinit std::atomic<const LaunchObserver*> observer_ = nullptr;

  Trace trace_;
  const char* op_;
  Device device_;
};

}  // namespace tensor
