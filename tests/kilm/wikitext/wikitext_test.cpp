#include "kilm/wikitext/wikitext.h"

#include <doctest/doctest.h>

#include <functional>

using kilm::wikitext::Article;
using kilm::wikitext::Omission;
using kilm::wikitext::Paragraph;

namespace {

Article parse(std::string_view wikitext, const char* language = "") {
  return kilm::wikitext::parse_wikitext(wikitext, kilm::languages::Site{.language = language, .namespaces = {}},
                                        "Page");
}

// Returns the paragraphs with links as [surface>target].
std::vector<std::string> marked(const Article& article) {
  std::vector<std::string> result;
  for (const Paragraph& paragraph : article.paragraphs) {
    std::string text;
    size_t at = 0;
    for (const kilm::wikitext::WikiLink& link : paragraph.links) {
      CHECK(size_t(link.begin) >= at);
      CHECK(link.begin < link.end);
      REQUIRE(size_t(link.end) <= paragraph.text.size());
      text += paragraph.text.substr(at, size_t(link.begin) - at) + "[" +
              paragraph.text.substr(size_t(link.begin), size_t(link.end - link.begin)) + ">" + link.target + "]";
      at = size_t(link.end);
    }
    result.push_back(text + paragraph.text.substr(at));
  }
  return result;
}

using Texts = std::vector<std::string>;

Texts marked(std::string_view wikitext) { return marked(parse(wikitext)); }

std::string one(std::string_view wikitext, const char* language = "") {
  const Texts texts = marked(parse(wikitext, language));
  return texts.empty() ? "" : texts.size() == 1 ? texts[0] : "several paragraphs";
}

}  // namespace

TEST_CASE("paragraphs are what stands between blank lines, headings and lists") {
  CHECK(marked("One\ntwo\n\nThree.\n* item\nFour\n==Head==\nFive.\n{|\n|x\n|}\nSix") ==
        Texts{"One two", "Three.", "Four", "Five.", "Six"});
  CHECK(marked("a<p>b</p>c<blockquote>d</blockquote>e") == Texts{"a", "b", "c", "d", "e"});
  CHECK(marked("----\na") == Texts{"a"});
  CHECK(marked("1\n\n...\n\n{{x}}\n\n").empty());  // no words
  const Article article = parse("* a\n# b\n; c : d\n: e\n code\n| row\n<ul>\n<li>f</li>\n</ul>\n");
  CHECK(article.paragraphs.empty());
  CHECK(article.omissions[Omission::list_item] == 4);
  CHECK(article.omissions[Omission::indented] == 2);
  CHECK(article.omissions[Omission::stray] == 1);
  CHECK(marked(" {{anchor}} a\n\n {{nowrap|1}} code\n\n [[File:b]] c") == Texts{"a", "c"});
}

TEST_CASE("headings name the sections below them") {
  const Article article = parse("a\n== B ''c'' [[d]] ==\ne\n=== F === <!-- x -->\ng\n== not a heading\nh\n=i=\nj");
  const Texts sections = {"", "B c d", "F", "i"};
  REQUIRE(article.paragraphs.size() == 4);
  for (size_t i = 0; i < 4; ++i) CHECK(article.paragraphs[i].section == sections[i]);
  CHECK(article.paragraphs[2].text == "g == not a heading h");
  CHECK(parse("== A<br\n/> B ==\nc").paragraphs[0].section == "A B");
}

TEST_CASE("sentences that lean on what is left out go with it") {
  const Article article = parse(
      "A. B.\n\nC. These are:\n* d\n* e\nor f. G.\n\nThe sum is\n<math>\\sum</math>\nwhere h.\n\nI.\n{|\n|j\n|}\n"
      "K:\n==L==\nm.\n\nIt says:\n{{quote|n.}}\n\nO:\n<li>p\n\nQuo. R:\n<poem>\ns\n</poem>\n");
  CHECK(marked(article) == Texts{"A. B.", "C.", "G.", "I.", "m.", "It says: n.", "Quo."});
  CHECK(article.omissions[Omission::sentence] == 7);
  CHECK(marked("The parts of it are:\n* a\n\nThe others are:\n* b") == Texts{"The parts of it are:"});
  for (const char* lost :
       {"We have:\n\n{{clade|a}}\n\n", "We have:\n{{clade|a}}\n\n", "We have:<math>\\sum</math>,\n\nwhere a. "})
    CHECK(marked("A. B.\n\n" + std::string(lost) + "D.") == Texts{"A. B.", "D."});
}

