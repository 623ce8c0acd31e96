#include "kilm/corpus/wikitext/prose.h"

#include <doctest/doctest.h>

using kilm::Paragraph;
using kilm::Prose;

namespace {

// Writes `text` with ~ for gaps, _ for holes and links as <surface>, and gives the result in the same form.
std::string tidy(std::string_view text) {
  Prose prose;
  for (const char& c : text) {
    if (c == '~') {
      prose.gap();
    } else if (c == '_') {
      prose.hole();
    } else if (c == '<') {
      prose.begin_link();
    } else if (c == '>') {
      prose.end_link("T");
    } else {
      prose.text(std::string_view(&c, 1));
    }
  }
  const Paragraph paragraph = prose.take();
  CHECK(prose.empty());
  std::string result = paragraph.text;
  for (size_t i = paragraph.links.size(); i-- > 0;)
    result.insert(size_t(paragraph.links[i].end), ">").insert(size_t(paragraph.links[i].begin), "<");
  return result;
}

}  // namespace

TEST_CASE("white space becomes single spaces") {
  Prose prose;
  prose.text("  a \n\t b\u00A0\u2009c\u3000\u200Bd\u00AD \u2003");
  CHECK(prose.take().text == "a b c d");
}

TEST_CASE("joiners that shape letters stay, bytes that are not UTF-8 too") {
  Prose prose;
  prose.text("a\u200Cb\xff\xC2");
  CHECK(prose.take().text.substr(0, 6) == "a\u200Cb\xff");
}

TEST_CASE("punctuation around a gap is put right") {
  CHECK(tidy("Foo (~; born 1 May) is") == "Foo (born 1 May) is");
  CHECK(tidy("Foo (~, ~) is") == "Foo is");
  CHECK(tidy("Foo (born 1 May; ~) is") == "Foo (born 1 May) is");
  CHECK(tidy("Foo (pronounced ~ or ~; plural foos)") == "Foo (plural foos)");
  CHECK(tidy("Foo ((~)) is") == "Foo is");
  CHECK(tidy("Foo (~ or bar), (_ or so) is") == "Foo (bar), (or so) is");
  CHECK(tidy("Foo (~).") == "Foo.");
  CHECK(tidy("Foo (e.g., ~) (see ~) (as bar, see ~), pronounced ~.") == "Foo (as bar).");
  CHECK(tidy("a ~ b") == "a b");
  CHECK(tidy("a~b") == "ab");
  CHECK(tidy("as is.~The end. U.~S.") == "as is. The end. U.S.");
  CHECK(tidy("a ~.") == "a.");
  CHECK(tidy("a.~. b.~ C") == "a. b. C");
  CHECK(tidy("the ~ .NET") == "the .NET");
  CHECK(tidy("a, ~, b") == "a, b");
  CHECK(tidy("a ~, ~, ~, ~ b") == "a, b");
  CHECK(tidy("~, a ~") == "a");
  CHECK(tidy("~") == "");
}

TEST_CASE("sentences in which a word may be missing go, with their links") {
  CHECK(tidy("One <a>. The sum is _, where <bee>. <C> is it.") == "One <a>. <C> is it.");
  CHECK(tidy("One. _ is a set. Two.") == "One. Two.");
  CHECK(tidy("_ is a set. <Two>.") == "<Two>.");
  CHECK(tidy("the norm _") == "");
  CHECK(tidy("One. With a, _ degrees. Two, _, three, _.") == "One. Two, three.");
  CHECK(tidy("Foo (_; born 1 May) is. One._ Two. f_ x, _, y") == "Foo (born 1 May) is. One. Two. f x, y");
  CHECK(tidy("One. The sum is:~ _, ~") == "One.");
  CHECK(tidy("One. The sum: _ Two. The sum: _, ~three.") == "One. The sum: Two.");
  CHECK(tidy("One: ~") == "One:");
  Prose prose;
  prose.text("One. Two ");
  prose.hole();
  prose.text(" three. Four.");
  CHECK(prose.take().text == "One. Four.");
  CHECK(prose.dropped_sentences() == 1);
  prose.text("a ");
  prose.hole();
  prose.text(" b");
  CHECK(prose.take_all().text == "a b");
}

TEST_CASE("a colon at the end is one behind gaps, too") {
  Prose prose;
  prose.text("a: b");
  CHECK_FALSE(prose.ends_in_colon());
  prose.text(":");
  prose.gap();
  prose.text(" ");
  prose.hole();
  CHECK(prose.ends_in_colon());
  prose.take();
  CHECK_FALSE(prose.ends_in_colon());
}

TEST_CASE("text without gaps is left alone") {
  for (const char* text : {"f () , g ( x )", "(; -) ;;", "a . . . b"}) CHECK(tidy(text) == text);
}

TEST_CASE("links keep their surfaces while gaps close") {
  CHECK(tidy("a (~; <b c>) ~<d>~.") == "a (<b c>) <d>.");
  CHECK(tidy("<a>~ <b>") == "<a> <b>");
  CHECK(tidy("x ~<a><b> ~ <c>") == "x <a><b> <c>");
  CHECK(tidy("< a >b") == "<a> b");
  CHECK(tidy("<~>b< >") == "b");
  CHECK(tidy("(<or>~) x") == "x");
}

TEST_CASE("closing many gaps takes no stack") {
  std::string nested(100000, '(');
  nested += "~" + std::string(100000, ')');
  CHECK(tidy(nested) == "");
}
