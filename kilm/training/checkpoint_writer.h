// Writes checkpoints beside the training. A thread reads the weights and moments where they are while the next step
// runs forward and backward. So saving neither halts training nor copies what it saves. Only an update has to wait for
// it.
#pragma once

#include <future>

#include "kilm/training/checkpoint.h"
#include "tensor/runtime.h"

namespace kilm::training {

class CheckpointWriter {
 public:
  // Takes as `saved` the state of the newest checkpoint that is whole, or of a run that has none. The rest must outlive
  // this.
  CheckpointWriter(Checkpoints& checkpoints, bart::BartFolder& folder, const optim::FlatParameters& parameters,
                   const TrainState& saved);

  // Begins to write and to refer to a checkpoint of `state`, unless that is saved already. Until wait(), nothing may
  // change the weights and moments.
  void start(const TrainState& state);
  // Waits for what was begun. Throws what the writing threw.
  void wait();

 private:
  void write();

  // The writing thread reads weights and moments in a stream of its own, so that a device goes on with the next step.
  tensor::Device device_;
  tensor::Stream stream_{device_};
  Checkpoints& checkpoints_;
  bart::BartFolder& folder_;
  const optim::FlatParameters& parameters_;
  TrainState saved_, state_;  // state_ is the writing thread's while it is at work
  std::future<void> work_;    // its destructor waits, too
};

}  // namespace kilm::training
