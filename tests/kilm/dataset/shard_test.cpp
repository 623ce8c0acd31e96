#include "kilm/dataset/shard.h"

#include <doctest/doctest.h>

#include <cstring>

#include "tensor/base/error.h"
#include "tests/kilm/folder.h"

using base::DamagedInput;
using kilm::dataset::Shard;
using kilm::dataset::ShardWriter;
using kilm::dataset::Split;
using kilm::dataset::StoredParagraph;

namespace {

StoredParagraph sample() {
  return {
      .page = 12,
      .number = 3,
      .article = "Käse",
      .section = "Geschichte \"neu\"",
      .text = "Käse kam aus Rom.",
      .links = {{.begin = 14, .end = 17, .entity = 5, .title = "Rome", .redirect = "Rom"}, {0, 5, 9, "Cheese", {}}}};
}

void write_sample(const std::string& path) {
  ShardWriter writer(path, Split::unseen);
  writer.add(kilm::dataset::to_record(sample()), std::vector<kilm::dataset::TextRange>{{0, 9}, {10, 18}});
  writer.add(kilm::dataset::to_record(StoredParagraph{}), {});
  CHECK(writer.paragraphs() == 2);
  CHECK(writer.windows() == 2);
  writer.commit();
}

}  // namespace

TEST_CASE("shard: paragraphs and windows come back as they were written") {
  const Folder folder;
  write_sample(folder / "shard");
  const Shard shard(folder / "shard");
  CHECK(shard.split() == Split::unseen);
  REQUIRE(shard.paragraphs() == 2);
  REQUIRE(shard.windows() == 2);
  CHECK(kilm::dataset::to_record(shard.paragraph(0)) == kilm::dataset::to_record(sample()));
  CHECK(shard.paragraph(0).links[0].redirect == "Rom");
  CHECK(shard.paragraph(1).text == "");
  CHECK(shard.window(1).paragraph == 0);
  CHECK(shard.window(1).range.begin == 10);
  CHECK(shard.window(1).range.end == 18);
  CHECK_THROWS_AS(shard.window(2), base::Error);
  shard.verify();
}

TEST_CASE("shard: a paragraph becomes a line of JSON") {
  CHECK(kilm::dataset::to_json_line(sample(), Split::train) ==
        R"({"id": 12, "title": "Käse", "section": "Geschichte \"neu\"", "paragraph": 3, )"
        R"("text": "Käse kam aus Rom.", )"
        R"("links": [{"start": 14, "end": 17, "title": "Rome", "redirect": "Rom"}, )"
        R"({"start": 0, "end": 5, "title": "Cheese"}], )"
        R"("split": "train"})"
        "\n");
  CHECK(kilm::dataset::to_json_line(StoredParagraph{}) ==
        "{\"id\": 0, \"title\": \"\", \"section\": \"\", \"paragraph\": 0, \"text\": \"\", \"links\": []}\n");
}

TEST_CASE("shard: links outside of their text and records that end early are refused") {
  StoredParagraph paragraph = sample();
  paragraph.links[0].end = 19;
  CHECK_THROWS_WITH_AS(kilm::dataset::parse_paragraph(kilm::dataset::to_record(paragraph), "here"),
                       "here: a link at [14, 19) is outside of a text of 18 bytes", DamagedInput);
  paragraph.links[0] = {.begin = 4, .end = 3};
  CHECK_THROWS_AS(kilm::dataset::parse_paragraph(kilm::dataset::to_record(paragraph), "here"), DamagedInput);
  const std::string record = kilm::dataset::to_record(sample());
  for (size_t size = 0; size < record.size(); ++size)
    CHECK_THROWS_AS(kilm::dataset::parse_paragraph(record.substr(0, size), "here"), DamagedInput);
  CHECK_THROWS_AS(kilm::dataset::parse_paragraph(record + "x", "here"), DamagedInput);
}

TEST_CASE("shard: windows and splits that do not exist are refused") {
  const Folder folder;
  write_sample(folder / "shard");
  const std::string good = base::read_file(folder / "shard");
  const size_t extra = good.size() - 56 - 28;
  const auto with = [&](size_t at, uint32_t value) {
    std::string bad = good;
    std::memcpy(bad.data() + extra + at, &value, sizeof(value));
    folder.write("bad", bad);
    const Shard shard(folder / "bad");
    return shard.window(0);
  };
  CHECK(with(4, 1).paragraph == 1);
  CHECK_THROWS_WITH_AS(with(0, 4), (folder / "bad: 4 is no split").c_str(), DamagedInput);
  CHECK_THROWS_WITH_AS(with(4, 2), doctest::Contains("window 0: bytes [0, 9) of paragraph 2 do not exist"),
                       DamagedInput);
  CHECK_THROWS_WITH_AS(with(8, 10), doctest::Contains("window 0: bytes [10, 9) of paragraph 0 do not exist"),
                       DamagedInput);
}

TEST_CASE("shard: flipped bytes never crash a reader") {
  const Folder folder;
  write_sample(folder / "shard");
  const std::string good = base::read_file(folder / "shard");
  int refused = 0;
  for (size_t at = 0; at < good.size(); ++at)
    for (const char flip : {'\x01', '\x80', '\xff'}) {
      std::string bad = good;
      bad[at] = char(bad[at] ^ flip);
      folder.write("bad", bad);
      try {
        const Shard shard(folder / "bad");
        for (int64_t i = 0; i < shard.paragraphs(); ++i) kilm::dataset::to_json_line(shard.paragraph(i));
        for (int64_t i = 0; i < shard.windows(); ++i) shard.window(i);
        shard.verify();
      } catch (const DamagedInput&) {
        ++refused;
      }
    }
  CHECK(refused == int(good.size()) * 3);
}
