// The head of BartForSequenceClassification: it reads what the decoder made of the last </s> of a text (Lewis et al.
// 2020, 3.1), and says a number for each class, or one number.
#pragma once

#include <optional>
#include <span>

#include "kilm/bart/folder.h"

namespace kilm::bart {

// dropout, linear d x d, tanh, dropout, linear d x classes
struct ClassificationHead final : nn::Module {
  // The dropout is the configuration's classifier_dropout, 0 where it has none. Throws DamagedInput for one that is no
  // number in [0, 1).
  ClassificationHead(const BartConfig& config, int64_t classes, DType dtype = DType::f32);
  Variable forward(const Variable& hidden, Mode mode) const;  // [n, d] -> [n, classes]
  void visit(nn::Visitor& v) override;
  int64_t classes() const { return out_proj.weight.size(0); }

  // Draws weights from N(0, stddev), other ones than the model's own of the same seed.
  void initialise(uint64_t seed, double stddev);

  float dropout;
  nn::Linear dense, out_proj;
};

// A BART with its head: all that Transformers calls BartForSequenceClassification.
struct Classifier final : nn::Module {
  Classifier(Bart& model, ClassificationHead& head) : model(model), head(head) {}
  void visit(nn::Visitor& v) override;

  // Returns what the head makes of some rows[n] of the decoder: [n, classes].
  Variable forward(const Packed& source, const Packed& target, const tensor::Ids& rows, Mode mode,
                   Recompute recompute = Recompute::none) const;

  Bart& model;
  ClassificationHead& head;
};

// Returns the head of a folder, nothing if it has none. Throws DamagedInput if it is not whole or does not fit.
std::optional<ClassificationHead> head_of(const BartFolder& folder);

// Returns how many classes the head of a folder has, without reading the rest; nothing if it has none.
std::optional<int64_t> classes_in(const std::string& folder);

// Returns the tensors under the names that a folder has them under. They are views of the parameters.
std::vector<tensor::NamedTensor> named_tensors(ClassificationHead& head);

// Notes in config.json what Transformers reads of a head: num_labels, id2label and label2id (names that are there stay
// if there are as many), problem_type.
void describe_labels(BartConfig& config, int64_t classes, bool is_regression);

}  // namespace kilm::bart
