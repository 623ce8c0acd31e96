#include "tensor/trace.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>

#include "tensor/base/file.h"
#include "tensor/base/json.h"
#include "tensor/format.h"

namespace tensor {

constinit thread_local Trace* Trace::innermost_ = nullptr;
std::atomic<bool> Trace::on_ = false;

namespace {

constexpr size_t kMaxEvents = 1'000'000;

struct TraceEvent {
  const char* op;
  std::string path;
  int thread;
  int64_t start;  // nanoseconds since tracing began
  int64_t duration;
  int64_t bytes;
  int64_t flops;
};

struct Sink {
  std::mutex mutex;
  int64_t start = 0;
  std::vector<TraceEvent> events;
  std::map<std::string_view, TraceRow> rows;
  std::string notes;
};

// Never destroyed, so that scopes may close in the destructors of other globals.
Sink& sink() {
  static Sink& instance = *new Sink;
  return instance;
}

// Small and in the order of first use, unlike the system's numbers.
int thread_number() {
  static std::atomic<int> count = 0;
  thread_local const int number = count++;
  return number;
}

std::string& path_of_thread() {
  thread_local std::string path;
  return path;
}

}  // namespace

int64_t Trace::now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void Trace::finish() {
  const int64_t duration = now() - start_;
  if (outer_) outer_->inside_ += duration;
  Sink& to = sink();
  const std::lock_guard lock(to.mutex);
  TraceRow& row = to.rows[op_];
  row.calls += 1;
  row.seconds += double(duration) * 1e-9;
  row.self_seconds += double(duration - inside_) * 1e-9;
  row.bytes += double(bytes_);
  row.flops += double(flops_);
  if (to.events.size() < kMaxEvents)
    to.events.push_back({op_, trace_path(), thread_number(), start_ - to.start, duration, bytes_, flops_});
}

TracePath::TracePath(std::string_view part) {
  std::string& path = path_of_thread();
  outer_size_ = path.size();
  if (!path.empty()) path += '.';
  path += part;
}

TracePath::~TracePath() { path_of_thread().resize(outer_size_); }

const std::string& trace_path() { return path_of_thread(); }

TracePathGuard::TracePathGuard(const std::string& path) : scope_(path_of_thread(), path) {}

void trace_note(const std::string& line) {
  Sink& to = sink();
  const std::lock_guard lock(to.mutex);
  to.notes += line + '\n';
}

void start_tracing() {
  Sink& to = sink();
  const std::lock_guard lock(to.mutex);
  to.events.clear();
  to.rows.clear();
  to.start = Trace::now();
  Trace::on_ = true;
}

void stop_tracing() { Trace::on_ = false; }

std::vector<TraceRow> trace_rows() {
  Sink& from = sink();
  const std::lock_guard lock(from.mutex);
  std::vector<TraceRow> rows;
  for (const auto& [op, row] : from.rows) {
    rows.push_back(row);
    rows.back().op = op;
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const TraceRow& a, const TraceRow& b) { return a.self_seconds > b.self_seconds; });
  return rows;
}

std::string trace_table() {
  const std::vector<TraceRow> rows = trace_rows();
  double sum = 0;
  for (const TraceRow& row : rows) sum += row.self_seconds;
  std::string text = base::format("{:<28}{:>9}{:>12}{:>8}{:>11}{:>9}{:>10}\n", "op", "calls", "self ms", "share",
                                  "us/call", "GB/s", "GFLOP/s");
  const auto rate = [](double amount, double seconds) {
    return amount > 0 && seconds > 0 ? base::format("{:.1f}", amount / seconds * 1e-9) : std::string("-");
  };
  for (const TraceRow& row : rows)
    text +=
        base::format("{:<28}{:>9}{:>12.3f}{:>7.1f}%{:>11.2f}{:>9}{:>10}\n", row.op, row.calls, row.self_seconds * 1e3,
                     sum > 0 ? 100 * row.self_seconds / sum : 0.0, row.seconds * 1e6 / double(row.calls),
                     rate(row.bytes, row.seconds), rate(row.flops, row.seconds));
  Sink& from = sink();
  const std::lock_guard lock(from.mutex);
  return text + from.notes;
}

void write_trace(const std::string& path) {
  base::AtomicFile file(path);
  file.write("{\"traceEvents\": [");
  Sink& from = sink();
  const std::lock_guard lock(from.mutex);
  const char* separator = "\n";
  for (const TraceEvent& event : from.events) {
    std::string line = separator;
    separator = ",\n";
    line += "{\"name\": ";
    base::append_json_string(line, event.op);
    line += base::format(R"(, "ph": "X", "pid": 0, "tid": {}, "ts": {:.3f}, "dur": {:.3f}, "args": {{"path": )",
                         event.thread, double(event.start) * 1e-3, double(event.duration) * 1e-3);
    base::append_json_string(line, event.path);
    line += base::format(R"(, "bytes": {}, "flops": {}}}}})", event.bytes, event.flops);
    file.write(line);
  }
  file.write("\n]}\n");
  file.commit();
}

}  // namespace tensor
