// Numbers that choose: rows of a table, columns of a row, targets of a loss. The device has them, and the host knows
// between which bounds they lie. So an op checks them by comparing two integers and never waits for the device.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "tensor/tensor.h"

namespace tensor {

// An i32 tensor and what the host knows of it. Copies share what one of them finds out or makes: the bounds, the order.
// A write to the tensor makes both unknown again. Several threads may use copies.
class Ids {
 public:
  Ids() = default;  // undefined
  // Takes ids that nothing is known of yet. The first op that needs their bounds reads them back and waits for that.
  Ids(const Tensor& ids);  // NOLINT(google-explicit-constructor): a tensor is good wherever ids are
  // Copies `values`, whose number must be shape.numel(), to the device. Their bounds are known, so no op will wait.
  static Ids from(const Shape& shape, std::span<const int32_t> values, Device device = {});
  static Ids from(std::span<const int32_t> values, Device device = {});  // [t]

  // Returns the same ids as they lie in `tensor`, with what is known of them. `order` is that of order(), beside it; if
  // it is undefined it is made when somebody asks.
  Ids at(const Tensor& tensor, const Tensor& order = {}) const;

  bool defined() const { return tensor_.defined(); }
  const Tensor& tensor() const { return tensor_; }
  const Shape& shape() const { return tensor_.shape(); }
  int64_t count() const { return tensor_.numel(); }
  Tensor flat() const;  // [t], row-major

  // Throws Error("embedding: id 50270 at position 3 is outside of [0, 50265)"), or an Error if ids are not i32.
  void check(const char* op, int64_t n) const;
  // Does the same for targets, of which negative ones are ignored and may be any: "loss: target 7 at position 0 is
  // outside …"
  void check_targets(const char* op, int64_t n) const;

  // Returns a stable ascending sort of the positions in flat(), [t] i32, made by the first who asks. The ops that sum
  // over equal ids share it.
  Tensor order() const;

 private:
  struct Known;

  void check_i32(const char* op, const char* noun) const;
  void check_range(const char* op, const char* noun, int64_t low, int64_t n) const;

  Tensor tensor_;
  std::shared_ptr<Known> known_;
};

}  // namespace tensor
