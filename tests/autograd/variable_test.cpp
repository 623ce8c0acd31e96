#include "autograd/variable.h"

#include <doctest/doctest.h>

#include "autograd/engine.h"
#include "autograd/ops/elementwise.h"
#include "autograd/ops/index.h"
#include "autograd/ops/reduce.h"
#include "tests/autograd/numbers.h"

using namespace autograd;

TEST_CASE("a tensor becomes a constant by itself, so ops mix variables and tensors") {
  const Variable x = Variable::parameter(numbers({1, 2}));
  const Tensor factor = numbers({3, 4});
  CHECK(autograd::add(factor, factor).requires_grad() == false);
  const Variable y = mul(x, factor);
  CHECK(y.requires_grad());
  CHECK(y.value().to_vector<double>() == std::vector<double>{3, 8});
  CHECK_FALSE(y.detach().requires_grad());
  CHECK_FALSE(Variable().defined());
}

TEST_CASE("a gradient is undefined until one arrives, is added to, and starts anew when cleared") {
  Variable x = Variable::parameter(numbers({1, 2}), "x");
  CHECK(x.leaf()->name == "x");
  CHECK_FALSE(x.grad().defined());
  backward(sum(scale(x, 3)));
  CHECK(x.grad().to_vector<double>() == std::vector<double>{3, 3});
  backward(sum(scale(x, 4)));
  CHECK(x.grad().to_vector<double>() == std::vector<double>{7, 7});
  x.clear_grad();
  CHECK_FALSE(x.grad().defined());
  backward(sum(scale(x, 5)));
  CHECK(x.grad().to_vector<double>() == std::vector<double>{5, 5});
}

TEST_CASE("all handles of a parameter see its value move") {
  const Variable x = Variable::parameter(numbers({1, 2})), tied = x;
  x.leaf()->value = numbers({5, 6});
  CHECK(tied.value().to_vector<double>() == std::vector<double>{5, 6});
  CHECK(tied.leaf() == x.leaf());
}

TEST_CASE("rows of a bf16 result sum their gradients in f32 before they are rounded") {
  const Variable x = Variable::parameter(numbers({1, 2}).cast(DType::bf16));
  const std::vector<int32_t> ids(300, 0);
  backward(sum(gather_rows(scale(x, 1), tensor::Ids::from(ids))));
  CHECK(x.grad().to_vector<float>() == std::vector<float>{300, 0});
}

TEST_CASE("bf16 parameters gather their gradients in f32") {
  const Variable x = Variable::parameter(numbers({1, 2}).cast(DType::bf16));
  for (int i = 0; i < 300; ++i) backward(sum(scale(x, 1)));
  CHECK(x.grad().dtype() == DType::f32);
  CHECK(x.grad().to_vector<float>() == std::vector<float>{300, 300});  // bf16 would stay at 256
}

TEST_CASE("what has no gradient says so") {
  CHECK_THROWS_WITH_AS(Variable::parameter(Tensor::zeros({2}, DType::i32), "ids"), "parameter ids: i32 has no gradient",
                       base::Error);
  Variable constant = numbers({1, 2, 3});
  CHECK_THROWS_WITH_AS(constant.grad(), "grad: [3] is not a parameter", base::Error);
  CHECK_THROWS_WITH_AS(constant.clear_grad(), "clear_grad: [3] is not a parameter", base::Error);
}

TEST_CASE("nothing is recorded under NoGrad, and EnableGrad records inside of one") {
  const Variable x = Variable::parameter(numbers({1, 2}));
  CHECK_FALSE(NoGrad::active());
  {
    const NoGrad guard;
    CHECK_FALSE(scale(x, 2).requires_grad());
    {
      const NoGrad again;
      const EnableGrad enable_grad;
      CHECK(scale(x, 2).requires_grad());
    }
    CHECK(NoGrad::active());
  }
  CHECK(scale(x, 2).requires_grad());
}
