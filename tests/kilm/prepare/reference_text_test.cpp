#include "kilm/prepare/reference/reference_text.h"

#include <doctest/doctest.h>

using namespace kilm::prepare::reference;

TEST_CASE("reference text: every step of clean") {
  CHECK(kilm::prepare::reference::clean("a [[File:x.jpg|thumb|of [[Rome]], [http://x y]]] b") == "a  b");
  CHECK(kilm::prepare::reference::clean("a [[Image:x.jpg|of [[Rome]]]] b") == "a  b");
  CHECK(kilm::prepare::reference::clean("a [[File:x.jpg b") == "a [[File:x.jpg b");
  CHECK(kilm::prepare::reference::clean("a\nFile:x.jpg|b\nc") == "a\nc");
  CHECK(kilm::prepare::reference::clean("a\n File:x.jpg|b\nImage:c") == "a\n File:x.jpg|b\nImage:c");
  CHECK(kilm::prepare::reference::clean("a<ref name=\"x\"/> b<REF>c\nd</Ref> e") == "a b e");
  CHECK(kilm::prepare::reference::clean("'''Rome''' is ''old'', 'not' ''new\n''") == "Rome is old, 'not' ''new\n''");
  CHECK(kilm::prepare::reference::clean("a <!-- b\nc --> d") == "a  d");
  CHECK(kilm::prepare::reference::clean("{{lang-la|Roma}} {{lang|la|Roma}} {{lang|la}}.") == "Roma Roma .");
  CHECK(kilm::prepare::reference::clean("-{zh-hans:a;zh-hant:b}- -{c;d}-") == "a c");
  CHECK(kilm::prepare::reference::clean("a {{b {{c}} d}} e {{le|f|g}} {{link-de|h|i}} {{\"|j}} {{k") ==
        "a  e f h j {{k");
  CHECK(kilm::prepare::reference::clean("a<br>b<span x=1>c</span> < d") == "abc < d");
  CHECK(kilm::prepare::reference::clean("x\n* a\n\n ** b\n# c\n: d\n;e") == "x\na\nb\nc\nd\ne");
  CHECK(kilm::prepare::reference::clean("a {| class=\"b\"\n|-\n| c\n|} d {| e |} f") == "a  d {| e |} f");
  CHECK(kilm::prepare::reference::clean("a\u200b b\n\n\nc") == "a b\nc");
}

TEST_CASE("reference text: every step of post-clean") {
  CHECK(kilm::prepare::reference::post_clean("a &lt;b&gt; c") == "a  c\n");
  CHECK(kilm::prepare::reference::post_clean("a {b {c} d} e <f\ng> h } > i") == "a  e  h } > i\n");
  CHECK(kilm::prepare::reference::post_clean("a {b\nc") == "a\n");
  CHECK(kilm::prepare::reference::post_clean("a [http://b c] d [ftp://e]") == "a  d [ftp://e]\n");
  CHECK(kilm::prepare::reference::post_clean(" a \n=== See Also ===\nb\n== History ==\nc") == "a\n");
  CHECK(kilm::prepare::reference::post_clean("a\n== History ==\nb\n=Footnotes=\nc") == "a\n== History ==\nb\n");
  CHECK(kilm::prepare::reference::post_clean("[[Category:A]] [[Rome|R]] b") == " [[Rome|R]] b\n");
}

TEST_CASE("reference text: a colon behind a link takes all up to the end of the next link") {
  CHECK(kilm::prepare::reference::post_clean("[[Rome]] is old: see [[Italy]] today") == " today\n");
  CHECK(kilm::prepare::reference::post_clean("[[Rome]] is old\n: see [[Italy]]") ==
        "[[Rome]] is old\n: see [[Italy]]\n");
}

// A1-3 of docs/reference_faults.md: with comments dropped after references, one that speaks of them takes the text up
// to the next one's end.
TEST_CASE("reference text: a comment that mentions a reference swallows text") {
  CHECK(kilm::prepare::reference::clean("<!-- no <ref> here -->Autism is a disorder.<ref>a</ref> It begins early.") ==
        "<!-- no  It begins early.");
  CHECK(kilm::prepare::reference::clean("a<references/>b") == "ab");
  CHECK(kilm::prepare::reference::clean("a<ref>b<br/>c</ref>d") == "acd");
}

TEST_CASE("reference text: links are reduced to their surface") {
  CHECK(kilm::prepare::reference::reduce_links("[[Rome]], [[Italy|the country]] and [[a") ==
        "Rome, the country and [[a");
}

// In time that is not linear in the bytes, these would not end.
TEST_CASE("reference text: hostile pages end, and no longer than they began") {
  for (const char* piece :
       {"[[File:", "<ref",      "{{lang", "{{lang|", "'''", "''",  "<!--", "-{",   "{{", "}}",   "<", "\n * ",
        "\n \n",   "{| class=", "&lt;",   "[http",   "[[",  "[[a", "[[a:", "[[]]", "=",  "\n==", "[]"}) {
    std::string text;
    while (text.size() < 2'000'000) text += piece;
    CHECK(kilm::prepare::reference::post_clean(kilm::prepare::reference::clean(text)).size() <= text.size() + 1);
    CHECK(kilm::prepare::reference::reduce_links(text).size() <= text.size());
  }
}
