#include "autograd/node.h"

#include <doctest/doctest.h>

#include "autograd/engine.h"
#include "autograd/ops/attention.h"
#include "autograd/ops/elementwise.h"
#include "autograd/ops/index.h"
#include "autograd/ops/reduce.h"
#include "tensor/ops/elementwise.h"
#include "tensor/trace.h"
#include "tests/autograd/numbers.h"

using namespace autograd;

TEST_CASE("a node knows its name, inputs, outputs, saved tensors and where it was recorded") {
  const Variable x = Variable::parameter(numbers({1, 2, 3})), y = Variable::parameter(numbers({4}));
  const tensor::TracePath encoder("encoder"), layer("layers.3");
  const Variable z = mul(x, y);
  const Node& node = *z.edge().node;
  CHECK(std::string(node.name()) == "mul");
  CHECK(node.where() == "mul, recorded in encoder.layers.3");
  CHECK(node.path() == "encoder.layers.3");
  REQUIRE(node.inputs().size() == 2);
  CHECK(node.inputs()[0].leaf == x.leaf());
  CHECK(node.inputs()[1].leaf == y.leaf());
  REQUIRE(node.outputs().size() == 1);
  CHECK(node.outputs()[0].shape == Shape{3});
  CHECK(node.outputs()[0].dtype == DType::f64);
  REQUIRE(node.saved().size() == 2);
  CHECK(node.saved()[0]->bytes() == 24);
  CHECK(node.saved()[1]->bytes() == 8);
  CHECK(add(z, x).edge().node->number() > node.number());
}

TEST_CASE("saved tensors are freed by the backward that used them") {
  const Variable x = Variable::parameter(numbers({1, 2}));
  const Variable y = mul(x, x);
  const std::shared_ptr<Node> node = y.edge().node;
  CHECK(node->saved()[0]->bytes() == 16);
  backward(sum(y));
  CHECK(node->saved()[0]->bytes() == 0);
  CHECK_FALSE(node->saved()[0]->defined());
  CHECK_THROWS_WITH_AS(node->saved()[0]->get(), "mul: its saved tensors were freed by an earlier backward",
                       base::Error);
}

TEST_CASE("a sink sees what nodes save, and gives it back when it is asked for") {
  // Keeps copies elsewhere, as a sink that moves tensors to slower memory would.
  struct Elsewhere final : SavedSink, SavedSource, std::enable_shared_from_this<Elsewhere> {
    std::vector<Tensor> kept;
    int fetched = 0;
    std::shared_ptr<SavedSource> save(const Tensor& tensor, size_t& index) override {
      index = kept.size();
      kept.push_back(tensor.clone());
      return shared_from_this();
    }
    Tensor fetch(size_t index) override {
      ++fetched;
      return kept[index];
    }
  };
  const auto sink = std::make_shared<Elsewhere>();
  const Variable x = Variable::parameter(numbers({1, 2}));
  Variable y;
  {
    const SavedSinkGuard guard(sink.get());
    y = mul(x, numbers({3, 4}));
  }
  CHECK(SavedSink::current() == nullptr);
  CHECK(sink->kept.size() == 2);
  CHECK(y.edge().node->saved()[0]->bytes() == 0);
  CHECK(y.edge().node->saved()[0]->defined());
  backward(sum(y));
  CHECK(sink->fetched == 2);
  CHECK(x.grad().to_vector<double>() == std::vector<double>{3, 4});
}

TEST_CASE("a node may have several outputs, and sees which of them had no gradient") {
  // x -> (2 x, 3 x)
  struct TwiceAndThriceNode final : Node {
    const char* name() const override { return "twice_and_thrice"; }
    void backward(std::span<const Tensor> dy, GradOut& dx) override {
      CHECK_FALSE(dy[0].defined());
      dx.give(0, tensor::scale(dy[1], 3));
    }
  };
  const Variable x = Variable::parameter(numbers({1, 2}));
  const std::vector<Variable> y =
      record(std::make_shared<TwiceAndThriceNode>(), {x}, {tensor::scale(x.value(), 2), tensor::scale(x.value(), 3)});
  CHECK(y[0].edge().node == y[1].edge().node);
  CHECK(y[1].edge().slot == 1);
  backward(sum(y[1]));
  CHECK(x.grad().to_vector<double>() == std::vector<double>{3, 3});
}

TEST_CASE("ids and sequences that were saved stay, whatever a sink takes, and a write to them is noticed") {
  struct Refuser final : SavedSink {
    std::vector<Tensor> offered;
    std::shared_ptr<SavedSource> save(const Tensor& tensor, size_t&) override {
      offered.push_back(tensor);
      return nullptr;
    }
  };
  const Variable table = Variable::parameter(numbers({1, 2, 3}).reshape({3, 1}));
  const Variable qkv = Variable::parameter(Tensor::full({3, 3, 1, 1}, 1));
  Tensor ids = Tensor::from({2}, std::vector<int32_t>{2, 0}), offsets = Tensor::from({2}, std::vector<int32_t>{0, 3});
  Refuser sink;
  const auto make = [&] {
    const SavedSinkGuard guard(&sink);
    return std::vector{embedding(table, ids), self_attention(qkv, offsets, {})};
  };
  for (const Variable& y : make()) backward(sum(y));
  for (const Tensor& tensor : sink.offered) CHECK(tensor.dtype() != DType::i32);
  const std::vector<Variable> outputs = make();
  ids.mutable_data<int32_t>()[0] = 1;
  offsets.mutable_data<int32_t>()[1] = 2;
  CHECK_THROWS_WITH_AS(backward(sum(outputs[0])), doctest::Contains("embedding: a tensor [2] saved for backward was"),
                       base::Error);
  CHECK_THROWS_WITH_AS(backward(sum(outputs[1])),
                       doctest::Contains("self_attention: a tensor [2] saved for backward was"), base::Error);
}