TEST_CASE("what a colon announces is in one paragraph with it") {
  CHECK(marked("[[A]] said:\n\n[[File:b]]\n\n<blockquote>I [[c]].</blockquote>\nd\n\ne:\n\nf:\n\ng") ==
        Texts{"[A>A] said: I [c>C].", "d", "e: f: g"});
  CHECK(marked("A:\n\n== B ==\nC") == Texts{"A:", "C"});
}

TEST_CASE("sections that only list go, up to the next heading of their level") {
  const Article article = parse(
      "a\n==See also==\nb\n===Deeper===\nc\n==History==\nd\n===Further reading===\ne\n===Later===\nf\n==References==\n"
      "g\n= Top =\nh");
  CHECK(marked(article) == Texts{"a", "d", "f", "h"});
  CHECK(article.omissions[Omission::tail] == 4);
}

TEST_CASE("links give surface and target") {
  CHECK(one("[[cat]] [[cat|dog]] [[bus]]es [[bär]]chen [[a]]B") ==
        "[cat>Cat] [dog>Cat] [buses>Bus] [bärchen>Bär] [a>A]B");
  CHECK(one("[[T#f|s]] [[T_x#f]] [[#f|s]] [[#f]]") == "[s>T] [T x>T x] s f");
  CHECK(one("[[Foo (bar)|]] [[Foo, Bar|]] [[:Foo]] [[a&ndash;b]]") ==
        "[Foo>Foo (bar)] [Foo>Foo, Bar] [Foo>Foo] [a–b>A–b]");
  CHECK(one("[[ a | b ]]c") == "[b c>A]");
  CHECK(one("[[2001: A Space Odyssey]]") == "[2001: A Space Odyssey>2001: A Space Odyssey]");
  CHECK(one("[[a|''b'' {{nowrap|c}}]]") == "[b c>A]");
  CHECK(one("[[a|b [[c]] d]]") == "[b c d>A]");
  CHECK(one("x [[a|1|2]] [[|b]] [[{{x}}|c]] [[a<b]]") == "x [2>A] b c a<b");
}

TEST_CASE("links that are no article leave their words or nothing") {
  const Article article = parse(
      "a [[File:x.jpg|thumb|a [[b]] {{c}} [http://d e]]] b [[image:y.png]] [[Category:C]] [[de:A]] [[zh-min-nan:A]] "
      "[[:Category:C|c]] [[:de:A|d]] [[wikt:e|e]] [[Help:F|f]] [[Portal:G]] [[Datei:h.jpg|mini]]");
  CHECK(marked(article) == Texts{"a b c d e f Portal:G"});
  CHECK(article.omissions[Omission::image] == 3);
  CHECK(article.omissions[Omission::category] == 1);
  CHECK(article.omissions[Omission::interwiki] == 2);
  kilm::languages::Site site;
  site.namespaces.add(6, "Attāls");
  CHECK(kilm::wikitext::parse_wikitext("a[[attāls:b]]", site, "Page").paragraphs[0].text == "a");
}

TEST_CASE("letters behind a link, and before it, belong to it as the language has it") {
  CHECK(one("[[caf]]é", "en") == "[caf>Caf]é");
  CHECK(one("[[caf]]é", "xx") == "[caf>Caf]é");
  CHECK(one("[[caf]]é", "fr") == "[café>Caf]");
  CHECK(one("[[Bär]]ßen [[Bär]]é", "de") == "[Bärßen>Bär] [Bär>Bär]é");
  CHECK(one("[[рок]]ёщ [[рок]]ї", "ru") == "[рокёщ>Рок] [рок>Рок]ї");
  CHECK(one("«[[рок]]ї»", "uk") == "«[рокї>Рок]»");
  CHECK(one("[[αβ]]ώς", "el") == "[αβώς>Αβ]");
  CHECK(one("[[אב]]ות", "he") == "[אבות>אב]");
  CHECK(one("[[水車]]小屋 [[水車]]es", "ja") == "[水車>水車]小屋 [水車es>水車]");
  CHECK(one("[[水车]]es", "zh") == "[水车>水车]es");
  CHECK(one("[[a]]'s [[a]]''b''", "ca") == "[a's>A] [a>A]b");
  CHECK(one("[[ab]]ç [[ab]]ğ", "tr") == "[abç>Ab] [abğ>Ab]");
  CHECK(one("ال[[كتاب]]ات", "ar") == "[الكتابات>كتاب]");
  CHECK(one("al[[kitab]] pre[[b]]", "en") == "al[kitab>Kitab] pre[b>B]");
  CHECK(one("[[a]]b[[c]]", "ar") == "[ab>A][c>C]");
}

