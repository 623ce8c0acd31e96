#include "tests/op_case.h"

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>

#include "autograd/gradcheck.h"
#include "tensor/allocator.h"
#include "tensor/format.h"
#include "tensor/ops/elementwise.h"
#include "tensor/random.h"
#include "tensor/runtime.h"
#include "tests/guarded_memory.h"
#include "tests/op_run.h"
#include "tests/test_device.h"

namespace tests {

using tensor::RandomDomain;
using tensor::RandomPosition;

namespace {

template <class F>
Tensor made(const Shape& shape, uint64_t seed, F&& f) {
  Tensor x = Tensor::empty(shape, DType::f64);
  const RandomPosition at{.key = tensor::philox_key(seed, RandomDomain::data)};
  double* p = x.mutable_data<double>();
  for (int64_t i = 0; i < x.numel(); ++i) {
    const tensor::PhiloxCounter words = tensor::random_block(at, uint64_t(i));
    p[i] = f(i, (words[0] + 0.5) * 0x1p-32, (words[1] + 0.5) * 0x1p-32);
  }
  return x;
}

}  // namespace

Tensor normal(const Shape& shape, uint64_t seed) {
  return made(shape, seed, [](int64_t, double u, double v) {
    return std::sqrt(-2 * std::log(u)) * std::cos(6.283185307179586 * v);
  });
}

Tensor positive(const Shape& shape, uint64_t seed) {
  return made(shape, seed, [](int64_t, double u, double) { return 0.5 + 1.5 * u; });
}

Tensor distinct(const Shape& shape, uint64_t seed) {
  const int64_t n = std::max<int64_t>(shape.numel(), 1);
  // Multiplying by an odd number modulo a power of two is a permutation.
  int64_t m = 1;
  while (m < n) m *= 2;
  return made(shape, seed,
              [m](int64_t i, double, double) { return 0.01 * double((i * 5 + 3) % m) - 0.005 * double(m); });
}

Tensor ids(const Shape& shape, int64_t n, uint64_t seed) {
  return made(shape, seed, [n](int64_t, double u, double) { return std::floor(u * double(n)); }).cast(DType::i32);
}

Tensor i32(const std::vector<int32_t>& values) { return Tensor::from(Shape{int64_t(values.size())}, values); }

namespace {

void check_same_bits(const OpResult& a, const OpResult& b) {
  REQUIRE(a.outputs.size() == b.outputs.size());
  for (size_t i = 0; i < a.outputs.size(); ++i) CHECK_MESSAGE(same_bits(a.outputs[i], b.outputs[i]), "output " << i);
  for (size_t i = 0; i < a.gradients.size(); ++i)
    CHECK_MESSAGE(same_bits(a.gradients[i], b.gradients[i]), "gradient of input " << i);
}

void check_numeric_gradient(const OpCase& op, const OpRunner& runner) {
  std::vector<Tensor> inputs = runner.inputs(op.sizes[0], DType::f64);
  std::vector<Tensor> moving;
  for (size_t i = 0; i < inputs.size(); ++i)
    if (runner.differentiable(inputs[i], i)) moving.push_back(inputs[i]);
  const auto f = [&](std::span<const Variable> x) {
    std::vector<Variable> all(inputs.begin(), inputs.end());
    for (size_t i = 0, next = 0; i < all.size(); ++i)
      if (runner.differentiable(inputs[i], i)) all[i] = x[next++];
    std::vector<Variable> outputs;
    for (Variable& output : op.run(all))
      if (output.dtype() == DType::f64) outputs.push_back(output);
    return outputs;
  };
  tensor::RandomGuard position(kOpRandom);
  CHECK(autograd::gradient_mismatch(f, moving) == "");
}

void check_against_definition(const OpCase& op, const OpRunner& runner, const Sizes& sizes) {
  for (const DType dtype : runner.dtypes())
    for (const Comparison& c : compare_with_definition(op, runner, sizes, dtype))
      CHECK_MESSAGE(c.ok(), c.what << " at " << std::string(tensor::name(dtype)) << ", " << to_string(sizes)
                                   << ": error " << c.error << ", allowed " << c.allowed);
}

// Returns the same numbers behind other strides and offsets.
Tensor transposed_view(const Tensor& x) { return x.transpose(0, -1).clone().transpose(0, -1); }

Tensor offset_view(const Tensor& x) {
  Shape larger = x.shape();
  larger[0] += 2;
  Tensor base = Tensor::zeros(larger, x.dtype(), x.device());
  Tensor view = base.narrow(0, 1, x.size(0));
  view.copy_from(x);
  return view;
}

Tensor view_with_gaps(const Tensor& x) {
  Shape wide(x.shape().inserted(x.rank(), 2));
  Tensor view = Tensor::full(wide, 99, x.dtype(), x.device()).narrow(-1, 0, 1).squeeze(-1);
  view.copy_from(x);
  return view;
}

Tensor expanded_view(const Tensor& x) { return x.narrow(0, 0, 1).expand(x.shape()); }

void check_views(const OpCase& op, const OpRunner& runner) {
  const std::vector<Tensor> inputs = runner.inputs(op.sizes[0], DType::f32);
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Tensor& x = inputs[i];
    if (x.rank() == 0 || x.numel() == 0) continue;
    std::vector<Tensor> views = {offset_view(x)};
    if (x.rank() >= 2) views.push_back(transposed_view(x));
    if (x.rank() < tensor::kMaxRank) views.push_back(view_with_gaps(x));
    if (tensor::is_float(x.dtype())) views.push_back(expanded_view(x));
    for (const Tensor& view : views) {
      INFO("input " << i << " with strides " << tensor::to_string(Shape(view.strides())));
      std::vector<Tensor> seen = inputs, copied = inputs;
      seen[i] = view;
      copied[i] = view.clone();
      check_same_bits(runner(op.run, seen), runner(op.run, copied));
    }
  }
}

// Runs the op on the CPU. Outputs and temporaries lie between guard values and start as nan. So a write outside or a
// read of something never written shows.
void check_memory(const OpCase& op, const OpRunner& runner, const Sizes& sizes) {
  const std::vector<Tensor> inputs = runner.inputs(sizes, DType::f32);
  const OpResult plain = runner(op.run, inputs);
  GuardedMemory memory;
  const OpResult guarded = runner(op.run, inputs);
  INFO(to_string(sizes));
  check_same_bits(plain, guarded);
  CHECK(memory.damage() == "");
}

size_t nameless_memory(Device device) {
  size_t bytes = 0;
  for (const auto& live : tensor::allocator_of(device).live())
    if (live.op == "other") bytes += live.bytes;
  return bytes;
}

// Checks that what outputs and gradients hold is counted under an op.
void check_names_of_memory(const OpCase& op, const OpRunner& runner) {
  const std::vector<Tensor> inputs = runner.inputs(op.sizes[0], DType::f32);
  const size_t before = nameless_memory(runner.device());
  const OpResult result = runner(op.run, inputs);
  CHECK_MESSAGE(nameless_memory(runner.device()) == before, "bytes that the report calls other");
}

void check_wanted(const OpCase& op, const OpRunner& runner) {
  const std::vector<Tensor> inputs = runner.inputs(op.sizes[0], DType::f32);
  const OpResult all = runner(op.run, inputs);
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!runner.differentiable(inputs[i], i)) continue;
    CHECK_MESSAGE(all.gradients[i].defined(), "gradient of input " << i << " when all are wanted");
    const OpResult one = runner(op.run, inputs, int(i));
    CHECK_MESSAGE(same_bits(one.gradients[i], all.gradients[i]),
                  "gradient of input " << i << " when only it is wanted");
  }
}

