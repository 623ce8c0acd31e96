// log.jsonl: what a run did, one JSON object per line. Its schema stands here and nowhere else: whoever writes or reads
// a line does so as one of these records (docs/formats.md, log.jsonl).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "kilm/dataset/split.h"
#include "kilm/evaluation/evaluate.h"
#include "kilm/training/checkpoint.h"
#include "kilm/training/step_report.h"
#include "tensor/base/json.h"

namespace kilm::training {

// What an evaluation after `step` updates found in one split.
struct EvaluationRecord {
  int64_t step = 0;
  dataset::Split split = dataset::Split::unseen;
  evaluation::Score score;
  std::optional<evaluation::PlainScore> plain;  // of the plain stream's data, where a plain ratio is set
};

// What an evaluation after `step` updates found in the examples of a task that is fine-tuned.
struct ExamplesRecord {
  int64_t step = 0, examples = 0;
  double loss = 0;      // nats, or the square of an error: the mean
  base::Json measures;  // {name: value or null}
};

using LogRecord = std::variant<StepReport, EvaluationRecord, ExamplesRecord>;

base::Json to_json(const StepReport& report);
base::Json to_json(const EvaluationRecord& record);
base::Json to_json(const ExamplesRecord& record);
base::Json to_json(const LogRecord& record);
// Throws Error for a line that lacks a field or has one of another type, UsageError for a split that there is not.
LogRecord log_record_from_json(const base::Json& line);

// Returns the line of a record without what the clock decides.
base::Json timeless(const LogRecord& record);

// Returns the records in the order of the file. Text behind the last newline is what a run is writing, or what was cut
// off, and is left out. Throws DamagedInput naming file and line for any other damage, and for steps that do not
// ascend.
std::vector<LogRecord> read_run_log(const std::string& path);

// The file of a run that writes: each line at once. What finds no room on the disk waits for the next line.
class RunLog {
 public:
  // Drops what came after `state`, from which the run goes on, and what a failing machine was writing. Calls `each` for
  // every record that is kept.
  RunLog(const std::string& path, const TrainState& state, const std::function<void(const LogRecord&)>& each);
  ~RunLog();
  RunLog(const RunLog&) = delete;
  RunLog& operator=(const RunLog&) = delete;

  void add(const LogRecord& record) { add_line(to_json(record)); }
  // Writes the log to the disk: a checkpoint must find its steps there after a power failure, too. Throws OutOfMemory
  // on a full disk.
  void make_durable();

 private:
  void add_line(const base::Json& line);

  std::string path_;
  int descriptor_ = -1;
  std::string waiting_;
};

}  // namespace kilm::training
