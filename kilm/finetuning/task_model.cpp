#include "kilm/finetuning/task_model.h"

#include <algorithm>

#include "autograd/ops/elementwise.h"
#include "autograd/ops/reduce.h"
#include "kilm/finetuning/losses.h"
#include "tensor/base/format.h"

namespace kilm::finetuning {

namespace {

using base::check;
using base::UsageError;
using batching::MicroBatch;
using tensor::Ids;
using tensor::Tensor;

int64_t wanted_classes(const FinetuneConfig& config) {
  if (config.task != TaskKind::classification) return config.task == TaskKind::regression ? 1 : 0;
  if (config.labels > 0) return config.labels;
  return config.format ? classes(*config.format) : 2;
}

std::optional<bart::ClassificationHead> head_for(const bart::BartFolder& folder, const FinetuneConfig& config) {
  if (config.task == TaskKind::seq2seq) return std::nullopt;
  std::optional<bart::ClassificationHead> head = bart::head_of(folder);
  const int64_t classes = classes_of(head ? std::optional(head->classes()) : std::nullopt, config);
  if (head) return head;
  head.emplace(folder.model.config, classes, folder.model.shared.dtype());
  head->initialise(uint64_t(config.train.seed), folder.model.config.init_std);
  return head;
}

// Returns for each row where the decoder's input has the place of the source's last </s>; 0 for rows that close.
Ids last_ends(std::span<const EncodedRow> rows, int32_t end, int64_t count) {
  std::vector<int32_t> places(size_t(count), 0);
  int32_t begin = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    const std::vector<int32_t>& source = rows[i].source;
    const auto last = std::find(source.rbegin(), source.rend(), end);
    places[i] = begin + int32_t(source.rend() - last) - 1;
    begin += int32_t(rows[i].decoder_input.size());
  }
  return Ids::from(places);
}

}  // namespace

int64_t classes_of(const std::optional<int64_t>& head, const FinetuneConfig& config) {
  const int64_t wanted = wanted_classes(config);
  if (!head || config.task == TaskKind::seq2seq) return wanted;
  const int64_t found = *head;
  if (config.task == TaskKind::regression)
    check<UsageError>(found == 1, "the head has {} classes, and regression takes one number", found);
  else
    check<UsageError>(found > 1, "the head has one number, and classification takes 2 classes at least");
  check<UsageError>(config.labels == 0 || found == config.labels, "labels: {} should be {}, the classes of the head",
                    config.labels, found);
  return found;
}

TaskModel::TaskModel(const std::string& folder, const FinetuneConfig& config, tensor::DType dtype)
    : config_(config), folder_(bart::load_bart(folder, dtype, bart::Head::wanted)), head_(head_for(folder_, config)) {
  folder_.head.clear();
  if (!head_) return;
  classifier_.emplace(folder_.model, *head_);
  bart::describe_labels(folder_.model.config, head_->classes(), config.task == TaskKind::regression);
}

nn::Module& TaskModel::module() {
  if (classifier_) return *classifier_;
  return folder_.model;
}

bart::BartFolder& TaskModel::folder() {
  if (head_) folder_.head = bart::named_tensors(*head_);
  return folder_;
}

int64_t TaskModel::counted(std::span<const EncodedRow> rows) const {
  if (head_) return int64_t(rows.size());
  int64_t tokens = 0;
  for (const EncodedRow& row : rows) tokens += int64_t(row.target.size());
  return tokens;
}

MicroBatch TaskModel::batch(std::span<const EncodedRow> rows, double weight) const {
  std::vector<std::vector<int32_t>> sources, inputs;
  std::vector<int32_t> labels;
  std::vector<float> numbers;
  int64_t tokens_target = 0;
  for (const EncodedRow& row : rows) {
    sources.push_back(row.source);
    inputs.push_back(row.decoder_input);
    tokens_target += int64_t(row.decoder_input.size());
    if (head_)
      labels.push_back(int32_t(row.label));
    else
      labels.insert(labels.end(), row.target.begin(), row.target.end());
    numbers.push_back(float(row.number));
  }
  MicroBatch micro = MicroBatch::pack(std::move(sources), std::move(inputs), tokenizer().pad(), device());
  micro.tokens_target = tokens_target;
  const int64_t count = head_ ? micro.target.sequences.count() : micro.target.tokens();
  std::vector<float> weights(labels.size(), float(weight));
  weights.resize(size_t(count), 0);
  labels.resize(size_t(count), -1);
  micro.weights = Tensor::from({count}, weights);
  if (head_) micro.rows = last_ends(rows, tokenizer().eos(), count);
  if (config_.task == TaskKind::regression) {
    numbers.resize(size_t(count), 0);
    micro.numbers = Tensor::from({count}, numbers);
    return micro;
  }
  micro.labels = Ids::from(labels);
  if (config_.label_smoothing > 0) {
    for (int32_t& label : labels) label = std::max(label, 0);
    micro.smoothed = Ids::from(labels);
  }
  return micro;
}

void TaskModel::check(const MicroBatch& micro) const {
  const bart::Bart& model = folder_.model;
  model.encoder.embedding.check(micro.source);
  model.decoder.embedding.check(micro.target);
  if (micro.labels.defined())
    micro.labels.check_targets("cross_entropy", head_ ? head_->classes() : model.config.vocab_size);
}

autograd::TokenLoss TaskModel::text_losses(const MicroBatch& micro, nn::Mode mode, nn::Recompute recompute) const {
  const bart::Bart& model = folder_.model;
  const autograd::Variable hidden = model.forward(micro.source, micro.target, mode, recompute);
  autograd::TokenLoss loss =
      autograd::linear_cross_entropy(hidden, model.shared, model.final_logits_bias, micro.labels, micro.weights);
  if (config_.label_smoothing > 0) {
    const autograd::Variable above =
        above_mean_logit(hidden, model.shared, model.config.vocab_size, model.final_logits_bias, micro.smoothed);
    const autograd::Variable sum = autograd::sum(autograd::mul(above, micro.weights));
    loss.sum = autograd::add(loss.sum, autograd::scale(sum, config_.label_smoothing));
  }
  return loss;
}

autograd::TokenLoss TaskModel::of(const MicroBatch& micro, nn::Recompute recompute) const {
  constexpr nn::Mode kTraining{.training = true};
  if (!head_) return text_losses(micro, kTraining, recompute);
  const autograd::Variable logits = classifier_->forward(micro.source, micro.target, micro.rows, kTraining, recompute);
  if (config_.task == TaskKind::regression) return {regression_loss(logits, micro.numbers, micro.weights), {}};
  return {classification_loss(logits, micro.labels, micro.smoothed, micro.weights, config_.label_smoothing), {}};
}

Tensor TaskModel::logits(const MicroBatch& micro) const {
  const autograd::NoGrad no_grad;
  return classifier_->forward(micro.source, micro.target, micro.rows, nn::Mode::evaluation).value();
}

double TaskModel::text_loss(const MicroBatch& micro) const {
  const autograd::NoGrad no_grad;
  return text_losses(micro, nn::Mode::evaluation, nn::Recompute::none).sum.value().item();
}

}  // namespace kilm::finetuning
