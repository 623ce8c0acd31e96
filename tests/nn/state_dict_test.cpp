#include "nn/state_dict.h"

#include <doctest/doctest.h>

#include "nn/layers.h"
#include "tests/kilm/folder.h"
#include "tests/tensor/torch_archive.h"

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

using base::DamagedInput;
using tensor::write_safetensors;

// Writes complete() in two files, and an index of them with `more` at the end of its weight_map.
void write_shards(const Folder& at, const std::string& more = "") {
  std::vector<tensor::NamedTensor> first, second;
  for (const auto& [name, tensor] : complete()) (name.starts_with("norm") ? second : first).push_back({name, tensor});
  write_safetensors(at / "a.safetensors", first);
  write_safetensors(at / "b.safetensors", second);
  at.write("index.json", R"({"metadata": {"total_size": 80}, "weight_map": {"shared.weight": "a.safetensors",)"
                         R"( "k_proj.weight": "a.safetensors", "v_proj.weight": "a.safetensors",)"
                         R"( "norm.weight": "b.safetensors")" +
                             more + "}}");
}

std::string refusal(const Folder& at) {
  try {
    sharded_source(at / "index.json");
  } catch (const DamagedInput& error) {
    return std::string(error.what()).substr((at / "index.json").size());
  }
  return "accepted";
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
                       base::DamagedInput);
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
                       base::DamagedInput);
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
  CHECK_THROWS_AS(load(model, source(tensors)), base::DamagedInput);
}

TEST_CASE("a model in several files is loaded by their index") {
  const Folder at;
  write_shards(at, R"(, "norm.bias": "b.safetensors")");
  const StateSource source = sharded_source(at / "index.json");
  CHECK(source.names.size() == 5);
  Model model;
  load(model, source);
  CHECK(values(model.fused.value()) == std::vector<float>{2, 2, 2, 2, 3, 3, 3, 3});
  CHECK(values(model.norm.bias.value()) == std::vector<float>{5, 5});
}

TEST_CASE("a model in several files of torch.save is loaded by their index, too") {
  const Folder at;
  std::vector<std::pair<std::string, Tensor>> first, second;
  std::string map;
  for (const auto& [name, tensor] : complete()) {
    (name.starts_with("norm") ? second : first).emplace_back(name, tensor);
    map += (map.empty() ? "\"" : ", \"") + name + (name.starts_with("norm") ? "\": \"b.bin\"" : "\": \"a.bin\"");
  }
  at.write("a.bin", torch_archive::state_dict(first));
  at.write("b.bin", torch_archive::state_dict(second));
  at.write("index.json", "{\"weight_map\": {" + map + "}}");
  Model model;
  load(model, sharded_source(at / "index.json"));
  CHECK(values(model.fused.value()) == std::vector<float>{2, 2, 2, 2, 3, 3, 3, 3});
  CHECK(values(model.norm.bias.value()) == std::vector<float>{5, 5});
}

TEST_CASE("an index and its files must agree in both directions") {
  const Folder at;
  write_shards(at, R"(, "norm.bias": "a.safetensors", "lost.weight": "b.safetensors")");
  CHECK(refusal(at) ==
        ": does not fit its files:\n"
        "  norm.bias: is not in a.safetensors, where weight_map says it is\n"
        "  lost.weight: is not in b.safetensors, where weight_map says it is\n"
        "  norm.bias: is in b.safetensors, which weight_map does not say");
  for (const char* file : {"\"../b.safetensors\"", "\"/b.safetensors\"", "\"\"", "\"b.pt\"", "7"}) {
    write_shards(at, std::string(R"(, "norm.bias": )") + file);
    CHECK(refusal(at) == std::string(": weight_map: norm.bias is in ") + file +
                             ", which should be a .safetensors or .bin file beside it");
  }
  at.write("index.json", R"({"weight_map": []})");
  CHECK(refusal(at) == ": weight_map should be an object of names and files");
  write_shards(at, R"(, "norm.bias": "c.safetensors")");
  CHECK(refusal(at) == ": weight_map names c.safetensors, which is not beside it");
}

TEST_CASE("a file of torch.save is a source") {
  const Folder at;
  std::vector<std::pair<std::string, Tensor>> tensors;
  for (const auto& [name, tensor] : complete()) tensors.emplace_back(name, tensor.cast(DType::f16));
  at.write("weights.bin", torch_archive::state_dict(tensors));
  Model model;
  load(model, torch_source(at / "weights.bin"));
  CHECK(values(model.shared.weight.value()) == std::vector<float>(8, 1));
  CHECK(values(model.norm.bias.value()) == std::vector<float>{5, 5});
}
