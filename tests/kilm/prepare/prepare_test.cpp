#include "kilm/prepare/prepare.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <map>
#include <set>

#include "kilm/dataset/prepared_data.h"
#include "tensor/base/error.h"
#include "tests/kilm/small_dump.h"
#include "tests/kilm/vocabulary.h"

using base::Json;
using kilm::dataset::PreparedData;
using kilm::dataset::Split;
using kilm::dataset::StoredParagraph;
using kilm::prepare::PrepareOptions;
using kilm::prepare::PrepareOutputs;
using kilm::prepare::PrepareReport;

namespace {

// A folder with the small dump, a tokenizer and whatever prepare makes in it.
struct SmallDump {
  SmallDump() {
    folder.write("dump.xml", small_dump());
    write_small_vocabulary(folder);
    options.collect.dumps = {folder / "dump.xml"};
    options.unseen = {.share = 0.1};
    options.seen = {.count = 20};
    options.held_out_entities = {.count = 4};
  }
  PrepareReport make(const std::string& name) {
    return kilm::prepare::prepare(options, {.data = folder / name, .tokenizer = folder.path});
  }
  Folder folder;
  PrepareOptions options;
};

// By (article, number in it).
using Paragraphs = std::map<std::pair<std::string, uint32_t>, StoredParagraph>;

Paragraphs paragraphs_of(const PreparedData& data, Split split) {
  Paragraphs result;
  data.for_paragraphs(split, [&](const StoredParagraph& p) {
    const bool added = result.emplace(std::pair(std::string(p.article), p.number), p).second;
    REQUIRE(added);
  });
  return result;
}

std::set<std::string> mentioned(const Paragraphs& paragraphs) {
  std::set<std::string> titles;
  for (const auto& [key, paragraph] : paragraphs)
    for (const kilm::dataset::StoredLink& link : paragraph.links) titles.emplace(link.title);
  return titles;
}

std::set<std::string> held_out_titles(const PreparedData& data) {
  std::set<std::string> titles;
  for (int64_t i = 0; i < data.entities().size(); ++i)
    if (data.entities().entity(i).held_out) titles.emplace(data.entities().entity(i).title);
  return titles;
}

}  // namespace

TEST_CASE("prepare: splits hold what they promise") {
  SmallDump fixture;
  CHECK(!fixture.make("data").damage);
  const PreparedData data(fixture.folder / "data");
  const Paragraphs train = paragraphs_of(data, Split::train), seen = paragraphs_of(data, Split::seen),
                   unseen = paragraphs_of(data, Split::unseen), held_out = paragraphs_of(data, Split::held_out);
  CHECK(train.size() + unseen.size() == 281);
  CHECK(unseen.size() == 28);
  CHECK(seen.size() == 20);
  const std::set<std::string> held = held_out_titles(data), known = mentioned(train);
  CHECK(held.size() == 4);
  CHECK(mentioned(held_out) == held);
  CHECK(known.size() == 36);
  for (const std::string& title : held) CHECK(!known.contains(title));
  for (const auto& [key, paragraph] : seen) {
    REQUIRE(train.contains(key));
    CHECK(kilm::dataset::to_record(paragraph) == kilm::dataset::to_record(train.at(key)));
  }
  for (const auto& [key, paragraph] : unseen) {
    CHECK(!train.contains(key));
    for (const kilm::dataset::StoredLink& link : paragraph.links) CHECK(known.contains(std::string(link.title)));
  }
  CHECK(!mentioned(unseen).empty());
}

TEST_CASE("prepare: an unseen paragraph mentions nothing that train does not") {
  SmallDump fixture;
  fixture.options.unseen = {.share = 0.99};  // train is left with 3 paragraphs
  fixture.make("data");
  const PreparedData data(fixture.folder / "data");
  const std::set<std::string> known = mentioned(paragraphs_of(data, Split::train));
  CHECK(known.size() < 10);
  CHECK(mentioned(paragraphs_of(data, Split::unseen)) == known);
}

