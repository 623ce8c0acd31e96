// How a run evaluates the model that it trains.
#pragma once

#include <functional>
#include <limits>
#include <optional>
#include <vector>

#include "kilm/training/run_data.h"
#include "kilm/training/run_log.h"
#include "kilm/training/train_config.h"

namespace kilm::training {

struct Evaluation {
  std::vector<EvaluationRecord> records;                  // one for each split
  double loss = std::numeric_limits<double>::infinity();  // the best checkpoint is the one where it is lowest
};

// Evaluates the model after `step` updates. `stop` is asked between batches; once it says true, the evaluation is given
// up and there is nothing: the resumed run then evaluates again.
using Evaluate =
    std::function<std::optional<Evaluation>(const bart::Bart& model, const objective::InfillObjective& objective,
                                            int64_t step, const std::function<bool()>& stop)>;

// Scores the splits that the data have, and with a plain ratio those of the plain stream's data beside them. Both must
// outlive the result.
Evaluate evaluation_on(const RunData& data, const TrainConfig& config);

}  // namespace kilm::training
