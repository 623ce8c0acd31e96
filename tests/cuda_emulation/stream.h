// Streams are queues of work. By default work runs as soon as the work before it has run; with Options::deferred it
// waits until somebody asks for a result, and then streams take turns at random: whoever forgot an event, or looks at
// memory too early, finds the wrong numbers.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/cuda_emulation/runtime_api.h"

namespace cuda_emulation {

struct Capture;

struct Operation {
  std::string op;
  std::function<void()> run;
  std::function<bool()> ready;  // empty: always
};

struct Stream {
  int device = 0;
  std::deque<Operation> queue;
  std::shared_ptr<Capture> capture;  // null while work runs
  std::vector<int> last;             // nodes of the capture after which the next one comes
};

struct Event {
  struct Record {
    bool done = false;
    double milliseconds = 0;  // of the host's clock, when it was reached
  };
  bool timed = true;
  std::shared_ptr<Record> record;    // the last one; null: none yet
  std::shared_ptr<Capture> capture;  // if it was recorded in a capture
  std::vector<int> nodes;            // what it stands for there
};

Stream& new_stream(int device);
void delete_stream(Stream& stream);

// Adds work to the stream, or a node to the graph that it captures.
void push(Stream& stream, Operation operation);
bool step();                  // runs the first piece of work of a stream that can go on; false if none can
void finish(Stream& stream);  // until its queue is empty; throws Error if it never will be
void finish_all();
void record(Event& event, Stream& stream);

// Queues a function of the host: how a library that is not emulated, such as cuBLASLt, does its work on a stream. It
// may use device memory and may not call the runtime.
void enqueue(cudaStream_t stream, const char* op, std::function<void()> function);

}  // namespace cuda_emulation