TEST_CASE("prepare: mentions are links to entities, through redirects, with their descriptions") {
  SmallDump fixture;
  fixture.make("data");
  const PreparedData data(fixture.folder / "data");
  int64_t through_redirects = 0, mentions = 0;
  for (const Split split : kilm::dataset::kSplits) {
    const kilm::dataset::WindowSet windows = data.windows(split);
    for (int64_t i = 0; i < windows.count; ++i) {
      const kilm::dataset::Window window = windows.get(i);
      CHECK(!window.text.empty());
      for (const kilm::dataset::Mention& mention : window.mentions) {
        ++mentions;
        REQUIRE(mention.begin < mention.end);
        const std::string surface(window.text.substr(size_t(mention.begin), size_t(mention.end - mention.begin)));
        const std::string number(mention.title.substr(6));
        CHECK(mention.title == "Thing " + number);
        CHECK(mention.description == "Thing of number " + number);
        through_redirects += surface == "the " + number + "th thing";
        CHECK((surface == "thing " + number || surface == "the " + number + "th thing"));
      }
      if (split == Split::held_out) CHECK(!window.mentions.empty());
    }
  }
  CHECK(mentions > 400);
  CHECK(through_redirects > 100);
}

TEST_CASE("prepare: windows fit the length with room for knowledge, and none cuts a link") {
  SmallDump fixture;
  fixture.options.max_length = 128;  // 62 for the text: a paragraph becomes two windows
  fixture.make("data");
  const PreparedData data(fixture.folder / "data");
  CHECK(data.max_length() == 128);
  const kilm::tokenizer::Tokenizer tokenizer = kilm::tokenizer::Tokenizer::load(fixture.folder.path);
  const kilm::dataset::WindowSet windows = data.windows(Split::train);
  size_t in_windows = 0, in_paragraphs = 0;
  for (int64_t i = 0; i < windows.count; ++i) {
    const kilm::dataset::Window window = windows.get(i);
    CHECK(tokenizer.encode(window.text, {.prefix_space = true}).size() + 2 + 64 <= 128);
    in_windows += window.mentions.size();
  }
  const Paragraphs paragraphs = paragraphs_of(data, Split::train);
  for (const auto& [key, paragraph] : paragraphs) in_paragraphs += paragraph.links.size();
  CHECK(windows.count > int64_t(paragraphs.size()) * 3 / 2);
  CHECK(in_windows == in_paragraphs);
}

TEST_CASE("prepare: the same seed gives the same bytes, another one other splits") {
  SmallDump fixture;
  fixture.make("a");
  fixture.make("b");
  fixture.options.seed = 1;
  fixture.make("c");
  const auto bytes = [&](const std::string& name) { return base::read_file(fixture.folder / name); };
  CHECK(bytes("a/manifest.json") == bytes("b/manifest.json"));
  CHECK(bytes("a/shard-00000.kds") == bytes("b/shard-00000.kds"));
  const PreparedData a(fixture.folder / "a"), c(fixture.folder / "c");
  CHECK(held_out_titles(a) != held_out_titles(c));
  CHECK(mentioned(paragraphs_of(a, Split::train)) != mentioned(paragraphs_of(c, Split::train)));
}

TEST_CASE("prepare: the manifest says what the data are") {
  SmallDump fixture;
  fixture.make("data");
  const PreparedData data(fixture.folder / "data");
  const Json& splits = data.manifest().at("counts").at("splits");
  for (const Split split : kilm::dataset::kSplits) {
    const Json& row = splits.at(kilm::dataset::name(split));
    const Paragraphs paragraphs = paragraphs_of(data, split);
    CHECK(row.at("paragraphs").as_int() == int64_t(paragraphs.size()));
    CHECK(row.at("windows").as_int() == data.windows(split).count);
    CHECK(row.at("entities").as_int() == int64_t(mentioned(paragraphs).size()));
  }
  CHECK(data.manifest().at("options").at("unseen").dump() == R"({"share": 0.1})");
  CHECK(data.manifest().find("damaged_input") == nullptr);
}

