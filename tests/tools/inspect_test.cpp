// `kilm inspect` as a shell sees it. What it finds is the business of tests/kilm/inspection/inspect_test.cpp.
#include <doctest/doctest.h>

#include <sstream>

#include "tensor/base/json.h"
#include "tests/kilm/small_dump.h"
#include "tests/kilm/vocabulary_files.h"
#include "tests/tools/process.h"

namespace fs = std::filesystem;

TEST_CASE("kilm inspect: a folder is told for people and for programs, its paragraphs line by line, damage by exit 3") {
  const Folder at;
  write_small_vocabulary(at);
  const std::string data = at / "data";
  REQUIRE(kilm("prepare - --tokenizer " + at.path.string() + " --out " + data, small_dump()).code == 0);
  const Output json = kilm("inspect " + data + " --json");
  REQUIRE(json.code == 0);
  const base::Json told = base::parse_json(json.out, "output");
  CHECK(told.at("kind").as_string() == "data");
  const Output text = kilm("inspect " + data);
  CHECK(text.out.starts_with("kind                        data\n"));

  const Output lines = kilm("inspect " + data + " --split train --json");
  REQUIRE(lines.code == 0);
  std::istringstream stream(lines.out);
  int64_t count = 0;
  for (std::string line; std::getline(stream, line); ++count)
    CHECK(base::parse_json(line, "line").at("split").as_string() == "train");
  CHECK(count == told.at("splits").at("train").at("paragraphs").as_int());

  CHECK(kilm("inspect " + data + " --split nothing").code == 2);
  CHECK(kilm("inspect " + at / "nothing").code == 1);
  fs::resize_file(data + "/entities.kdt", 40);
  const Output damaged = kilm("inspect " + data + " --json");
  CHECK(damaged.code == 3);
  CHECK(damaged.out.empty());
  CHECK(damaged.err.find("entities.kdt") != std::string::npos);
}
