#include "kilm/dataset/prepared_data.h"

#include <doctest/doctest.h>

#include "kilm/job/manifest.h"
#include "tensor/base/error.h"
#include "tests/kilm/small_data.h"

namespace fs = std::filesystem;
using base::DamagedInput;
using base::Json;
using kilm::dataset::PreparedData;
using kilm::dataset::Split;

namespace {

void flip(const std::string& path, size_t at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(std::streamoff(at));
  const char c = char(file.get() ^ 0x20);
  file.seekp(std::streamoff(at));
  file.put(c);
}

// Replaces one member of the manifest, and makes it valid again.
void rewrite_manifest(const std::string& folder, const std::string& key, const Json& value) {
  const Json before = base::read_json_file(folder + "/manifest.json");
  Json head = Json::object();
  for (const auto& [name, member] : before.members())
    if (name != "files" && name != "self" && name != key) head.set(name, member);
  if (!value.is_null()) head.set(key, value);
  fs::remove(folder + "/manifest.json");
  kilm::job::write_manifest(folder, head);
}

}  // namespace

TEST_CASE("prepared data: every flipped byte and every cut file is found at opening, and named") {
  const SmallData fixture;
  for (const auto& entry : fs::directory_iterator(fixture.data)) {
    const std::string file = entry.path().filename().string();
    const size_t size = entry.file_size();
    for (size_t at = 0; at < size - 1; at += 1 + size / 40) {  // the last byte of the manifest is its line end
      const std::string copy = fixture.copy();
      flip(copy + "/" + file, at);
      INFO(file, " byte ", at);
      CHECK_THROWS_WITH_AS(PreparedData{copy}, doctest::Contains(file.c_str()), DamagedInput);
    }
    const std::string copy = fixture.copy();
    fs::resize_file(copy + "/" + file, size / 2);
    CHECK_THROWS_WITH_AS(PreparedData{copy}, doctest::Contains(file.c_str()), DamagedInput);
    fs::remove(copy + "/" + file);
    CHECK_THROWS_WITH_AS(PreparedData{copy}, doctest::Contains(file.c_str()), DamagedInput);
  }
}

TEST_CASE("prepared data: a manifest of another schema, or without a member, is refused") {
  const SmallData fixture;
  const auto error = [&](const std::string& key, const Json& value) {
    const std::string copy = fixture.copy();
    rewrite_manifest(copy, key, value);
    try {
      PreparedData{copy};
    } catch (const DamagedInput& error) {
      return std::string(error.what()).substr(copy.size());
    }
    return std::string("accepted");
  };
  CHECK(error("note", "harmless") == "accepted");
  CHECK(error("schema", 2) == "/manifest.json: schema 2 should be 1");
  CHECK(error("tokenizer", Json()).starts_with("/manifest.json: "));
  CHECK(error("max_length", "long").starts_with("/manifest.json: "));
}

TEST_CASE("prepared data: numbers that point into another file are checked when a window is read") {
  const SmallData fixture;
  const std::string copy = fixture.copy();
  fs::remove(copy + "/entities.kdt");
  kilm::dataset::RecordWriter(copy + "/entities.kdt", kilm::dataset::RecordKind::entities).commit();
  rewrite_manifest(copy, "", {});
  const PreparedData data(copy);
  CHECK_THROWS_WITH_AS(data.windows(Split::train).get(0), doctest::Contains(": window 0: entity "), DamagedInput);
}

TEST_CASE("prepared data: windows have numbers from 0 over all shards") {
  const SmallData fixture;
  const PreparedData data(fixture.data);
  const kilm::dataset::WindowSet windows = data.windows(Split::train);
  int64_t paragraphs = 0;
  data.for_paragraphs(Split::train, [&](const kilm::dataset::StoredParagraph& p) {
    CHECK(windows.get(paragraphs++).text == p.text);  // each fits one window
  });
  CHECK(windows.count == paragraphs);
  CHECK_THROWS_AS(windows.get(windows.count), base::Error);
  CHECK_THROWS_AS(windows.get(-1), base::Error);
}

TEST_CASE("prepared data: another tokenizer is refused, the same with the KILM tokens is not") {
  const SmallData fixture;
  const PreparedData data(fixture.data);
  const auto check = [&](const kilm::tokenizer::Tokenizer& tokenizer) {
    data.check_tokenizer(kilm::dataset::fingerprint_with_kilm_tokens(tokenizer));
  };
  kilm::tokenizer::Tokenizer tokenizer = kilm::tokenizer::Tokenizer::load(fixture.folder.path);
  check(tokenizer);
  tokenizer.add_kilm_tokens();
  check(tokenizer);
  const std::string merges = base::read_file(fixture.folder / "merges.txt");
  fixture.folder.write("merges.txt", merges.substr(0, merges.rfind("\u0120 t\n")));
  CHECK_THROWS_WITH_AS(check(kilm::tokenizer::Tokenizer::load(fixture.folder.path)),
                       doctest::Contains("was prepared with the tokenizer "), base::UsageError);
}
