// How `kilm train` evaluates the model that it trains; `kilm verify-resume` trains, and so evaluates, in the same way.
#pragma once

#include "kilm/corpus/prepared.h"
#include "kilm/training/trainer.h"

namespace tools {

// Scores the splits that the data have. Both must outlive the result.
kilm::Evaluate evaluation_on(const kilm::PreparedData& data, const kilm::TrainConfig& config);

}  // namespace tools
