#include "tests/op_run.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "autograd/engine.h"
#include "tensor/base/format.h"

namespace tests {

std::vector<DType> OpRunner::dtypes() const {
  std::vector<DType> dtypes = op_.dtypes;
  if (on_cpu()) dtypes.push_back(DType::f64);
  return dtypes;
}

bool OpRunner::differentiable(const Tensor& input, size_t i) const {
  return tensor::is_float(input.dtype()) && std::find(op_.frozen.begin(), op_.frozen.end(), int(i)) == op_.frozen.end();
}

std::vector<Tensor> OpRunner::inputs(const Sizes& sizes, DType dtype) const {
  std::vector<Tensor> result = op_.inputs(sizes);
  for (Tensor& x : result) x = (tensor::is_float(x.dtype()) ? x.cast(dtype) : x).to(device_);
  return result;
}

OpResult OpRunner::operator()(const Run& run, const std::vector<Tensor>& inputs, int wanted) const {
  std::vector<Variable> variables;
  for (size_t i = 0; i < inputs.size(); ++i)
    variables.push_back(differentiable(inputs[i], i) && (wanted < 0 || wanted == int(i))
                            ? Variable::parameter(inputs[i])
                            : Variable(inputs[i]));
  return backward(run, variables);
}

namespace {

std::vector<Variable> forward(const OpRunner::Run& run, const std::vector<Variable>& variables, OpResult& result) {
  tensor::RandomGuard position(kOpRandom);
  std::vector<Variable> roots;
  for (const Variable& output : run(variables)) {
    result.outputs.push_back(output.value().to({}));
    if (output.requires_grad()) roots.push_back(output);
  }
  return roots;
}

}  // namespace

OpResult OpRunner::backward(const Run& run, const std::vector<Variable>& variables) {
  OpResult result;
  const std::vector<Variable> roots = forward(run, variables, result);
  std::vector<Tensor> seeds;
  for (const Variable& root : roots)
    seeds.push_back(normal(root.shape(), 100 + seeds.size()).cast(root.dtype()).to(root.value().device()));
  if (!roots.empty()) autograd::backward(roots, seeds);
  for (const Variable& x : variables)
    result.gradients.push_back(x.leaf() && x.grad().defined() ? x.grad().to({}) : Tensor());
  return result;
}

namespace {

// Returns the CPU's inputs in `dtype`, as f64.
std::vector<Tensor> rounded(const OpRunner& cpu, const Sizes& sizes, DType dtype) {
  std::vector<Tensor> x = cpu.inputs(sizes, dtype);
  for (Tensor& t : x)
    if (tensor::is_float(t.dtype())) t = t.cast(DType::f64);
  return x;
}

}  // namespace

std::vector<Comparison> compare_with_definition(const OpCase& op, const OpRunner& runner, const Sizes& sizes,
                                                DType dtype) {
  const OpRunner cpu(op, {});
  const OpResult got = runner(op.run, runner.inputs(sizes, dtype));
  const OpResult truth = cpu(op.reference, rounded(cpu, sizes, dtype));
  const OpResult naive = dtype == DType::f64 ? truth : cpu(op.reference, cpu.inputs(sizes, dtype));
  const double floor = dtype == DType::f64 ? op.f64_tolerance : dtype == DType::f32 ? 2e-6 : 1.6e-2;
  std::vector<Comparison> all;
  const auto compare = [&](const Tensor& x, const Tensor& in_dtype, const Tensor& exact, double factor,
                           const std::string& what) {
    base::check(x.defined(), "{}: {} is missing", op.name, what);
    const double scale = std::max(largest(exact), 1e-30);
    const double distance = dtype == DType::f64 ? 0 : factor * difference(in_dtype, exact);
    all.push_back({what, difference(x, exact), distance + floor * scale, scale});
  };
  base::check(got.outputs.size() == truth.outputs.size(), "{}: {} outputs; its definition has {}", op.name,
              got.outputs.size(), truth.outputs.size());
  for (size_t i = 0; i < got.outputs.size(); ++i)
    compare(got.outputs[i], naive.outputs[i], truth.outputs[i], 2, "output " + std::to_string(i));
  for (size_t i = 0; i < got.gradients.size(); ++i)
    if (truth.gradients[i].defined())
      compare(got.gradients[i], naive.gradients[i], truth.gradients[i], 3, "gradient of input " + std::to_string(i));
  return all;
}

double largest(const Tensor& x) {
  double m = 0;
  const Tensor y = x.cast(DType::f64).contiguous();
  for (int64_t i = 0; i < y.numel(); ++i) m = std::max(m, std::fabs(y.data<double>()[i]));
  return m;
}

double difference(const Tensor& a, const Tensor& b) {
  if (!(a.shape() == b.shape())) return HUGE_VAL;
  const Tensor x = a.cast(DType::f64).contiguous(), y = b.cast(DType::f64).contiguous();
  double worst = 0;
  for (int64_t i = 0; i < x.numel(); ++i) {
    const double p = x.data<double>()[i], q = y.data<double>()[i];
    if (p == q || (std::isnan(p) && std::isnan(q))) continue;
    const double d = std::fabs(p - q);
    worst = std::isnan(d) ? HUGE_VAL : std::max(worst, d);
  }
  return worst;
}

bool same_bits(const Tensor& a, const Tensor& b) {
  if (a.defined() != b.defined()) return false;
  if (!a.defined()) return true;
  const Tensor x = a.to({}).contiguous(), y = b.to({}).contiguous();
  return x.dtype() == y.dtype() && x.shape() == y.shape() &&
         (x.numel() == 0 || std::memcmp(x.bytes_data(), y.bytes_data(), x.bytes()) == 0);
}

bool same_bits(const OpResult& a, const OpResult& b) {
  const auto same = [](const std::vector<Tensor>& x, const std::vector<Tensor>& y) {
    return std::equal(x.begin(), x.end(), y.begin(), y.end(),
                      [](const Tensor& p, const Tensor& q) { return same_bits(p, q); });
  };
  return same(a.outputs, b.outputs) && same(a.gradients, b.gradients);
}

std::string to_string(const Sizes& sizes) {
  std::string result = "sizes";
  for (int64_t size : sizes) result += " " + std::to_string(size);
  return result;
}

}  // namespace tests