TEST_CASE("links to pages about the project and to other projects are words of a sentence") {
  CHECK(one("See [[Wikipedia:Mill|the page]]. [[Portal:Mill]] tells more.") == "See the page. Portal:Mill tells more.");
  CHECK(one("The [[Help:Contents]] and [[User talk:A]] and [[wikt:mill]] and [[Commons:Mill]] help.") ==
        "The Help:Contents and User talk:A and wikt:mill and Commons:Mill help.");
  CHECK(marked("A.\n\n[[Portal:Mill]]\n\n [[Help:A]] \n[[wikt:a]]\nB.") == Texts{"A.", "B."});  // alone on its line
}

TEST_CASE("links to other languages are the same in any case, and titles with a colon are none") {
  CHECK(marked("A.\n\n[[En:Mill]]\n[[DE:Mühle]]\n[[Zh-Min-Nan:A]]\n[[Simple:A]]") == Texts{"A."});
  CHECK(one("[[WIKT:a]] [[:De:A|b]] [[CSI: Miami]] [[NCIS: LA]] [[Ip Man: A]]") ==
        "WIKT:a b [CSI: Miami>CSI: Miami] [NCIS: LA>NCIS: LA] [Ip Man: A>Ip Man: A]");
}

TEST_CASE("external links end at a sign that no address has") {
  CHECK(one("The [http://a.org/''Mill''] is old.") == "The Mill is old.");
  CHECK(one("[http://a] [http://a|b] x [http://a|b c]") == "x c");
  CHECK(one("[//a b] [mailto:a@b c] [FTP://a d] [tel:1 e] [http://a\"f\"] [http://a<b>g</b>] [http://a&lt;h]") ==
        "b c d e \"f\" g <h");
  CHECK(one("[http://a [b]] [http://a{{x|y z}} c] ([http://a  d])") == "[b] c (d)");
  CHECK(one("[// a comment] [http:// x] [news] [tel:]") == "[// a comment] [http:// x] [news] [tel:]");
}

TEST_CASE("an address in the text costs its sentence, in parentheses only them") {
  const Article article =
      parse("Its site is http://a.org/b_(c)?d=e. It is old. See HTTPS://a.org, too. More (http://a.b) of it.");
  CHECK(marked(article) == Texts{"It is old. More of it."});
  CHECK(article.omissions[Omission::url] == 3);
  CHECK(one("[http://a.org http://a.org] is old. ''It'' stands.") == "It stands.");
  CHECK(one("The http: scheme, http:// and xhttp://a and a://b stand. At 12:30 a:b.") ==
        "The http: scheme, http:// and xhttp://a and a://b stand. At 12:30 a:b.");
}

TEST_CASE("external links leave their label") {
  CHECK(one("a [http://x.org b ''c''] [https://x.org] [//x d] [1] [[http://x e]] [mailto:x f]") == "a b c d [1] e f");
}

TEST_CASE("bold, italics, tags, entities and magic words go") {
  CHECK(one("'''''a''''' '''b''' ''c'' d'e ''''f'''' ") == "a b c d'e 'f'");
  CHECK(one("''Enterprise'''s crew") == "Enterprise's crew");
  CHECK(one("a<br/>b <span style=\"x\">c</span> <small>d</small> <foo>e</foo> 1 < 2 <- x") == "a b c d e 1 < 2 <- x");
  CHECK(one("H<sub>2</sub>O 10<sup>-5</sup> m<sup>2</sup> 1<sup>st</sup>") == "H2O 10⁻⁵ m² 1st");
  CHECK(one("20<sub>[[Base|16]]</sub> 2<sup>[[x|&minus;3]]</sup> 1<sub>a</sub> 1<sub>2<b>3</b></sub> 7E<sub>16</sub> "
            "C<sub>2</sub>") == "20₁₆ 2⁻³ 1a 123 7E₁₆ C2");
  CHECK(one("&lt;b&gt; &amp;amp; AT&T&nbsp;x") == "<b> &amp; AT&T x");
  CHECK(one("__NOTOC__a __TOC__ b __c__ d_e") == "a b __c__ d_e");
  CHECK(one("__notoc__a __NoToc__b __kein_Inhaltsverzeichnis__c __без_огл__d __目次非表示__e __NOINDEX__f") ==
        "a b c d e f");
  CHECK(one("The __init__ of __FILE__ and __index__ at __LINE__ x") ==
        "The __init__ of __FILE__ and __index__ at __LINE__ x");
  CHECK(marked("a\n\n__NOFOOBAR__ \n\n__НЕТ_ТАКОГО__ b") == Texts{"a", "b"});  // of an extension that is not known
  CHECK(one("<nowiki>[[a]] ''b'' {{c}}</nowiki>") == "[[a]] ''b'' {{c}}");
  CHECK(one("-{zh-hans:甲;zh-hant:乙}- -{丙}- -{H|x}- a-{{cn}}-b") == "甲 丙 a--b");
}

