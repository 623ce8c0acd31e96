// Runs of an op case on a device, and their comparison with the definition: what both the test harness and
// kilm-selftest do with a case. Nothing here knows of a test framework.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tensor/device.h"
#include "tensor/random.h"
#include "tests/op_case.h"

namespace tests {

using tensor::Device;

// Where the random numbers of every run begin.
inline const tensor::RandomPosition kOpRandom{
    .key = tensor::philox_key(7, tensor::RandomDomain::dropout), .op = 3, .micro = 1, .step = 5};

// On the CPU, wherever it was computed.
struct OpResult {
  std::vector<Tensor> outputs;
  std::vector<Tensor> gradients;  // undefined for inputs that are not differentiated
};

// Runs forward and, if anything can be differentiated, backward with fixed random cotangents, on one device. The case
// must outlive it.
class OpRunner {
 public:
  using Run = std::function<std::vector<Variable>(std::span<const Variable>)>;

  OpRunner(const OpCase& op, Device device) : op_(op), device_(device) {}

  Device device() const { return device_; }
  bool on_cpu() const { return device_ == Device{}; }
  // Returns the dtypes of the case, and f64 where the device computes with it.
  std::vector<DType> dtypes() const;
  bool differentiable(const Tensor& input, size_t i) const;
  // Makes them on the CPU, and moves them.
  std::vector<Tensor> inputs(const Sizes& sizes, DType dtype) const;
  // Runs the op. wanted < 0: all differentiable inputs get a gradient, else only that one.
  OpResult operator()(const Run& run, const std::vector<Tensor>& inputs, int wanted = -1) const;
  static OpResult backward(const Run& run, const std::vector<Variable>& variables);

 private:
  const OpCase& op_;
  Device device_;
};

// An output or gradient beside its definition.
struct Comparison {
  std::string what;  // "gradient of input 1"
  double error;      // the largest difference; infinite where nan or an infinity is on one side only
  double allowed;
  double scale;  // the largest magnitude of the definition

  bool ok() const { return error <= allowed; }
};

// Compares the op with its definition, which is computed on the CPU. In f64 the two agree to rounding. In a smaller
// dtype the definition has some distance from the f64 truth. The op may have 2 times that, a gradient 3 times, plus a
// small floor. Throws Error where an output or gradient is missing.
std::vector<Comparison> compare_with_definition(const OpCase& op, const OpRunner& runner, const Sizes& sizes,
                                                DType dtype);

double largest(const Tensor& x);  // magnitude, of a tensor of the CPU
double difference(const Tensor& a, const Tensor& b);
bool same_bits(const Tensor& a, const Tensor& b);  // wherever they are
bool same_bits(const OpResult& a, const OpResult& b);
std::string to_string(const Sizes& sizes);  // "sizes 3 5"

}  // namespace tests
