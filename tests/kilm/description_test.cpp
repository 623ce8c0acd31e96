#include "kilm/corpus/description.h"

#include <doctest/doctest.h>

using kilm::DescriptionFilter;
using kilm::first_sentence;
using kilm::keep_paragraph;
using kilm::Paragraph;

TEST_CASE("the first sentence ends where a reader ends it") {
  for (const char* sentence : {
           "Alabama is a U.S. state in the south.",
           "Dr. John F. Kennedy Jr. met St. Peter at c. 3.14 p.m. today.",
           "E. R. Josep wrote it in the U.S. Army.",
           "It cost $3.50 (approx. 2.9 euros).",
           "Foo (born 1 May 1950. He died later) is a man.",
           "He said \"It is over.\"",
           "They wrote it (in the Army, i.e. Texas).",
           "What is it?",
           "The wait is over...",
           "Acme Inc. makes things.",
           "日本は国である。",
       }) {
    CAPTURE(sentence);
    CHECK(first_sentence(std::string(sentence) + " The rest follows. And more.") == sentence);
    CHECK(first_sentence(sentence) == sentence);
  }
  CHECK(first_sentence("He lived in the U.S. He died.") == "He lived in the U.S.");
  CHECK(first_sentence("It is lower. case goes on. End.") == "It is lower. case goes on.");
  CHECK(first_sentence("Foo (bar is a man. He died.") == "Foo (bar is a man.");
  CHECK(first_sentence(" no end ") == "no end");
  CHECK(first_sentence("") == "");
}

TEST_CASE("descriptions that say nothing are rejected") {
  const DescriptionFilter filter;
  CHECK(filter.choose("Alabama", " U.S. state ") == "U.S. state");
  for (const char* text : {"", " ", "X may refer to: y", "Redirect to y", "thumb", " right ", "Wikipedia List Article"})
    CHECK_FALSE(filter.choose("Title", text));
  CHECK_FALSE(filter.choose("Portal:X", "a"));
  CHECK_FALSE(filter.choose("MediaWiki:X", "a"));
}

TEST_CASE("of pieces between bars the rarest describes") {
  DescriptionFilter filter, other;
  filter.count("thumb|Portrait of a man|by Goya");
  filter.count("thumb|by Goya");
  other.count("right|Portrait of a man|by Goya");
  other.count("no pieces");
  filter.merge(other);
  CHECK(filter.choose("X", "thumb|by Goya|Portrait of a man|220px") == "Portrait of a man");
  CHECK(filter.choose("X", "by Goya|a house|a garden") == "a house");  // the first of equals
  CHECK(filter.choose("A house", "by Goya| house ") == "by Goya");     // pieces of the title say nothing
  CHECK(filter.choose("X", "File:a|http://b|alt=c|100x200px|upright|d") == "d");
  CHECK(filter.choose("X", "123456px|thumb") == "123456px");  // no size
  CHECK_FALSE(filter.choose("X", "thumb|left|250px"));
  CHECK_FALSE(filter.choose("X", "thumb|Portrait"));
}

TEST_CASE("paragraphs are kept by five rules") {
  const auto keep = [](const char* text, bool document = false) {
    return keep_paragraph(Paragraph{.text = text}, document);
  };
  CHECK(keep("A sentence."));
  for (const char* text : {"", "REDIRECT x", "see File:x", "see http://x", "see https://x", "see Image:x", "a\nb"})
    CHECK_FALSE(keep(text));
  CHECK(keep("a\nb", true));
  CHECK_FALSE(keep("see File:x", true));
  CHECK_FALSE(keep_paragraph({.text = "born 1950", .links = {{0, 4, "1950 in aviation"}}}, false));
  CHECK_FALSE(keep_paragraph({.text = "in aviation", .links = {{0, 11, "Aviation"}}}, true));
}
