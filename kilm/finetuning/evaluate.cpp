#include "kilm/finetuning/evaluate.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "kilm/generation/generation_config.h"
#include "kilm/metrics/measures.h"

namespace kilm::finetuning {

namespace {

using base::Json;
using metrics::Measure;

constexpr int64_t kRowsAtOnce = 256;

std::vector<Measure> measures_of(TaskKind task) {
  if (task == TaskKind::classification) return {std::begin(metrics::kLabelMeasures), std::end(metrics::kLabelMeasures)};
  if (task == TaskKind::regression) return {std::begin(metrics::kNumberMeasures), std::end(metrics::kNumberMeasures)};
  return {Measure::rouge1, Measure::rouge2, Measure::rougeL, Measure::bleu, Measure::exact_match, Measure::f1};
}

generation::GenerateOptions options_of(const bart::BartFolder& folder, const FinetuneConfig& config,
                                       int64_t batch_tokens, const std::function<bool()>& stop) {
  Json settings = bart::generation_settings(folder);
  for (const auto& [key, value] : config.generation.members()) settings.set(key, value);
  generation::GenerateOptions options =
      generation::parse_generation_config(settings, folder.path + "/generation config");
  options.num_return_sequences = 1;
  options.seed = uint64_t(config.train.seed);
  options.batch_tokens = batch_tokens;
  options.stop = stop;
  return options;
}

// Takes chunks of rows, and gives at the end what all came to.
class Evaluation {
 public:
  Evaluation(const TaskModel& model, const Encoder& encoder, int64_t batch_tokens, const EvaluateHooks& hooks)
      : model_(model), encoder_(encoder), hooks_(hooks), task_(model.config().task), measured_(measures_of(task_)) {
    if (task_ == TaskKind::seq2seq) options_ = options_of(model.settings(), model.config(), batch_tokens, hooks.stop);
  }

  // Returns false if it was asked to stop.
  bool add(const std::vector<evaluation::TaskRow>& rows) {
    std::vector<EncodedRow> encoded;
    for (const evaluation::TaskRow& row : rows) encoded.push_back(encoder_.encode(row));
    const auto batch_size = size_t(model_.config().batch_size);
    for (size_t begin = 0; begin < encoded.size(); begin += batch_size) {
      if (hooks_.stop && hooks_.stop()) return false;
      add_batch(std::span(encoded).subspan(begin, std::min(batch_size, encoded.size() - begin)));
      if (hooks_.progress) hooks_.progress(examples_);
    }
    return task_ != TaskKind::seq2seq || say(rows, encoded);
  }

  Result result() const { return {examples_, loss_ / double(counted_), measured_.to_json()}; }

 private:
  void add_batch(std::span<const EncodedRow> rows) {
    batching::MicroBatch micro = model_.batch(rows, 1);
    micro.move_to(model_.device());
    counted_ += model_.counted(rows);
    examples_ += int64_t(rows.size());
    if (task_ == TaskKind::seq2seq) {
      loss_ += model_.text_loss(micro);
      return;
    }
    const std::vector<double> all =
        model_.logits(micro).to(tensor::Device{}).cast(tensor::DType::f64).contiguous().to_vector<double>();
    const auto classes = size_t(model_.classes());
    for (size_t i = 0; i < rows.size(); ++i)
      take({all.begin() + i * classes, all.begin() + (i + 1) * classes}, rows[i]);
  }

  void take(std::vector<double> logits, const EncodedRow& row) {
    Json prediction = logits[0], reference = row.number;
    if (task_ == TaskKind::regression) {
      loss_ += (logits[0] - row.number) * (logits[0] - row.number);
      measured_.add_numbers(logits[0], row.number);
    } else {
      const int64_t best = std::ranges::max_element(logits) - logits.begin();  // of equal ones the first
      loss_ += label_loss(logits, size_t(row.label));
      measured_.add_labels(std::to_string(best), std::to_string(row.label));
      prediction = best;
      reference = row.label;
    }
    tell({.prediction = prediction, .reference = reference, .logits = std::move(logits)});
  }

  double label_loss(const std::vector<double>& logits, size_t label) const {
    const double most = std::ranges::max(logits),
                 mean = std::reduce(logits.begin(), logits.end()) / double(logits.size());
    double sum = 0;
    for (const double logit : logits) sum += std::exp(logit - most);
    return most + std::log(sum) - logits[label] + model_.config().label_smoothing * (logits[label] - mean);
  }

  // Lets the model say the texts. Returns false if it was asked to stop.
  bool say(const std::vector<evaluation::TaskRow>& rows, const std::vector<EncodedRow>& encoded) {
    std::vector<generation::GenerateRequest> requests;
    for (const EncodedRow& row : encoded) requests.push_back({.source = row.source, .prefix = {}});
    options_->first_number = examples_ - int64_t(rows.size());  // no draw comes twice
    const auto said = generation::generate(model_.model(), requests, *options_);
    if (said.empty()) return false;
    for (size_t i = 0; i < rows.size(); ++i) {
      const std::string text = said[i].empty() ? "" : text_of(said[i][0].ids);
      measured_.add(text, std::span(&rows[i].target, 1));
      tell({.prediction = text, .reference = rows[i].target});
    }
    return true;
  }

  std::string text_of(std::vector<int32_t> ids) const {
    const tokenizer::Tokenizer& tokenizer = model_.tokenizer();
    std::erase_if(ids, [&](int32_t id) { return tokenizer.is_special(id) || id >= tokenizer.size(); });
    return tokenizer.decode(ids);
  }

  void tell(predictions::Example row) const {
    if (hooks_.each) hooks_.each(std::move(row));
  }

  const TaskModel& model_;
  const Encoder& encoder_;
  const EvaluateHooks& hooks_;
  const TaskKind task_;
  std::optional<generation::GenerateOptions> options_;
  metrics::Measurement measured_;
  int64_t examples_ = 0, counted_ = 0;
  double loss_ = 0;
};

}  // namespace

Json to_json(const Result& result) {
  Json json = Json::object({{"examples", result.examples}, {"loss", result.loss}});
  for (const auto& [key, value] : result.measures.members()) json.set(key, value);
  return json;
}

void check_generation(const TaskModel& model) {
  if (model.config().task != TaskKind::seq2seq) return;
  generation::check(options_of(model.settings(), model.config(), model.config().train.batch_tokens, {}),
                    model.model().config);
}

std::optional<Result> evaluate(const TaskModel& model, const Encoder& encoder, const TaskFile& file,
                               int64_t batch_tokens, const EvaluateHooks& hooks) {
  Evaluation evaluation(model, encoder, batch_tokens, hooks);
  for (int64_t first = 0; first < file.count(); first += kRowsAtOnce) {
    std::vector<evaluation::TaskRow> rows;
    file.rows(first, kRowsAtOnce, [&](int64_t, evaluation::TaskRow&& row) { rows.push_back(std::move(row)); });
    if (!evaluation.add(rows)) return std::nullopt;
  }
  return evaluation.result();
}

}  // namespace kilm::finetuning
