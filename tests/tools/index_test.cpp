// `kilm index` as a shell sees it.
#include <doctest/doctest.h>

#include "tensor/base/file.h"
#include "tests/kilm/folder.h"
#include "tests/tools/process.h"
#include "tests/tools/question_index.h"

namespace {

const char* const kTable =
    "7\twho rules the red river\tAnn\n8\twhere is the deep lake\there\n9\thow high is the hill\t90 m\n"
    "10\tis the sea salty\tyes\n";

}  // namespace

TEST_CASE("kilm index: an index is written, searched and inspected") {
  const Folder folder;
  folder.write("table.tsv", kTable);
  const std::string index = folder / "table.kdt";
  const Output built = kilm("index " + folder / "table.tsv" + " --out " + index);
  REQUIRE_MESSAGE(built.code == 0, built.err);
  CHECK(built.out == index + ": 4 questions, 12 terms\n");
  CHECK(kilm("index --json - --force --out " + index, kTable).out == "{\"questions\": 4, \"terms\": 12}\n");

  const Output found = kilm("index --search " + index + " -k 1 --json", "the deep hill lake?\nof the\n");
  CHECK(found.out.starts_with("{\"query\": \"the deep hill lake?\", \"results\": [{\"id\": \"8\", \"score\": "));
  CHECK(found.out.ends_with("{\"query\": \"of the\", \"results\": []}\n"));
  CHECK(kilm("index --search " + index, "a hill").out.ends_with("\"9\"  how high is the hill\n"));

  const Output inspected = kilm("inspect --json " + index);
  CHECK(inspected.out.find("\"documents\": 4, \"terms\": 12, \"buckets\": 16777216") != std::string::npos);
  std::filesystem::rename(index, folder / "other");
  CHECK(kilm("inspect --json " + folder / "other").out.starts_with("{\"kind\": \"index\""));
}

TEST_CASE("kilm index: a document that is no question is found before anything is printed") {
  const Folder folder;
  write_index_with_damage(folder / "mixed.kdt");
  for (const std::string command : {"index --search ", "index --json --search ", "inspect "}) {
    const Output output = kilm(command + folder / "mixed.kdt", "lake\nriver\n");
    CHECK(output.code == 3);
    CHECK(output.out == "");
    CHECK_MESSAGE(output.err.find("mixed.kdt: record 1") != std::string::npos, output.err);
  }
}

TEST_CASE("kilm index: damage exits with 3 and leaves nothing, wrong use with 2") {
  const Folder folder;
  folder.write("good.tsv", kTable);
  folder.write("bad.tsv", std::string(kTable) + "11\tno answer\n");
  const Output damaged = kilm("index " + folder / "bad.tsv" + " --out " + folder / "bad.kdt");
  CHECK(damaged.code == 3);
  CHECK(damaged.out == "");
  CHECK(damaged.err.find(folder / "bad.tsv" + ": line 5: 2 columns should be 3") != std::string::npos);
  CHECK(!std::filesystem::exists(folder / "bad.kdt"));

  REQUIRE(kilm("index " + folder / "good.tsv" + " --out " + folder / "good.kdt").code == 0);
  std::string bytes = base::read_file(folder / "good.kdt");
  bytes[bytes.size() / 2] = char(bytes[bytes.size() / 2] ^ 1);
  folder.write("good.kdt", bytes);
  for (const std::string command : {"index --search ", "inspect "}) {
    const Output broken = kilm(command + folder / "good.kdt", "lake\n");
    CHECK(broken.code == 3);
    CHECK(broken.out == "");
    CHECK(broken.err.find("good.kdt: ") != std::string::npos);
  }
  CHECK(kilm("index " + folder / "good.tsv").code == 2);
  for (const std::string option : {"--format table", "--buckets 16777216", "--force"}) {
    const Output output = kilm("index --search x " + option);
    CHECK(output.code == 2);
    CHECK_MESSAGE(output.err.find(option.substr(0, option.find(' ')) + ": should stand without") != std::string::npos,
                  output.err);
  }
  CHECK(kilm("index -k 3 --out x " + folder / "good.tsv").err.find("--results: should stand") != std::string::npos);
  CHECK(kilm("index --search x " + folder / "good.tsv").code == 2);
  CHECK(kilm("index --buckets 0 --out x " + folder / "good.tsv").code == 2);
  CHECK(kilm("index --out " + folder / "good.tsv" + " " + folder / "good.tsv").code == 2);  // not made by this command
}
