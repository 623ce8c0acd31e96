#include "tests/cuda_emulation/graph.h"

#include <algorithm>
#include <utility>

#include "tests/cuda_emulation/emulation.h"
#include "tests/cuda_emulation/random.h"

namespace cuda_emulation {

namespace {

std::vector<std::weak_ptr<Capture>>& captures = *new std::vector<std::weak_ptr<Capture>>;

// Tells whether each node is one of `last` or comes before one of them.
bool all_joined(const Graph& graph, std::vector<int> last) {
  std::vector<bool> seen(graph.nodes.size());
  while (!last.empty()) {
    const int node = last.back();
    last.pop_back();
    if (seen[size_t(node)]) continue;
    seen[size_t(node)] = true;
    const std::vector<int>& after = graph.nodes[size_t(node)].after;
    last.insert(last.end(), after.begin(), after.end());
  }
  return std::find(seen.begin(), seen.end(), false) == seen.end();
}

void replay(const Graph& graph) {
  static uint64_t replays = 0;
  Random random(options().seed * 0xD1B54A32D192ED03ull + ++replays);
  std::vector<bool> done(graph.nodes.size());
  for (size_t left = graph.nodes.size(); left > 0; --left) {
    std::vector<size_t> ready;
    for (size_t i = 0; i < graph.nodes.size(); ++i) {
      const std::vector<int>& after = graph.nodes[i].after;
      if (!done[i] && std::all_of(after.begin(), after.end(), [&](int node) { return done[size_t(node)]; }))
        ready.push_back(i);
    }
    const bool in_order = options().order == Order::forward && !options().deferred;
    const size_t node = ready[in_order ? 0 : random.below(uint32_t(ready.size()))];
    if (graph.nodes[node].operation.run) graph.nodes[node].operation.run();
    done[node] = true;
  }
}

}  // namespace

cudaStreamCaptureMode& mode_of_thread() {
  static thread_local cudaStreamCaptureMode mode = cudaStreamCaptureModeGlobal;
  return mode;
}

void add_node(Stream& stream, Operation operation) {
  std::vector<Graph::Node>& nodes = stream.capture->graph.nodes;
  nodes.push_back({std::move(operation), stream.last});
  stream.last = {int(nodes.size()) - 1};
}

cudaError_t begin_capture(Stream& stream, cudaStreamCaptureMode mode) {
  if (stream.capture) return cudaErrorStreamCaptureUnsupported;
  stream.capture = std::make_shared<Capture>();
  stream.capture->origin = &stream;
  stream.capture->members = {&stream};
  stream.capture->mode = mode;
  stream.capture->thread = std::this_thread::get_id();
  stream.last.clear();
  captures.push_back(stream.capture);
  return cudaSuccess;
}

cudaError_t end_capture(Stream& stream, Graph** graph) {
  *graph = nullptr;
  if (!stream.capture) return cudaErrorInvalidValue;
  if (stream.capture->origin != &stream) return cudaErrorStreamCaptureUnmatched;
  if (stream.capture->mode != cudaStreamCaptureModeRelaxed && stream.capture->thread != std::this_thread::get_id())
    return cudaErrorStreamCaptureWrongThread;
  const std::shared_ptr<Capture> capture = stream.capture;
  const bool joined = all_joined(capture->graph, stream.last);
  for (Stream* member : capture->members) {
    member->capture = nullptr;
    member->last.clear();
  }
  if (capture->broken) return cudaErrorStreamCaptureInvalidated;
  if (!joined) return cudaErrorStreamCaptureUnjoined;
  *graph = new Graph(std::move(capture->graph));
  return cudaSuccess;
}

cudaError_t join_capture(Stream& stream, const Event& event) {
  if (stream.capture && stream.capture != event.capture) return cudaErrorStreamCaptureMerge;
  if (!stream.capture) {
    stream.capture = event.capture;
    stream.last.clear();
    event.capture->members.push_back(&stream);
  }
  stream.last.insert(stream.last.end(), event.nodes.begin(), event.nodes.end());
  return cudaSuccess;
}

void launch_graph(const Graph& graph, Stream& stream) {
  push(stream, {"graph", [&graph] { replay(graph); }, {}});
}

bool breaks_capture() {
  std::erase_if(captures, [](const auto& capture) { return capture.expired(); });
  if (mode_of_thread() == cudaStreamCaptureModeRelaxed) return false;
  bool broken = false;
  for (const auto& weak : captures) {
    const std::shared_ptr<Capture> capture = weak.lock();
    if (capture->origin->capture != capture) continue;  // over
    const bool own = capture->thread == std::this_thread::get_id();
    const bool forbids =
        own ? capture->mode != cudaStreamCaptureModeRelaxed
            : capture->mode == cudaStreamCaptureModeGlobal && mode_of_thread() == cudaStreamCaptureModeGlobal;
    if (!forbids) continue;
    capture->broken = true;
    broken = true;
  }
  return broken;
}

}  // namespace cuda_emulation
