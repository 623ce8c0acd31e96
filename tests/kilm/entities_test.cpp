#include "kilm/corpus/entities.h"

#include <doctest/doctest.h>

#include "tensor/error.h"
#include "tests/kilm/folder.h"

using kilm::DescriptionSource;
using kilm::EntityFile;
using kilm::EntityTable;
using kilm::kNoEntity;

TEST_CASE("entities: redirects of redirects lead to the last page, circles to nowhere") {
  EntityTable table;
  CHECK(table.add_article("Rome"));
  CHECK(!table.add_article("Rome"));
  table.describe("Rome", "Capital of Italy", "Rome is a city.");
  CHECK(table.add_redirect("Roma", "Rome"));
  CHECK(!table.add_redirect("Roma", "Paris"));
  CHECK(!table.add_redirect("Rome", "Paris"));
  CHECK(table.add_redirect("Eternal City", "Roma"));
  CHECK(table.add_redirect("A", "B"));
  CHECK(table.add_redirect("B", "A"));
  CHECK(table.add_redirect("Lost", "Nowhere"));
  table.finish();
  REQUIRE(table.entities().size() == 1);
  CHECK(table.entities()[0].redirects == std::vector<std::string>{"Roma", "Eternal City"});
  for (const char* title : {"Rome", "Roma", "Eternal City"}) {
    CHECK(table.resolve(title).title == "Rome");
    CHECK(table.resolve(title).entity == 0);
  }
  for (const char* title : {"A", "B", "Nowhere"}) CHECK(table.resolve(title).entity == kNoEntity);
  CHECK(table.resolve("Lost").title == "Nowhere");
  CHECK(table.resolve("Unknown").title == "Unknown");
}

TEST_CASE("entities: a short description wins over the first sentence, and a page with neither is none") {
  EntityTable table;
  for (const char* title : {"Rome", "Paris", "Bar", "Empty", "List"}) table.add_article(title);
  table.describe("Rome", "Capital of Italy", "Rome is a city.");
  table.describe("Empty", "", "");
  table.describe("Bar", "", "Bar may refer to:");
  table.describe("Paris", "", "Paris is a city.");
  table.finish();
  REQUIRE(table.entities().size() == 2);
  CHECK(table.entities()[0].description == "Capital of Italy");
  CHECK(table.entities()[0].source == DescriptionSource::short_description);
  CHECK(table.entities()[1].title == "Paris");
  CHECK(table.entities()[1].description == "Paris is a city.");
  CHECK(table.entities()[1].source == DescriptionSource::first_sentence);
  CHECK(table.resolve("Paris").entity == 1);
  for (const char* title : {"Bar", "Empty", "List"}) CHECK(table.resolve(title).entity == kNoEntity);
}

TEST_CASE("entities: the file gives back what was written, and refuses broken records") {
  const Folder folder;
  const kilm::EntityRecord rome{"Rome", "Capital of Italy", DescriptionSource::first_sentence, {"Roma", "Caput mundi"}};
  kilm::RecordWriter writer(folder / "entities.kdt", kilm::RecordKind::entities);
  writer.add(to_record(rome, true));
  writer.add(kilm::to_record({"Paris", "", {}, {}}, false));
  const std::string record = kilm::to_record(rome, false);
  writer.add(record.substr(0, record.size() - 1));
  std::string flag = record;
  flag[4] = 2;
  writer.add(flag);
  writer.commit();
  const EntityFile file(folder / "entities.kdt");
  REQUIRE(file.size() == 4);
  CHECK(file.entity(0).title == "Rome");
  CHECK(file.entity(0).description == "Capital of Italy");
  CHECK(file.entity(0).source == DescriptionSource::first_sentence);
  CHECK(file.entity(0).held_out);
  CHECK(file.redirects(0) == std::vector<std::string_view>{"Roma", "Caput mundi"});
  CHECK(!file.entity(1).held_out);
  CHECK(file.redirects(1).empty());
  CHECK_THROWS_AS(file.redirects(2), tensor::DamagedInput);
  CHECK_THROWS_WITH_AS(file.entity(3),
                       (folder / "entities.kdt: entity 3: source 1 and held_out 2 should be 0 or 1").c_str(),
                       tensor::DamagedInput);
}

TEST_CASE("entities: an entity becomes a line of JSON") {
  CHECK(
      kilm::to_json_line({"Rome", "Capital of \"Italy\"", DescriptionSource::short_description, {"Roma", "R"}}, true) ==
      R"({"title": "Rome", "description": "Capital of \"Italy\"", "source": "short_description", )"
      R"("redirects": ["Roma", "R"], "held_out": true})"
      "\n");
  CHECK(kilm::to_json_line({"Rome", "City", DescriptionSource::first_sentence, {}}) ==
        "{\"title\": \"Rome\", \"description\": \"City\", \"source\": \"first_sentence\", \"redirects\": []}\n");
}