void check_determinism(const OpCase& op, const OpRunner& runner, const TestDevice& device, const Sizes& sizes) {
  for (DType dtype : op.dtypes) {
    INFO(to_string(sizes) << " at " << std::string(tensor::name(dtype)));
    const std::vector<Tensor> inputs = runner.inputs(sizes, dtype);
    std::vector<OpResult> results;
    for (const int way : {0, 1, 2, -1}) {
      device.run_in_way(way);
      results.push_back(runner(op.run, inputs));
    }
    for (size_t i = 1; i < results.size(); ++i) check_same_bits(results[0], results[i]);
  }
}

// Checks that a fresh leaf is overwritten whatever its buffer held, and that the next backward adds.
void check_accumulation(const OpCase& op, const OpRunner& runner) {
  const DType dtype = runner.on_cpu() ? DType::f64 : DType::f32;
  const std::vector<Tensor> inputs = runner.inputs(op.sizes[0], dtype);
  const OpResult once = runner(op.run, inputs);
  std::vector<Variable> variables;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!runner.differentiable(inputs[i], i)) {
      variables.push_back(inputs[i]);
      continue;
    }
    variables.push_back(Variable::parameter(inputs[i]));
    variables.back().leaf()->grad = Tensor::full(inputs[i].shape(), std::nan(""), dtype, runner.device());
  }
  for (int times = 1; times <= 2; ++times) {
    OpRunner::backward(op.run, variables);
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (!variables[i].leaf()) continue;
      Tensor expected = once.gradients[i].cast(DType::f64).clone();
      for (double *p = expected.mutable_data<double>(), *end = p + expected.numel(); p != end; ++p) *p *= times;
      const double allowed = (runner.on_cpu() ? 1e-12 : 1e-6) * std::max(largest(expected), 1e-30);
      CHECK_MESSAGE(difference(variables[i].grad().to({}), expected) <= allowed,
                    "input " << i << " after " << times << " backward passes");
    }
  }
}

