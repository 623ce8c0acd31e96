#include "autograd/gradcheck.h"

#include <cmath>

#include "autograd/engine.h"
#include "tensor/format.h"
#include "tensor/random.h"

namespace autograd {

namespace {

// Numbers in [-1, 1) from a stream of their own, one op number per use.
class Randoms {
 public:
  explicit Randoms(uint64_t seed) : at_{.key = tensor::philox_key(seed, tensor::RandomDomain::init)} {}
  Tensor like(const Tensor& x) {
    Tensor r = Tensor::empty(x.shape(), DType::f64);
    double* p = r.mutable_data<double>();
    for (int64_t i = 0; i < r.numel(); ++i) p[i] = 2.0 * tensor::to_unit(tensor::random_word(at_, uint64_t(i))) - 1.0;
    ++at_.op;
    return r;
  }

 private:
  tensor::RandomPosition at_;
};

double dot(const Tensor& a, const Tensor& b) {
  const Tensor x = a.contiguous(), y = b.contiguous();
  double sum = 0;
  for (int64_t i = 0; i < x.numel(); ++i) sum += x.data<double>()[i] * y.data<double>()[i];
  return sum;
}

class Check {
 public:
  Check(const Function& f, std::vector<Tensor> inputs, const GradCheckOptions& options)
      : f_(f), inputs_(std::move(inputs)), options_(options), randoms_(options.seed) {
    for (Tensor& input : inputs_) input = input.clone();
  }

  std::string run() {
    find_gradients();
    for (size_t i = 0; i < inputs_.size(); ++i)
      if (differentiable(i)) inputs_[i].numel() <= options_.full_limit ? check_elements(i) : check_directions(i);
    return worst_text_;
  }

 private:
  bool differentiable(size_t i) const { return tensor::is_float(inputs_[i].dtype()); }

  void find_gradients() {
    tensor::RandomGuard position(tensor::RandomStream::current());
    std::vector<Variable> variables;
    for (size_t i = 0; i < inputs_.size(); ++i) {
      base::check(!differentiable(i) || inputs_[i].dtype() == DType::f64, "gradient check: input {} is {}, not f64", i,
                  inputs_[i].dtype());
      variables.push_back(differentiable(i) ? Variable::parameter(inputs_[i]) : Variable(inputs_[i]));
    }
    const std::vector<Variable> outputs = f_(variables);
    for (const Variable& output : outputs) cotangents_.push_back(randoms_.like(output.value()));
    backward(outputs, cotangents_);
    for (size_t i = 0; i < inputs_.size(); ++i)
      gradients_.push_back(differentiable(i) && variables[i].grad().defined()
                               ? variables[i].grad()
                               : Tensor::zeros(inputs_[i].shape(), DType::f64));
  }

  double value() {
    tensor::RandomGuard position(tensor::RandomStream::current());
    NoGrad guard;
    const std::vector<Variable> variables(inputs_.begin(), inputs_.end());
    const std::vector<Variable> outputs = f_(variables);
    double sum = 0;
    for (size_t i = 0; i < outputs.size(); ++i) sum += dot(outputs[i].value(), cotangents_[i]);
    return sum;
  }

  void check_elements(size_t i) {
    double* x = inputs_[i].mutable_data<double>();
    for (int64_t e = 0; e < inputs_[i].numel(); ++e) {
      const double saved = x[e];
      x[e] = saved + options_.step;
      const double above = value();
      x[e] = saved - options_.step;
      const double below = value();
      x[e] = saved;
      compare(gradients_[i].contiguous().data<double>()[e], (above - below) / (2 * options_.step),
              base::format("input {} {}, element {}", i, inputs_[i].shape(), e));
    }
  }

  void check_directions(size_t i) {
    const Tensor saved = inputs_[i];
    for (int d = 0; d < options_.directions; ++d) {
      const Tensor direction = randoms_.like(saved);
      inputs_[i] = moved(saved, direction, options_.step);
      const double above = value();
      inputs_[i] = moved(saved, direction, -options_.step);
      const double below = value();
      inputs_[i] = saved;
      compare(dot(gradients_[i], direction), (above - below) / (2 * options_.step),
              base::format("input {} {}, direction {}", i, saved.shape(), d));
    }
  }

  static Tensor moved(const Tensor& x, const Tensor& direction, double step) {
    Tensor y = x.clone();
    double* p = y.mutable_data<double>();
    for (int64_t i = 0; i < y.numel(); ++i) p[i] += step * direction.data<double>()[i];
    return y;
  }

  void compare(double backward, double differences, const std::string& place) {
    const double excess = std::fabs(backward - differences) - (options_.atol + options_.rtol * std::fabs(differences));
    if (excess <= worst_) return;  // also false for nan, which must be reported
    worst_ = std::isnan(excess) ? HUGE_VAL : excess;
    worst_text_ = base::format("{}: backward gives {}, differences give {}", place, backward, differences);
  }

  const Function& f_;
  std::vector<Tensor> inputs_;
  const GradCheckOptions options_;
  Randoms randoms_;
  std::vector<Tensor> cotangents_;
  std::vector<Tensor> gradients_;
  double worst_ = 0;
  std::string worst_text_;
};

}  // namespace

std::string gradient_mismatch(const Function& f, std::vector<Tensor> inputs, const GradCheckOptions& options) {
  return Check(f, std::move(inputs), options).run();
}

}  // namespace autograd
