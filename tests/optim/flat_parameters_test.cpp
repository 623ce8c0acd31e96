#include "optim/flat_parameters.h"

#include <doctest/doctest.h>

#include <cmath>

#include "autograd/engine.h"
#include "autograd/ops/elementwise.h"
#include "autograd/ops/matmul.h"
#include "autograd/ops/reduce.h"
#include "nn/layers.h"
#include "optim/adamw.h"
#include "tests/second_device.h"

using namespace optim;
using autograd::Variable;
using nn::Shape;

namespace {

// A tied weight, and vectors that are not multiples of the padding.
struct Model final : nn::Module {
  explicit Model(DType dtype) : first(3, 5, dtype), norm(5, dtype), tied(first.weight) {
    nn::initialise(*this, 1, 0.5);
  }
  Variable loss(const Variable& x) const {
    return autograd::sum(autograd::matmul(norm.forward(first.forward(x)), tied));
  }
  void visit(nn::Visitor& v) override {
    v("first", first);
    v("norm", norm);
    v("head.weight", tied);
  }
  nn::Linear first;
  nn::LayerNorm norm;
  Variable tied;
};

Tensor input(DType dtype) { return Tensor::from({2, 3}, std::vector<double>{1, 2, 3, 4, 5, -6}).cast(dtype); }

std::vector<double> values(const Tensor& x) { return x.cast(DType::f64).to_vector<double>(); }

}  // namespace

TEST_CASE("parameters that decay come first, then the rest, in visiting order, each once, at multiples of 64") {
  struct Two final : nn::Module {
    Model model{DType::f32};
    nn::Embedding second{4, 2, DType::f32};
    void visit(nn::Visitor& v) override {
      model.visit(v);
      v("second", second);
    }
  } module;
  const FlatParameters flat(module);
  std::vector<std::string> names;
  for (const FlatParameters::Slice& slice : flat.slices()) {
    names.push_back(slice.name);
    CHECK(slice.begin % 64 == 0);
    CHECK(slice.decay == (slice.name == "first.weight" || slice.name == "second.weight"));
  }
  CHECK(names == std::vector<std::string>{"first.weight", "second.weight", "first.bias", "norm.weight", "norm.bias"});
  CHECK(flat.slices()[0].count == 15);
  CHECK(flat.slices()[1].begin == 64);
  CHECK(flat.decayed() == 128);
  CHECK(flat.size() == 320);
  for (const Tensor* role : {&flat.working, &flat.master, &flat.grad, &flat.m, &flat.v})
    CHECK(role->shape() == Shape{320});
}

TEST_CASE("rows that no name publishes lie behind those of their parameter, and are in no count") {
  struct Padded final : nn::Module {
    Variable table = Variable::parameter(Tensor::full({10, 20}, 3)), bias = Variable::parameter(Tensor::full({5}, 4));
    void visit(nn::Visitor& v) override {
      v.rows("key", table, 0, 3);
      v.rows("value", table, 3, 7);
      v("bias", bias);
    }
  } module;
  const FlatParameters flat(module);
  CHECK(flat.slices()[0].count == 140);
  CHECK(flat.slices()[1].begin == 256);
  CHECK(values(flat.working.narrow(0, 0, 200)) == std::vector<double>(200, 3));
  CHECK(module.table.shape() == Shape{10, 20});
  CHECK(nn::parameter_count(module) == 145);
}

TEST_CASE("moving changes neither values nor gradients, and modules see the flat memory") {
  Model plain(DType::f64), moved(DType::f64);
  FlatParameters flat(moved);
  autograd::backward(plain.loss(input(DType::f64)));
  autograd::backward(moved.loss(input(DType::f64)));
  const std::vector<Variable> a = nn::parameters(plain), b = nn::parameters(moved);
  for (size_t i = 0; i < a.size(); ++i) {
    CHECK(values(a[i].value()) == values(b[i].value()));
    CHECK(values(a[i].grad()) == values(b[i].grad()));
    const FlatParameters::Slice& slice = flat.slices()[i];  // the one that decays comes first in both orders
    CHECK(values(flat.grad.narrow(0, slice.begin, slice.count)) == values(a[i].grad()));
  }
  flat.working.fill(2);
  CHECK(values(moved.tied.value()) == std::vector<double>(15, 2));
}

TEST_CASE("gradients add up between clears, and a clear writes nothing") {
  Model model(DType::f64);
  FlatParameters flat(model);
  const auto step = [&] { autograd::backward(model.loss(input(DType::f64))); };
  step();
  const std::vector<double> once = values(flat.grad);
  step();
  const std::vector<double> twice = values(flat.grad);
  for (size_t i = 0; i < once.size(); ++i) CHECK(twice[i] == doctest::Approx(2 * once[i]));
  flat.clear();
  CHECK(values(flat.grad) == twice);
  step();
  CHECK(values(flat.grad) == once);
}

