#include "autograd/engine.h"

#include <doctest/doctest.h>
#include <pthread.h>

#include "autograd/ops/elementwise.h"
#include "autograd/ops/index.h"
#include "autograd/ops/matmul.h"
#include "autograd/ops/reduce.h"
#include "tensor/allocator.h"
#include "tensor/ops/elementwise.h"
#include "tensor/trace.h"
#include "tests/autograd/numbers.h"
#include "tests/op_case.h"

using namespace autograd;
using tests::normal;

namespace {

std::vector<double> values(const Tensor& x) { return x.to_vector<double>(); }

// x itself, with a backward that the test writes.
struct TestNode final : Node {
  std::function<void(const Tensor& dy, GradOut& dx)> function;
  const char* name() const override { return "test_op"; }
  void backward(std::span<const Tensor> dy, GradOut& dx) override { function(dy[0], dx); }
};

Variable test_op(const Variable& x, std::function<void(const Tensor& dy, GradOut& dx)> function) {
  auto node = std::make_shared<TestNode>();
  node->function = std::move(function);
  return record(std::move(node), {x}, x.value());
}

// Runs f on a thread with a stack of 512 KiB, which 300,000 nested calls would overflow many times.
template <class F>
void on_a_small_stack(F f) {
  pthread_attr_t attributes;
  REQUIRE(pthread_attr_init(&attributes) == 0);
  REQUIRE(pthread_attr_setstacksize(&attributes, 512 * 1024) == 0);
  pthread_t thread;
  const auto call = [](void* function) -> void* { return (*static_cast<F*>(function))(), nullptr; };
  REQUIRE(pthread_create(&thread, &attributes, call, &f) == 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
}

}  // namespace

TEST_CASE("nodes run from the youngest to the oldest, the same way every time") {
  const auto order = [] {
    const Variable x = Variable::parameter(numbers({1, 2, 3}));
    const Variable a = scale(x, 2), b = mul(a, x), c = add(a, b), d = mul(c, b);
    std::vector<std::string> names;
    std::vector<uint64_t> ages;
    const BackwardObserver observer([&](const Node& node, std::span<const Tensor> dy) {
      names.push_back(node.name());
      ages.push_back(node.number());
      CHECK(dy[0].defined());
    });
    backward(sum(add(d, a)));
    for (size_t i = 1; i < ages.size(); ++i) CHECK(ages[i] < ages[i - 1]);
    return std::pair(names, values(x.grad()));
  };
  const auto first = order();
  CHECK(first.first == std::vector<std::string>{"sum", "add", "mul", "add", "mul", "affine"});
  CHECK(order() == first);
}

TEST_CASE("a tied weight is ready once, when the last of its gradients has arrived") {
  const Variable table = Variable::parameter(normal({5, 3}), "shared");
  const Tensor ids = tests::i32({1, 4, 1});
  int ready = 0;
  std::vector<double> seen;
  table.leaf()->ready = [&](Leaf& leaf) {
    ++ready;
    seen = values(leaf.grad);
    CHECK(leaf.name == "shared");
  };
  const Variable encoder = embedding(table, ids), decoder = embedding(table, ids);
  backward(sum(matmul(mul(encoder, decoder), table, false, true)));
  CHECK(ready == 1);
  CHECK(seen == values(table.grad()));
  table.leaf()->ready = [&](Leaf&) { ++ready; };
  backward(sum(embedding(table, ids)));
  CHECK(ready == 2);
}

TEST_CASE("the gradients of a tied weight are summed before they join what its gradient holds") {
  const Variable table = Variable::parameter(normal({5, 3}));
  const auto pass = [&](const Tensor& ids) {
    const Variable encoder = embedding(table, ids), decoder = embedding(table, ids);
    backward(sum(matmul(mul(encoder, decoder), table, false, true)));
    return values(table.grad());
  };
  const Tensor one = tests::i32({1, 4, 1}), other = tests::i32({0, 4, 4, 2});
  std::vector<double> expected = pass(one);
  table.leaf()->empty_grad = true;
  const std::vector<double> second = pass(other);
  for (size_t i = 0; i < expected.size(); ++i) expected[i] += second[i];
  table.leaf()->empty_grad = true;
  pass(one);
  const Tensor buffer = table.grad();
  std::vector<double> seen;
  table.leaf()->ready = [&](Leaf& leaf) { seen = values(leaf.grad); };
  CHECK(pass(other) == expected);  // bit for bit
  CHECK(seen == expected);
  CHECK(table.grad().storage() == buffer.storage());
}

TEST_CASE("what a gradient held survives an error between the ops that would have added to it") {
  const Variable x = Variable::parameter(numbers({3, 4}));
  backward(sum(scale(x, 2)));
  const auto broken = [](const Tensor&, GradOut&) { throw base::Error("no luck"); };
  const Variable early = test_op(x, broken);
  CHECK_THROWS_AS(backward(sum(add(early, scale(x, 5)))), base::Error);
  CHECK(values(x.grad()) == std::vector<double>{2, 2});
  backward(sum(add(scale(x, 3), scale(x, 5))));
  CHECK(values(x.grad()) == std::vector<double>{10, 10});
}

TEST_CASE("a chain of 300,000 nodes runs forward, backward and is freed without deep recursion") {
  on_a_small_stack([] {
    const Variable x = Variable::parameter(numbers({1}));
    Variable y = x;
    for (int i = 0; i < 300000; ++i) y = add(y, x);
    CHECK(y.value().item() == 300001);
    backward(y);
    CHECK(x.grad().item() == 300001);
    y = Variable();
    for (int i = 0; i < 300000; ++i) y = affine(y.defined() ? y : x, 1, 0);  // freed without a backward
  });
}

TEST_CASE("a tensor that was written to after an op saved it is an error that names the op") {
  Tensor value = numbers({1, 2});
  const Variable x = Variable::parameter(numbers({3, 4}));
  const tensor::TracePath path("layers.0");
  const Variable y = sum(mul(x, value));
  value.fill(9);
  CHECK_THROWS_WITH_AS(backward(y),
                       "mul, recorded in layers.0: a tensor [2] saved for backward was written to since (version 2, "
                       "saved at 1) (while running backward of mul, recorded in layers.0)",
                       base::Error);
}

TEST_CASE("a second backward through freed tensors is an error") {
  const Variable x = Variable::parameter(numbers({3, 4}));
  const Variable y = sum(mul(x, x));
  backward(y);
  CHECK_THROWS_WITH_AS(backward(y),
                       "mul: its saved tensors were freed by an earlier backward (while running backward of mul)",
                       base::Error);
}

TEST_CASE("an op that forgets a wanted gradient is named with the input") {
  const Variable x = Variable::parameter(numbers({3, 4}));
  CHECK_THROWS_WITH_AS(backward(sum(test_op(x, [](const Tensor&, GradOut&) {}))),
                       "test_op: gives no gradient for input 0, which is wanted", base::Error);
}

TEST_CASE("gradients of a wrong shape, dtype or number are refused") {
  const Variable x = Variable::parameter(numbers({3, 4}));
  const auto run = [&](std::function<void(const Tensor& dy, GradOut& dx)> function) {
    backward(sum(test_op(x, std::move(function))));
  };
  CHECK_THROWS_WITH_AS(run([](const Tensor&, GradOut& dx) { dx.give(0, numbers({1})); }),
                       "test_op: gives a gradient [1] for a value [2] (while running backward of test_op)",
                       base::Error);
  CHECK_THROWS_WITH_AS(run([](const Tensor& dy, GradOut& dx) { dx.give(0, dy.cast(DType::f32)); }),
                       "test_op: gives a gradient of f32 for a value of f64 (while running backward of test_op)",
                       base::Error);
  CHECK_THROWS_WITH_AS(run([](const Tensor&, GradOut& dx) { dx.give(0, Tensor()); }),
                       "test_op: gives an undefined gradient (while running backward of test_op)", base::Error);
  CHECK_THROWS_WITH_AS(run([](const Tensor& dy, GradOut& dx) { dx.give(0, dy), dx.give(0, dy); }),
                       "test_op: gives the gradient of input 0 twice (while running backward of test_op)", base::Error);
  CHECK_THROWS_WITH_AS(
      run([](const Tensor&, GradOut& dx) { dx.into(1); }),
      "test_op: asks where to write the gradient of input 1, which is not wanted (while running backward of test_op)",
      base::Error);
}

TEST_CASE("a root needs one element or a seed, and something to lead to") {
  const Variable x = Variable::parameter(numbers({3, 4}));
  CHECK_THROWS_WITH_AS(backward(scale(x, 2)),
                       "backward: the root [2] has 2 elements; it should have one, or a seed be given", base::Error);
  CHECK_THROWS_WITH_AS(backward(Variable(numbers({1}))), "backward: the root [1] depends on no parameter", base::Error);
  CHECK_THROWS_WITH_AS(backward(scale(x, 2), numbers({1, 2, 3})), "the seed: gives a gradient [3] for a value [2]",
                       base::Error);
  backward(scale(x, 2), numbers({1, 10}));
  CHECK(values(x.grad()) == std::vector<double>{2, 20});
}

TEST_CASE("several roots of one graph are one backward; constants among them are passed over") {
  const Variable x = Variable::parameter(numbers({3, 4}));
  int ready = 0;
  x.leaf()->ready = [&](Leaf&) { ++ready; };
  const Variable shared = mul(x, x);
  const Variable roots[] = {scale(shared, 1), Variable(numbers({7})), scale(shared, 10)};
  const Tensor seeds[] = {numbers({1, 1}), numbers({1}), numbers({1, 0})};
  backward(roots, seeds);
  CHECK(values(x.grad()) == std::vector<double>{66, 8});
  CHECK(ready == 1);
  CHECK_THROWS_WITH_AS(backward(roots, std::span(seeds, 2)), "backward: 3 roots and 2 seeds", base::Error);
}

TEST_CASE("an error in the middle of a backward keeps its type and leaves graph and parameters usable") {
  const Variable x = Variable::parameter(numbers({3, 4})), w = Variable::parameter(numbers({5, 6}));
  bool fail = true;
  const Variable inner = mul(x, w);
  const Variable y = test_op(inner, [&](const Tensor& dy, GradOut& dx) {
    if (fail) throw base::OutOfMemory("out of memory on cpu");
    dx.give(0, dy);
  });
  const Variable loss = sum(y);
  CHECK_THROWS_WITH_AS(backward(loss), "out of memory on cpu (while running backward of test_op)", base::OutOfMemory);
  CHECK_FALSE(NoGrad::active());
  CHECK_FALSE(x.grad().defined());
  fail = false;
  backward(loss);  // nothing on the way was freed yet
  CHECK(values(x.grad()) == std::vector<double>{5, 6});
  CHECK(values(w.grad()) == std::vector<double>{3, 4});
}

TEST_CASE("a gradient buffer that an error kept from being written counts as empty") {
  const Variable x = Variable::parameter(numbers({3, 4}));
  const auto broken = [](const Tensor&, GradOut& dx) {
    dx.into(0);
    throw base::Error("no luck");
  };
  CHECK_THROWS_AS(backward(sum(test_op(x, broken))), base::Error);
  CHECK_FALSE(x.grad().defined());
  backward(sum(scale(x, 2)));
  CHECK(values(x.grad()) == std::vector<double>{2, 2});
}

TEST_CASE("all observers see all nodes, the innermost first, until they go") {
  const Variable x = Variable::parameter(numbers({3, 4}));
  std::string seen;
  {
    const BackwardObserver outer(
        [&](const Node& node, std::span<const Tensor>) { seen += std::string("o:") + node.name() + " "; });
    {
      const BackwardObserver inner(
          [&](const Node& node, std::span<const Tensor>) { seen += std::string("i:") + node.name() + " "; });
      backward(sum(scale(x, 2)));
    }
    backward(sum(x));
  }
  backward(sum(x));
  CHECK(seen == "i:sum o:sum i:affine o:affine o:sum ");
}

TEST_CASE("watch changes nothing and shows the whole gradient of a value") {
  const Variable x = Variable::parameter(numbers({3, 4}));
  std::vector<std::vector<double>> seen;
  const Variable y = watch(mul(x, x), [&](const Tensor& gradient) { seen.push_back(values(gradient)); });
  CHECK(values(y.value()) == std::vector<double>{9, 16});
  backward(sum(add(y, scale(y, 4))));
  CHECK(seen == std::vector<std::vector<double>>{{5, 5}});
  CHECK(values(x.grad()) == std::vector<double>{30, 40});
  CHECK_FALSE(watch(numbers({1}), [](const Tensor&) {}).requires_grad());
}

TEST_CASE("every type of error keeps it on its way out of a backward, also one of somebody else's") {
  const Variable x = Variable::parameter(numbers({3, 4}));
  const auto run = [&](auto error) { backward(sum(test_op(x, [=](const Tensor&, GradOut&) { throw error; }))); };
  CHECK_THROWS_WITH_AS(run(base::UsageError("no")), "no (while running backward of test_op)", base::UsageError);
  CHECK_THROWS_WITH_AS(run(base::DamagedInput("no")), "no (while running backward of test_op)", base::DamagedInput);
  struct Other : base::Error {
    using base::Error::Error;
  };
  CHECK_THROWS_WITH_AS(run(Other("no")), "no", Other);
}

TEST_CASE("backward runs, and takes memory, at the place where the node was recorded") {
  const Variable x = Variable::parameter(numbers({3, 4}));
  std::vector<std::string> seen;
  Variable y;
  {
    const tensor::TracePath path("layers.0");
    y = test_op(x, [&](const Tensor& dy, GradOut& dx) {
      seen = {tensor::trace_path(), tensor::Trace::innermost()};
      dx.give(0, dy);
    });
  }
  const tensor::TracePath outside("evaluation");
  backward(sum(y));
  CHECK(seen == std::vector<std::string>{"layers.0", "backward"});
  CHECK(tensor::trace_path() == "evaluation");
  bool found = false;
  for (const auto& live : tensor::host_allocator().live())
    found |= live.op == "backward" && live.path == "layers.0" && live.bytes > 0;
  CHECK(found);  // the gradient of x
}
