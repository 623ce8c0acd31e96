#include "kilm/corpus/dump.h"

#include <doctest/doctest.h>

#include "tensor/error.h"
#include "tests/kilm/folder.h"

using kilm::ByteSource;
using kilm::Page;
using kilm::SiteInfo;
using tensor::DamagedInput;

namespace {

constexpr const char* kHead = R"(<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.10/" xml:lang="de">
  <siteinfo>
    <sitename>Wikipedia</sitename>
    <namespaces>
      <namespace key="-2" case="first-letter">Medium</namespace>
      <namespace key="0" case="first-letter" />
      <namespace key="6" case="first-letter">Datei</namespace>
    </namespaces>
  </siteinfo>
)";

std::string page(const std::string& title, const std::string& text) {
  return "<page><title>" + title + "</title><ns>0</ns><id>7</id><revision><id>99</id><text>" + text +
         "</text></revision></page>\n";
}

struct Reading {
  std::vector<Page> pages;
  std::vector<SiteInfo> sites;
  std::string error;  // without the path
};

Reading read(const std::string& xml, size_t most = 100, kilm::TextPieces pieces = kilm::TextPieces::joined) {
  const Folder folder;
  folder.write("dump.xml", xml);
  ByteSource source(folder / "dump.xml");
  Reading reading;
  try {
    read_dump(source,
              {.site = [&](const SiteInfo& site) { reading.sites.push_back(site); },
               .page =
                   [&](Page&& page) {
                     reading.pages.push_back(std::move(page));
                     return reading.pages.size() < most;
                   }},
              pieces);
  } catch (const DamagedInput& error) {
    const std::string place = folder / "dump.xml: ";
    reading.error = error.what();
    REQUIRE(reading.error.starts_with(place));
    reading.error = reading.error.substr(place.size());
  }
  return reading;
}

}  // namespace

TEST_CASE("dump: pages come with id, title, namespace, redirect and the text of the last revision") {
  const Reading reading = read(std::string(kHead) + R"(
  <page>
    <title>Käse &amp; Brot</title>
    <ns>0</ns>
    <id>12</id>
    <revision><id>5</id><contributor><id>77</id></contributor><text xml:space="preserve">old</text></revision>
    <revision><id>6</id><text>new &lt;ref name=&quot;x&quot;&gt;a&amp;nbsp;b&lt;/ref&gt;
line two</text></revision>
  </page>
  <page>
    <title>Brot und Käse</title><ns>0</ns><id>13</id>
    <redirect title="Käse &amp; Brot" />
    <revision><text/></revision>
  </page>
  <page><title>Old</title><revision><text>x</text></revision></page>
</mediawiki>)");
  CHECK(reading.error == "");
  REQUIRE(reading.pages.size() == 3);
  CHECK(reading.pages[0].id == 12);
  CHECK(reading.pages[0].ns == 0);
  CHECK(reading.pages[0].title == "Käse & Brot");
  CHECK(!reading.pages[0].redirect);
  // Pieces between entities and at line ends belong together, with nothing between them.
  CHECK(reading.pages[0].text == "new <ref name=\"x\">a&nbsp;b</ref>\nline two");
  CHECK(reading.pages[1].redirect == "Käse & Brot");
  CHECK(reading.pages[1].text == "");
  CHECK(!reading.pages[2].ns);
  CHECK(reading.pages[2].id == 0);
  REQUIRE(reading.sites.size() == 1);
  CHECK(reading.sites[0].language == "de");
  CHECK(reading.sites[0].namespaces ==
        std::vector<std::pair<int64_t, std::string>>{{-2, "Medium"}, {0, ""}, {6, "Datei"}});
}

