// `kilm metric` as a shell sees it.
#include <doctest/doctest.h>

#include "tests/tools/process.h"

TEST_CASE("kilm metric: measures of standard input as JSON or as a table") {
  const std::string lines =
      "{\"prediction\": \"the cat\", \"references\": [\"Cat.\", \"dog\"]}\n"
      "{\"prediction\": \"x\", \"reference\": \"y\"}\n";
  CHECK(kilm("metric f1 exact_match --json", lines).out == "{\"f1\": 0.5, \"exact_match\": 0.5}\n");
  CHECK(kilm("metric rouge1", lines).out == "rouge1                  0.3333\n");
}

TEST_CASE("kilm metric: damage exits with 3 and prints nothing, a wrong name with 2") {
  const Output damaged = kilm("metric accuracy --json", "{\"prediction\": 1, \"reference\": 1}\n{\"prediction\": 1}\n");
  CHECK(damaged.code == 3);
  CHECK(damaged.out == "");
  CHECK(damaged.err.find("standard input: line 2: no entry \"reference\"") != std::string::npos);
  CHECK(kilm("metric accuracy", "").code == 3);
  CHECK(kilm("metric", "").code == 2);
  CHECK(kilm("metric rouge", "").code == 2);
  CHECK(kilm("metric f1 f1", "").code == 2);
}
