#include "kilm/training/checkpoint_writer.h"

namespace kilm::training {

CheckpointWriter::CheckpointWriter(Checkpoints& checkpoints, bart::BartFolder& folder,
                                   const optim::FlatParameters& parameters, const TrainState& saved)
    : device_(parameters.master.device()),
      checkpoints_(checkpoints),
      folder_(folder),
      parameters_(parameters),
      saved_(saved) {}

void CheckpointWriter::start(const TrainState& state) {
  wait();
  state_ = state;
  tensor::Event(device_).wait_in(stream_.id());  // the update is before what the thread will read
  work_ = std::async(std::launch::async, [this] {
    const tensor::StreamGuard guard(device_, stream_.id());
    write();
  });
}

void CheckpointWriter::wait() {
  if (work_.valid()) work_.get();
}

void CheckpointWriter::write() {
  // Of one step there can be two: a run that was stopped in an evaluation makes up for it when it goes on.
  if (saved_ != state_) checkpoints_.write(folder_, parameters_, state_);
  saved_ = state_;
  if (saved_.step > 0) checkpoints_.refer(state_);
}

}  // namespace kilm::training
