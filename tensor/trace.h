// Where time and memory go, in the names of ops. The op layer opens a Trace around each kernel call and the allocation
// of its results. The innermost one, with the path, also names the memory allocated inside it. While tracing is off a
// scope costs two pointer writes and one branch that is always predicted. A program starts and stops it, and does with
// the table and the file for chrome://tracing what it likes.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/base/scoped.h"

namespace tensor {

class Trace {
 public:
  // Opens a scope. `op` must outlive the process (a literal). `bytes` are those that the op must read and write at
  // least, `flops` its additions and multiplications; 0 leaves the rate out.
  explicit Trace(const char* op, int64_t bytes = 0, int64_t flops = 0)
      : op_(op), bytes_(bytes), flops_(flops), outer_(innermost_) {
    innermost_ = this;
    if (on_.load(std::memory_order_relaxed)) [[unlikely]]
      start_ = now();
  }
  ~Trace() {
    innermost_ = outer_;
    if (start_ >= 0) [[unlikely]]
      finish();
  }
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  // Returns the op of the innermost scope of this thread; null outside of all.
  static const char* innermost() { return innermost_ ? innermost_->op_ : nullptr; }

 private:
  friend void start_tracing();
  friend void stop_tracing();

  static int64_t now();  // nanoseconds, monotonic
  void finish();

  static constinit thread_local Trace* innermost_;
  static std::atomic<bool> on_;

  const char* op_;
  int64_t bytes_;
  int64_t flops_;
  Trace* outer_;
  int64_t start_ = -1;  // -1 while tracing is off
  int64_t inside_ = 0;  // nanoseconds spent in inner scopes
};

// What a report calls the place in the model where something happens: "encoder.layers.3" while a guard of "encoder" and
// inside it one of "layers.3" live. Per thread.
class TracePath {
 public:
  explicit TracePath(std::string_view part);
  ~TracePath();
  TracePath(const TracePath&) = delete;
  TracePath& operator=(const TracePath&) = delete;

 private:
  size_t outer_size_;
};

const std::string& trace_path();  // of this thread; empty outside of all guards

// The whole path is this one while it lives, wherever it is made: backward and recomputation name the place of the
// forward pass.
class TracePathGuard {
 public:
  explicit TracePathGuard(const std::string& path);

 private:
  base::Scoped<std::string> scope_;
};

struct TraceRow {
  std::string op;
  int64_t calls = 0;
  double seconds = 0;       // with inner scopes
  double self_seconds = 0;  // without
  double bytes = 0;
  double flops = 0;
};

// Adds a line to the end of every table from now on: what was decided once for the whole process.
void trace_note(const std::string& line);

void start_tracing();  // forgets what was recorded before
void stop_tracing();
std::vector<TraceRow> trace_rows();         // per op, the longest self time first
std::string trace_table();                  // the same as text, with GB/s and GFLOP/s achieved, and all notes
void write_trace(const std::string& path);  // Chrome's trace format; of a long run only the first million scopes

}  // namespace tensor