// Spec A1-1, with its examples.
TEST_CASE("dump: spaced pieces have a space between them, wherever a buffer ends") {
  const std::string text = "&lt;ref name=&quot;x&quot;&gt;cite&lt;/ref&gt; a&amp;nbsp;b\nc]\n\n&#233;&#x20AC;d]]";
  const std::string spaced = "< ref name= \" x \" > cite < /ref >  a & nbsp;b \n c] \n \n é € d]]";
  const std::string xml = "<mediawiki>" + page("A &amp; B", text) + "</mediawiki>";
  const auto read_spaced = [](const std::string& bytes) { return read(bytes, 100, kilm::TextPieces::spaced).pages; };
  CHECK(read_spaced(xml).at(0).title == "A  &  B");
  CHECK(read_spaced(xml).at(0).text == spaced);
  for (size_t end = 0; end < xml.size(); ++end) {  // of the first buffer of 64 KiB
    const std::string comment = "<!--" + std::string((64 << 10) - 18 - end, ' ') + "-->";
    REQUIRE(read_spaced("<mediawiki>" + comment + xml.substr(11)).at(0).text == spaced);
  }
  CHECK(read_spaced("<mediawiki>" + page("B", std::string(200'000, 'x')) + "</mediawiki>").at(0).text ==
        std::string(200'000, 'x'));
  std::string wide = "\xFF\xFE";
  for (const char c : xml) wide += {c, '\0'};
  CHECK(read_spaced(wide).at(0).text == spaced);
}

TEST_CASE("dump: reading stops when it is told to") {
  std::string xml = kHead;
  for (int i = 0; i < 10; ++i) xml += page("A" + std::to_string(i), "text");
  CHECK(read(xml, 3).pages.size() == 3);
  CHECK(read(xml, 3).error == "");
}

TEST_CASE("dump: a dump without site information still reports its site once") {
  const Reading reading = read("<mediawiki>" + page("A", "a") + page("B", "b") + "</mediawiki>");
  CHECK(reading.pages.size() == 2);
  REQUIRE(reading.sites.size() == 1);
  CHECK(reading.sites[0].namespaces.empty());
  CHECK(read("<mediawiki></mediawiki>").sites.size() == 1);
}

TEST_CASE("dump: a byte order mark and UTF-16 are read") {
  const std::string xml = "<mediawiki>" + page("A", "a") + "</mediawiki>";
  CHECK(read("\xEF\xBB\xBF" + xml).pages.size() == 1);
  std::string wide = "\xFF\xFE";
  for (const char c : xml) wide += {c, '\0'};
  CHECK(read(wide).pages.size() == 1);
}

TEST_CASE("dump: pages before a cut come out, then the line of the cut") {
  const std::string xml = kHead + page("A", "a") + page("B", "b") + "</mediawiki>\n";
  for (size_t size = 0; size + 2 < xml.size(); ++size) {
    const Reading reading = read(xml.substr(0, size));
    REQUIRE(reading.error.starts_with("line "));
    const size_t whole = size >= xml.find("</mediawiki>") ? 2 : size >= xml.find("<title>B") ? 1 : 0;
    REQUIRE(reading.pages.size() >= whole);
  }
  CHECK(read(xml.substr(0, xml.find("b</text>"))).error == "line 11: the file ends before </mediawiki>");
  CHECK(read("").error == "line 1: not well-formed XML: no element found");
}

TEST_CASE("dump: what is not a MediaWiki export is refused") {
  CHECK(read("<html></html>").error == "line 1: is no MediaWiki export: its root is <html>");
  CHECK(read("hello").error == "line 1: not well-formed XML: syntax error");
  CHECK(read("<mediawiki>\n<page></mediawiki>").error == "line 2: not well-formed XML: mismatched tag");
  CHECK(read("<mediawiki>\n<page></page></mediawiki>").error == "line 2: a page has no title");
  CHECK(read("<mediawiki>\n<page><id>x7</id></page></mediawiki>").error ==
        "line 2: <id> should be a number and is \"x7\"");
  CHECK(read("<mediawiki><page><title>A</title><ns></ns></page></mediawiki>").error ==
        "line 1: <ns> should be a number and is \"\"");
  CHECK(read("<mediawiki>\xff</mediawiki>").error == "line 1: not well-formed XML: not well-formed (invalid token)");
}

TEST_CASE("dump: document types are refused before they can define anything") {
  std::string bomb = "<?xml version=\"1.0\"?>\n<!DOCTYPE mediawiki [\n<!ENTITY a \"aaaaaaaaaa\">\n";
  for (char c = 'b'; c < 'k'; ++c)
    bomb += std::string("<!ENTITY ") + c + " \"" + std::string(10, '&').replace(0, 10, [&] {
      std::string ten;
      for (int i = 0; i < 10; ++i) ten += std::string("&") + char(c - 1) + ";";
      return ten;
    }()) + "\">\n";
  bomb += "]>\n<mediawiki><page><title>&j;</title></page></mediawiki>";
  CHECK(read(bomb).error == "line 2: declares a document type, which no MediaWiki export does");
  CHECK(read("<!DOCTYPE x SYSTEM \"/etc/passwd\"><mediawiki/>").error ==
        "line 1: declares a document type, which no MediaWiki export does");
}

TEST_CASE("dump: nesting, tags and texts without end are refused in bounded memory") {
  std::string deep = "<mediawiki>";
  for (int i = 0; i < 100000; ++i) deep += "<a>";
  CHECK(read(deep).error == "line 1: elements are nested deeper than 32 levels");
  CHECK(read("<mediawiki><page a=\"" + std::string(3 << 20, 'x')).error == "line 1: a tag does not end within 1 MiB");
  CHECK(read("<mediawiki><page><title>" + std::string(9 << 20, 'x')).error ==
        "line 1: an element holds more than 8 MiB of text");
}
