// kilm-selftest, with cases that fail on purpose.
#include "tests/selftest/selftest.h"

#include <doctest/doctest.h>

#include "autograd/node.h"
#include "autograd/ops/elementwise.h"
#include "tensor/base/error.h"
#include "tensor/ops/elementwise.h"

using namespace tests;

namespace {

OpCase relu_case(std::function<std::vector<Variable>(std::span<const Variable>)> run) {
  return {.name = "relu",
          .sizes = {{3, 5}},
          .inputs =
              [](const Sizes& s) {
                return std::vector{normal({s[0], s[1]})};
              },
          .run = std::move(run),
          .reference =
              [](std::span<const Variable> in) { return std::vector{autograd::unary(tensor::Unary::relu, in[0])}; }};
}

OpCase right() {
  return relu_case(
      [](std::span<const Variable> in) { return std::vector{autograd::unary(tensor::Unary::relu, in[0])}; });
}

// Its values are right, its backward forgot to look at x.
struct WrongReluNode final : autograd::Node {
  const char* name() const override { return "wrong_relu"; }
  void backward(std::span<const Tensor> dy, autograd::GradOut& dx) override { dx.give(0, dy[0]); }
};
OpCase wrong() {
  return relu_case([](std::span<const Variable> in) {
    const Tensor y = tensor::unary(tensor::Unary::relu, in[0].value());
    return std::vector{autograd::record(std::make_shared<WrongReluNode>(), {in[0]}, y)};
  });
}

OpCase throwing() {
  return relu_case([](std::span<const Variable>) -> std::vector<Variable> { base::fail("no kernel"); });
}

OpCase unsteady() {
  return relu_case([](std::span<const Variable> in) {
    static double factor = 1;
    factor += 1e-7;
    return std::vector{autograd::scale(autograd::unary(tensor::Unary::relu, in[0]), factor)};
  });
}

SelftestCase of(const char* name, OpCase (*make)()) { return selftest_of({"family", name, make}, {}, false); }

}  // namespace

TEST_CASE("selftest: a case that is right is within its tolerance, in every dtype of the device") {
  const SelftestCase c = of("right", right);
  CHECK(c.dtypes == std::vector{DType::f32, DType::bf16, DType::f64});
  for (const DType dtype : c.dtypes) {
    const SelftestResult result = c.run(dtype);
    CHECK(result.ok());
    CHECK(result.tolerance > 0);
    CHECK(result.tolerance < 0.05);
  }
}

TEST_CASE("selftest: a wrong gradient, an error that is thrown and other bits in a second run are failures") {
  const SelftestResult gradient = of("wrong", wrong).run(DType::f32);
  CHECK_FALSE(gradient.ok());
  CHECK(gradient.place == "gradient of input 0, sizes 3 5");
  CHECK(gradient.largest_error > 0.1);
  CHECK(of("throwing", throwing).run(DType::f32).problem == "no kernel, sizes 3 5");
  CHECK(of("unsteady", unsteady).run(DType::f64).problem == "a second run gave other bits, sizes 3 5");
}

TEST_CASE("selftest: the exit code is 0 only if all that was chosen is right") {
  const std::vector<SelftestCase> cases = {of("right", right), of("wrong", wrong), of("throwing", throwing)};
  CHECK(selftest(cases, {.name = "right", .json = true}) == 0);
  CHECK(selftest(cases, {.name = "wrong"}) == 1);
  CHECK(selftest(cases, {.json = true}) == 1);
  CHECK_THROWS_WITH_AS(selftest(cases, {.name = "left"}), "no case has a family like * and a name like left",
                       base::UsageError);
}
