// A model for a task: a BART, for classes and numbers with its head, and the loss that is lowered.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "kilm/bart/classification_head.h"
#include "kilm/finetuning/config.h"
#include "kilm/finetuning/encoder.h"
#include "kilm/training/loss.h"

namespace kilm::finetuning {

// Returns the classes that the head will have, from those of the folder's head: config.labels, else those of the
// folder's head, else of the format, else 2; 1 for a number, 0 for texts. Throws UsageError if the folder's head has
// others than the config or the task wants.
int64_t classes_of(const std::optional<int64_t>& head, const FinetuneConfig& config);

class TaskModel final : public training::Loss {
 public:
  // Opens a folder, its weights as `dtype`; a trainer wants f32 whatever it computes in. It keeps its head; a new one
  // is drawn with the seed. A model that says texts has none.
  TaskModel(const std::string& folder, const FinetuneConfig& config, tensor::DType dtype = tensor::DType::f32);
  TaskModel(const TaskModel&) = delete;
  TaskModel& operator=(const TaskModel&) = delete;

  nn::Module& module() override;
  void check(const batching::MicroBatch& micro) const override;
  autograd::TokenLoss of(const batching::MicroBatch& micro, nn::Recompute recompute) const override;

  // Packs rows, one weight each, or for texts one weight for each target token.
  batching::MicroBatch batch(std::span<const EncodedRow> rows, double weight) const;
  // Returns what counts in the loss of these rows: the rows, or target tokens.
  int64_t counted(std::span<const EncodedRow> rows) const;

  // Returns the logits of each row [n, classes], without dropout.
  tensor::Tensor logits(const batching::MicroBatch& micro) const;
  // Returns the sum over target tokens of texts of what is minimised, without dropout.
  double text_loss(const batching::MicroBatch& micro) const;

  const bart::Bart& model() const { return folder_.model; }
  const tokenizer::Tokenizer& tokenizer() const { return folder_.text_tokenizer(); }
  int64_t classes() const { return head_ ? head_->classes() : 0; }
  const FinetuneConfig& config() const { return config_; }
  tensor::Device device() const { return folder_.model.device(); }
  const bart::BartFolder& settings() const { return folder_; }  // how it generates
  // Returns the folder with views of the head's tensors as they lie now.
  bart::BartFolder& folder();

 private:
  autograd::TokenLoss text_losses(const batching::MicroBatch& micro, nn::Mode mode, nn::Recompute recompute) const;

  const FinetuneConfig config_;
  bart::BartFolder folder_;
  std::optional<bart::ClassificationHead> head_;
  std::optional<bart::Classifier> classifier_;  // of both, where there is a head
};

}  // namespace kilm::finetuning