TEST_CASE("readings of characters are no part of the word") {
  CHECK(one("The word <ruby>漢字<rt>かんじ</rt></ruby> is") == "The word 漢字 is");
  CHECK(one("<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp>字<RT lang=ja>''じ''</RT></ruby> {{ruby|漢|かん}}") == "漢字 漢");
  CHECK(one("<ruby><rb>漢<rb>字<rt>かん<rt>じ<rtc><rt>kan</rt></rtc></ruby>. [[a|<ruby>b<rt>c</rt></ruby>]]") ==
        "漢字. [b>A]");
  CHECK(one("a <rt>never closed") == "a never closed");
}

TEST_CASE("tags of translation go, variables stay") {
  CHECK(one("<languages/><translate><!--T:1-->\nIt has <tvar|n>5</> sails, <tvar name=m>6</tvar> [[a|<tvar|x>b</>]].\n"
            "</translate>") == "It has 5 sails, 6 [b>A].");
  CHECK(marked("<translate>== A ==\nb\n* c</translate>\n<noinclude>* d</noinclude>\nE </> f.") ==
        Texts{"b", "E </> f."});
}

TEST_CASE("an item of a list ends at a line end that is in no tag") {
  CHECK(marked("* The mill:<br\n/>— it stands.\nNext.") == Texts{"Next."});
  CHECK(marked("* a <span\nclass=x>b</span> <!-- \n --> c <nowiki>d\ne</nowiki> f\nNext.") == Texts{"Next."});
  CHECK(marked(": a <ref\nname=x>b\n\n</ref> c\nNext.") == Texts{"Next."});
  CHECK(marked("* 1 < 2\nNext 3 > 2.") == Texts{"Next 3 > 2."});
}

TEST_CASE("what does not close is dropped and counted, not garbled") {
  const Article article = parse("a [[b c\n\nd {{cn|e\n\nf ]] g }} h [[i|j]]");
  CHECK(marked(article) == Texts{"a b c", "d h [j>I]"});
  CHECK(article.omissions[Omission::stray] == 1);
  CHECK(marked("a {{b\n\nc [[d]]\n\n{|\ne") == Texts{"c [d>D]", "e"});
  CHECK(marked("{{{a}}} b {{{c|d}}}") == Texts{"b d"});
}

TEST_CASE("a template that is never closed ends where its lines do") {
  CHECK(marked("{{Infobox building\n| name = Mill\n| built = {{x|1800\n\nThe mill. Ok.") == Texts{"The mill. Ok."});
  CHECK(marked("{{Infobox building\n| name = Mill\n\n| built = 1800\n}\nThe mill. Ok.") == Texts{"The mill. Ok."});
  CHECK(marked("{{Infobox building|\nname = Mill|\nbuilt = 1800\nThe mill. Ok.") == Texts{"The mill. Ok."});
  CHECK(marked("{{Infobox building | name = Mill\nThe mill. Ok.") == Texts{"The mill. Ok."});
  CHECK(marked("{{Infobox\n| a = b<br>\nc\n| d = [[e]]\n|}\nThe mill. Ok.") == Texts{"The mill. Ok."});
  CHECK(marked("{{Infobox\n| a = {{Infobox\n| b = c\n}}\n\nThe mill. Ok.") == Texts{"The mill. Ok."});
  CHECK(marked("{{Infobox\n| a = b\n== Mill ==\n| c\nThe mill. Ok.") == Texts{"The mill. Ok."});
  CHECK(marked("It is old.{{sfn|Smith|1990 It stands.\nOn a hill.\n\nIt {{nowrap|is}} big.") ==
        Texts{"It is old.", "It is big."});
  CHECK(marked("It is old.{{sfn|Smith|1990} It stands. It {{unk|x|y is big. It is not.\n* a\nOk.") ==
        Texts{"It is old. It stands.", "Ok."});
  CHECK(marked("It is. The mill is old{{cn|date=May. It stands.") == Texts{"It is."});
  CHECK(marked("{{Taxobox\n| name = Mill\n\nThe mill. Ok.\n\n== B ==\nC. {{circa|1800}}. D.}}") ==
        Texts{"The mill. Ok.", "C. c. 1800. D."});
  CHECK(marked("{{box|x\n== y\n=z}}The mill.") == Texts{"The mill."});  // no heading
  CHECK(marked("It has {{nowrap|five sails. It stands.") == Texts{"It has five sails. It stands."});
  CHECK(parse("{{Short description|A mill\nThe mill. Ok.").short_description == "A mill");
}

