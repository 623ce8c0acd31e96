#include "kilm/training/micro_graphs.h"

#include "tensor/base/device_failure.h"
#include "tensor/base/format.h"
#include "tensor/trace.h"

namespace kilm::training {

namespace {

// Graphs that are kept. They share their memory, but each has an input and some MiB of the device's own.
constexpr int64_t kMostGraphs = 16;

// Launches a graph, and says of a failure that the op can be found.
void launch(const tensor::Graph& graph) {
  try {
    graph.launch();
  } catch (const base::DeviceFailure& failure) {
    throw base::DeviceFailure(
        base::format("a recorded micro-step: {}; with graphs = off KILM_SYNC=1 names its op", failure.what()));
  }
}

}  // namespace

MicroGraphs::MicroGraphs(optim::FlatParameters& parameters)
    : parameters_(parameters),
      device_(parameters.master.device()),
      clock_(tensor::Tensor::zeros({2}, tensor::DType::i32, device_)),
      memory_(std::make_shared<const tensor::GraphMemory>(device_)) {}

void MicroGraphs::run(const batching::MicroBatch& micro, const tensor::RandomPosition& at, const Step& step) {
  const auto [place, is_new] = sizes_.try_emplace(
      {micro.source.tokens(), micro.target.tokens(), micro.source.sequences.count(), parameters_.untouched()});
  Recorded& recorded = place->second;
  if (is_new || (!recorded.graph && recorded_ == kMostGraphs)) {
    // In the memory of the recorded ones, which do not run meanwhile: else there would be twice as much.
    const tensor::PoolGuard guard(tensor::allocator_of(device_), memory_->pool());
    return step(micro, at);
  }
  if (recorded.graph)
    recorded.input.arrays.copy_from(micro.arrays);
  else
    record(recorded, micro, at, step);
  set_clock(at);
  const tensor::Trace trace("micro_step");
  launch(*recorded.graph);
  parameters_.set_untouched(recorded.untouched);
}

void MicroGraphs::record(Recorded& to, const batching::MicroBatch& micro, tensor::RandomPosition at, const Step& step) {
  to.input = micro.clone();
  at.clock = reinterpret_cast<const uint32_t*>(clock_.data<int32_t>());
  to.graph = std::make_unique<tensor::Graph>(
      device_, [&] { step(to.input, at); }, memory_);
  to.untouched = parameters_.untouched();
  ++recorded_;
}

void MicroGraphs::set_clock(const tensor::RandomPosition& at) {
  clock_.narrow(0, 0, 1).fill(at.micro);
  clock_.narrow(0, 1, 1).fill(at.step);
}

}  // namespace kilm::training
