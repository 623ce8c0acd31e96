#include "kilm/prepare/resolve.h"

#include <doctest/doctest.h>

#include <csignal>
#include <map>

#include "kilm/job/stop_signal.h"
#include "tests/kilm/folder.h"
#include "tests/kilm/small_dump.h"

using kilm::dataset::EntityRecord;
using kilm::prepare::ResolvedData;
using kilm::prepare::ScratchTables;

namespace {

std::string article(const std::string& title, const std::string& description, const std::string& text) {
  return dump_page(1, title, "{{Short description|" + description + "}}\n" + text);
}

std::string redirect(const std::string& from, const std::string& to) {
  return dump_page(1, from, "#REDIRECT [[" + to + "]]");
}

// A dump of some pages, joined.
struct Joined {
  explicit Joined(const std::string& pages, bool reference = false) : collection(folder.path), material(folder.path) {
    folder.write("dump.xml", "<mediawiki>" + pages + "</mediawiki>");
    kilm::prepare::collect({.dumps = {folder / "dump.xml"}}, collection);
    kilm::prepare::resolve(collection, material, reference);
  }
  std::vector<EntityRecord> entities() {
    std::vector<EntityRecord> all;
    material.entities.rewind();
    for (std::string_view record; material.entities.next(record);)
      all.push_back(kilm::dataset::parse_entity(record, ""));
    return all;
  }
  struct Link {
    std::string title, redirect;
    uint32_t entity;
    bool operator==(const Link&) const = default;
  };
  // Returns the links of all paragraphs, by the title of the article.
  std::map<std::string, std::vector<Link>> links() {
    std::map<std::string, std::vector<Link>> all;
    material.paragraphs.rewind();
    for (std::string_view record; material.paragraphs.next(record);) {
      const kilm::dataset::StoredParagraph paragraph = kilm::dataset::parse_paragraph(record, "");
      std::vector<Link>& of_article = all[std::string(paragraph.article)];
      for (const kilm::dataset::StoredLink& link : paragraph.links)
        of_article.push_back({std::string(link.title), std::string(link.redirect), link.entity});
    }
    return all;
  }
  Folder folder;
  ScratchTables collection;
  ResolvedData material;
};

constexpr uint32_t kNobody = kilm::dataset::kNoEntity;

}  // namespace

TEST_CASE("resolve: links go to entities, through redirects of redirects, forwards and backwards") {
  Joined joined(redirect("Late", "Later") + article("End", "The end", "'''End''' is [[late|where]] [[Start]] goes.") +
                article("Other", "Another", "This mentions [[Later]], [[end|it]], [[Nowhere]] and [[Lost]].") +
                redirect("Later", "End#Part") + redirect("Lost", "Nowhere"));
  const std::vector<EntityRecord> entities = joined.entities();
  REQUIRE(entities.size() == 2);
  CHECK(entities[0].title == "End");
  CHECK(entities[0].redirects == std::vector<std::string>{"Late", "Later"});
  CHECK(entities[1].redirects.empty());
  auto links = joined.links();
  CHECK(links["End"] == std::vector<Joined::Link>{{"End", "Late", 0}, {"Start", "", kNobody}});
  CHECK(links["Other"] ==
        std::vector<Joined::Link>{
            {"End", "Later", 0}, {"End", "", 0}, {"Nowhere", "", kNobody}, {"Nowhere", "Lost", kNobody}});
  CHECK(joined.material.mentioned == std::vector<bool>{true, false});
}

TEST_CASE("resolve: seven redirects are followed, longer chains and circles are not") {
  std::string pages = article("End", "The end", "'''End''' is here.");
  std::string text = "Here are";
  const auto chain = [](int i) { return "R" + std::to_string(i); };
  for (int i = 9; i > 0; --i) pages += redirect(chain(i), i == 1 ? "End" : chain(i - 1));
  for (const char* title : {"R1", "R7", "R8", "R9", "Round", "Self", "Empty", "To empty"})
    text += " [[" + std::string(title) + "|one]]";
  pages += redirect("Round", "Circle") + redirect("Circle", "Round") + redirect("Self", "Self");
  pages += redirect("Empty", "#here") + redirect("To empty", "Empty") + dump_page(2, "List of things", text + " and.");
  Joined joined(pages);
  CHECK(joined.links()["List of things"] == std::vector<Joined::Link>{{"End", "R1", 0},
                                                                      {"End", "R7", 0},
                                                                      {"R8", "", kNobody},
                                                                      {"R9", "", kNobody},
                                                                      {"Round", "", kNobody},
                                                                      {"Self", "", kNobody},
                                                                      {"Empty", "", kNobody},
                                                                      {"Empty", "To empty", kNobody}});
  CHECK(joined.entities()[0].redirects.size() == 7);
}

