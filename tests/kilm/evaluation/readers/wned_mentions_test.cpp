#include <doctest/doctest.h>

#include "tests/kilm/folder.h"
#include "tests/kilm/read_mentions.h"

using kilm::evaluation::MentionFormat;

namespace {

std::string annotation(const std::string& mention, const std::string& title, const std::string& offset) {
  return "<annotation>\n<mention>" + mention + "</mention><wikiName>" + title + "</wikiName><offset>" + offset +
         "</offset><length>1</length></annotation>\n";
}

// A set with one document, one.txt.
std::string set_of(const std::string& annotations) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<set.entityAnnotation>\n<document docName=\"one.txt\">\n" +
         annotations + "</document>\n</set.entityAnnotation>\n";
}

struct Texts : Folder {
  Texts() {
    std::filesystem::create_directories(path / "RawText");
    write("RawText/one.txt", "Né à Köln: AT&T and Köln, again Köln.");
  }
  std::string damage(const std::string& xml) const {
    write("set.xml", xml);
    return tests::damage_of(*this / "set.xml", MentionFormat::wned);
  }
};

}  // namespace

TEST_CASE("mentions of wned: the occurrence that is nearest to the offset in characters") {
  const Texts folder;
  folder.write("set.xml", set_of(annotation("Köln", "köln", "5") + annotation("AT&amp;T", "AT&amp;T", " 11 ") +
                                 annotation("Köln", "NIL", "30") + annotation("Köln", "", "26") +
                                 annotation("Bonn", "Bonn", "5") + annotation("Né", "N", "9999999999")));
  const auto reader = kilm::evaluation::open_mentions(folder / "set.xml", MentionFormat::wned);
  std::vector<std::string> lines;
  while (const auto item = reader->next()) lines.push_back(tests::line_of(*item));
  CHECK(lines == std::vector<std::string>{"0 one.txt Né à [Köln]: AT&T and Köln, again Köln. -> Köln",
                                          "1 one.txt Né à Köln: [AT&T] and Köln, again Köln. -> AT&T",
                                          "2 one.txt Né à Köln: AT&T and Köln, again [Köln]. -> null",
                                          "3 one.txt Né à Köln: AT&T and [Köln], again Köln. -> null"});
  CHECK(reader->skipped().count == 2);
  CHECK(reader->skipped().first ==
        folder / "set.xml" + ": document one.txt: \"Bonn\" does not stand near character 5 of its text");
}

TEST_CASE("mentions of wned: a mention is looked for within 100 characters, the earlier of two that are as near") {
  const Texts folder;
  folder.write("RawText/one.txt", "A" + std::string(100, '-') + "B" + std::string(100, '-') + "A");
  folder.write("set.xml", set_of(annotation("A", "A", "100") + annotation("A", "A", "101") +
                                 annotation("A", "A", "302") + annotation("A", "A", "303")));
  const auto reader = kilm::evaluation::open_mentions(folder / "set.xml", MentionFormat::wned);
  for (const int64_t place : {0, 202}) CHECK(reader->next()->start == place);
  CHECK(!reader->next());
  CHECK(reader->skipped().count == 2);
}

TEST_CASE("mentions of wned: texts are where --texts says, and documents without annotations need none") {
  const Texts folder;
  folder.write("set.xml",
               "<s><document docName=\"none\"></document><document docName=\"one.txt\"><other><mention/></other>" +
                   annotation("Né", "N", "0") + "</document></s>");
  CHECK(tests::read_mentions(folder / "set.xml", MentionFormat::wned, folder / "RawText").size() == 1);
  CHECK(tests::read_mentions(folder / "set.xml", MentionFormat::wned).size() == 1);
}

TEST_CASE("mentions of wned: damage is named with its line or document") {
  const Texts folder;
  const std::string good = annotation("Né", "N", "0"), file = folder / "set.xml";
  CHECK(folder.damage(set_of(good)) == "nothing");
  CHECK(folder.damage(set_of(good).substr(0, 150)).ends_with(": the file ends before </set.entityAnnotation>"));
  CHECK(folder.damage(set_of("<a></b>")).starts_with(file + ": line 4: not well-formed XML: "));
  CHECK(folder.damage(set_of(annotation("", "N", "0"))) == file + ": line 5: <mention> should not be empty");
  CHECK(folder.damage(set_of(annotation("Né", "N", "x"))).find("<offset> should be a number") != std::string::npos);
  CHECK(folder.damage(set_of(annotation("Né", "N", "-1"))).find("<offset> should be a number") != std::string::npos);
  CHECK(folder.damage(set_of(annotation("Né", "_", "0"))) == file + ": line 5: a title should not be empty");
  CHECK(folder.damage(set_of(annotation("N<b/>é", "N", "0"))).find("<b> in the text of <mention>") !=
        std::string::npos);
  CHECK(folder.damage(set_of("<annotation><mention>N</mention><mention>N</mention></annotation>"))
            .find("a second <mention>") != std::string::npos);
  CHECK(folder.damage(set_of("<annotation><mention>N</mention></annotation>")).find("without <offset>") !=
        std::string::npos);
  CHECK(folder.damage("<s><document/></s>") == file + ": line 1: a <document> without docName");
  const std::string entity = "<!DOCTYPE s [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>";
  CHECK(folder.damage(entity + "<s>&b;</s>") ==
        file + ": line 1: declares a document type, which this format has no use for");
  CHECK(folder.damage("<s>&b;</s>").find("undefined entity") != std::string::npos);
  for (const char* name : {"../one.txt", "RawText/one.txt", "..", "."}) {
    const std::string damage =
        folder.damage("<s><document docName=\"" + std::string(name) + "\">" + good + "</document></s>");
    CHECK(damage.find("should be that of a file in") != std::string::npos);
  }
  CHECK(folder.damage("<s><document docName=\"two.txt\">" + good + "</document></s>")
            .starts_with(file + ": document two.txt: "));
  folder.write("RawText/one.txt", "N\xE9");
  CHECK(folder.damage(set_of(good)).ends_with("one.txt: is not UTF-8"));
}
