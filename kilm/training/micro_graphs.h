// Micro-steps that are recorded and replayed. Forward and backward of a micro-batch are some hundred kernels, of which
// each costs the host a launch. For a small micro-batch that takes longer than the device needs to run them; a replay
// is one launch. What the kernels read lies at fixed addresses, and how they are launched follows from few sizes. All
// graphs share memory, as much as the largest micro-step takes, which is not used by anything else.
#pragma once

#include <compare>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "kilm/batching/packing.h"
#include "optim/flat_parameters.h"
#include "tensor/random.h"
#include "tensor/runtime.h"

namespace kilm::training {

class MicroGraphs {
 public:
  // Does the work of a micro-batch, on the device alone: it may not wait. A replay repeats only the work of the device.
  // What a step changes on the host happens once, when it is recorded; which gradients are untouched is set after each
  // replay.
  using Step = std::function<void(const batching::MicroBatch& micro, const tensor::RandomPosition& at)>;

  explicit MicroGraphs(optim::FlatParameters& parameters);

  // Does what step(micro, at) does, with the same bits. The first micro-batch of a size is not recorded: the size may
  // never come again. Besides, what is chosen at a first use is chosen outside of a recording. The seed must always be
  // the same.
  void run(const batching::MicroBatch& micro, const tensor::RandomPosition& at, const Step& step);

 private:
  // All that the launches of a micro-step depend on, beside what never changes in a run.
  struct Size {
    int64_t source, target, sequences;
    std::vector<bool> untouched;  // gradients, which are then overwritten
    auto operator<=>(const Size&) const = default;
  };
  struct Recorded {
    batching::MicroBatch input;
    std::unique_ptr<tensor::Graph> graph;  // null: it came once, or there are enough graphs
    std::vector<bool> untouched;           // after it
  };

  void record(Recorded& to, const batching::MicroBatch& micro, tensor::RandomPosition at, const Step& step);
  void set_clock(const tensor::RandomPosition& at);

  optim::FlatParameters& parameters_;
  const tensor::Device device_;
  tensor::Tensor clock_;  // [2] i32: micro and step, where recorded kernels draw
  std::shared_ptr<const tensor::GraphMemory> memory_;
  std::map<Size, Recorded> sizes_;
  int64_t recorded_ = 0;
};

}  // namespace kilm::training
