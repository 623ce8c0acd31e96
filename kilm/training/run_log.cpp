#include "kilm/training/run_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>

#include "tensor/base/choice.h"
#include "tensor/base/file.h"
#include "tensor/base/format.h"
#include "tensor/base/json_number.h"

namespace kilm::training {

namespace {

using base::check;
using base::Json;
using base::number_or_nan;

std::string group_key(const char* before, objective::Group group) {
  return std::string(before) + objective::kGroupNames[size_t(group)];
}

constexpr objective::Group kAllGroups[] = {objective::Group::copy, objective::Group::infill,
                                           objective::Group::knowledge};

StepReport step_from_json(const Json& line) {
  StepReport r;
  r.step = line.at("step").as_int();
  r.epoch = number_or_nan(line.at("epoch"));
  r.loss = number_or_nan(line.at("loss"));
  for (const objective::Group group : kAllGroups)
    r.group_loss[size_t(group)] = number_or_nan(line.at(group_key("loss_", group)));
  r.grad_norm = number_or_nan(line.at("grad_norm"));
  r.learning_rate = number_or_nan(line.at("lr"));
  r.sequences = line.at("sequences").as_int();
  r.tokens_source = line.at("tokens_source").as_int();
  r.tokens_target = line.at("tokens_target").as_int();
  r.seconds = number_or_nan(line.at("seconds"));
  if (const Json* tokens = line.find("tokens_plain")) {
    r.plain = PlainReport{.tokens = tokens->as_int()};
    for (const objective::Group group : kPlainGroups)
      r.plain->group_loss[size_t(group)] = number_or_nan(line.at(group_key("loss_plain_", group)));
  }
  if (const Json* spike = line.find("spike"))
    r.spike = Spike{number_or_nan(spike->at("median")), number_or_nan(spike->at("deviation"))};
  if (const Json* reason = line.find("skipped")) r.skipped = reason->as_string();
  return r;
}

EvaluationRecord evaluation_from_json(const Json& line) {
  EvaluationRecord record{.step = line.at("step").as_int(),
                          .split = base::parse_choice<dataset::Split>(line.at("eval").as_string(), dataset::kSplits),
                          .score = evaluation::score_from_json(line)};
  if (const Json* loss = line.find("plain_infill_loss"))
    record.plain = {number_or_nan(*loss), number_or_nan(line.at("plain_copy_loss"))};
  if (const Json* said = line.find("said"))
    for (const Json& one : said->items()) record.score.said.push_back(evaluation::example_answer_from_json(one));
  return record;
}

constexpr const char* kExamples = "examples";  // what such an evaluation is of, and the field that tells it

ExamplesRecord examples_from_json(const Json& line) {
  ExamplesRecord record{.step = line.at("step").as_int(),
                        .examples = line.at(kExamples).as_int(),
                        .loss = number_or_nan(line.at("loss")),
                        .measures = Json::object()};
  for (const auto& [key, value] : line.members()) {
    if (key == "step" || key == "eval" || key == kExamples || key == "loss") continue;
    record.measures.set(key, number_or_nan(value));
  }
  return record;
}

int64_t step_of(const LogRecord& record) {
  return std::visit([](const auto& one) { return one.step; }, record);
}

}  // namespace

Json to_json(const StepReport& r) {
  Json json = Json::object();
  json.set("step", r.step);
  json.set("epoch", r.epoch);
  json.set("loss", r.loss);
  for (const objective::Group group : kAllGroups) json.set(group_key("loss_", group), r.group_loss[size_t(group)]);
  json.set("grad_norm", r.grad_norm);
  json.set("lr", r.learning_rate);
  json.set("sequences", r.sequences);
  json.set("tokens_source", r.tokens_source);
  json.set("tokens_target", r.tokens_target);
  json.set("padding_share", 0.0);  // packed: there is none
  json.set("tokens_per_second", tokens_per_second(r));
  json.set("seconds", r.seconds);
  if (r.plain) {
    json.set("tokens_plain", r.plain->tokens);
    for (const objective::Group group : kPlainGroups)
      json.set(group_key("loss_plain_", group), r.plain->group_loss[size_t(group)]);
  }
  if (r.spike) json.set("spike", Json::object({{"median", r.spike->median}, {"deviation", r.spike->deviation}}));
  if (!r.skipped.empty()) json.set("skipped", r.skipped);
  return json;
}

Json to_json(const EvaluationRecord& record) {
  Json json = Json::object();
  json.set("step", record.step);
  json.set("eval", dataset::name(record.split));
  const Json fields = evaluation::to_json(record.score);
  for (const auto& [key, value] : fields.members()) json.set(key, value);
  if (record.plain) {
    json.set("plain_infill_loss", record.plain->infill_loss);
    json.set("plain_copy_loss", record.plain->copy_loss);
  }
  Json said = Json::array();
  for (const evaluation::ExampleAnswer& one : record.score.said) said.push_back(evaluation::to_json(one));
  json.set("said", std::move(said));
  return json;
}

Json to_json(const ExamplesRecord& record) {
  Json json = Json::object({{"step", record.step}, {"eval", kExamples}, {kExamples, record.examples}});
  json.set("loss", record.loss);
  for (const auto& [key, value] : record.measures.members()) json.set(key, value);
  return json;
}

Json to_json(const LogRecord& record) {
  return std::visit([](const auto& one) { return to_json(one); }, record);
}

LogRecord log_record_from_json(const Json& line) {
  if (line.find(kExamples)) return examples_from_json(line);
  if (line.find("eval")) return evaluation_from_json(line);
  return step_from_json(line);
}

Json timeless(const LogRecord& record) {
  const Json line = to_json(record);
  Json kept = Json::object();
  for (const auto& [key, value] : line.members())
    if (key != "seconds" && key != "tokens_per_second") kept.set(key, value);
  return kept;
}

namespace {

// Calls each(record, end) for every whole line of a log, where the line ends at byte `end`, as long as it returns true.
void for_each_record(std::string_view text, const std::function<bool(LogRecord&& record, size_t end)>& each) {
  size_t begin = 0;
  for (size_t end; (end = text.find('\n', begin)) != std::string_view::npos; begin = end + 1)
    if (!each(log_record_from_json(base::parse_json(text.substr(begin, end - begin), "JSON")), end + 1)) return;
}

// Returns the beginning of a log that belongs to a run in this state.
std::string_view part_until(const TrainState& state, std::string_view text,
                            const std::function<void(const LogRecord&)>& each) {
  const auto came_before = [&](const LogRecord& record) {
    return step_of(record) <= (std::holds_alternative<StepReport>(record) ? state.step : state.evaluated);
  };
  size_t kept = 0;
  try {
    for_each_record(text, [&](LogRecord&& record, size_t end) {
      if (!came_before(record)) return false;
      each(record);
      kept = end;
      return true;
    });
  } catch (const base::Error&) {  // what a failing machine was writing
  }
  return text.substr(0, kept);
}

}  // namespace

std::vector<LogRecord> read_run_log(const std::string& path) {
  const std::string text = base::read_file(path);
  std::vector<LogRecord> records;
  int64_t last = 0;
  try {
    for_each_record(text, [&](LogRecord&& record, size_t) {
      if (const auto* report = std::get_if<StepReport>(&record)) {
        check(report->step > last, "step {} follows step {}", report->step, last);
        last = report->step;
      }
      records.push_back(std::move(record));
      return true;
    });
  } catch (const base::Error& error) {
    throw base::DamagedInput(base::format("{}: line {}: {}", path, records.size() + 1, error.what()));
  }
  return records;
}

RunLog::RunLog(const std::string& path, const TrainState& state, const std::function<void(const LogRecord&)>& each)
    : path_(path) {
  const std::string before = std::filesystem::exists(path) ? base::read_file(path) : "";
  base::write_file_atomically(path, part_until(state, before, each));
  do descriptor_ = base::file_system().open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC, 0);
  while (descriptor_ < 0 && errno == EINTR);
  check(descriptor_ >= 0, "{}: cannot be opened: {}", path, std::strerror(errno));
}

RunLog::~RunLog() { base::file_system().close(descriptor_); }

void RunLog::add_line(const Json& line) {
  waiting_ += line.dump() + "\n";
  ssize_t written;
  do {
    written = base::file_system().write(descriptor_, waiting_.data(), waiting_.size());
    if (written > 0) waiting_.erase(0, size_t(written));
  } while (!waiting_.empty() && (written >= 0 || errno == EINTR));
}

void RunLog::make_durable() {
  int result;
  do result = base::file_system().sync(descriptor_);
  while (result < 0 && errno == EINTR);
  if (waiting_.empty() && result == 0) return;
  check(result == 0 || errno == ENOSPC || errno == EDQUOT, "{}: cannot be made durable: {}", path_,
        std::strerror(errno));
  throw base::OutOfMemory(path_ + ": cannot be written, the disk may be full");
}

}  // namespace kilm::training
