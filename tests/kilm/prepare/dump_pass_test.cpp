#include "kilm/prepare/dump_pass.h"

#include <doctest/doctest.h>

#include "kilm/prepare/resolve.h"
#include "tensor/base/error.h"
#include "tensor/base/threads.h"
#include "tests/kilm/folder.h"
#include "tests/kilm/small_dump.h"

using kilm::prepare::CollectOptions;
using kilm::prepare::ScratchTables;

namespace {

std::vector<std::string> records(kilm::prepare::Spool& spool) {
  std::vector<std::string> all;
  spool.rewind();
  for (std::string_view record; spool.next(record);) all.emplace_back(record);
  return all;
}

// What collecting leaves, and what it comes to.
struct Collected {
  Collected(const Folder& folder, const CollectOptions& options) : collection(folder.path), material(folder.path) {
    kilm::prepare::collect(options, collection);
    kilm::prepare::resolve(collection, material);
  }
  ScratchTables collection;
  kilm::prepare::ResolvedData material;
  const kilm::prepare::CollectCounts& counts = material.counts;
};

}  // namespace

TEST_CASE("collect: pages become paragraphs, redirects and entities, and are counted") {
  const Folder folder;
  folder.write("dump.xml", small_dump());
  Collected all(folder, {.dumps = {folder / "dump.xml"}});
  CHECK(!all.collection.damage);
  CHECK(all.counts.pages == 87);
  CHECK(all.counts.articles == 42);
  CHECK(all.counts.redirects == 43);
  CHECK(all.counts.other_namespaces == 1);
  CHECK(all.counts.duplicates == 1);
  CHECK(all.counts.disambiguations == 1);
  CHECK(all.counts.paragraphs == 40 * 7 + 1);
  CHECK(all.counts.links == 40 * (1 + 5 * 3 + 1) + 1);
  CHECK(all.material.entities.records() == 40);
  const std::vector<std::string> paragraphs = records(all.material.paragraphs);
  REQUIRE(paragraphs.size() == 40 * 7 + 1);
  const kilm::dataset::StoredParagraph paragraph = kilm::dataset::parse_paragraph(paragraphs[1], "");
  CHECK(paragraph.page == 1);
  CHECK(paragraph.number == 1);
  CHECK(paragraph.article == "Thing 0");
  CHECK(paragraph.text == "In paragraph 2 thing 0 meets thing 4 and also thing 10, but never Nowhere at all.");
  REQUIRE(paragraph.links.size() == 3);
  CHECK(paragraph.links[0].title == "Thing 4");
  CHECK(kilm::dataset::parse_paragraph(paragraphs[6], "").section == "Later");
}

TEST_CASE("collect: options keep leads, or stop after some articles") {
  const Folder folder;
  folder.write("dump.xml", small_dump());
  const Collected lead(folder, {.dumps = {folder / "dump.xml"}, .lead = true});
  CHECK(lead.counts.paragraphs == 40 * 6 + 1);
  const Collected few(folder, {.dumps = {folder / "dump.xml"}, .max_articles = 3});
  CHECK(few.counts.articles == 3);
  CHECK(few.counts.paragraphs == 3 * 7);
}

TEST_CASE("collect: several dumps are one, and a title counts once") {
  const Folder folder;
  folder.write("a.xml", "<mediawiki>" + dump_page(1, "A", "The letter A is the first.") + "</mediawiki>");
  folder.write("b.xml", "<mediawiki>" + dump_page(2, "B", "The letter B comes after [[A]].") +
                            dump_page(3, "A", "Another text about A.") + "</mediawiki>");
  const Collected all(folder, {.dumps = {folder / "a.xml", folder / "b.xml"}});
  CHECK(all.counts.articles == 2);
  CHECK(all.counts.duplicates == 1);
  CHECK(all.counts.paragraphs == 2);
}

TEST_CASE("collect: where an old dump does not say the namespace, the title does") {
  const Folder folder;
  folder.write("old.xml",
               "<mediawiki><siteinfo><namespaces><namespace key=\"4\">Projekt</namespace></namespaces></siteinfo>"
               "<page><title>Projekt:A</title><revision><text>About the project itself.</text></revision></page>"
               "<page><title>Batman: Year One</title><revision><text>It is a story in four parts.</text></revision>"
               "</page></mediawiki>");
  const Collected all(folder, {.dumps = {folder / "old.xml"}});
  CHECK(all.counts.other_namespaces == 1);
  CHECK(all.counts.articles == 1);
}