TEST_CASE("a table that is never closed ends with its rows, or with the template that ends it") {
  const Texts mill = {"The mill. Ok."};
  CHECK(marked("{| class=wikitable\n|-\n! Year !! Boats\n|-\n| 1990 || 12\n{{end}}\n\nThe mill. Ok.") == mill);
  CHECK(marked("{| class=wikitable\n| 1990\n\nIn a cell.\n{{s-end}}\nThe mill. Ok.") == mill);
  CHECK(marked("{| class=wikitable\n| 1990\n\nIn a cell.\n|-\n| 12\n\nThe mill. Ok.") == mill);
  CHECK(marked("{| class=wikitable\n| 1990\n|}}\nThe mill. Ok.") == mill);
  CHECK(marked("{| a\n| b\n{| c\n| d\n\nThe mill. Ok.") == mill);
  CHECK(marked("{| a\n| b\n{| c\n| d\n|}\nThe mill. Ok.") == mill);
  CHECK(marked("{| a\n| b {{nowrap|c\n|}\nThe mill. Ok.") == mill);
  CHECK(marked("{{quote|\n{| a\n| b\n}}\nThe mill. Ok.") == mill);
  CHECK(marked("<table class=x>\n<tr><td>a\nb</td>\n\n</tr>\n\nThe mill. Ok.") == mill);
}

TEST_CASE("a template with rows below it begins a table") {
  const Texts mill = {"The mill. Ok."};
  CHECK(marked("{{Table begin}}\n|-\n| 1990\nIn a cell.\n|}\nThe mill. Ok.") == mill);
  CHECK(marked("{{s-start}}\n! 1990\nIn a cell.\n{| a\n| b\n|}\n| c\nIn a cell.\n{{Table end}}\nThe mill. Ok.") ==
        mill);
  CHECK(marked("{{Infobox}}\n| a stray row\n== Mill ==\nThe mill. Ok.\n|}") == mill);
}

TEST_CASE("of three closing brackets the first closes one that is text") {
  CHECK(one("[[File:A.jpg|thumb|A mill [sic]]]\nThe mill. [[A|b [c]]] d[[e]]] [f] [[g]]]") ==
        "The mill. [b [c]>A] d[e>E]] [f] [g>G]]");
}

TEST_CASE("of a link that is never closed the label is text, and of a file nothing in its line") {
  CHECK(marked("[[Billede:A.jpg|thumb|En mølle\nThe mill. Ok.") == Texts{"The mill. Ok."});
  CHECK(one("See [[Mill|the mill. Ok.") == "See the mill. Ok.");
}

TEST_CASE("{{!}} parts links and cells, and no arguments") {
  CHECK(one("{{quote|The sea {{!}} the [[land{{!}}lands]], {{nowrap|a {{=}} {{ ! }} b}}.}}") ==
        "The sea | the [lands>Land], a = | b.");
  CHECK(one("[[File:A.jpg{{!}}thumb{{!}}B]] c {{((}}d{{))}} {{(}}e{{)}}") == "c {{d}} {e}");
  CHECK(marked("{{quote|f\n{{(!}} class=x\n{{!-}}\n{{!}} g {{!!}} h\n{{!)}}\ni}}") == Texts{"f", "i"});
  CHECK(marked("{{(!}} class=x\n{{!}} g\n{{!)}}\nj") == Texts{"j"});
  CHECK(parse("{{Short description|Hill {{!}} mound in Kent}}").short_description == "Hill | mound in Kent");
}