TEST_CASE("which gradients are untouched is told, and may be set for work that runs without the host's part") {
  Model model(DType::f64);
  FlatParameters flat(model);
  const size_t count = flat.slices().size();
  CHECK(flat.untouched() == std::vector<bool>(count, true));
  autograd::backward(autograd::sum(autograd::scale(model.norm.bias, 3)));
  const std::vector<bool> after = flat.untouched();
  for (size_t i = 0; i < count; ++i) CHECK(after[i] == (flat.slices()[i].name != "norm.bias"));
  flat.clear();
  flat.set_untouched(after);
  CHECK(flat.untouched() == after);
  autograd::backward(autograd::sum(autograd::scale(model.norm.bias, 3)));  // adds to what was set to be there
  flat.zero_untouched();
  for (size_t i = 0; i < count; ++i)
    if (!after[i])
      CHECK(values(flat.grad.narrow(0, flat.slices()[i].begin, flat.slices()[i].count)) ==
            std::vector<double>(size_t(flat.slices()[i].count), 6));
}

TEST_CASE("a parameter that nothing was added to counts as 0 once the gradient is settled") {
  Model model(DType::f64);
  FlatParameters flat(model);
  flat.grad.fill(std::nan(""));
  autograd::backward(autograd::sum(autograd::scale(model.norm.bias, 3)));
  flat.zero_untouched();
  for (size_t i = 0; i < flat.slices().size(); ++i) {
    const FlatParameters::Slice& slice = flat.slices()[i];
    CHECK(values(flat.grad.narrow(0, slice.begin, slice.count)) ==
          std::vector<double>(size_t(slice.count), slice.name == "norm.bias" ? 3 : 0));
  }
}

TEST_CASE("bf16 weights have an f32 master copy and f32 gradients") {
  Model model(DType::bf16);
  const FlatParameters flat(model);
  CHECK(flat.working.dtype() == DType::bf16);
  CHECK(flat.master.dtype() == DType::f32);
  CHECK(flat.grad.dtype() == DType::f32);
  CHECK(values(flat.master) == values(flat.working));
  Model wide(DType::f32);
  const FlatParameters same(wide);
  CHECK(same.master.storage() == same.working.storage());
}

TEST_CASE("weights that become bf16 here leave their own digits to the master copy") {
  struct Buffered final : nn::Module {
    nn::Linear layer{3, 5, DType::f32};
    Tensor scale = Tensor::full({2}, 1.001), count = Tensor::full({1}, 3, DType::i32);
    void visit(nn::Visitor& v) override {
      v("layer", layer);
      v.buffer("scale", scale);
      v.buffer("count", count);
    }
  } module;
  nn::initialise(module, 1, 0.5);
  const std::vector<double> given = values(module.layer.weight.value());
  const FlatParameters flat(module, DType::bf16);
  CHECK(module.layer.weight.dtype() == DType::bf16);
  CHECK(values(flat.master.narrow(0, 0, 15)) == given);
  const std::vector<double> working = values(module.layer.weight.value());
  CHECK(working != given);
  CHECK(working == values(flat.master.narrow(0, 0, 15).cast(DType::bf16)));
  CHECK(module.scale.dtype() == DType::bf16);
  CHECK(module.count.dtype() == DType::i32);
  CHECK(module.layer.forward(Tensor::zeros({1, 3}, DType::bf16)).dtype() == DType::bf16);
}

TEST_CASE("an update in place is seen by graphs that saved one of the weights") {
  Model model(DType::f64);
  FlatParameters flat(model);
  const Variable loss = model.loss(input(DType::f64));
  flat.working.narrow(0, 64, 64).fill(0);
  CHECK_THROWS_AS(autograd::backward(loss), base::Error);
}

TEST_CASE("flat buffers lie on the device of the module, and training there gives the same bits") {
  const tests::SecondDevice second;
  const auto trained = [&](tensor::Device device) {
    Model model(DType::f32);
    nn::move(model, device);
    FlatParameters flat(model, DType::bf16);
    for (const Tensor* role : {&flat.working, &flat.master, &flat.grad, &flat.m, &flat.v})
      CHECK(role->device() == device);
    AdamW optimizer(flat, {.learning_rate = 0.1});
    for (int i = 0; i < 3; ++i) {
      autograd::backward(model.loss(input(DType::bf16).to(device)));
      CHECK(optimizer.update().finite);
    }
    return flat.master.to_vector<float>();
  };
  CHECK(trained(second.device) == trained({}));
}

TEST_CASE("modules without parameters, with several dtypes or on several devices are refused") {
  struct Empty final : nn::Module {
    void visit(nn::Visitor&) override {}
  } empty;
  CHECK_THROWS_WITH_AS(FlatParameters{empty}, "flat parameters: the module has no parameters", base::Error);
  struct Mixed final : nn::Module {
    nn::Linear a{2, 2, DType::f32}, b{2, 2, DType::bf16};
    void visit(nn::Visitor& v) override {
      v("a", a);
      v("b", b);
    }
  } mixed;
  CHECK_THROWS_WITH_AS(FlatParameters{mixed}, "flat parameters: b.weight is bf16, the first parameter f32",
                       base::Error);
  const tests::SecondDevice second;
  Model model(DType::f32);
  nn::move(model.norm, second.device);
  CHECK_THROWS_WITH_AS(FlatParameters{model}, "flat parameters: norm.weight is on cuda:0, the first parameter on cpu",
                       base::Error);
}
