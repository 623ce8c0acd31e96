#include "kilm/evaluation/readers/task_row.h"

#include <doctest/doctest.h>

#include "tensor/base/error.h"

using kilm::evaluation::Columns;
using kilm::evaluation::label_from_text;
using kilm::evaluation::number_from_text;
using kilm::evaluation::parse_columns;

TEST_CASE("columns are named by their part, and written as they were read") {
  const Columns columns = parse_columns("label=gold,sentence1=the premise");
  CHECK(columns.sentence1 == "the premise");
  CHECK(columns.label == "gold");
  CHECK(!columns.sentence2);
  CHECK(to_text(columns) == "sentence1=the premise,label=gold");
  CHECK(to_text(parse_columns("target=summary,source=dialogue")) == "source=dialogue,target=summary");
  for (const char* wrong : {"", "source", "source=", "=x", "other=x", "source=a,source=b", "source=a,"})
    CHECK_THROWS_AS(parse_columns(wrong), base::UsageError);
}

TEST_CASE("a label is a number or a word of GLUE") {
  CHECK(label_from_text("0") == 0);
  CHECK(label_from_text("17") == 17);
  CHECK(label_from_text("entailment") == 0);
  CHECK(label_from_text("not_entailment") == 1);
  CHECK(label_from_text("neutral") == 1);
  CHECK(label_from_text("contradiction") == 2);
  for (const char* wrong : {"", " 1", "1 ", "1.0", "one", "-", "99999999999999999999"})
    CHECK_THROWS_AS(label_from_text(wrong), base::Error);
}

TEST_CASE("a number is whole and finite") {
  CHECK(number_from_text("4.25") == 4.25);
  CHECK(number_from_text("-1e-3") == -1e-3);
  for (const char* wrong : {"", "4,25", "nan", "inf", "1e999", "4.2x"})
    CHECK_THROWS_AS(number_from_text(wrong), base::Error);
}