TEST_CASE("variables write the title and the wiki's name, and those of the day are holes") {
  kilm::languages::Site site;
  const auto text = [&](std::string_view wikitext, std::string_view title) {
    const Texts texts = marked(kilm::wikitext::parse_wikitext(wikitext, site, title));
    return texts.size() == 1 ? texts[0] : "";
  };
  for (const char* name :
       {"PAGENAME", " FULLPAGENAME ", "BASEPAGENAME", "SUBPAGENAME", "ROOTPAGENAME", "ARTICLEPAGENAME",
        "SUBJECTPAGENAME", "pagename", "SEITENNAME", "NOMBREDEPÁGINA", "НАЗВАНИЕ СТРАНИЦЫ", "ページ名"}) {
    CAPTURE(name);
    CHECK(text("'''{{" + std::string(name) + "}}''' is a port.", "Mill (Kent)") == "Mill (Kent) is a port.");
  }
  CHECK(text("At a/{{PAGENAMEE}} is {{PAGENAME:old mill}}.", "Mühle & Co") == "At a/M%C3%BChle_%26_Co is Old mill.");
  CHECK(text("{{NAMESPACE}}A mill. In {{CURRENTYEAR}} it is {{LOCALDAY}}. {{SITENAME}} is. {{PAGENAME:File:B}} is.",
             "A") == "A mill.");
  CHECK(text("{{CURRENTMONTHNAME}} is now. Ok.", "A") == "Ok.");
  site.name = "Mill Wiki";
  CHECK(text("{{SITENAME}} is a wiki.", "A") == "Mill Wiki is a wiki.");
  CHECK(text("[[File:{{PAGENAME}}.jpg|thumb|B]] [[fr:{{PAGENAME}}]] [[{{PAGENAME}}|c]] d.", "A") == "c d.");
}

TEST_CASE("what tags of other wikis hold is code, but for tabs") {
  const Texts mill = {"The mill. Ok."};
  for (const char* name : {"youtube", "DPL", "infobox", "poll", "googlemap", "verbatim", "html", "embed", "twitter",
                           "quiz", "graphviz", "categorytree", "inputbox", "timeline", "mapframe"}) {
    CAPTURE(name);
    const std::string tag = name;
    CHECK(marked("<" + tag + " width=2>\na=b\n<default>Old</default>\n</" + tag + ">\nThe mill. Ok.") == mill);
  }
  CHECK(marked("<tabber>\nOne=\nA [[b]]. C.\n|-|\nTwo=<!-- x -->D.<ref>e</ref> |-| Three = F = g.\n</tabber>\nH. I.") ==
        Texts{"A [b>B]. C.", "D.", "F = g.", "H. I."});
  CHECK(marked("<tabs><tab name=\"One\">A. B.</tab><tab>C.</tab></tabs>D.") == Texts{"A. B.", "C.", "D."});
  CHECK(marked("<tabber>A label</tabber>B <spoiler>is old</spoiler>.") == Texts{"B is old."});
}

TEST_CASE("nothing looks like a table, gallery or reference") {
  CHECK(one("a<ref>b</ref>{{sfn|c}}\n{| class=x\n| d\n{|\n|e\n|}\n|}\n<gallery>\nf.jpg|g\n</gallery>") == "a");
  CHECK(one("<table><tr><td>a</td></tr></table>b") == "b");
  CHECK(one("Foo ({{IPAc-en|a}}; born 1 May) is") == "Foo (born 1 May) is");
}

TEST_CASE("short descriptions and disambiguation pages are recognised") {
  CHECK(parse("{{Short description|U.S. ''state''}}\na").short_description == "U.S. state");
  CHECK(parse("{{ short_description | 1 = a = b | 2=noreplace }}").short_description == "a = b");
  CHECK(parse("{{short description |a&ndash;b|noreplace}}").short_description == "a–b");
  CHECK(parse("{{SHORTDESC:a}}").short_description == "a");
  CHECK(parse("{{Short description|none}}{{short description|b}}").short_description == "b");
  CHECK(parse("{{short description|None}} a").short_description.empty());
  for (const char* name :
       {"disambiguation", "Disambig", "hndis", "geodis", "airport disambiguation|x", "Begriffsklärung"})
    CHECK(parse("a\n==See also==\n{{" + std::string(name) + "}}").disambiguation);
  CHECK(parse("a __DISAMBIG__").disambiguation);
  CHECK_FALSE(parse("a {{disambiguation needed}}").disambiguation);
}

