// The data of a run, and what can be decided of its settings only with them at hand.
#pragma once

#include <optional>
#include <string>

#include "kilm/dataset/prepared_data.h"
#include "kilm/training/train_config.h"

namespace kilm::training {

// The prepared data that config.data and config.plain_data name, mapped.
class RunData {
 public:
  explicit RunData(const TrainConfig& config);

  const dataset::PreparedData& knowledge() const { return knowledge_; }
  const dataset::PreparedData& plain() const { return plain_ ? *plain_ : knowledge_; }  // of the plain stream
  dataset::TrainingWindows windows(dataset::Split split) const;                         // valid as long as this object
  void check_tokenizer(const std::string& fingerprint) const;

 private:
  const dataset::PreparedData knowledge_;
  std::optional<dataset::PreparedData> plain_;
};

// Completes the settings of a run with what its data say, and for a new run its model. They say the tokenizer, the
// digests of the data and the maximal length. Throws UsageError where they do not fit together, or are not those that
// the run began with.
void complete_from_data(TrainConfig& config, const RunData& data);

}  // namespace kilm::training
