// Rows of a task, as kilm finetune reads them: JSON lines and tables of GLUE.
#include <vector>

#include "kilm/finetuning/task_file.h"
#include "tests/fuzz/input.h"

namespace {

using kilm::evaluation::Answer;
using kilm::evaluation::GlueTask;
using kilm::evaluation::TaskRow;

void read(const std::string& path, Answer answer, std::optional<GlueTask> table) {
  std::vector<std::string> texts;
  const kilm::finetuning::TaskFile file(path, {answer, table, {}},
                                        [&](const TaskRow& row) { texts.push_back(row.first + row.target); });
  fuzz::require(file.count() == int64_t(texts.size()), "every row is seen once");
  file.rows(0, file.count(), [&](int64_t i, TaskRow&& row) {
    fuzz::require(texts[size_t(i)] == row.first + row.target, "a row reads the same again");
  });
  fuzz::require(file.row(file.count() - 1).first.size() <= texts.back().size(), "the last row is found");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const fuzz::File input(std::string_view(reinterpret_cast<const char*>(data), size));
  const auto parse = [&](Answer answer, std::optional<GlueTask> table) {
    return fuzz::parse(data, size, [&](std::string_view) { read(input.path(), answer, table); });
  };
  for (const Answer answer : {Answer::label, Answer::number, Answer::text}) parse(answer, std::nullopt);
  for (const GlueTask table : kilm::evaluation::kGlueTasks)
    parse(classes(table) == 1 ? Answer::number : Answer::label, table);
  return 0;
}
