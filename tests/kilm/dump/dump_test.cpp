#include "kilm/dump/dump.h"

#include <doctest/doctest.h>

#include "tensor/base/error.h"
#include "tests/kilm/folder.h"

using base::DamagedInput;
using kilm::dump::ByteSource;
using kilm::dump::Page;
using kilm::languages::SiteInfo;

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

Reading read(const std::string& xml, size_t most = 100,
             kilm::dump::TextPieces pieces = kilm::dump::TextPieces::joined) {
  const Folder folder;
  folder.write("dump.xml", xml);
  ByteSource source(folder / "dump.xml");
  Reading reading;
  try {
    kilm::dump::read_dump(source,
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

// A1-1 of docs/reference_faults.md, and more of its kind.
TEST_CASE("dump: spaced pieces have a space between them, wherever a buffer ends") {
  const std::string text = "&lt;ref name=&quot;x&quot;&gt;cite&lt;/ref&gt; a&amp;nbsp;b\nc]\n\n&#233;&#x20AC;d]]";
  const std::string spaced = "< ref name= \" x \" > cite < /ref >  a & nbsp;b \n c] \n \n é € d]]";
  const std::string xml = "<mediawiki>" + page("A &amp; B", text) + "</mediawiki>";
  const auto read_spaced = [](const std::string& bytes) {
    return read(bytes, 100, kilm::dump::TextPieces::spaced).pages;
  };
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

TEST_CASE("dump: UTF-8 with and without a byte order mark and UTF-16 in both orders are read") {
  const std::u16string wide =
      u"<mediawiki><page><title>K\u00E4se</title><revision><text>\u20AC \U0001D11E &amp; a"
      u"</text></revision></page></mediawiki>";
  const std::string xml =
      "<mediawiki><page><title>Käse</title><revision><text>€ 𝄞 &amp; a</text></revision></page>"
      "</mediawiki>";
  std::string little = "\xFF\xFE", big = "\xFE\xFF";
  for (const char16_t c : wide) {
    little += {char(c & 0xFF), char(c >> 8)};
    big += {char(c >> 8), char(c & 0xFF)};
  }
  const std::string declared = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n" + xml;
  for (const std::string& bytes : {xml, "\xEF\xBB\xBF" + xml, declared, "\xEF\xBB\xBF" + declared, little, big}) {
    const Reading reading = read(bytes);
    CHECK(reading.error == "");
    REQUIRE(reading.pages.size() == 1);
    CHECK(reading.pages[0].title == "Käse");
    CHECK(reading.pages[0].text == "€ 𝄞 & a");
    CHECK(read(bytes.substr(0, bytes.size() - 4)).pages.size() == 1);
    CHECK(read(bytes.substr(0, bytes.size() - 4)).error.ends_with("the file ends before </mediawiki>"));
  }
}

TEST_CASE("dump: a site has a name, a database, an address and a rule for titles") {
  const Reading reading = read(
      "<mediawiki><siteinfo><sitename>A &amp; B</sitename><dbname>dewiki</dbname><base>http://a.org/b</base>"
      "<case>case-sensitive</case></siteinfo></mediawiki>");
  REQUIRE(reading.sites.size() == 1);
  CHECK(reading.sites[0].name == "A & B");
  CHECK(reading.sites[0].database == "dewiki");
  CHECK(reading.sites[0].base == "http://a.org/b");
  CHECK(reading.sites[0].case_sensitive);
}

TEST_CASE("dump: the model of the last revision says whether a page is wikitext") {
  const auto wikitext = [](const std::string& revisions) {
    return read("<mediawiki><page><title>A</title>" + revisions + "</page></mediawiki>").pages.at(0).wikitext;
  };
  const std::string plain = "<revision><model>wikitext</model><format>text/x-wiki</format><text>a</text></revision>";
  const std::string json = "<revision><model>json</model><text>{}</text></revision>";
  CHECK(wikitext("<revision><text>a</text></revision>"));
  CHECK(wikitext(json + plain));
  CHECK_FALSE(wikitext(plain + json));
  CHECK_FALSE(wikitext("<revision><format>text/css</format><text>a</text></revision>"));
}

// What each version of the format brought. 0.3 has no <ns> and no <redirect>; 0.4 brought an empty <redirect>, 0.5
// <ns>, 0.6 its title, <sha1> and <parentid>. 0.8 brought <model> and <format>, 0.9 <dbname>, 0.11 more slots than the
// main one.
TEST_CASE("dump: exports of every version from 0.3 to 0.11 are read, the last revision counts") {
  for (int version = 3; version <= 11; ++version) {
    INFO(version);
    const auto from = [&](int first, const char* xml) { return version >= first ? std::string(xml) : std::string(); };
    const std::string schema = "http://www.mediawiki.org/xml/export-0." + std::to_string(version) + "/";
    const auto revision = [&](const std::string& text) {
      return "<revision><id>5</id>" + from(6, "<parentid>4</parentid>") +
             "<timestamp>2003-08-05T18:30:02Z</timestamp><contributor><username>A</username><id>77</id></contributor>"
             "<minor/><comment>a &lt;text&gt;</comment>" +
             from(11, "<origin>5</origin>") + from(8, "<model>wikitext</model><format>text/x-wiki</format>") +
             (version >= 11 ? "<text bytes=\"3\" sha1=\"x\" xml:space=\"preserve\">"
                            : "<text xml:space=\"preserve\">") +
             text + "</text>" + from(6, "<sha1>x</sha1>") +
             from(11,
                  "<content><role>mediainfo</role><origin>5</origin><model>x</model><format>json</format>"
                  "<text bytes=\"2\">{}</text></content>") +
             "</revision>";
    };
    const Reading reading =
        read("<mediawiki xmlns=\"" + schema +
             "\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
             "xsi:schemaLocation=\"" +
             schema + " " + schema + "export.xsd\" version=\"0." + std::to_string(version) +
             "\" xml:lang=\"de\"><siteinfo><sitename>W</sitename>" + from(9, "<dbname>dewiki</dbname>") +
             "<base>http://de.wikipedia.org/</base><generator>MediaWiki 1.12</generator><case>first-letter</case>"
             "<namespaces><namespace key=\"6\">Datei</namespace></namespaces></siteinfo>"
             "<page><title>A</title>" +
             from(5, "<ns>0</ns>") + "<id>12</id>" +
             (version == 4 || version == 5 ? "<redirect />" : from(6, "<redirect title=\"B\" />")) +
             "<restrictions>edit=sysop</restrictions>" + revision("old") + revision("new") + "</page></mediawiki>");
    CHECK(reading.error == "");
    REQUIRE(reading.pages.size() == 1);
    CHECK(reading.pages[0].title == "A");
    CHECK(reading.pages[0].id == 12);
    CHECK(reading.pages[0].ns == (version >= 5 ? std::optional<int64_t>(0) : std::nullopt));
    const std::optional<std::string> redirect = version == 3  ? std::nullopt
                                                : version < 6 ? std::optional<std::string>("")
                                                              : std::optional<std::string>("B");
    CHECK(reading.pages[0].redirect == redirect);
    CHECK(reading.pages[0].text == "new");
    REQUIRE(reading.sites.size() == 1);
    CHECK(reading.sites[0].language == "de");
    CHECK(reading.sites[0].namespaces == std::vector<std::pair<int64_t, std::string>>{{6, "Datei"}});
  }
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

TEST_CASE("dump: text that is not all text is refused, not shortened") {
  const auto error = [](const std::string& text) { return read("<mediawiki>\n" + page("A", text)).error; };
  CHECK(error("old<br /> and grey") == "line 2: <br> in the text of an element, where < should be written &lt;");
  CHECK(error("a\n<ref>b</ref>") == "line 3: <ref> in the text of an element, where < should be written &lt;");
  CHECK(error("a<?php x ?>b") == "line 2: <?php?> in the text of an element, where < should be written &lt;");
  CHECK(read("<mediawiki><page><title>A <i>b</i></title></page></mediawiki>").error ==
        "line 1: <i> in the text of an element, where < should be written &lt;");
  const Reading whole = read("<mediawiki><?x y?>" + page("A", "a<![CDATA[ <b>&amp; ]]>c") + "</mediawiki>");
  CHECK(whole.error == "");
  CHECK(whole.pages.at(0).text == "a <b>&amp; c");
}

TEST_CASE("dump: what occurs once is not taken from a second one") {
  const auto error = [](const std::string& inside) {
    return read("<mediawiki><page><title>A</title>" + inside + "</page></mediawiki>").error;
  };
  CHECK(error("<revision><text>a</text><text>b</text></revision>") == "line 1: a second <text> beside the first");
  CHECK(error("<revision><text>a</text><text/></revision>") == "line 1: a second <text> beside the first");
  CHECK(error("<revision><model>x</model><model>y</model></revision>") == "line 1: a second <model> beside the first");
  CHECK(error("<title>B</title>") == "line 1: a second <title> beside the first");
  CHECK(error("<ns>0</ns><ns>1</ns>") == "line 1: a second <ns> beside the first");
  CHECK(error("<id>1</id><id>1</id>") == "line 1: a second <id> beside the first");
  CHECK(error("<redirect title=\"B\"/><redirect title=\"C\"/>") == "line 1: a second <redirect> beside the first");
  CHECK(read("<mediawiki><siteinfo><base>a</base><base>b</base></siteinfo></mediawiki>").error ==
        "line 1: a second <base> beside the first");
  CHECK(error("<id>1</id><revision><id>2</id><contributor><id>3</id></contributor><comment/><comment/><text/>"
              "</revision><revision><text/></revision>") == "");
}

TEST_CASE("dump: a text of more than 8 MiB is let go, and the next page is read") {
  const std::string most(8 << 20, 'x'), more = most + "x";
  const std::string later = "<page><title>C</title><revision><text>" + more + "</text></revision><revision><text>c" +
                            "</text></revision></page>";
  const Reading reading = read("<mediawiki>" + page("A", more) + page("B", most) + later + "</mediawiki>");
  CHECK(reading.error == "");
  REQUIRE(reading.pages.size() == 3);
  CHECK(reading.pages[0].too_long);
  CHECK(reading.pages[0].text == "");
  CHECK(!reading.pages[1].too_long);
  CHECK(reading.pages[1].text.size() == most.size());
  CHECK(!reading.pages[2].too_long);
  CHECK(reading.pages[2].text == "c");
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
