// The parts of a training run on toy data, without its files: what is read, the model, and who trains it.
#pragma once

#include "kilm/training/trainer.h"
#include "tests/kilm/toy.h"

namespace toy {

struct Session {
  explicit Session(const kilm::training::TrainConfig& config, kilm::bart::BartFolder start = toy::bart(),
                   kilm::dataset::WindowSet windows = toy::windows(), const kilm::training::TrainState& state = {})
      : folder(std::move(start)),
        objective(*folder.tokenizer, {.max_length = config.max_length}),
        loader(config, objective, std::move(windows), config.device),
        trainer(config, folder.model, loader.total_steps(), state) {}
  kilm::training::StepReport step() {
    const kilm::training::StepBatch batch = loader.next(trainer.state().cursor);
    trainer.accumulate(batch);
    return trainer.update(batch);
  }
  kilm::bart::BartFolder folder;
  kilm::objective::InfillObjective objective;
  kilm::training::StepLoader loader;
  kilm::training::Trainer trainer;
};

}  // namespace toy
