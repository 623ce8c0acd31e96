#include "nn/module.h"

#include <doctest/doctest.h>

#include "autograd/checkpoint.h"
#include "autograd/engine.h"
#include "autograd/ops/elementwise.h"
#include "autograd/ops/reduce.h"
#include "nn/layers.h"
#include "tests/second_device.h"

using namespace nn;

namespace {

// A table that is also the output projection, a fused matrix that is published as two, and a buffer.
struct Child final : Module {
  Variable fused = Variable::parameter(Tensor::zeros({5, 2}));
  Tensor steps = Tensor::full({1}, 7);
  void visit(Visitor& v) override {
    v.rows("k.weight", fused, 0, 2);
    v.rows("v.weight", fused, 2, 5);
    v.buffer("steps", steps);
  }
};

struct Parent final : Module {
  Embedding shared{4, 2, DType::f32};
  Child child;
  Linear out{2, 3, DType::f32};
  void visit(Visitor& v) override {
    v("shared", shared);
    v("child", child);
    v("out", out);
    v("lm_head.weight", shared.weight);
  }
};

}  // namespace

TEST_CASE("visiting gives every name with its prefix, in the order of the visit functions") {
  Parent parent;
  std::vector<std::string> names;
  for (const Entry& entry : entries(parent)) names.push_back(entry.name + (entry.alias ? " (alias)" : ""));
  CHECK(names == std::vector<std::string>{"shared.weight", "child.k.weight", "child.v.weight", "child.steps",
                                          "out.weight", "out.bias", "lm_head.weight (alias)"});
}

TEST_CASE("row ranges are views of one parameter") {
  Parent parent;
  const std::vector<Entry> list = entries(parent);
  Tensor rows = list[2].tensor();
  CHECK(rows.shape() == Shape{3, 2});
  rows.fill(5);
  CHECK(parent.child.fused.value().to_vector<float>() == std::vector<float>{0, 0, 0, 0, 5, 5, 5, 5, 5, 5});
  CHECK(list[0].tensor().storage() == list[6].tensor().storage());
  CHECK(list[3].tensor().item() == 7);
  CHECK(list[3].parameter == nullptr);
}

TEST_CASE("parameters are listed and counted once, however many names they have") {
  Parent parent;
  const std::vector<Variable> list = parameters(parent);
  REQUIRE(list.size() == 4);
  CHECK(list[0].leaf() == parent.shared.weight.leaf());
  CHECK(list[1].leaf() == parent.child.fused.leaf());
  CHECK(list[3].leaf() == parent.out.bias.leaf());
  CHECK(parameter_count(parent) == 8 + 10 + 6 + 3);
}

TEST_CASE("a name for something that is no parameter is refused with its full path") {
  struct Wrong final : Module {
    Variable constant = Tensor::zeros({2});
    void visit(Visitor& v) override { v("constant", constant); }
  };
  struct Outer final : Module {
    Wrong wrong;
    void visit(Visitor& v) override { v("inner", wrong); }
  } outer;
  CHECK_THROWS_WITH_AS(entries(outer), "visit: inner.constant is not a parameter", base::Error);
}

TEST_CASE("initialising draws matrices by seed and place and leaves vectors alone") {
  Parent a, b, c;
  initialise(a, 1, 0.5);
  initialise(b, 1, 0.5);
  initialise(c, 2, 0.5);
  const auto weight = [](const Parent& p) { return p.out.weight.value().to_vector<float>(); };
  CHECK(weight(a) == weight(b));
  CHECK(weight(a) != weight(c));
  CHECK(weight(a) != std::vector<float>(6, 0));
  CHECK(a.out.bias.value().to_vector<float>() == std::vector<float>(3, 0));
  const std::vector<float> shared = a.shared.weight.value().to_vector<float>();
  CHECK(std::vector<float>(shared.begin(), shared.begin() + 6) != weight(a));  // streams of their own
}

TEST_CASE("taps see named values with their path, may replace them, and reach their gradients") {
  const Variable x = Variable::parameter(Tensor::full({2}, 3, DType::f64));
  std::vector<std::string> seen;
  std::vector<double> gradient;
  const auto forward = [&] {
    return named("encoder", [&] { return named("layers.0", [&] { return autograd::scale(x, 2); }); });
  };
  {
    const Tap tap([&](const std::string& path, const Variable& value) {
      seen.push_back(path);
      if (path != "encoder") return value;
      return autograd::watch(value, [&](const Tensor& dy) { gradient = dy.to_vector<double>(); });
    });
    autograd::backward(autograd::sum(forward()), {});
  }
  CHECK(seen == std::vector<std::string>{"encoder.layers.0", "encoder"});
  CHECK(gradient == std::vector<double>{1, 1});
  const Tap doubling([](const std::string&, const Variable& value) { return autograd::scale(value, 10); });
  CHECK(forward().value().to_vector<double>() == std::vector<double>{600, 600});
}

