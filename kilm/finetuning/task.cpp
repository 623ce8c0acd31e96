#include "kilm/finetuning/task.h"

#include <algorithm>
#include <cmath>

#include "kilm/objective/draws.h"
#include "tensor/base/format.h"

namespace kilm::finetuning {

namespace {

using base::check;
using base::UsageError;

// Notes what a run begins with, or checks that it still is the same.
void settle(const char* name, const std::string& found, std::string& noted) {
  if (noted.empty()) noted = found;
  check<UsageError>(found == noted, "{} has the digest {:.12} now, the run began with {:.12}", name, found, noted);
}

std::unique_ptr<TaskFile> open(const std::string& path, const FinetuneConfig& config, const Encoder& encoder,
                               std::string& digest) {
  if (path.empty()) return nullptr;
  RowCheck row_check(encoder, config);
  const RowFormat format{answer_of(config.task), config.format, config.columns, config.labels};
  auto file = std::make_unique<TaskFile>(path, format, std::ref(row_check));
  settle(path.c_str(), file->digest(), digest);
  return file;
}

}  // namespace

TaskData open_data(FinetuneConfig& config, const std::string& model) {
  const bart::BartConfig bart = bart::read_bart_config(model + "/config.json");
  const tokenizer::Tokenizer tokenizer = tokenizer::Tokenizer::load(model);
  settle("the tokenizer", tokenizer.fingerprint(), config.train.tokenizer);
  if (config.task == TaskKind::classification) config.labels = classes_of(bart::classes_in(model), config);
  const Encoder encoder(tokenizer, bart, config);
  return {open(config.train.data, config, encoder, config.train.data_digest),
          open(config.eval, config, encoder, config.eval_digest)};
}

FinetuneTask::FinetuneTask(const FinetuneConfig& config, const TaskData& data, const EvaluationListener& listener,
                           const std::string& model_folder)
    : config_(config),
      data_(data),
      listener_(listener),
      model_(std::make_shared<TaskModel>(model_folder, config)),
      encoder_(model_->tokenizer(), model_->model().config, config),
      copies_(config.train.device) {
  if (data.eval) check_generation(*model_);  // else the first evaluation would end the run
}

int64_t FinetuneTask::total_steps() const {
  if (config_.train.steps > 0) return config_.train.steps;
  const double rows = double(data_.train->count()) * double(config_.train.epochs),
               rows_of_update = double(config_.batch_size) * double(config_.train.accumulate);
  return std::max<int64_t>(1, std::llround(std::ceil(rows / rows_of_update)));
}

int64_t FinetuneTask::micro_tokens() const { return config_.batch_size * encoder_.most_tokens(); }

// Reads the rows of a micro-batch. Their order in each pass is a function of seed and pass.
std::vector<EncodedRow> FinetuneTask::rows_from(batching::Cursor& cursor) const {
  const int64_t count = data_.train->count();
  std::vector<EncodedRow> rows;
  for (int64_t i = 0; i < config_.batch_size; ++i) {
    const int64_t row = config_.shuffle
                            ? int64_t(objective::permuted(uint64_t(cursor.index), uint64_t(count),
                                                          uint64_t(config_.train.seed), uint32_t(cursor.epoch)))
                            : cursor.index;
    rows.push_back(encoder_.encode(data_.train->row(row)));
    if (++cursor.index == count) cursor = {cursor.epoch + 1, 0};
  }
  return rows;
}

training::StepBatch FinetuneTask::next(const batching::Cursor& begin) const {
  training::StepBatch batch{.end = begin};
  std::vector<std::vector<EncodedRow>> micros;
  int64_t counted = 0;
  for (int64_t i = 0; i < config_.train.accumulate; ++i) {
    micros.push_back(rows_from(batch.end));
    counted += model_->counted(micros.back());
  }
  for (const std::vector<EncodedRow>& rows : micros) batch.micros.push_back(model_->batch(rows, 1 / double(counted)));
  batch.send(config_.train.device, copies_);
  batch.epoch = double(batch.end.epoch) + double(batch.end.index) / double(data_.train->count());
  return batch;
}

std::optional<training::Findings> FinetuneTask::evaluate(int64_t step, const std::function<bool()>& stop) {
  training::Findings findings;
  if (!data_.eval) return findings;
  if (listener_.begin) listener_.begin();
  const EvaluateHooks hooks{.each = listener_.each, .progress = {}, .stop = stop};
  const std::optional<Result> result =
      finetuning::evaluate(*model_, encoder_, *data_.eval, config_.train.batch_tokens, hooks);
  if (!result) return std::nullopt;
  if (listener_.end) listener_.end(*result);
  findings.records.push_back(training::ExamplesRecord{step, result->examples, result->loss, result->measures});
  findings.loss = result->loss;
  return findings;
}

}  // namespace kilm::finetuning