// Checks that adding in place gives the bits of a gradient that was computed apart and added afterwards.
void check_added_once(const OpCase& op, const OpRunner& runner, const Sizes& sizes) {
  for (const DType dtype : runner.dtypes()) {
    INFO(to_string(sizes) << " at " << std::string(tensor::name(dtype)));
    const std::vector<Tensor> inputs = runner.inputs(sizes, dtype);
    const OpResult apart = runner(op.run, inputs);
    const auto before = [&](size_t i) {
      return normal(inputs[i].shape(), 200 + i).cast(tensor::acc_dtype(inputs[i].dtype()));
    };
    std::vector<Variable> variables(inputs.begin(), inputs.end());
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (!runner.differentiable(inputs[i], i)) continue;
      variables[i] = Variable::parameter(inputs[i]);
      variables[i].leaf()->grad = before(i).clone().to(runner.device());
      variables[i].leaf()->empty_grad = false;
    }
    OpRunner::backward(op.run, variables);
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (!apart.gradients[i].defined()) continue;
      Tensor expected = before(i).clone();
      tensor::accumulate_(expected, apart.gradients[i]);
      CHECK_MESSAGE(same_bits(variables[i].grad().to({}), expected), "gradient of input " << i);
    }
  }
}

void check_errors(const OpCase& op, Device device) {
  for (const OpError& error : op.errors) {
    std::vector<Variable> variables;
    for (const Tensor& input : error.inputs) variables.push_back(input.to(device));
    CHECK_THROWS_WITH_AS(op.run(variables), error.message.c_str(), base::Error);
  }
}

void check_on(const OpCase& op, const TestDevice& device) {
  const OpRunner runner(op, device.device);
  const auto check = [&](const char* what, const auto& f) {
    INFO(tensor::to_string(device.device) << ": " << what);
    f();
  };
  const auto for_all_sizes = [&](const auto& f) {
    for (const Sizes& sizes : op.sizes) f(sizes);
  };
  if (runner.on_cpu()) {
    check("gradient matches differences in f64", [&] { check_numeric_gradient(op, runner); });
    check("writes stay inside and nothing uninitialised is read",
          [&] { for_all_sizes([&](const Sizes& sizes) { check_memory(op, runner, sizes); }); });
  }
  check("values and gradients match the definition",
        [&] { for_all_sizes([&](const Sizes& sizes) { check_against_definition(op, runner, sizes); }); });
  check("views give what their copies give", [&] { check_views(op, runner); });
  check("memory is counted under the name of an op", [&] { check_names_of_memory(op, runner); });
  check("every wanted gradient arrives", [&] { check_wanted(op, runner); });
  check("bits depend neither on the run nor on the number of threads, nor on the order of work",
        [&] { for_all_sizes([&](const Sizes& sizes) { check_determinism(op, runner, device, sizes); }); });
  check("a gradient is overwritten when fresh and added to when not", [&] { check_accumulation(op, runner); });
  check("what is added to a gradient is added once, as a finished sum",
        [&] { for_all_sizes([&](const Sizes& sizes) { check_added_once(op, runner, sizes); }); });
  check("errors say what is and what should be", [&] { check_errors(op, device.device); });
}

}  // namespace

namespace {

std::vector<ListedCase>& all_cases() {
  static std::vector<ListedCase> cases;
  return cases;
}

}  // namespace

const std::vector<ListedCase>& listed_cases() { return all_cases(); }

ListCase::ListCase(const char* file, const char* name, OpCase (*make)()) {
  const std::string stem = std::filesystem::path(file).stem();
  all_cases().push_back({stem.substr(0, stem.rfind("_test")), name, make});
}

void check_op(const OpCase& op) {
  REQUIRE(!op.sizes.empty());
  INFO(op.name);
  for (const TestDevice& device : test_devices()) check_on(op, device);
}

}  // namespace tests