TEST_CASE("resolve: of pages of one title the first counts, and nothing of the others") {
  Joined joined(article("A", "The first", "First of all, '''A''' is [[B|a link]].") + redirect("B", "A") +
                dump_page(1, "A", "A second page has [[A]] and {{some unknown template}} in it.") +
                article("B", "No redirect", "Another B with [[A]].") + redirect("A", "B"));
  CHECK(joined.material.counts.articles == 1);
  CHECK(joined.material.counts.redirects == 1);
  CHECK(joined.material.counts.duplicates == 3);
  CHECK(joined.material.counts.paragraphs == 1);
  CHECK(joined.material.counts.links == 1);
  CHECK(joined.material.counts.omissions.templates.empty());
  REQUIRE(joined.entities().size() == 1);
  CHECK(joined.entities()[0].description == "The first");
  CHECK(joined.links().size() == 1);
  CHECK(joined.links()["A"] == std::vector<Joined::Link>{{"A", "B", 0}});
}

TEST_CASE("resolve: as the reference, a description in pieces is the rarest one of all descriptions") {
  const auto caption = [](const char* title, const std::string& text) {
    return article(title, text, "A paragraph is here.");
  };
  const std::string bar = "&lt;nowiki>|&lt;/nowiki>";
  const std::string pages = caption("X", "by Goya" + bar + "thumb" + bar + "A house") +
                            caption("Y", "by Goya" + bar + "A garden" + bar + "left") +
                            caption("Z", "thumb" + bar + "left");
  const std::vector<EntityRecord> entities = Joined(pages, true).entities();
  REQUIRE(entities.size() == 2);
  CHECK(entities[0].description == "A house");
  CHECK(entities[1].description == "A garden");
  const std::vector<EntityRecord> whole = Joined(pages).entities();
  REQUIRE(whole.size() == 3);
  CHECK(whole[1].description == "by Goya|A garden|left");
}

TEST_CASE("resolve: of templates that are not known the twenty most frequent are named") {
  std::string pages;
  for (int i = 0; i < 25; ++i)
    for (int k = 0; k <= i % 24; ++k) {
      const std::string n = std::to_string(i);
      pages += dump_page(1, "P" + n + " " + std::to_string(k), "A text with {{unheard of " + n + "|x}} in its middle.");
    }
  Joined joined(pages);
  const auto& templates = joined.material.counts.omissions.templates;
  CHECK(templates.size() == 20);
  CHECK(templates.begin()->second.count == 11);
  CHECK(templates.rbegin()->second.count == 10);
}

TEST_CASE("resolve: what is left out is told by kind, with a page and the share of clean paragraphs") {
  Joined joined(dump_page(1, "A", "One.") + dump_page(2, "B", "Two {{foo}} is. Three.\n* a\n\nFour || five.") +
                dump_page(3, "C", "* b\n* c\n\nSix {{foo}} or so."));
  const base::Json json = kilm::prepare::to_json(joined.material.counts);
  CHECK(json.at("clean_share").as_number() == doctest::Approx(2.0 / 3));
  CHECK(json.at("with_markup").dump() == R"({"count": 1, "page": "B"})");
  CHECK(json.at("left_out").dump() ==
        R"({"template": {"count": 2, "page": "B"}, "list_item": {"count": 3, "page": "B"}, )"
        R"("sentence": {"count": 2, "page": "B"}})");
  CHECK(json.at("unknown_templates").dump() == R"({"foo": {"count": 2, "page": "B"}})");
}

TEST_CASE("resolve: a signal ends it") {
  Joined joined(article("A", "The first", "First of all, '''A''' is [[B|a link]]."));
  const kilm::job::StopSignal signal;
  raise(SIGTERM);
  ResolvedData material(joined.folder.path);
  CHECK_THROWS_AS(kilm::prepare::resolve(joined.collection, material), kilm::job::StopRequested);
}