TEST_CASE("collect: pages that are too long are counted and left out, in any namespace") {
  const Folder folder;
  const std::string text((8 << 20) + 1, 'x');
  folder.write("dump.xml", "<mediawiki>" + dump_page(1, "A", "The letter A is the first.") + dump_page(2, "B", text) +
                               "<page><title>Talk:B</title><ns>1</ns><revision><text>" + text +
                               "</text></revision></page>" + dump_page(3, "C", "The letter C comes after [[A]].") +
                               "</mediawiki>");
  const Collected all(folder, {.dumps = {folder / "dump.xml"}});
  CHECK(!all.collection.damage);
  CHECK(all.counts.pages == 4);
  CHECK(all.counts.too_long == 2);
  CHECK(all.counts.articles == 2);
  CHECK(all.counts.other_namespaces == 0);
  CHECK(all.counts.paragraphs == 2);
  CHECK(kilm::prepare::to_json(all.counts).at("too_long").as_int() == 2);
}

TEST_CASE("collect: what comes before damage is kept, and later dumps are not read") {
  const Folder folder;
  const std::string xml = small_dump();
  folder.write("cut.xml", xml.substr(0, xml.find("<title>Thing 10<")));
  folder.write("more.xml", "<mediawiki>" + dump_page(1, "A", "The letter A is the first.") + "</mediawiki>");
  const Collected all(folder, {.dumps = {folder / "cut.xml", folder / "more.xml"}});
  REQUIRE(all.collection.damage);
  CHECK(all.collection.damage->starts_with(folder / "cut.xml: line "));
  CHECK(all.collection.damage->ends_with(": the file ends before </mediawiki>"));
  CHECK(all.counts.articles == 10);
  CHECK(all.counts.paragraphs == 70);
  CHECK(all.material.entities.records() == 10);
}

TEST_CASE("collect: the number of threads changes nothing") {
  const Folder folder;
  folder.write("dump.xml", small_dump());
  const int before = base::threads();
  base::set_threads(1);
  Collected one(folder, {.dumps = {folder / "dump.xml"}});
  base::set_threads(4);
  Collected four(folder, {.dumps = {folder / "dump.xml"}});
  base::set_threads(before);
  CHECK(records(one.material.paragraphs) == records(four.material.paragraphs));
  CHECK(records(one.material.entities) == records(four.material.entities));
  CHECK(kilm::prepare::to_json(one.counts) == kilm::prepare::to_json(four.counts));
}

namespace {

// Returns the state after `n` savings; every page is one.
base::Json saved(const Folder& folder, CollectOptions options, int n) {
  struct Killed {};
  options.save_every = 1;
  ScratchTables collection(folder.path, {});
  base::Json state;
  const auto save = [&] {
    state = collection.save();
    if (--n == 0) throw Killed();
  };
  CHECK_THROWS_AS(kilm::prepare::collect(options, collection, save), Killed);
  return state;
}

}  // namespace

TEST_CASE("collect: ended after any page, it goes on and has the same in the end") {
  const Folder folder;
  folder.write("dump.xml", small_dump());
  folder.write("cut.xml", small_dump().substr(0, 3000));
  const CollectOptions both{.dumps = {folder / "dump.xml", folder / "cut.xml"}},
      few{.dumps = both.dumps, .max_articles = 30};
  for (const CollectOptions& options : {both, few}) {
    Collected whole(folder, options);
    for (int n = 1; n < 60; n += 2) {
      INFO("savings: " << n);
      ScratchTables collection(folder.path, saved(folder, options, n));
      kilm::prepare::ResolvedData material(folder.path);
      int savings = 0;
      kilm::prepare::collect(options, collection, [&] { ++savings; });
      CHECK(savings == 1);  // in the end; a page that was there before is no reason
      CHECK(collection.complete);
      kilm::prepare::collect({.dumps = {"/nowhere"}}, collection);  // needs no dump any more
      kilm::prepare::resolve(collection, material);
      CHECK(records(material.paragraphs) == records(whole.material.paragraphs));
      CHECK(records(material.entities) == records(whole.material.entities));
      CHECK(kilm::prepare::to_json(material.counts) == kilm::prepare::to_json(whole.counts));
      CHECK(collection.damage == whole.collection.damage);
    }
  }
}

