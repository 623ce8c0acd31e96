#include "kilm/languages/site.h"

#include <doctest/doctest.h>

#include "kilm/prepare/dump_pass.h"
#include "kilm/prepare/resolve.h"
#include "tests/kilm/folder.h"
#include "tests/kilm/small_dump.h"

using kilm::languages::FirstLetter;
using kilm::languages::Site;
using kilm::languages::site_of;
using kilm::languages::SiteInfo;

namespace {

// What preparation makes of a dump: paragraphs, links as "surface -> title" and entities as "title = description".
struct Outcome {
  std::vector<std::string> paragraphs, links, entities;
  kilm::prepare::CollectCounts counts;
};

Outcome outcome(const std::string& xml) {
  const Folder folder;
  folder.write("dump.xml", xml);
  kilm::prepare::ScratchTables collection(folder.path);
  kilm::prepare::ResolvedData material(folder.path);
  kilm::prepare::collect({.dumps = {folder / "dump.xml"}}, collection);
  kilm::prepare::resolve(collection, material);
  Outcome result;
  std::string_view record;
  for (material.paragraphs.rewind(); material.paragraphs.next(record);) {
    const kilm::dataset::StoredParagraph paragraph = kilm::dataset::parse_paragraph(record, "");
    result.paragraphs.emplace_back(paragraph.text);
    for (const kilm::dataset::StoredLink& link : paragraph.links)
      result.links.push_back(std::string(paragraph.text.substr(link.begin, link.end - link.begin)) + " -> " +
                             std::string(link.title));
  }
  for (material.entities.rewind(); material.entities.next(record);) {
    const kilm::dataset::EntityRecord entity = kilm::dataset::parse_entity(record, "");
    std::string line = entity.title + " = " + entity.description;
    for (const std::string& redirect : entity.redirects) line += " < " + redirect;
    result.entities.push_back(line);
  }
  result.counts = material.counts;
  return result;
}

std::string page_of_model(const std::string& title, const std::string& model, const std::string& format) {
  return "<page><title>" + title + "</title><ns>0</ns><revision><model>" + model + "</model><format>" + format +
         "</format><text>Some text of " + title + ". It has words.</text></revision></page>";
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("the language of a wiki is what the export says, or what its database or address is called") {
  CHECK(site_of({.language = "pt-BR"}).language == "pt");
  CHECK(site_of({.language = "no"}).language == "nb");
  CHECK(site_of({.database = "dewiki", .base = "https://fr.wikipedia.org/wiki/Accueil"}).language == "de");
  CHECK(site_of({.database = "zh_yuewiktionary"}).language == "zh");
  CHECK(site_of({.database = "simplewiki"}).language == "en");
  CHECK(site_of({.database = "nowiki"}).language == "nb");
  CHECK(site_of({.base = "https://is.wikipedia.org/wiki/Forsíða"}).language == "is");
  CHECK(site_of({.base = "https://mill.fandom.com/de/wiki/Start"}).language == "de");
  CHECK(site_of({.base = "http://mill.wikia.com/wiki/Main_Page"}).language == "en");
  for (const SiteInfo& unknown : {SiteInfo{.database = "commonswiki"}, SiteInfo{.base = "http://wiki.org/wiki/Start"},
                                  SiteInfo{.base = "https://www.mediawiki.org/wiki/MediaWiki"}, SiteInfo{}})
    CHECK(site_of(unknown).language.empty());
}

TEST_CASE("a site knows its name, its namespaces and what it does with the first letter of a title") {
  const Site site = site_of({.language = "de", .name = "Mühlenwiki", .namespaces = {{100, "Mühle"}}});
  CHECK(site.name == "Mühlenwiki");
  CHECK(site.namespaces.find("mühle") == 100);
  CHECK(site.namespaces.find("Benutzerin") == 2);
  CHECK(site.first_letter == FirstLetter::upper);
  CHECK(site_of({.language = "az"}).first_letter == FirstLetter::upper_turkic);
  CHECK(site_of({.language = "tr", .case_sensitive = true}).first_letter == FirstLetter::as_written);
}

TEST_CASE("where titles keep the case of their first letter, pages, links, redirects and entities do") {
  const Outcome wiki = outcome(
      "<mediawiki xml:lang=\"en\"><siteinfo><case>case-sensitive</case></siteinfo>" +
      dump_page(1, "polish", "To '''polish''' is to make smooth. It is a verb.") +
      dump_page(2, "Polish", "'''Polish''' is a language. It is a noun.") +
      dump_page(3, "shine", "#REDIRECT [[polish#Verb]]") + dump_page(4, "Shine", "#REDIRECT [[Polish]]") +
      dump_page(5, "wax", "Who has [[wax]] may [[polish]] and [[shine]], or [[Shine]] in [[Polish]]. It is soft.") +
      "</mediawiki>");
  CHECK(wiki.counts.duplicates == 0);
  CHECK(wiki.links ==
        Lines{"wax -> wax", "polish -> polish", "shine -> polish", "Shine -> Polish", "Polish -> Polish"});
  CHECK(wiki.entities == Lines{"polish = To polish is to make smooth. < shine",
                               "Polish = Polish is a language. < Shine",
                               "wax = Who has wax may polish and shine, or Shine in Polish."});
}

TEST_CASE("the case of the article namespace counts more than that of the wiki") {
  const auto duplicates = [](const std::string& of_wiki, const std::string& of_articles) {
    return outcome("<mediawiki><siteinfo><case>" + of_wiki + "</case><namespaces><namespace key=\"0\" case=\"" +
                   of_articles +
                   "\" /><namespace key=\"2\" case=\"first-letter\">User</namespace></namespaces></siteinfo>" +
                   dump_page(1, "a", "x") + dump_page(2, "A", "y") + "</mediawiki>")
        .counts.duplicates;
  };
  CHECK(duplicates("first-letter", "case-sensitive") == 0);
  CHECK(duplicates("case-sensitive", "first-letter") == 1);
}

TEST_CASE("Turkic wikis begin titles with a dotted capital") {
  const Outcome wiki = outcome("<mediawiki xml:lang=\"az\">" + dump_page(1, "İncir", "'''İncir''' bir meyvədir. Ağ.") +
                               dump_page(2, "ırmaq", "#REDIRECT [[incir]]") +
                               dump_page(3, "Bağ", "Bağda [[incir]] və [[ırmaq]] var. Ağ.") + "</mediawiki>");
  CHECK(wiki.links == Lines{"incir -> İncir", "ırmaq -> İncir"});
  CHECK(wiki.entities[0] == "İncir = İncir bir meyvədir. < Irmaq");
}

TEST_CASE("pages that are no wikitext are no articles, and are counted") {
  const Outcome wiki =
      outcome("<mediawiki>" + page_of_model("Q1", "wikibase-item", "application/json") +
              page_of_model("A.css", "css", "text/css") + page_of_model("M", "Scribunto", "text/plain") +
              page_of_model("J", "", "application/json") + page_of_model("Mill", "wikitext", "text/x-wiki") +
              page_of_model("Oven", "", "") + dump_page(9, "Old", "No model. No format.") + "</mediawiki>");
  CHECK(wiki.paragraphs ==
        Lines{"Some text of Mill. It has words.", "Some text of Oven. It has words.", "No model. No format."});
  CHECK(wiki.counts.pages == 7);
  CHECK(wiki.counts.other_models == 4);
  CHECK(wiki.counts.articles == 3);
  CHECK(kilm::prepare::to_json(wiki.counts).at("other_models").as_int() == 4);
}

TEST_CASE("captions of files are no text under any name of the namespace") {
  for (const char* name :
       {"Billede", "Bilde", "Attēls", "Imagen", "Kuva", "Слика", "Պատկեր", "تصویر", "ఫైలు", "ဖိုင်", "画像", "image"}) {
    CAPTURE(name);
    const std::string page = "[[" + std::string(name) + ":A.jpg|thumb|A caption.]]\nThe text. Ok.";
    CHECK(outcome("<mediawiki xml:lang=\"en\">" + dump_page(1, "A", page) + "</mediawiki>").paragraphs ==
          Lines{"The text. Ok."});
  }
}
