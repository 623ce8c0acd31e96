#include "kilm/finetuning/task_file.h"

#include <doctest/doctest.h>

#include "tensor/base/digest.h"
#include "tensor/base/format.h"
#include "tests/kilm/folder.h"

using kilm::evaluation::Answer;
using kilm::evaluation::GlueTask;
using kilm::evaluation::TaskRow;
using kilm::finetuning::RowFormat;
using kilm::finetuning::TaskFile;

namespace {

const auto nothing = [](const TaskRow&) {};

// Writes `count` rows, whose texts are of many lengths.
std::string rows(int64_t count) {
  std::string text;
  for (int64_t i = 0; i < count; ++i)
    text += R"({"text": ")" + std::string(size_t(i * 37 % 900), 'a') + std::to_string(i) + R"(", "label": 0})" + "\n";
  return text;
}

std::string refusal(const Folder& folder, const std::string& text, std::optional<GlueTask> table = std::nullopt) {
  folder.write("rows", text);
  try {
    TaskFile(folder / "rows", {Answer::label, table, {}}, nothing);
  } catch (const base::DamagedInput& error) {
    return std::string(error.what()).substr((folder / "rows").size());
  }
  return "";
}

}  // namespace

TEST_CASE("any row of a file can be read at any time") {
  const Folder folder;
  std::string text = rows(300);
  for (const bool feed : {true, false}) {
    if (!feed) text.pop_back();
    folder.write("rows", text);
    std::vector<std::string> seen;
    const TaskFile file(folder / "rows", {Answer::label, {}, {}},
                        [&](const TaskRow& row) { seen.push_back(row.first); });
    REQUIRE(file.count() == 300);
    REQUIRE(seen.size() == 300);
    CHECK(file.digest() == base::sha256_hex(std::as_bytes(std::span(text))));
    for (const int64_t i : {299, 0, 63, 64, 65, 128, 17}) CHECK(file.row(i).first == seen[size_t(i)]);
    std::vector<std::string> some;
    file.rows(290, 50, [&](int64_t number, TaskRow&& row) {
      CHECK(number == 290 + int64_t(some.size()));
      some.push_back(row.first);
    });
    CHECK(some == std::vector<std::string>(seen.begin() + 290, seen.end()));
  }
}

TEST_CASE("rows of a table are counted without its names") {
  const Folder folder;
  folder.write("t.tsv", "sentence\tlabel\na \"book\"\t1\nno\t0\n");
  const TaskFile file(folder / "t.tsv", {Answer::label, GlueTask::sst2, {}}, nothing);
  CHECK(file.count() == 2);
  CHECK(file.row(0).first == "a \"book\"");
  CHECK(file.row(1).label == 0);
  CHECK(file.place(1) == folder / "t.tsv" + ": line 3");
}

TEST_CASE("what is wrong with a row is told with file and line") {
  const Folder folder;
  CHECK(refusal(folder, "") == ": has no row");
  CHECK(refusal(folder, "sentence\tlabel\n", GlueTask::sst2) == ": has no row");
  CHECK(refusal(folder, "", GlueTask::sst2) == ": has no row");
  CHECK(refusal(folder, "words\tlabel\na\t1\n", GlueTask::sst2) == ": line 1: the first line names no column sentence");
  CHECK(refusal(folder, "sentence\tlabel\na\t1\nb\n", GlueTask::sst2) == ": line 3: has 1 column, it should have 2");
  CHECK(refusal(folder, "x\t1\t\ta\t2\n", GlueTask::cola) == ": line 1: has 5 columns, it should have 4");
  CHECK(refusal(folder, "x\t1\t\t\xC3\n", GlueTask::cola) == ": line 1: is not UTF-8");
  CHECK(refusal(folder, R"({"text": "a", "label": 1})"
                        "\n"
                        R"({"text": "b"})"
                        "\n") == ": line 2: no entry \"label\"");
  for (const char* line : {"{\"text\": \"a", "\n", "{\"text\": \"\xC3\", \"label\": 1}\n"}) {
    const std::string message = refusal(folder, line);
    CHECK(message.starts_with(": line 1"));
    CHECK(message.find("line 1", 8) == std::string::npos);  // it is told once
  }
  const auto dislike = [](const TaskRow& row) { base::check(row.label < 2, "too large"); };
  folder.write("rows", R"({"text": "a", "label": 1})"
                       "\n"
                       R"({"text": "b", "label": 2})"
                       "\n");
  CHECK_THROWS_WITH_AS(TaskFile(folder / "rows", {Answer::label, {}, {}}, dislike),
                       (folder / "rows" + ": line 2: too large").c_str(), base::DamagedInput);
}

TEST_CASE("a file that is refused is closed again") {
  const Folder folder;
  const auto open_files = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator());
  };
  const auto before = open_files();
  CHECK(refusal(folder, "{") != "");
  CHECK(open_files() == before);
}

TEST_CASE("what is no file is refused, and one that was made shorter is noticed") {
  const Folder folder;
  const RowFormat format{Answer::label, {}, {}};
  CHECK_THROWS_AS(TaskFile("-", format, nothing), base::UsageError);
  CHECK_THROWS_AS(TaskFile(folder.path.string(), format, nothing), base::UsageError);
  CHECK_THROWS_AS(TaskFile(folder / "none", format, nothing), base::Error);
  folder.write("rows", rows(200));
  const TaskFile file(folder / "rows", format, nothing);
  folder.write("rows", rows(100));
  CHECK(file.row(99).label == 0);
  CHECK_THROWS_AS(file.row(150), base::DamagedInput);
}

TEST_CASE("labels are those of the classes, at the first pass and whenever a row is read again") {
  const Folder folder;
  const auto labels = [&](const char* text) { return folder.write("rows", text), folder / "rows"; };
  const RowFormat format{Answer::label, GlueTask::cola, {}, 2};
  for (const char* label : {"2", "-1"}) {
    const std::string bad = "x\t0\t\ta\nx\t" + std::string(label) + "\t\tb\n";
    CHECK_THROWS_AS(TaskFile(labels(bad.c_str()), format, nothing), base::DamagedInput);
  }
  const TaskFile file(labels("x\t0\t\ta\nx\t1\t\tb\n"), format, nothing);
  labels("x\t0\t\ta\nx\t7\t\tb\n");
  CHECK_THROWS_WITH_AS(file.row(1),
                       (file.path() + ": line 2: the label 7 should be 0 to 1, the classes of the head").c_str(),
                       base::DamagedInput);
}
