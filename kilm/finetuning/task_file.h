// A file of rows, of which any can be read at any time. A first pass holds every row to its format, and so does each
// later read: the file may change meanwhile. Of it, memory keeps where every 64th row begins, and nothing else.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "kilm/evaluation/readers/glue_table.h"

namespace kilm::finetuning {

struct RowFormat {
  evaluation::Answer answer;
  std::optional<evaluation::GlueTask> table;  // nothing: JSON lines
  evaluation::Columns columns;
  int64_t classes = 0;  // labels should be below it; 0: there are no classes
};

class TaskFile {
 public:
  // Reads the file once, and calls `each` for every row, which may throw Error for one that it does not like. Throws
  // DamagedInput that names file and line for the first row that is wrong, and for a file without any. Throws
  // UsageError for what is no file: rows are read again and again.
  TaskFile(const std::string& path, const RowFormat& format,
           const std::function<void(const evaluation::TaskRow& row)>& each);

  const std::string& path() const { return path_; }
  const std::string& digest() const { return digest_; }  // SHA-256 of the file
  int64_t count() const { return count_; }
  std::string place(int64_t row) const;  // "FILE: line 7"

  // Calls each(i, row) for the rows [first, first + count), which are fewer at the end of the file. May be called by
  // several threads at once. Throws DamagedInput if the file has changed.
  void rows(int64_t first, int64_t count,
            const std::function<void(int64_t number, evaluation::TaskRow&& row)>& each) const;
  evaluation::TaskRow row(int64_t number) const;

 private:
  // An open file. A constructor that throws closes it, too.
  struct Descriptor {
    explicit Descriptor(int number) : number(number) {}
    ~Descriptor();
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int number;
  };

  evaluation::TaskRow parse(std::string_view line, int64_t row) const;

  std::string path_, digest_;
  RowFormat format_;
  std::optional<evaluation::GlueTable> table_;
  Descriptor descriptor_;
  int64_t count_ = 0;
  std::vector<int64_t> begins_;  // of every 64th row: its first byte
};

}  // namespace kilm::finetuning
