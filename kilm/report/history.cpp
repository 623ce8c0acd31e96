#include "kilm/report/history.h"

#include <cmath>

#include "tensor/base/file.h"
#include "tensor/base/format.h"

namespace kilm::report {

namespace {

using base::check;
using base::DamagedInput;
using base::Json;

// Numbers that are not finite are null in JSON.
double number(const Json& line, std::string_view key) {
  const Json& value = line.at(key);
  return value.is_null() ? std::nan("") : value.as_number();
}

LoggedStep step_of(const Json& line) {
  LoggedStep logged{.spike = line.find("spike") != nullptr};
  training::StepReport& r = logged.report;
  r.step = line.at("step").as_int();
  r.epoch = number(line, "epoch");
  r.loss = number(line, "loss");
  for (size_t g = 0; g < objective::kGroups; ++g)
    r.group_loss[g] = number(line, std::string("loss_") + objective::kGroupNames[g]);
  r.grad_norm = number(line, "grad_norm");
  r.learning_rate = number(line, "lr");
  r.sequences = line.at("sequences").as_int();
  r.tokens_source = line.at("tokens_source").as_int();
  r.tokens_target = line.at("tokens_target").as_int();
  r.seconds = number(line, "seconds");
  if (line.find("tokens_plain")) {
    r.plain.emplace();
    for (const objective::Group group : training::kPlainGroups)
      r.plain->group_loss[size_t(group)] =
          number(line, std::string("loss_plain_") + objective::kGroupNames[size_t(group)]);
  }
  if (const Json* reason = line.find("skipped")) r.skipped = reason->as_string();
  return logged;
}

evaluation::Said said_of(const Json& json) {
  return {json.at("mention").as_string(), json.at("title").as_string(), json.at("description").as_string(),
          json.at("gold_title").as_string(), json.at("gold_description").as_string()};
}

LoggedEvaluation evaluation_of(const Json& line) {
  LoggedEvaluation logged{.step = line.at("step").as_int(), .split = line.at("eval").as_string()};
  evaluation::Score& s = logged.score;
  s.mentions = line.at("mentions").as_int();
  s.title_em = number(line, "title_em");
  s.description_em = number(line, "description_em");
  s.description_rouge_l = number(line, "description_rouge_l");
  s.knowledge_loss = number(line, "knowledge_loss");
  s.infill_loss = number(line, "infill_loss");
  s.copy_loss = number(line, "copy_loss");
  if (const Json* said = line.find("said"))
    for (const Json& one : said->items()) s.said.push_back(said_of(one));
  return logged;
}

void add(History& history, const Json& line) {
  if (line.find("eval")) {
    history.evaluations.push_back(evaluation_of(line));
    return;
  }
  LoggedStep step = step_of(line);
  const int64_t before = history.steps.empty() ? 0 : history.steps.back().report.step;
  check<DamagedInput>(step.report.step > before, "step {} follows step {}", step.report.step, before);
  history.steps.push_back(std::move(step));
}

}  // namespace

History read_history(const std::string& path) {
  const std::string text = base::read_file(path);
  History history;
  size_t begin = 0, number = 1;
  for (size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1, ++number) {
    try {
      add(history, base::parse_json(std::string_view(text).substr(begin, end - begin), "JSON"));
    } catch (const base::Error& error) {
      throw DamagedInput(base::format("{}: line {}: {}", path, number, error.what()));
    }
  }
  check<base::UsageError>(!history.steps.empty(), "{}: holds no step yet", path);
  return history;
}

}  // namespace kilm::report