TEST_CASE("prepare: lines of JSON need no tokenizer") {
  SmallDump fixture;
  std::string paragraphs, entities;
  kilm::prepare::prepare(fixture.options, {.paragraphs = [&](std::string_view line) { paragraphs += line; },
                                           .entities = [&](std::string_view line) { entities += line; }});
  CHECK(std::count(paragraphs.begin(), paragraphs.end(), '\n') == 281);
  CHECK(std::count(entities.begin(), entities.end(), '\n') == 40);
  const Json first = base::parse_json(paragraphs.substr(0, paragraphs.find('\n')), "line");
  CHECK(first.at("links").dump() == R"([{"start": 65, "end": 72, "title": "Thing 1"}])");
  CHECK(paragraphs.find(R"("title": "Thing 9", "redirect": "T9"})") != std::string::npos);
  CHECK(paragraphs.find(R"("title": "Nowhere"})") != std::string::npos);
  CHECK(entities.find(R"({"title": "Thing 3", "description": "Thing of number 3", "source": "short_description", )"
                      R"("redirects": ["T3", "Tee"]})") != std::string::npos);
}

TEST_CASE("prepare: data from damaged input hold what came before, and say so") {
  SmallDump fixture;
  const std::string xml = small_dump();
  fixture.folder.write("dump.xml", xml.substr(0, xml.find("<title>Thing 10<")));
  const PrepareReport report = fixture.make("data");
  REQUIRE(report.damage);
  const PreparedData data(fixture.folder / "data");
  CHECK(data.manifest().at("damaged_input").as_string() == *report.damage);
  CHECK(data.entities().size() == 10);
  fixture.folder.write("dump.xml", xml.substr(0, 30));
  CHECK_THROWS_WITH_AS(fixture.make("none"), doctest::Contains("; no paragraph came before"), base::DamagedInput);
  CHECK(!std::filesystem::exists(fixture.folder / "none"));
}

TEST_CASE("prepare: ended at any step, it goes on with the next call and gives the same bytes") {
  static int left;
  SmallDump fixture;
  fixture.options.collect.save_every = 4000;  // four or five pages
  fixture.make("whole");
  const auto bytes = [&](const std::string& name, const char* file) {
    return base::read_file(fixture.folder / (name + "/" + file));
  };
  static base::FileSystem real;
  real = base::file_system();
  base::FileSystem failing = real;
  failing.rename = [](const char* from, const char* to) {
    return --left == 0 ? errno = ENOSPC, -1 : real.rename(from, to);
  };
  int ends = 0;
  for (int n = 1;; ++n) {
    INFO("step " << n);
    const std::string name = "data" + std::to_string(n);
    bool ended = false;
    try {
      left = n;
      const base::FileSystemGuard guard(failing);
      fixture.make(name);
    } catch (const base::OutOfMemory&) {
      ended = true;
      ++ends;
      CHECK(!std::filesystem::exists(fixture.folder / name));
      CHECK(std::filesystem::exists(kilm::prepare::unfinished_folder(fixture.folder / name)) == (n > 2));
      fixture.make(name);
    }
    CHECK(!std::filesystem::exists(kilm::prepare::unfinished_folder(fixture.folder / name)));
    for (const char* file : {"manifest.json", "shard-00000.kds", "entities.kdt"})
      CHECK(bytes(name, file) == bytes("whole", file));
    if (!ended) break;
  }
  CHECK(ends > 10);
}

TEST_CASE("prepare: stopped by a signal, it goes on with the same options only") {
  SmallDump fixture;
  fixture.make("whole");
  int lines = 0;
  const PrepareOutputs outputs{
      .data = fixture.folder / "data", .tokenizer = fixture.folder.path, .paragraphs = [&](std::string_view) {
        if (++lines == 3) raise(SIGTERM);
      }};
  CHECK(kilm::prepare::prepare(fixture.options, outputs).stopped);
  const std::string partial = fixture.folder / "data.partial";
  CHECK(kilm::prepare::unfinished_folder(fixture.folder / "data/") == partial);
  CHECK(std::filesystem::exists(partial));
  fixture.options.seed = 3;
  CHECK_THROWS_WITH_AS(
      fixture.make("data"),
      (partial + ": was begun with seed 0, now it is 3; finish it as it was begun, or delete it").c_str(),
      base::UsageError);
  fixture.options.seed = 0;
  CHECK(!fixture.make("data").stopped);
  CHECK(!std::filesystem::exists(partial));
  CHECK(base::read_file(fixture.folder / "data/manifest.json") ==
        base::read_file(fixture.folder / "whole/manifest.json"));
}

