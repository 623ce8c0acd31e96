#include "nn/state_dict.h"

#include <doctest/doctest.h>

#include "nn/layers.h"

using namespace nn;

namespace {

// A tied table and a fused projection of two published parts, as in BART.
struct Model final : Module {
  Embedding shared{4, 2, DType::f32};
  Variable fused = Variable::parameter(Tensor::zeros({4, 2}));
  LayerNorm norm{2, DType::f32};
  void visit(Visitor& v) override {
    v("shared", shared);
    v("encoder.embed_tokens", shared);
    v.rows("k_proj.weight", fused, 0, 2);
    v.rows("v_proj.weight", fused, 2, 4);
    v("norm", norm);
  }
};

using Named = std::map<std::string, Tensor>;

StateSource source(const Named& tensors) {
  StateSource result{"weights", {}, [tensors](const std::string& name) { return tensors.at(name); }};
  for (const auto& [name, tensor] : tensors) result.names.push_back(name);
  return result;
}

Named complete() {
  return {{"shared.weight", Tensor::full({4, 2}, 1)},
          {"k_proj.weight", Tensor::full({2, 2}, 2)},
          {"v_proj.weight", Tensor::full({2, 2}, 3)},
          {"norm.weight", Tensor::full({2}, 4)},
          {"norm.bias", Tensor::full({2}, 5)}};
}

std::vector<float> values(const Tensor& x) { return x.to_vector<float>(); }

}  // namespace

TEST_CASE("state writes tied tensors once, under the first of their names, and says which names they also have") {
  Model model;
  std::vector<std::string> names;
  for (const tensor::NamedTensor& named : state(model)) names.push_back(named.name);
  CHECK(names ==
        std::vector<std::string>{"shared.weight", "k_proj.weight", "v_proj.weight", "norm.weight", "norm.bias"});
  CHECK(aliases(model) == std::map<std::string, std::string>{{"encoder.embed_tokens.weight", "shared.weight"}});
}

TEST_CASE("loading fills parameters and row ranges, and what was loaded is what is saved") {
  Model model;
  load(model, source(complete()));
  CHECK(values(model.shared.weight.value()) == std::vector<float>(8, 1));
  CHECK(values(model.fused.value()) == std::vector<float>{2, 2, 2, 2, 3, 3, 3, 3});
  CHECK(values(model.norm.bias.value()) == std::vector<float>{5, 5});
  const Named expected = complete();
  for (const tensor::NamedTensor& named : state(model)) CHECK(values(named.tensor) == values(expected.at(named.name)));
}

TEST_CASE("floating dtypes are converted") {
  Named tensors = complete();
  tensors["norm.weight"] = Tensor::full({2}, 1.5, DType::bf16);
  tensors["norm.bias"] = Tensor::full({2}, 2.5, DType::f16);
  Model model;
  load(model, source(tensors));
  CHECK(values(model.norm.weight.value()) == std::vector<float>{1.5, 1.5});
  CHECK(values(model.norm.bias.value()) == std::vector<float>{2.5, 2.5});
}

TEST_CASE("a tied tensor is taken from whichever of its names is there; several must agree") {
  Named tensors = complete();
  tensors["encoder.embed_tokens.weight"] = tensors["shared.weight"];
  Model model;
  load(model, source(tensors));
  tensors.erase("shared.weight");
  tensors["encoder.embed_tokens.weight"] = Tensor::full({4, 2}, 8);
  load(model, source(tensors));
  CHECK(values(model.shared.weight.value()) == std::vector<float>(8, 8));
  tensors["shared.weight"] = Tensor::full({4, 2}, 9);
  CHECK_THROWS_WITH_AS(load(model, source(tensors)),
                       "weights: does not fit the model:\n  encoder.embed_tokens.weight: differs from shared.weight, "
                       "to which it is tied",
                       tensor::DamagedInput);
}

TEST_CASE("one message lists everything that is missing, unexpected or misshapen") {
  Named tensors = complete();
  tensors.erase("norm.bias");
  tensors["k_proj.weight"] = Tensor::zeros({2, 3});
  tensors["v_proj.weight"] = Tensor::zeros({2, 2}, DType::i32);
  tensors["classifier.weight"] = Tensor::zeros({1});
  Model model;
  CHECK_THROWS_WITH_AS(load(model, source(tensors)),
                       "weights: does not fit the model:\n"
                       "  misshapen: k_proj.weight is [2, 3], the model's is [2, 2]\n"
                       "  misshapen: v_proj.weight holds i32\n"
                       "  missing: norm.bias\n"
                       "  unexpected: classifier.weight",
                       tensor::DamagedInput);
}

TEST_CASE("a prefix may be there or not, some names may lack, others are ignored") {
  Named tensors;
  for (const auto& [name, tensor] : complete()) tensors["model." + name] = tensor;
  tensors.erase("model.norm.bias");
  tensors["model.masked_bias"] = Tensor::zeros({1});
  tensors["version"] = Tensor::zeros({1});
  Model model;
  model.norm.bias.leaf()->value.fill(6);
  load(model, source(tensors),
       {.optional_prefix = "model.", .optional = {"norm.bias"}, .ignored = {"masked_bias", "version"}});
  CHECK(values(model.norm.weight.value()) == std::vector<float>{4, 4});
  CHECK(values(model.norm.bias.value()) == std::vector<float>{6, 6});
  CHECK_THROWS_AS(load(model, source(tensors)), tensor::DamagedInput);
}
