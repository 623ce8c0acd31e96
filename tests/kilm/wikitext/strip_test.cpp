#include "kilm/wikitext/strip.h"

#include <doctest/doctest.h>

using kilm::wikitext::Omission;
using kilm::wikitext::Omissions;

namespace {

// Returns the text with gaps as ~ and holes as ^.
std::string strip(std::string_view wikitext, Omissions& omissions) {
  int64_t work = 0;
  std::string text = kilm::wikitext::strip(wikitext, omissions, work);
  CHECK(work >= int64_t(wikitext.size()));
  for (char& c : text)
    if (kilm::wikitext::is_left_out(c)) c = c == kilm::wikitext::kGap ? '~' : '^';
  return text;
}

std::string strip(std::string_view wikitext) {
  Omissions omissions;
  return strip(wikitext, omissions);
}

}  // namespace

TEST_CASE("comments go first, with their line if they fill it") {
  CHECK(strip("a<!-- <ref> -->b<ref>c</ref>d") == "ab~d");
  CHECK(strip("a\n<!-- x -->\nb") == "a\nb");
  CHECK(strip("a <!-- never closed\n\nb") == "a ");
}

TEST_CASE("references go with their content, and only references") {
  CHECK(strip("a<ref>x {{y|</ref>b<REF name=\"n\" />c<ref name=n>z</Ref >d") == "a~b~c~d");
  CHECK(strip("a<references/>b<references>\n<ref>x</ref>\n</references>c") == "a~b~c");
  CHECK(strip("a<refuse>b") == "a<refuse>b");
  CHECK(strip("a<ref>never closed\nmore\n\nnext") == "a~\n\nnext");
  CHECK(strip("a<ref name") == "a<ref name");
}

TEST_CASE("formulas that read as text stay, others leave a hole") {
  Omissions omissions;
  CHECK(strip("<math>n + 1</math> and <math>\\frac{1}{2}</math>", omissions) == "n + 1 and ^");
  CHECK(omissions[Omission::formula] == 1);
}

TEST_CASE("a gallery that is never closed ends with its paragraph") {
  CHECK(strip("a<gallery>\nb.jpg|c\n</galery>\n\nd") == "a~\n\nd");
}

TEST_CASE("nowiki stays and means nothing") {
  CHECK(strip("<nowiki>[[a]]</nowiki>") == "~&#91;&#91;a&#93;&#93;~");
  CHECK(strip("<nowiki>a\nb</nowiki>") == "~a b~");
}

TEST_CASE("tags of translation and inclusion go, their content stays") {
  CHECK(strip("<translate>* a <tvar|x>b</> <tvar name=y>c</tvar></translate></>") == "* a b c</>");
  CHECK(strip("<noinclude>a</noinclude><onlyinclude >b</onlyinclude><tvar|never <translated>") ==
        "ab<tvar|never <translated>");
}

TEST_CASE("code and verse that a reader sees leave a hole, what is not seen a gap") {
  CHECK(strip("<pre>\n''x''</pre><source lang=c>y</source><poem>\nz\n</poem><hiero>A1</hiero>") == "^^^^");
  CHECK(strip("a<templatestyles src=x />b<style>c</style>d") == "a~b~d");
}

TEST_CASE("an apostrophe before italics is found as MediaWiki finds it") {
  CHECK(strip("''Enterprise'''s crew") == "''Enterprise&#39;''s crew");
  CHECK(strip("'''bold''' and ''italic''") == "'''bold''' and ''italic''");
  CHECK(strip("'''l'''a''") == "'''l'''a''");  // bold is even
  CHECK(strip("x''''' y'''") == "x''''' y'''");
}

TEST_CASE("control characters and carriage returns go") {
  CHECK(strip("a\r\nb\tc\x02") == "a\nb c ");
  CHECK(strip("a{{!}}b") ==
        "a\x03"
        "b");
}