TEST_CASE("hostile pages take work linear in their size and keep what follows") {
  const auto many = [](std::string_view piece, size_t n) {
    std::string text;
    for (size_t i = 0; i < n; ++i) text += piece;
    return text;
  };
  const char* pieces[] = {"{{",
                          "[[",
                          "<ref>",
                          "<!--",
                          "{{{",
                          "{|\n",
                          "-{",
                          "[http://a ",
                          "<b ",
                          "'''",
                          "&#",
                          "__A",
                          "<table>",
                          "<nowiki>",
                          "<math>",
                          "{{nowrap|",
                          "[[a|",
                          "{{a|b=",
                          "[[File:a|[[",
                          "\n==",
                          "<ref ",
                          "{{lang|a|{{",
                          "\n{|\n|",
                          "(<ref/>",
                          "\n:",
                          "}}",
                          "]]",
                          "{{!}}",
                          "<li>",
                          "\n=a=\n",
                          "<sup>1",
                          "[[a\n\n",
                          "a:\n\n",
                          "<rt>",
                          "<rtc>a",
                          "<tvar|",
                          "<tvar|a>",
                          "[a",
                          "]]]",
                          "http://",
                          "://",
                          "__a",
                          "* <b\n",
                          "[[Help:a]] ",
                          "&a",
                          "* <b ",
                          "[[a [b]] ",
                          "{{a\n|b=c\n",
                          "{{begin}}\n|a\n",
                          "{|a\n|b\n\n",
                          "[[File:a|b\n",
                          "{{a|b} ",
                          "<tabber>a=",
                          "a {{b|c\n",
                          "<table>\n\n",
                          "{{end}}\n",
                          "{{PAGENAME}}",
                          "<youtube>",
                          "{{a}} ",
                          "b. {{a}} ",
                          "(b: {{cn}}, ",
                          "{{#if:|",
                          "{{lc:a",
                          "{{#switch:a|{{b}}=",
                          "({{a}}",
                          "{{nowrap|{{a}}"};
  for (const char* piece : pieces) {
    CAPTURE(piece);
    int64_t work[2];
    for (const size_t n : {20000, 40000}) {
      const std::string page = "Start.\n\n" + many(piece, n);
      const Article article = parse(page);
      REQUIRE(!article.paragraphs.empty());
      CHECK(article.paragraphs[0].text == "Start.");
      CHECK(article.work < 40 * int64_t(page.size()));
      work[n == 40000] = article.work;
    }
    CHECK(work[1] < 2.2 * double(work[0]));
  }
}

// In time that is not linear in the bytes, these would not end.
TEST_CASE("a million brackets that nothing closes, or lines of templates, are one page among others") {
  for (const std::string piece : {"{{", "[[", "<ref>", "{|\n", "{{a}}\n"}) {
    CAPTURE(piece);
    std::string page = "Start.\n\n";
    for (int i = 0; i < 1'000'000; ++i) page += piece;
    const Article article = parse(page);
    REQUIRE(!article.paragraphs.empty());
    CHECK(article.paragraphs[0].text == "Start.");
    CHECK(article.work < 40 * int64_t(page.size()));
  }
}

TEST_CASE("nesting beyond the depth allowed is left out") {
  std::string page = "a ";
  for (int i = 0; i < 50000; ++i) page += "{{nowrap|b ";
  for (int i = 0; i < 50000; ++i) page += "}}";
  const Article article = parse(page + " c");
  REQUIRE(article.paragraphs.size() == 1);
  CHECK(article.paragraphs[0].text.starts_with("a b b"));
  CHECK(article.paragraphs[0].text.ends_with("b c"));
  CHECK(article.omissions[Omission::too_much] == 1);
}

TEST_CASE("any cut of a page parses and keeps its links inside of the text") {
  const std::string page =
      "{{Short description|x}}\n{{Infobox|a=[[b]]|c={{d|e}}}}\n'''Foo''' ({{IPA|x}}; {{lang|fr|[[é]]}}) is [[a|b "
      "''c'']]s."
      "<ref name=x>{{cite|[[y]]}}</ref> -{zh:x;y}- [http://x y]<br/>\n== H ==\n{|\n|[[z]]\n|}\n* x\n[[File:a|b [[c]]]] "
      "&ndash; <math>x</math> <nowiki>[[</nowiki> {{convert|1|km}} __TOC__\n";
  for (size_t n = 0; n <= page.size(); ++n) marked(page.substr(0, n));
  for (size_t n = 0; n <= page.size(); ++n) marked(page.substr(n));
}

