#include "tests/cuda_emulation/stream.h"

#include <chrono>
#include <utility>

#include "tests/cuda_emulation/emulation.h"
#include "tests/cuda_emulation/graph.h"
#include "tests/cuda_emulation/memory.h"
#include "tests/cuda_emulation/random.h"

namespace cuda_emulation {

namespace {

std::vector<std::unique_ptr<Stream>>& streams = *new std::vector<std::unique_ptr<Stream>>;

bool can_go_on(const Stream& stream) {
  return !stream.queue.empty() && (!stream.queue.front().ready || stream.queue.front().ready());
}

void run_first(Stream& stream) {
  const Operation operation = std::move(stream.queue.front());
  stream.queue.pop_front();
  if (operation.run) operation.run();
}

// Runs all that can go on: an event that is reached may let work go on in streams whose turn it is not.
void run_what_can() {
  for (bool moved = true; moved;) {
    moved = false;
    for (const auto& stream : streams)
      while (can_go_on(*stream)) {
        run_first(*stream);
        moved = true;
      }
  }
}

}  // namespace

Stream& new_stream(int device) {
  streams.push_back(std::make_unique<Stream>());
  streams.back()->device = device;
  return *streams.back();
}

void delete_stream(Stream& stream) {
  std::erase_if(streams, [&](const auto& s) { return s.get() == &stream; });
}

void push(Stream& stream, Operation operation) {
  if (stream.capture) return add_node(stream, std::move(operation));
  stream.queue.push_back(std::move(operation));
  if (!options().deferred) run_what_can();
}

bool step() {
  std::vector<Stream*> ready;
  for (const auto& stream : streams)
    if (can_go_on(*stream)) ready.push_back(stream.get());
  if (ready.empty()) return false;
  static uint64_t steps = 0;
  Random random(options().seed * 0x9E3779B97F4A7C15ull + ++steps);
  run_first(*ready[random.below(uint32_t(ready.size()))]);
  return true;
}

void finish(Stream& stream) {
  while (!stream.queue.empty())
    if (!step()) throw Error("streams wait for each other for ever");
}

void finish_all() {
  while (step()) {
  }
  for (const auto& stream : streams)
    if (!stream->queue.empty()) throw Error("streams wait for each other for ever");
}

void record(Event& event, Stream& stream) {
  event.capture = stream.capture;
  event.nodes = stream.last;
  if (stream.capture) return;
  event.record = std::make_shared<Event::Record>();
  const auto reached = [record = event.record] {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    record->milliseconds = std::chrono::duration<double, std::milli>(now).count();
    record->done = true;
  };
  push(stream, {"record", reached, {}});
}

}  // namespace cuda_emulation
