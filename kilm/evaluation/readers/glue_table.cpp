#include "kilm/evaluation/readers/glue_table.h"

#include <algorithm>

#include "kilm/evaluation/readers/columns.h"
#include "kilm/text/unicode.h"
#include "tensor/base/format.h"

namespace kilm::evaluation {

namespace {

using base::check;

// What the columns of a table are called. The second sentence is nullptr where there is one only.
struct Layout {
  GlueTask task;
  const char* name;
  const char *first, *second, *label;
  int64_t classes;
};
constexpr Layout kLayouts[] = {
    {GlueTask::mrpc, "mrpc", "#1 String", "#2 String", "Quality", 2},
    {GlueTask::sst2, "sst2", "sentence", nullptr, "label", 2},
    {GlueTask::cola, "cola", nullptr, nullptr, nullptr, 2},  // source, label, mark, sentence, without names
    {GlueTask::rte, "rte", "sentence1", "sentence2", "label", 2},
    {GlueTask::qnli, "qnli", "question", "sentence", "label", 2},
    {GlueTask::qqp, "qqp", "question1", "question2", "is_duplicate", 2},
    {GlueTask::mnli, "mnli", "sentence1", "sentence2", "gold_label", 3},
    {GlueTask::stsb, "stsb", "sentence1", "sentence2", "score", 1},
    {GlueTask::wnli, "wnli", "sentence1", "sentence2", "label", 2},
};
constexpr size_t kColumnsOfCola = 4, kLabelOfCola = 1, kSentenceOfCola = 3;

const Layout& layout_of(GlueTask task) { return *std::ranges::find(kLayouts, task, &Layout::task); }

std::vector<std::string_view> columns_of_line(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return columns_of(line);
}

size_t place_of(const std::vector<std::string_view>& names, std::string_view wanted) {
  const auto found = std::ranges::find(names, wanted);
  check(found != names.end(), "the first line names no column {}", wanted);
  check(std::ranges::count(names, wanted) == 1, "the first line names the column {} twice", wanted);
  return size_t(found - names.begin());
}

}  // namespace

const char* name(GlueTask task) { return layout_of(task).name; }
int64_t classes(GlueTask task) { return layout_of(task).classes; }

GlueTable::GlueTable(GlueTask task, Answer answer, const Columns& columns)
    : task_(task), answer_(answer), columns_(columns) {
  check<base::UsageError>(!has_header() || layout_of(task).second || !columns.sentence2,
                          "columns: a table of {} has one sentence, and no sentence2", name(task));
  if (has_header()) return;
  check<base::UsageError>(to_text(columns).empty(), "columns: a table of {} has no names", name(task));
  count_ = kColumnsOfCola;
  first_ = kSentenceOfCola;
  label_ = kLabelOfCola;
}

bool GlueTable::has_header() const { return task_ != GlueTask::cola; }

void GlueTable::read_header(std::string_view line) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  const Layout& layout = layout_of(task_);
  const std::vector<std::string_view> names = columns_of_line(line);
  count_ = names.size();
  first_ = place_of(names, columns_.sentence1.value_or(layout.first));
  if (layout.second) second_ = place_of(names, columns_.sentence2.value_or(layout.second));
  label_ = place_of(names, columns_.label.value_or(layout.label));
}

TaskRow GlueTable::read_row(std::string_view line) const {
  check(text::is_utf8(line), "is not UTF-8");
  const std::vector<std::string_view> columns = columns_of_line(line);
  check(columns.size() == count_, "has {} column{}, it should have {}", columns.size(), columns.size() == 1 ? "" : "s",
        count_);
  TaskRow row{.first = std::string(columns[first_])};
  if (layout_of(task_).second) row.second = std::string(columns[second_]);
  if (answer_ == Answer::number)
    row.number = number_from_text(columns[label_]);
  else
    row.label = label_from_text(columns[label_]);
  return row;
}

}  // namespace kilm::evaluation