TEST_CASE("nobody listens after a tap has gone") {
  {
    const Tap tap([](const std::string&, const Variable&) { return Variable(Tensor::zeros({1})); });
  }
  CHECK(named("x", [] { return Variable(Tensor::full({1}, 4)); }).value().item() == 4);
}

TEST_CASE("an error names the innermost module it happened in, once, and keeps its type") {
  const auto inside = [](auto&& f) {
    const tensor::TracePath model("model");
    return named("encoder", [&] { return named("layers.0", [&] { return named("fc1", f); }); });
  };
  const Linear layer(3, 2, DType::f32);
  CHECK_THROWS_WITH_AS(
      inside([&] {
        return layer.forward(Tensor::zeros({2, 4}));
      }),
      "model.encoder.layers.0.fc1: linear: w [2, 3] should be [o, k] where k is the last dimension of x "
      "[2, 4]",
      base::Error);
  const auto failing = [&](auto error) { return inside([=]() -> Variable { throw error; }); };
  CHECK_THROWS_WITH_AS(failing(base::OutOfMemory("no memory")), "model.encoder.layers.0.fc1: no memory",
                       base::OutOfMemory);
  CHECK_THROWS_WITH_AS(failing(base::UsageError("no")), "model.encoder.layers.0.fc1: no", base::UsageError);
  CHECK_THROWS_WITH_AS(failing(base::NonFinite("log, recorded in x: inf")), "log, recorded in x: inf", base::NonFinite);
  struct Other : base::Error {
    using base::Error::Error;
  };
  CHECK_THROWS_WITH_AS(failing(Other("no")), "no", Other);
  CHECK_THROWS_AS(failing(std::string("not an error")), std::string);
  CHECK(tensor::trace_path().empty());
}

TEST_CASE("a tap can tell the second run of a checkpointed part from the first") {
  const Variable x = Variable::parameter(Tensor::full({2}, 3, DType::f64));
  std::vector<std::pair<std::string, bool>> seen;
  const Tap tap([&](const std::string& path, const Variable& value, bool again) {
    seen.push_back({path, again});
    return value;
  });
  const auto inner = [](std::span<const Variable> in) {
    return named("inner", [&] { return autograd::mul(in[0], in[0]); });
  };
  const Variable y = named("outer", [&] { return autograd::checkpoint(inner, {x}); });
  autograd::backward(autograd::sum(y));
  CHECK(seen ==
        std::vector<std::pair<std::string, bool>>{{"outer.inner", false}, {"outer", false}, {"outer.inner", true}});
  CHECK_FALSE(autograd::recomputing());
}

TEST_CASE("move takes parameters, gradients and buffers to a device, and tied ones stay tied") {
  const tests::SecondDevice second;
  Parent parent;
  initialise(parent, 1);
  const std::vector<float> weights = parent.out.weight.value().to_vector<float>();
  const std::vector<float> table = parent.shared.weight.value().to_vector<float>();
  autograd::backward(autograd::sum(autograd::mul(parent.shared.weight, parent.shared.weight)));
  move(parent, second.device);
  for (const Entry& entry : entries(parent)) CHECK_MESSAGE(entry.tensor().device() == second.device, entry.name);
  CHECK(parent.shared.weight.grad().device() == second.device);
  CHECK(parent.out.weight.value().to_vector<float>() == weights);
  CHECK(parent.child.steps.item() == 7);
  CHECK(entries(parent)[0].tensor().storage() == entries(parent)[6].tensor().storage());
  const Tensor x = Tensor::full({1, 2}, 1);
  CHECK_THROWS_WITH_AS(parent.out.forward(x), "linear: [1, 2] on cpu and [3, 2] on cuda:0 should be on one device",
                       base::Error);
  CHECK(parent.out.forward(x.to(second.device)).value().device() == second.device);
  move(parent, tensor::Device{});
  for (const Entry& entry : entries(parent)) CHECK(entry.tensor().device() == tensor::Device{});
  CHECK(parent.shared.weight.value().to_vector<float>() == table);
  std::vector<float> doubled = table;
  for (float& x : doubled) x *= 2;
  CHECK(parent.shared.weight.grad().to_vector<float>() == doubled);
}
