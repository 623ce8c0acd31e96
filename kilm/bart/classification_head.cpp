#include "kilm/bart/classification_head.h"

#include <algorithm>

#include "autograd/ops/elementwise.h"
#include "autograd/ops/index.h"
#include "tensor/format.h"
#include "tensor/ops/elementwise.h"
#include "tensor/random.h"

namespace kilm::bart {

using base::Json;

namespace {

float classifier_dropout(const BartConfig& config) {
  const Json* given = config.others.find("classifier_dropout");
  if (!given || given->is_null()) return 0;
  base::check<base::DamagedInput>(given->is_number() && given->as_number() >= 0 && given->as_number() < 1,
                                  "config.json: classifier_dropout is {}, it should be in [0, 1)", given->dump());
  return float(given->as_number());
}

constexpr const char* kName = "classification_head";

std::optional<int64_t> classes_in(const nn::StateSource& weights) {
  const std::string name = "classification_head.out_proj.weight";
  if (std::ranges::find(weights.names, name) == weights.names.end()) return std::nullopt;
  const Tensor weight = weights.tensor(name);
  base::check<base::DamagedInput>(weight.shape().rank() == 2, "{}: {} is {}, it should be [classes, d]", weights.place,
                                  name, weight.shape());
  return weight.size(0);
}

// Gives the head the names that it has in a folder.
struct Named final : nn::Module {
  explicit Named(ClassificationHead& head) : head(head) {}
  void visit(nn::Visitor& v) override { v(kName, head); }

  ClassificationHead& head;
};

}  // namespace

ClassificationHead::ClassificationHead(const BartConfig& config, int64_t classes, DType dtype)
    : dropout(classifier_dropout(config)),
      dense(config.d_model, config.d_model, dtype),
      out_proj(config.d_model, classes, dtype) {}

Variable ClassificationHead::forward(const Variable& hidden, Mode mode) const {
  const float p = mode.training ? dropout : 0;
  const Variable x = nn::named("dense", [&] { return dense.forward(autograd::dropout(hidden, p)); });
  const Variable y = autograd::dropout(autograd::unary(tensor::Unary::tanh, x), p);
  return nn::named("out_proj", [&] { return out_proj.forward(y); });
}

void ClassificationHead::visit(nn::Visitor& v) {
  v("dense", dense);
  v("out_proj", out_proj);
}

void ClassificationHead::initialise(uint64_t seed, double stddev) {
  constexpr uint32_t kFirstStream = (1u << 30) + 1;  // behind that of new rows of the vocabulary
  Tensor of_dense = dense.weight.value(), of_out_proj = out_proj.weight.value();
  const tensor::PhiloxKey key = tensor::philox_key(seed, tensor::RandomDomain::init);
  tensor::random_normal_(of_dense, 0, stddev, {.key = key, .op = kFirstStream});
  tensor::random_normal_(of_out_proj, 0, stddev, {.key = key, .op = kFirstStream + 1});
}

void Classifier::visit(nn::Visitor& v) {
  model.visit(v);
  v(kName, head);
}

Variable Classifier::forward(const Packed& source, const Packed& target, const tensor::Ids& rows, Mode mode,
                             Recompute recompute) const {
  const Variable hidden = model.forward(source, target, mode, recompute);
  return nn::named(kName, [&] { return head.forward(autograd::gather_rows(hidden, rows), mode); });
}

std::optional<int64_t> classes_in(const std::string& folder) { return classes_in(bart_weights(folder)); }

std::optional<ClassificationHead> head_of(const BartFolder& folder) {
  if (folder.head.empty()) return std::nullopt;
  nn::StateSource source{.place = folder.path, .names = {}, .tensor = [&](const std::string& name) {
                           return std::ranges::find(folder.head, name, &tensor::NamedTensor::name)->tensor;
                         }};
  for (const tensor::NamedTensor& named : folder.head) source.names.push_back(named.name);
  ClassificationHead head(folder.model.config, classes_in(source).value_or(1), folder.model.shared.dtype());
  Named named(head);
  nn::load(named, source);
  return head;
}

std::vector<tensor::NamedTensor> named_tensors(ClassificationHead& head) {
  Named named(head);
  return nn::state(named);
}

void describe_labels(BartConfig& config, int64_t classes, bool is_regression) {
  Json& others = config.others;
  const Json* names = others.find("id2label");
  if (!names || !names->is_object() || int64_t(names->members().size()) != classes) {
    Json id2label = Json::object(), label2id = Json::object();
    for (int64_t i = 0; i < classes; ++i) {
      const std::string name = "LABEL_" + std::to_string(i);
      id2label.set(std::to_string(i), name);
      label2id.set(name, i);
    }
    others.set("id2label", id2label);
    others.set("label2id", label2id);
  }
  others.set("num_labels", classes);
  others.set("problem_type", is_regression ? "regression" : "single_label_classification");
}

}  // namespace kilm::bart