TEST_CASE("counts of pages add up, with the first page of each kind") {
  kilm::wikitext::OmissionSum sum;
  sum.add(parse("a [[File:x]]").omissions, "A");
  sum.add(parse("b {{foo}} [[File:x]]").omissions, "B");
  sum.add(parse("c {{foo}} {{bar}}").omissions, "C");
  const auto& kind = sum.kinds[size_t(Omission::template_)];
  CHECK(kind.count == 3);
  CHECK(kind.page == "B");
  CHECK(sum.kinds[size_t(Omission::image)].page == "A");
  CHECK(sum.kinds[size_t(Omission::table)].page.empty());
  CHECK(sum.templates.at("foo").count == 2);
  CHECK(sum.templates.at("foo").page == "B");
  CHECK(sum.templates.at("bar").page == "C");
  for (int i = 0; i < kilm::wikitext::kOmissions; ++i) CHECK(std::string(kilm::wikitext::name(Omission(i))) != "");
}

TEST_CASE("a raised template behind a word is a part of it") {
  for (const char* text : {"A five m<sup>{{foo}}</sup> mill. Two.", "A five [[metre|m]]<sup>{{foo}}</sup> mill. Two.",
                           "Some x<sub>{{foo}}</sub> here. Two.", "It is 5 km{{foo}} wide. Two."})
    CHECK_MESSAGE(one(text) == "Two.", text);
  CHECK(one("A mill.<sup>{{foo}}</sup> Two m<sup>2</sup>.") == "A mill. Two m².");
}

TEST_CASE("a caption of several paragraphs is a caption") {
  kilm::languages::Site site;
  site.namespaces.add(kilm::languages::Namespaces::kFile, "File");
  const auto texts = [&](const char* wikitext) {
    return marked(kilm::wikitext::parse_wikitext(wikitext, site, "Page"));
  };
  CHECK(texts("[[File:A.jpg|thumb|First.\n\nSecond [[b]].]]\nThe mill is [[old]].") == Texts{"The mill is [old>Old]."});
  CHECK(texts("[[File:A.jpg|thumb|First.\n\nSecond [[b]].\n== C ==\nd]]") == Texts{"Second [b>B].", "d"});
  CHECK(texts("[[File:A.jpg|First.\n\nSecond.") == Texts{"Second."});
}

TEST_CASE("a description that lacks a word is none") {
  CHECK(parse("{{Short description|Old {{foo}} mill}}{{short description|b}}").short_description == "b");
  CHECK(parse("'''Mill''' is a {{foo}} thing. It stands.").lacks_first_sentence);
  CHECK(parse("'''Mill''' is a {{foo}} thing.\n\nIt stands.").lacks_first_sentence);
  CHECK_FALSE(parse("'''Mill''' is a thing. It {{foo}} stands.").lacks_first_sentence);
  CHECK_FALSE(parse("Mill is.\n\nA {{foo}} thing. It stands.").lacks_first_sentence);
}

TEST_CASE("flags of a text in variants hide it or are the variants") {
  CHECK(one("a-{zh;zh-hans;zh-hant|b}-c-{H|d}--{ - |e}--{A;H|f}-") == "abc");
}

TEST_CASE("brackets around a link are text, and a path is no page") {
  CHECK(one("The [[[old]]] [[[[x]]]] mill.") == "The [[old>Old]] [x>X] mill.");
  CHECK(one("The [[../x]] [[./y|z]] mill.") == "The ../x z mill.");
}

TEST_CASE("what is broken at the end of a box or a tag is no text") {
  CHECK(one("{{Infobox\n|a=b\n}}}\nThe mill.") == "The mill.");
  CHECK(one("A set {a, {{nowrap|b}}}.") == "A set {a, b}.");
  CHECK(one("The mill<ref name=\"a\" is [[old]].") == "The mill is [old>Old].");
  CHECK(one("The mill<ref name=a group = 'b' is.<ref>c</ref> So.") == "The mill is. So.");
  CHECK(marked("<mainpage-leftcolumn-start />\na\n<mainpage-endcolumn />\nb<embedvideo>c</embedvideo>") ==
        Texts{"a", "b"});
}
