#include "kilm/prepare/anchors.h"

#include <doctest/doctest.h>

#include <map>
#include <set>

#include "kilm/dataset/prepared_data.h"
#include "tests/kilm/small_dump.h"
#include "tests/kilm/vocabulary.h"

using base::Json;

namespace {

using Titles = std::map<std::string, int64_t>;  // and their links
using Surfaces = std::map<std::string, Titles>;

struct Made {
  std::vector<Json> candidates, paragraphs;
};

Made make(const Folder& folder, const std::string& data) {
  kilm::prepare::PrepareOptions options;
  options.collect.dumps = {folder / "dump.xml"};
  options.unseen = {.share = 0.2};
  options.held_out_entities = {.count = 6};
  Made made;
  const auto into = [](std::vector<Json>& lines) {
    return [&lines](std::string_view line) { lines.push_back(base::parse_json(line, "line")); };
  };
  kilm::prepare::prepare(options, {.data = data,
                                   .tokenizer = folder.path,
                                   .paragraphs = into(made.paragraphs),
                                   .candidates = into(made.candidates)});
  return made;
}

// Counts the links of the training paragraphs from all paragraphs, with what the data say of splits and entities.
Surfaces by_definition(const kilm::dataset::PreparedData& data, const std::vector<Json>& paragraphs) {
  std::set<std::pair<std::string, int64_t>> train;
  data.for_paragraphs(kilm::dataset::Split::train,
                      [&](const kilm::dataset::StoredParagraph& p) { train.emplace(p.article, p.number); });
  std::map<std::string, int64_t> entities;
  for (int64_t i = 0; i < data.entities().size(); ++i) entities.emplace(data.entities().entity(i).title, i);
  Surfaces surfaces;
  std::set<int64_t> mentioned;
  for (const Json& paragraph : paragraphs) {
    if (!train.contains({paragraph.at("title").as_string(), paragraph.at("paragraph").as_int()})) continue;
    const std::string& text = paragraph.at("text").as_string();
    for (const Json& link : paragraph.at("links").items()) {
      const std::string& title = link.at("title").as_string();
      const auto entity = entities.find(title);
      if (entity != entities.end() && data.entities().entity(entity->second).held_out) continue;
      if (entity != entities.end()) mentioned.insert(entity->second);
      const auto start = size_t(link.at("start").as_int());
      ++surfaces[text.substr(start, size_t(link.at("end").as_int()) - start)][title];
    }
  }
  for (const int64_t i : mentioned)
    for (const std::string_view redirect : data.entities().redirects(i))
      surfaces[std::string(redirect)].try_emplace(std::string(data.entities().entity(i).title), 0);
  return surfaces;
}

}  // namespace

TEST_CASE("candidates of surfaces are what the links of the training part lead to, most frequent first") {
  const Folder folder;
  folder.write("dump.xml", small_dump());
  write_small_vocabulary(folder);
  const Made made = make(folder, folder / "data");
  Surfaces surfaces;
  std::string last;
  for (const Json& line : made.candidates) {
    const std::string& surface = line.at("mention").as_string();
    CHECK(last < surface);
    last = surface;
    int64_t before = INT64_MAX;
    for (const Json& candidate : line.at("candidates").items()) {
      const int64_t count = candidate.at("count").as_int();
      CHECK(count <= before);
      before = count;
      CHECK(surfaces[surface].emplace(candidate.at("title").as_string(), count).second);
    }
  }
  CHECK(surfaces == by_definition(kilm::dataset::PreparedData(folder / "data"), made.paragraphs));
  CHECK(surfaces.contains("Nowhere"));
  CHECK(surfaces.contains("T5"));
  CHECK(make(folder, "").candidates == made.candidates);
}
