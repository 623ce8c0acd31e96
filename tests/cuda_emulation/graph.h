// Captured work. A replay runs it in a random order of those that the dependencies allow, so that a missing one shows.
#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "tests/cuda_emulation/runtime_api.h"
#include "tests/cuda_emulation/stream.h"

namespace cuda_emulation {

struct Graph {
  struct Node {
    Operation operation;
    std::vector<int> after;
  };
  std::vector<Node> nodes;
};

// A capture that goes on, in the stream where it began and those that joined it through events.
struct Capture {
  Stream* origin = nullptr;
  std::vector<Stream*> members;
  Graph graph;
  cudaStreamCaptureMode mode = cudaStreamCaptureModeGlobal;
  std::thread::id thread;
  bool broken = false;  // by a call that is forbidden meanwhile
};

void add_node(Stream& stream, Operation operation);
cudaError_t begin_capture(Stream& stream, cudaStreamCaptureMode mode);
// Sets *graph where all went well; the caller owns it.
cudaError_t end_capture(Stream& stream, Graph** graph);
// Makes `stream` wait for what `event` stands for in a capture.
cudaError_t join_capture(Stream& stream, const Event& event);
void launch_graph(const Graph& graph, Stream& stream);

// Tells whether a capture forbids this thread what no capture allows (to allocate, to wait for a device). Those
// captures are then broken.
bool breaks_capture();
// Returns the mode in which this thread looks at captures of others: relaxed ones forbid nothing.
cudaStreamCaptureMode& mode_of_thread();

}  // namespace cuda_emulation