TEST_CASE("collect: a dump that has other pages than before is refused") {
  const Folder folder;
  const std::string xml = small_dump();
  folder.write("dump.xml", xml);
  const CollectOptions options{.dumps = {folder / "dump.xml"}};
  const base::Json state = saved(folder, options, 20);
  const size_t early = xml.find("one of the things");
  std::string other = xml;
  other[early] = 'O';
  for (const std::string& text : {other, xml.substr(0, 3000) + "</text></revision></page></mediawiki>"}) {
    folder.write("dump.xml", text);
    ScratchTables collection(folder.path, state);
    CHECK_THROWS_WITH_AS(kilm::prepare::collect(options, collection),
                         doctest::Contains("does not begin with the pages"), base::UsageError);
  }
}

TEST_CASE("collect: a dump that cannot be opened is an error before any work") {
  const Folder folder;
  ScratchTables collection(folder.path);
  CHECK_THROWS_AS(kilm::prepare::collect({.dumps = {folder / "none.xml"}}, collection), base::Error);
}

TEST_CASE("collect: sentences end where the wiki's language ends them, in descriptions and around unknown templates") {
  struct Case {
    const char *language, *wikitext, *description, *paragraph;
  };
  for (const Case& c : {
           Case{"de", "'''Der 1. FC Bonn''' ist am 3. Mai dt. [[Verein]]. Er ist alt.",
                "Der 1. FC Bonn ist am 3. Mai dt. Verein.", "Der 1. FC Bonn ist am 3. Mai dt. Verein. Er ist alt."},
           Case{"de", "Sie wurde am 3. Mai {{Foo|1702}} in [[Bonn]] erbaut. Sie ist alt.", "", "Sie ist alt."},
           Case{"de", "Er kam z. B. mit Nr. 12, d. h. Otto, und {{Foo}}. Sie blieb. Er ging.", "",
                "Sie blieb. Er ging."},
           Case{"de", "Er sagte „Es ist gut. Sie ist {{Foo}}.“ Er ging. Sie kam.", "", "Er ging. Sie kam."},
           Case{"ru", "А. С. Пушкин в 1702 г. Петру построил {{Foo}} дом. Он стар. Он мал.", "", "Он стар. Он мал."},
           Case{"ru", "Построена Петром I. Высота её {{Foo}} метр. Она стара.", "Построена Петром I.",
                "Построена Петром I. Она стара."},
           Case{"pl", "W XVIII w. Kowalski kupił {{Foo}} dom. Jest stary.", "", "Jest stary."},
           Case{"fr", "Il vit en 50 av. J.-C. Paris avec {{Foo}} et MM. Dupont. Il est vieux.", "", "Il est vieux."},
           Case{"es", "Fue a EE. UU. Luego compró {{Foo}} en Roma. Es viejo.", "Fue a EE. UU.",
                "Fue a EE. UU. Es viejo."},
           Case{"it", "Il sig. Rossi e l'on. Bianchi e {{Foo}} stanno. È vecchio.", "", "È vecchio."},
           Case{"tr", "3. Mehmed {{Foo}} kent. Bu eski.", "", "Bu eski."},
           Case{"ja", "'''モーニング娘。'''は[[歌手]]である。新しい。", "モーニング娘。は歌手である。",
                "モーニング娘。は歌手である。新しい。"},
           Case{"ja", "彼は「良い。悪い{{Foo}}」と言った。古い。", "", "古い。"},
           Case{"zh", "这是{{Foo}}旧的．这是新的．", "", "这是新的．"},
           Case{"el", "Είναι {{Foo}} παλιός; Είναι νέος.", "", "Είναι νέος."},
           Case{"en", "He said \"It is fine. She is {{Foo}}.\" He left [[Rome]]. He came.", "",
                "He left Rome. He came."},
           Case{"en", "'''Vol. 1''' is an album by Foo feat. [[Bar]]. It is old.",
                "Vol. 1 is an album by Foo feat. Bar.", "Vol. 1 is an album by Foo feat. Bar. It is old."},
       }) {
    CAPTURE(c.wikitext);
    const Folder folder;
    folder.write("dump.xml", "<mediawiki xml:lang=\"" + std::string(c.language) + "\">" +
                                 dump_page(1, "Page", c.wikitext) + "</mediawiki>");
    Collected all(folder, {.dumps = {folder / "dump.xml"}});
    const std::vector<std::string> entities = records(all.material.entities);
    REQUIRE(entities.size() == (*c.description ? 1 : 0));  // a later sentence does not tell what the subject is
    if (*c.description) CHECK(kilm::dataset::parse_entity(entities[0], "").description == c.description);
    const std::vector<std::string> paragraphs = records(all.material.paragraphs);
    REQUIRE(paragraphs.size() == 1);
    CHECK(kilm::dataset::parse_paragraph(paragraphs[0], "").text == c.paragraph);
  }
}
