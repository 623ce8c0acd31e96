#include "kilm/wikitext/prose.h"

#include <doctest/doctest.h>

#include <algorithm>

using kilm::wikitext::Paragraph;
using kilm::wikitext::Prose;

namespace {

// Writes `text` with ~ for gaps, _ for holes and links as <surface>, and gives the result in the same form.
std::string tidy(std::string_view text) {
  Prose prose;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find_first_of("~_<>", at), text.size());
    prose.text(text.substr(at, end - at));
    at = end + 1;
    if (end == text.size()) break;
    switch (text[end]) {
      case '~': prose.gap(); break;
      case '_': prose.hole(); break;
      case '<': prose.begin_link(); break;
      default: prose.end_link("T");
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
  CHECK(tidy("Foo (~ or bar), (_ or so) is") == "Foo (bar), is");
  CHECK(tidy("Foo (~).") == "Foo.");
  CHECK(tidy("Foo (e.g., ~) (see ~) (as bar, see ~), pronounced ~.") == "Foo (as bar).");
  CHECK(tidy("a ~ b") == "a b");
  CHECK(tidy("a~b") == "ab");
  CHECK(tidy("as is.~The end. U.~S.") == "as is. The end. U.S.");
  CHECK(tidy("a ~.") == "a.");
  CHECK(tidy("a.~. b.~ C") == "a. b. C");
  CHECK(tidy("a. ~. B") == "a. B");
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
  CHECK(tidy("One. With a, _ degrees. Two, _, three. Four, _.") == "One.");
  CHECK(tidy("Foo (_; born 1 May) is. One._ Two. f_ x, y") == "Foo (born 1 May) is. One. Two. f x, y");
  CHECK(tidy("One. The sum is:~ _, ~") == "One.");
  CHECK(tidy("One. The sum: _ Two. The sum: _, ~three.") == "One. Two.");
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

TEST_CASE("a word may be missing wherever a hole stands like one") {
  for (const char* sentence :
       {"Over $_ now.", "The \"_\" ran.", "The “_” ran.", "A non-_ one.", "To ²¹³_ in a day.", "L'_ est là.",
        "Saw Mr. _ go.", "It is 5_ long.", "_'s mill.", "Saw Mr. _.", "Saw Mr. _ Smith.", "The un_known one.",
        "The mill~ _ stood.", "As in f(_) here.", "The _, here.", "ในปี_มี", "Был _ там."})
    CHECK_MESSAGE(tidy("One. " + std::string(sentence)) == "One.", sentence);
  for (const char* sentence : {"この町は_の北にある。", "該鎮位於_的北邊。", "_は町である。", "これは「_」である。"})
    CHECK_MESSAGE(tidy("古い。" + std::string(sentence)) == "古い。", sentence);
  CHECK(tidy("गाँव है। _ गाँव है।") == "गाँव है।");
  CHECK(tidy("_ is a <mill>. Two.") == "Two.");
  CHECK(tidy("_ это река. Две.") == "Две.");
  CHECK(tidy("古い。_は町である。古い。") == "古い。古い。");
  CHECK(tidy("One. A:_ bee. Two.") == "One. Two.");
  CHECK(tidy("One. The mill (~) _ is. Two.") == "One. Two.");
}

TEST_CASE("a hole behind a word, a year or what closes is a note") {
  for (const char* text :
       {"One mill_ is old.", "In 1950_ it fell.", "Wo die Mühle_ steht.", "The \"mill\"_ is.", "A (b)_ c.", "A, b,_ c.",
        "Some 5%_ of it.", "10 km²_ of it.", "В реке_ вода.", "One._ Two."})
    CHECK(tidy(text) == std::string(text).erase(std::string(text).find('_'), 1));
}

TEST_CASE("between separators a hole is an item of parentheses, and a word of a sentence") {
  CHECK(tidy("Foo (_; b), (a, _, c), (_, _; d), (e; _) is") == "Foo (b), (a, c), (d), (e) is");
  CHECK(tidy("水車（_、乙）、مطحنة (أ، _، ب)") == "水車（乙）、مطحنة (أ، ب)");
  for (const char* sentence :
       {"He saw <a>, _, and b.", "He sold 5, _, 7 and 9.", "He left, _.", "A; _; b.", "A, b; _.", "A (b), _, c."})
    CHECK_MESSAGE(tidy("One. " + std::string(sentence)) == "One.", sentence);
  CHECK(tidy("<水車>、_、<風車>は大きい。古い。") == "古い。");
  CHECK(tidy("مطحنة، _، ب") == "");
}

TEST_CASE("a hole that is a part of an item costs its parentheses") {
  for (const char* text : {"A (_ in 1950) b.", "A (_–1950) b.", "A (_ km) b.", "A (_-born) b.", "A (_’s son) b.",
                           "A (_; _ c) b.", "A (_: c) b."})
    CHECK_MESSAGE(tidy(text) == "A b.", text);
  CHECK(tidy("水車（_の男）は。水車（_年 - 1950年）は。") == "水車は。水車は。");
}

TEST_CASE("a hole behind a unit may be its power") {
  for (const char* text : {"One. It is five m_ wide.", "One. It is 5 km_ wide.", "One. It is 5 <м>_."})
    CHECK_MESSAGE(tidy(text) == "One.", text);
}

TEST_CASE("prose that is finished is appended with its links") {
  Prose inner, outer;
  inner.text("a ");
  inner.begin_link();
  inner.text("b");
  inner.end_link("B");
  inner.text(" c");
  outer.text("x ");
  outer.append(inner.take_all());
  const Paragraph paragraph = outer.take();
  CHECK(paragraph.text == "x a b c");
  REQUIRE(paragraph.links.size() == 1);
  CHECK(paragraph.links[0].begin == 4);
  CHECK(paragraph.links[0].end == 5);
  CHECK(paragraph.links[0].target == "B");
}

TEST_CASE("prose tells whether it begins with its first sentence") {
  const auto dropped_first = [](std::string_view begin, std::string_view end) {
    Prose prose;
    prose.text(begin);
    prose.hole();
    prose.text(end);
    prose.take();
    return prose.dropped_first();
  };
  CHECK(dropped_first("A mill is ", " old. It turns."));
  CHECK_FALSE(dropped_first("A mill is old. It has ", " wheels."));
}

TEST_CASE("a hole in parentheses costs only them, with their links") {
  CHECK(tidy("<Jan> (<Utrecht>, _ – <Gouda>, 1 mei) was een <molenaar>.") == "<Jan> was een <molenaar>.");
  CHECK(tidy("Ann (b. _) is. She (see _ b) bakes (a _ (b)), too.") == "Ann is. She bakes, too.");
  CHECK(tidy("Ann ((b _ c) d) is (e; f _). (<G> _ h.) I.") == "Ann (d) is. I.");
  CHECK(tidy("(a _ b) c. 水車（<甲>は_の）は古い。") == "c. 水車は古い。");
  CHECK(tidy("f(x _ y) is. So") == "So");
}

TEST_CASE("full-width signs around a gap are put right") {
  CHECK(tidy("水車（~）は建物である。") == "水車は建物である。");
  CHECK(tidy("粉挽（~、こなひき）は") == "粉挽（こなひき）は");
  CHECK(tidy("風車（ふうしゃ、~）は") == "風車（ふうしゃ）は");
  CHECK(tidy("甲（~；乙）、~、丙，~。") == "甲（乙）、丙。");
}

TEST_CASE("labels of what is gone go from parentheses, others stay") {
  CHECK(tidy("The mill (UK: ~, US: ~)~ is") == "The mill is");
  CHECK(tidy("The mill (UK: ~, US ~; born 1950, also ~) is") == "The mill (born 1950) is");
  CHECK(tidy("水車（英: ~、独：~）は") == "水車は");
  CHECK(tidy("mill (/~/; Aussprache: [~]) is") == "mill is");
  CHECK(tidy("مطحنة (~، ب؛ ~)، ~، ت") == "مطحنة (ب)، ت");
  CHECK(tidy("mill (in the US~, so ~, here) also: ~ b") == "mill (in the US, so, here) also: b");
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
