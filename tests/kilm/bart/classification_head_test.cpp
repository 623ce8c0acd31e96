#include "kilm/bart/classification_head.h"

#include <doctest/doctest.h>

#include "autograd/gradcheck.h"
#include "tensor/base/error.h"
#include "tensor/base/json.h"
#include "tensor/ops/elementwise.h"
#include "tests/kilm/bart_fixture.h"
#include "tests/kilm/folder.h"
#include "tests/kilm/toy.h"

using kilm::bart::ClassificationHead;
using tensor::DType;
using tensor::Tensor;

namespace {

kilm::bart::BartFolder folder_with_head(int64_t classes, bool is_regression = false) {
  kilm::bart::BartFolder folder = toy::bart();
  ClassificationHead head(folder.model.config, classes);
  head.initialise(3, 0.5);
  kilm::bart::describe_labels(folder.model.config, classes, is_regression);
  folder.head = named_tensors(head);
  return folder;
}

void save(const Folder& at, kilm::bart::BartFolder& folder) {
  kilm::bart::save_bart(at.path.string(), folder.model, folder.tokenizer, folder.generation_config, folder.head);
}

kilm::bart::BartFolder load(const Folder& at) {
  return kilm::bart::load_bart(at.path.string(), DType::f32, kilm::bart::Head::wanted);
}

}  // namespace

TEST_CASE("the head of a classifier has the gradients of its definition, with dropout too") {
  kilm::bart::Bart model = tests::small_bart(DType::f64);
  for (const double dropout : {0.0, 0.3}) {
    model.config.others.set("classifier_dropout", dropout);
    ClassificationHead head(model.config, 3, DType::f64);
    head.initialise(5, 0.7);
    Tensor hidden = Tensor::zeros({4, 16}, DType::f64);
    tensor::random_normal_(hidden, 0, 1, {.op = 7});
    std::vector<Tensor> inputs = {hidden};
    for (const nn::Variable& parameter : nn::parameters(head)) inputs.push_back(parameter.value());
    const auto of_inputs = [&](std::span<const nn::Variable> at) -> std::vector<nn::Variable> {
      head.dense.weight = at[1];
      head.dense.bias = at[2];
      head.out_proj.weight = at[3];
      head.out_proj.bias = at[4];
      return {head.forward(at[0], {.training = true})};
    };
    CHECK(autograd::gradient_mismatch(of_inputs, inputs) == "");
  }
}

TEST_CASE("a head reads the rows that it is given, whatever else is in the batch") {
  kilm::bart::Bart model = tests::small_bart(DType::f32);
  ClassificationHead head(model.config, 2);
  head.initialise(5, 0.7);
  const kilm::bart::Classifier classifier(model, head);
  const auto logits = [&](const std::vector<std::vector<int32_t>>& rows, const std::vector<int32_t>& places) {
    const kilm::bart::Packed packed = kilm::bart::Packed::of(rows);
    const autograd::NoGrad no_grad;
    return classifier.forward(packed, packed, tensor::Ids::from(places), nn::Mode::evaluation).value();
  };
  const std::vector<int32_t> one = {0, 5, 6, 2}, other = {0, 9, 2};
  const Tensor both = logits({one, other}, {3, 6});
  CHECK(toy::bytes_of(both.narrow(0, 0, 1).contiguous()) == toy::bytes_of(logits({one}, {3})));
  CHECK(toy::bytes_of(both.narrow(0, 1, 1).contiguous()) == toy::bytes_of(logits({other}, {2})));
}

TEST_CASE("a folder keeps a head, and says what Transformers needs to know of it") {
  const Folder at;
  kilm::bart::BartFolder folder = folder_with_head(3);
  save(at, folder);
  kilm::bart::BartFolder again = load(at);
  std::optional<ClassificationHead> head = kilm::bart::head_of(again);
  REQUIRE(head);
  CHECK(head->classes() == 3);
  CHECK(kilm::bart::classes_in(at.path.string()) == 3);
  const std::vector<tensor::NamedTensor> tensors = named_tensors(*head);
  const char* names[] = {"dense.weight", "dense.bias", "out_proj.weight", "out_proj.bias"};
  REQUIRE(tensors.size() == 4);
  for (size_t i = 0; i < 4; ++i) {
    CHECK(tensors[i].name == std::string("classification_head.") + names[i]);
    CHECK(toy::bytes_of(tensors[i].tensor) == toy::bytes_of(folder.head[i].tensor));
  }
  const base::Json config = base::read_json_file(at / "config.json");
  CHECK(config.at("architectures").dump() == R"(["BartForSequenceClassification"])");
  CHECK(config.at("num_labels").as_int() == 3);
  CHECK(config.at("id2label").dump() == R"({"0": "LABEL_0", "1": "LABEL_1", "2": "LABEL_2"})");
  CHECK(config.at("problem_type").as_string() == "single_label_classification");
  const auto weights = tensor::SafetensorsFile::open(at / "model.safetensors");
  CHECK(!weights.contains("final_logits_bias"));  // Transformers' classifier has none
}

TEST_CASE("names of labels that are there stay") {
  kilm::bart::BartConfig config;
  config.others.set("id2label", base::Json::object({{"0", "bad"}, {"1", "good"}}));
  kilm::bart::describe_labels(config, 2, false);
  CHECK(config.others.at("id2label").at("1").as_string() == "good");
  kilm::bart::describe_labels(config, 1, true);
  CHECK(config.others.at("id2label").dump() == R"({"0": "LABEL_0"})");
  CHECK(config.others.at("problem_type").as_string() == "regression");
}

TEST_CASE("a model without a head has none, and one that is not whole is refused by name") {
  const Folder at;
  kilm::bart::BartFolder folder = folder_with_head(2);
  std::vector<tensor::NamedTensor> head = std::move(folder.head);
  save(at, folder);
  kilm::bart::BartFolder without = load(at);
  CHECK(!kilm::bart::head_of(without));
  CHECK(!kilm::bart::classes_in(at.path.string()));
  folder.head = {head[0], head[1], head[2]};
  save(at, folder);
  kilm::bart::BartFolder broken = load(at);
  CHECK_THROWS_AS(kilm::bart::head_of(broken), base::DamagedInput);
  kilm::bart::BartConfig config = folder.model.config;
  config.others.set("classifier_dropout", 1.5);
  CHECK_THROWS_AS(ClassificationHead(config, 2), base::DamagedInput);
}