// Step A5 of docs/reference_faults.md: the first of the shuffled lines are unseen, whatever they mention. The next ones
// are train, whose first are seen, and nothing is held out.
TEST_CASE("prepare: as the reference, paragraphs are split in Python's order") {
  SmallDump fixture;
  fixture.options = kilm::prepare::reference_options();
  fixture.options.collect.dumps = {fixture.folder / "dump.xml"};
  fixture.options.collect.lead = true;
  fixture.options.unseen = {.count = 5};
  fixture.options.seen = {.count = 3};
  fixture.folder.write("dump.xml", [] {
    std::string xml = "<mediawiki>";
    for (int i = 0; i < 10; ++i)
      xml += dump_page(i, "Page " + std::to_string(i), "A page of [[page " + std::to_string((i + 1) % 10) + "]].");
    return xml + dump_page(10, "Page", "#REDIRECT [[Page 1]]") + "</mediawiki>";
  }());
  fixture.make("data");
  const PreparedData data(fixture.folder / "data");
  const auto pages = [&](Split split) {
    std::set<uint64_t> pages;
    int64_t links = 0;
    for (const auto& [key, paragraph] : paragraphs_of(data, split)) {
      pages.insert(paragraph.page);
      links += int64_t(paragraph.links.size());
    }
    CHECK(links == int64_t(pages.size()));
    return pages;
  };
  // random.seed(0) shuffles range(10) to 7 8 1 5 3 4 2 0 9 6.
  CHECK(pages(Split::unseen) == std::set<uint64_t>{7, 8, 1, 5, 3});
  CHECK(pages(Split::train) == std::set<uint64_t>{4, 2, 0, 9, 6});
  CHECK(pages(Split::seen) == std::set<uint64_t>{4, 2, 0});
  CHECK(pages(Split::held_out).empty());
  CHECK(data.manifest().at("options").at("compat").as_string() == "kilm");
}

TEST_CASE("prepare: a seed below 0 is one, too") {
  SmallDump fixture;
  fixture.options.seed = uint64_t(-1);
  fixture.make("data");
  CHECK(PreparedData(fixture.folder / "data").manifest().at("options").at("seed").as_int() == -1);
}

TEST_CASE("prepare: wrong use is refused before the work, and nothing half-made stays") {
  SmallDump fixture;
  fixture.make("data");
  CHECK_THROWS_WITH_AS(fixture.make("data"), (fixture.folder / "data: is there already").c_str(), base::UsageError);
  fixture.options.max_length = 10;
  CHECK_THROWS_AS(fixture.make("short"), base::UsageError);
  fixture.options.max_length = 512;
  fixture.options.collect.dumps = {fixture.folder / "none.xml"};
  CHECK_THROWS_AS(fixture.make("lost"), base::Error);
  for (const auto& entry : std::filesystem::directory_iterator(fixture.folder.path))
    CHECK((!entry.is_directory() || entry.path().filename() == "data"));
}

TEST_CASE("prepare: a portion is a count or a share") {
  CHECK(kilm::prepare::parse_portion("--unseen", "250").of(1000) == 250);
  CHECK(kilm::prepare::parse_portion("--unseen", "250").of(100) == 100);
  CHECK(kilm::prepare::parse_portion("--unseen", "0").of(100) == 0);
  CHECK(kilm::prepare::parse_portion("--unseen", "0.25").of(1000) == 250);
  CHECK(PrepareOptions().unseen.of(100) == 5);
  CHECK(PrepareOptions().unseen.of(1000000) == 1000);
  for (const char* text : {"", "-1", "x", "1.0", "-0.5", "1e3", "0.5x", "nan", "99999999999999999999"})
    CHECK_THROWS_AS(kilm::prepare::parse_portion("--unseen", text), base::UsageError);
}
