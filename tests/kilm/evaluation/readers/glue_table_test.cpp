#include "kilm/evaluation/readers/glue_table.h"

#include <doctest/doctest.h>

#include "tensor/base/error.h"

using kilm::evaluation::Answer;
using kilm::evaluation::Columns;
using kilm::evaluation::GlueTable;
using kilm::evaluation::GlueTask;
using kilm::evaluation::TaskRow;

namespace {

struct Sample {
  GlueTask task;
  const char *header, *line;
  const char *first, *second;
  double label;
};

// Our own sentences under the names that GLUE's files have.
const Sample kSamples[] = {
    {GlueTask::mrpc, "\xEF\xBB\xBFQuality\t#1 ID\t#2 ID\t#1 String\t#2 String", "1\t7\t8\tIt rained.\tRain \"fell\".",
     "It rained.", "Rain \"fell\".", 1},
    {GlueTask::sst2, "sentence\tlabel", "a fine , quiet book \t1", "a fine , quiet book ", nullptr, 1},
    {GlueTask::cola, nullptr, "x05\t0\t*\tRiver the wide is.", "River the wide is.", nullptr, 0},
    {GlueTask::rte, "index\tsentence1\tsentence2\tlabel", "0\tIt rains.\tIt is dry.\tnot_entailment", "It rains.",
     "It is dry.", 1},
    {GlueTask::qnli, "index\tquestion\tsentence\tlabel", "0\tIs it wet?\tIt rains.\tentailment", "Is it wet?",
     "It rains.", 0},
    {GlueTask::qqp, "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate", "0\t1\t2\tWhy rain?\tWhy does it rain?\t1",
     "Why rain?", "Why does it rain?", 1},
    {GlueTask::mnli,
     "index\tpromptID\tpairID\tgenre\tsentence1_binary_parse\tsentence2_binary_parse\tsentence1_parse\tsentence2_parse"
     "\tsentence1\tsentence2\tlabel1\tgold_label",
     "0\t1\t1n\tletters\t( a )\t( b )\t(A a)\t(B b)\tIt rains.\tIt is dry.\tneutral\tcontradiction", "It rains.",
     "It is dry.", 2},
    {GlueTask::stsb, "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2\tscore",
     "0\tnews\tf\t2001\t1\tnone\tnone\tIt rains.\tRain falls.\t4.250", "It rains.", "Rain falls.", 4.25},
    {GlueTask::wnli, "index\tsentence1\tsentence2\tlabel", "0\tIt fits.\tThe box fits.\t0\r", "It fits.",
     "The box fits.", 0},
};

GlueTable table_of(const Sample& sample) {
  GlueTable table(sample.task, classes(sample.task) == 1 ? Answer::number : Answer::label, {});
  CHECK(table.has_header() == (sample.header != nullptr));
  if (sample.header) table.read_header(sample.header);
  return table;
}

}  // namespace

TEST_CASE("each table of GLUE is read by the names of its columns, and quotes are text") {
  for (const Sample& sample : kSamples) {
    CAPTURE(name(sample.task));
    const TaskRow row = table_of(sample).read_row(sample.line);
    CHECK(row.first == sample.first);
    CHECK(row.second == (sample.second ? std::optional<std::string>(sample.second) : std::nullopt));
    CHECK((classes(sample.task) == 1 ? row.number : double(row.label)) == sample.label);
  }
  CHECK(classes(GlueTask::mnli) == 3);
}

TEST_CASE("rows of too few or too many columns, of broken text and of other labels are refused") {
  for (const Sample& sample : kSamples) {
    CAPTURE(name(sample.task));
    const GlueTable table = table_of(sample);
    const std::string line = sample.line;
    CHECK_THROWS_AS(table.read_row(line.substr(0, line.rfind('\t'))), base::Error);
    CHECK_THROWS_AS(table.read_row(line + "\tmore"), base::Error);
    CHECK_THROWS_AS(table.read_row(""), base::Error);
    CHECK_THROWS_WITH_AS(table.read_row("\xFF" + line), "is not UTF-8", base::Error);
  }
  CHECK_THROWS_WITH_AS(table_of(kSamples[1]).read_row("a\tb\tc"), "has 3 columns, it should have 2", base::Error);
  CHECK_THROWS_AS(table_of(kSamples[1]).read_row("a book\tgood"), base::Error);
  CHECK_THROWS_AS(table_of(kSamples[7]).read_row("0\tn\tf\t1\t1\tn\tn\ta\tb\thigh"), base::Error);
}

TEST_CASE("columns may have other names, where the table has names") {
  Columns columns;
  columns.sentence1 = "title";
  GlueTable table(GlueTask::sst2, Answer::label, columns);
  table.read_header("label\tother\ttitle");
  CHECK(table.read_row("1\tx\ta book").first == "a book");
  CHECK_THROWS_WITH_AS(table.read_header("sentence\tlabel"), "the first line names no column title", base::Error);
  CHECK_THROWS_WITH_AS(table.read_header("title\ttitle\tlabel"), "the first line names the column title twice",
                       base::Error);
  CHECK_THROWS_AS(GlueTable(GlueTask::cola, Answer::label, columns), base::UsageError);
  columns.sentence2 = "other";
  CHECK_THROWS_AS(GlueTable(GlueTask::sst2, Answer::label, columns), base::UsageError);
}
