// The tables of GLUE (Wang et al. 2018): a row a line, columns between tabs, quotes are text. All but CoLA's begin with
// a line of names, by which columns are found.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kilm/evaluation/readers/task_row.h"

namespace kilm::evaluation {

enum class GlueTask : uint8_t { mrpc, sst2, cola, rte, qnli, qqp, mnli, stsb, wnli };
inline constexpr GlueTask kGlueTasks[] = {GlueTask::mrpc, GlueTask::sst2, GlueTask::cola, GlueTask::rte, GlueTask::qnli,
                                          GlueTask::qqp,  GlueTask::mnli, GlueTask::stsb, GlueTask::wnli};
const char* name(GlueTask task);
int64_t classes(GlueTask task);  // of its labels; 1 of stsb, which asks for numbers

class GlueTable {
 public:
  // Takes the answer that is asked for, which is no text, and other names of columns. Throws UsageError for names where
  // the table has none, and for a second sentence where it has one.
  GlueTable(GlueTask task, Answer answer, const Columns& columns);

  bool has_header() const;
  // Reads the line of names; a byte order mark before it is dropped. Throws Error for a column that is not there, or is
  // there twice.
  void read_header(std::string_view line);
  // Reads a row. Throws Error for too few or too many columns, for text that is not UTF-8 and for a label that is none.
  TaskRow read_row(std::string_view line) const;

 private:
  GlueTask task_;
  Answer answer_;
  Columns columns_;
  size_t count_ = 0;  // of columns
  size_t first_ = 0, second_ = 0, label_ = 0;
};

}  // namespace kilm::evaluation
