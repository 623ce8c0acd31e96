// `kilm compare` as a shell sees it.
#include <doctest/doctest.h>

#include "tensor/base/json.h"
#include "tests/kilm/folder.h"
#include "tests/tools/process.h"

TEST_CASE("kilm compare: a table of predictions, or JSON") {
  const Folder folder;
  folder.write("a", "{\"prediction\": \"x\", \"reference\": \"x\"}\n{\"prediction\": \"x\", \"reference\": \"y\"}\n");
  folder.write("b", "{\"prediction\": \"x\", \"reference\": \"x\"}\n{\"prediction\": \"y\", \"reference\": \"y\"}\n");
  const std::string files = folder / "a" + " " + folder / "b";
  const Output table = kilm("compare " + files);
  REQUIRE_MESSAGE(table.code == 0, table.err);
  CHECK(table.out.starts_with("2 examples\n\nmeasure "));
  CHECK(table.out.find("\nexact_match ") != std::string::npos);
  CHECK(table.out.find("+0.5000  +0.0000 to +1.0000\n") != std::string::npos);
  const base::Json json = base::parse_json(kilm("compare --json " + files).out, "output");
  CHECK(json.at("kind").as_string() == "examples");
  CHECK(json.at("measures").at("exact_match").items()[1].at("difference").as_number() == 0.5);
}

TEST_CASE("kilm compare: other data and damage exit with 3, one file with 2") {
  const Folder folder;
  folder.write("a", "{\"prediction\": \"x\", \"reference\": \"x\"}\n");
  folder.write("b", "{\"prediction\": \"x\", \"reference\": \"y\"}\n");
  folder.write("c", "{\"prediction\": \"x\"\n");
  for (const char* other : {"b", "c"}) {
    const Output output = kilm("compare " + folder / "a" + " " + folder / other);
    CHECK(output.code == 3);
    CHECK(output.out == "");
    CHECK(output.err.find(folder / other + ": line 1: ") != std::string::npos);
  }
  CHECK(kilm("compare " + folder / "a").code == 2);
  CHECK(kilm("compare " + folder / "a" + " " + folder / "none").code == 1);
}
