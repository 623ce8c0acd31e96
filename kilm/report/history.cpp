#include "kilm/report/history.h"

#include "tensor/base/format.h"

namespace kilm::report {

History read_history(const std::string& path) {
  History history;
  for (training::LogRecord& record : training::read_run_log(path)) {
    if (auto* step = std::get_if<training::StepReport>(&record))
      history.steps.push_back(std::move(*step));
    else if (auto* evaluation = std::get_if<training::EvaluationRecord>(&record))
      history.evaluations.push_back(std::move(*evaluation));
    else
      history.examples.push_back(std::get<training::ExamplesRecord>(std::move(record)));
  }
  base::check<base::UsageError>(!history.steps.empty(), "{}: holds no step yet", path);
  return history;
}

}  // namespace kilm::report
