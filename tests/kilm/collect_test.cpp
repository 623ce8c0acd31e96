#include "kilm/corpus/collect.h"

#include <doctest/doctest.h>

#include <omp.h>

#include "tensor/error.h"
#include "tests/kilm/folder.h"
#include "tests/kilm/small_dump.h"

using kilm::Collection;
using kilm::CollectOptions;

namespace {

std::vector<std::string> records(Collection& collection) {
  std::vector<std::string> all;
  std::string record;
  collection.paragraphs.rewind();
  while (collection.paragraphs.next(record)) all.push_back(record);
  return all;
}

}  // namespace

TEST_CASE("collect: pages become paragraphs, redirects and entities, and are counted") {
  const Folder folder;
  folder.write("dump.xml", small_dump());
  Collection collection(folder.path);
  collect({.dumps = {folder / "dump.xml"}}, collection);
  CHECK(!collection.damage);
  CHECK(collection.counts.pages == 87);
  CHECK(collection.counts.articles == 42);
  CHECK(collection.counts.redirects == 43);
  CHECK(collection.counts.other_namespaces == 1);
  CHECK(collection.counts.duplicates == 1);
  CHECK(collection.counts.disambiguations == 1);
  CHECK(collection.counts.paragraphs == 40 * 7 + 1);
  CHECK(collection.counts.links == 40 * (1 + 5 * 3 + 1) + 1);
  CHECK(collection.entities.entities().size() == 40);
  CHECK(collection.entities.resolve("Tee").title == "Thing 3");
  const std::vector<std::string> all = records(collection);
  REQUIRE(all.size() == 40 * 7 + 1);
  const kilm::StoredParagraph paragraph = kilm::parse_paragraph(all[1], "");
  CHECK(paragraph.page == 1);
  CHECK(paragraph.number == 1);
  CHECK(paragraph.article == "Thing 0");
  CHECK(paragraph.text == "In paragraph 2 thing 0 meets thing 4 and also thing 10, but never Nowhere at all.");
  REQUIRE(paragraph.links.size() == 3);
  CHECK(paragraph.links[0].title == "Thing 4");
  CHECK(kilm::parse_paragraph(all[6], "").section == "Later");
}

TEST_CASE("collect: what is left out is told by kind, with a page and the share of clean paragraphs") {
  const Folder folder;
  const auto page = [](std::string title, std::string text) {
    return "<page><title>" + title + "</title><ns>0</ns><id>1</id><revision><text>" + text +
           "</text></revision></page>";
  };
  folder.write("dump.xml", "<mediawiki>" + page("A", "One.") +
                               page("B", "Two {{foo}} is. Three.\n* a\n\nFour || five.") +
                               page("C", "* b\n* c\n\nSix.") + "</mediawiki>");
  Collection collection(folder.path);
  collect({.dumps = {folder / "dump.xml"}}, collection);
  const tensor::Json json = to_json(collection.counts);
  CHECK(json.at("clean_share").as_number() == 0.75);
  CHECK(json.at("with_markup").dump() == R"({"count": 1, "page": "B"})");
  CHECK(json.at("left_out").dump() ==
        R"({"template": {"count": 1, "page": "B"}, "list_item": {"count": 3, "page": "B"}, )"
        R"("sentence": {"count": 1, "page": "B"}})");
  CHECK(json.at("unknown_templates").dump() == R"({"foo": {"count": 1, "page": "B"}})");
}

TEST_CASE("collect: options keep leads, or stop after some articles") {
  const Folder folder;
  folder.write("dump.xml", small_dump());
  Collection lead(folder.path), few(folder.path);
  collect({.dumps = {folder / "dump.xml"}, .lead = true}, lead);
  CHECK(lead.counts.paragraphs == 40 * 6 + 1);
  collect({.dumps = {folder / "dump.xml"}, .max_articles = 3}, few);
  CHECK(few.counts.articles == 3);
  CHECK(few.counts.paragraphs == 3 * 7);
}

TEST_CASE("collect: several dumps are one, and a title counts once") {
  const Folder folder;
  folder.write("a.xml", "<mediawiki>" + dump_page(1, "A", "The letter A is the first.") + "</mediawiki>");
  folder.write("b.xml", "<mediawiki>" + dump_page(2, "B", "The letter B comes after [[A]].") +
                            dump_page(3, "A", "Another text about A.") + "</mediawiki>");
  Collection collection(folder.path);
  collect({.dumps = {folder / "a.xml", folder / "b.xml"}}, collection);
  CHECK(collection.counts.articles == 2);
  CHECK(collection.counts.duplicates == 1);
  CHECK(collection.counts.paragraphs == 2);
}

TEST_CASE("collect: where an old dump does not say the namespace, the title does") {
  const Folder folder;
  folder.write("old.xml",
               "<mediawiki><siteinfo><namespaces><namespace key=\"4\">Projekt</namespace></namespaces></siteinfo>"
               "<page><title>Projekt:A</title><revision><text>About the project itself.</text></revision></page>"
               "<page><title>Batman: Year One</title><revision><text>It is a story in four parts.</text></revision>"
               "</page></mediawiki>");
  Collection collection(folder.path);
  collect({.dumps = {folder / "old.xml"}}, collection);
  CHECK(collection.counts.other_namespaces == 1);
  CHECK(collection.counts.articles == 1);
}

TEST_CASE("collect: what comes before damage is kept, and later dumps are not read") {
  const Folder folder;
  const std::string xml = small_dump();
  folder.write("cut.xml", xml.substr(0, xml.find("<title>Thing 10<")));
  folder.write("more.xml", "<mediawiki>" + dump_page(1, "A", "The letter A is the first.") + "</mediawiki>");
  Collection collection(folder.path);
  collect({.dumps = {folder / "cut.xml", folder / "more.xml"}}, collection);
  REQUIRE(collection.damage);
  CHECK(collection.damage->starts_with(folder / "cut.xml: line "));
  CHECK(collection.damage->ends_with(": the file ends before </mediawiki>"));
  CHECK(collection.counts.articles == 10);
  CHECK(collection.counts.paragraphs == 70);
  CHECK(collection.entities.entities().size() == 10);
}

TEST_CASE("collect: the number of threads changes nothing") {
  const Folder folder;
  folder.write("dump.xml", small_dump());
  const int before = omp_get_max_threads();
  Collection one(folder.path), four(folder.path);
  omp_set_num_threads(1);
  collect({.dumps = {folder / "dump.xml"}}, one);
  omp_set_num_threads(4);
  collect({.dumps = {folder / "dump.xml"}}, four);
  omp_set_num_threads(before);
  CHECK(records(one) == records(four));
  CHECK(to_json(one.counts) == to_json(four.counts));
}

TEST_CASE("collect: a dump that cannot be opened is an error before any work") {
  const Folder folder;
  Collection collection(folder.path);
  CHECK_THROWS_AS(collect({.dumps = {folder / "none.xml"}}, collection), tensor::Error);
}
