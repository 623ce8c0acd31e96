// How `kilm train` evaluates the model that it trains; `kilm verify-resume` trains, and so evaluates, in the same way.
#pragma once

#include "kilm/training/trainer.h"
#include "tools/commands/train_settings.h"

namespace tools {

// Scores the splits that the data have, and with a plain ratio those of the plain stream's data beside them, as
// plain_infill_loss and plain_copy_loss. Both must outlive the result.
kilm::training::Evaluate evaluation_on(const RunData& data, const kilm::training::TrainConfig& config);

}  // namespace tools
