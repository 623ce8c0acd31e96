#include "kilm/wikitext/templates.h"

#include <doctest/doctest.h>

#include <utility>

#include "kilm/wikitext/wikitext.h"

using kilm::wikitext::TemplateRole;

namespace {

std::string text(const std::string& wikitext, const char* language = "") {
  kilm::languages::Site site;
  site.language = language;
  const kilm::wikitext::Article article = kilm::wikitext::parse_wikitext("x " + wikitext + " y", site, "Page");
  std::string result;
  for (const kilm::wikitext::Paragraph& paragraph : article.paragraphs)
    result += (result.empty() ? "" : "/") + paragraph.text;
  return result;
}

}  // namespace

TEST_CASE("names of templates meet in one form") {
  CHECK(kilm::wikitext::template_name(" Template:Cite_web\n") == "cite web");
  CHECK(kilm::wikitext::template_role("cite web", "en") == TemplateRole::note);
  CHECK(kilm::wikitext::template_role("lang-fr", "en") == TemplateRole::words);
  CHECK(kilm::wikitext::template_role("infobox person", "en") == TemplateRole::silent);
  CHECK(kilm::wikitext::template_role("human name disambiguation", "en") == TemplateRole::disambiguation);
  CHECK(kilm::wikitext::template_role("short description", "en") == TemplateRole::short_description);
  CHECK(kilm::wikitext::template_role("no such template", "en") == TemplateRole::unknown);
}

TEST_CASE("templates whose words carry the sentence keep them") {
  CHECK(text("{{nowrap|a b}}") == "x a b y");
  CHECK(text("{{Lang|fr|chat}}") == "x chat y");
  CHECK(text("{{lang-ru|Москва|Moskva}}") == "x Москва y");
  CHECK(text("{{transl|ar|DIN|ab}}") == "x ab y");
  CHECK(text("{{nihongo|Aikido|合気道|aikidō}}") == "x Aikido (合気道, aikidō) y");
  CHECK(text("{{nihongo|Aikido}}") == "x Aikido y");
  CHECK(text("{{circa|1900}}, {{c.|1900|1910}}") == "x c. 1900, c. 1900 – c. 1910 y");
  CHECK(text("{{frac|2}} {{frac|3|4}} {{frac|1|3|4}}") == "x 1/2 3/4 1 3/4 y");
  CHECK(text("1{{snd}}2{{nbsp}}3") == "x 1 – 2 3 y");
  CHECK(text("{{HMS|Beagle}}, {{sclass|Nimitz|aircraft carrier}}") == "x HMS Beagle, Nimitz-class aircraft carrier y");
  CHECK(text("{{US$|5}}") == "x US$5 y");
  CHECK(text("{{ill|Foo|fr|Bar|lt=baz}}") == "x baz y");
  CHECK(text("{{chem|H|2|O}} {{chem|SO|4|2-}} {{chem|C|''n''|H|2''n''+2}}") == "x H2O SO4²⁻ CnH2n+2 y");
  CHECK(text("{{formatnum:1234}}") == "x 1234 y");
  CHECK(text("{{abbr|1=e = mc|2=tip}}") == "x e = mc y");
  CHECK(text("B{{music|flat}}") == "x B♭ y");
  CHECK(text("{{quote|a b}}") == "x/a b/y");
  CHECK(text("{{IPA|/t/}} {{IPA|fr|ʃa}}") == "x /t/ [ʃa] y");
  CHECK(text("{{US patent|123}} {{-\"}}z\"") == "x U.S. Patent 123 \"z\" y");
  CHECK(text("{{harvtxt|A|1999|p=3}} {{Harvcoltxt|A|B|C|1999}} {{harvtxt|A|B|C|D|1999}}") ==
        "x A (1999) A, B & C (1999) A et al. (1999) y");
}

TEST_CASE("units are written out without conversion") {
  CHECK(text("{{convert|10|km|mi}}") == "x 10 kilometres y");
  CHECK(text("{{convert|1|mi|km|abbr=on}}") == "x 1 mi y");
  CHECK(text("{{convert|1|ft|m}}") == "x 1 foot y");
  CHECK(text("{{convert|10|to|20|C|F}}") == "x 10 to 20 °C y");
  CHECK(text("{{convert|5|ft|10|in|m}}") == "x 5 feet 10 inches y");
  CHECK(text("a {{cvt|5|km|adj=on}} race") == "x a 5-kilometre race y");
  CHECK(text("{{convert|7|furlong}}") == "x 7 furlong y");
  CHECK(text("{{convert|2|m|sp=us}} {{convert|1|kN}} {{convert|3|kn}}") == "x 2 meters 1 kilonewton 3 knots y");
  CHECK(text("{{convert|2.3|Moilbbl/d|m3}}, {{cvt|5|e6acre}}") == "x 2.3 million barrels per day, 5 million acres y");
  CHECK(text("{{convert|3|C-change}} {{convert|2|Tcuft}}") == "x 3 °C 2 trillion cubic feet y");
  CHECK(text("{{convert|-12345.6789|to|1,000|m}} {{convert|4500|ft|comma=off}}") ==
        "x -12,345.6789 to 1,000 metres 4500 feet y");
}

TEST_CASE("numbers keep all that they say") {
  CHECK(text("{{val|1.00794|0.00007}} {{val|9.1|e=-31|ul=kg}} {{val|5|1|2|up=s}}") ==
        "x 1.00794±0.00007 9.1×10⁻³¹ kg 5+1−2/s y");
  CHECK(text("3{{e|8}} m{{sup|2}} m<sup>&minus;1</sup> 4{{sup|th}}") == "x 3×10⁸ m² m⁻¹ 4th y");
  CHECK(text("{{ordinal|1}} {{ordinal|12}} {{nth|22}} {{nth|103}}") == "x 1st 12th 22nd 103rd y");
  CHECK(text("{{gaps|299|792|458}} {{height|ft=6|in=2}} {{height|m=1.85}}") == "x 299792458 6 ft 2 in 1.85 m y");
}

TEST_CASE("places in running text are written out, those of the page are not") {
  CHECK(text("at {{coord|13|19|N|169|9.5|W|name=A}}.") == "x at 13°19′N 169°9.5′W. y");
  CHECK(text("{{coord|57.18|-4.62}} {{Coord|1|2|3|S|4|E}}") == "x 57.18°N 4.62°W 1°2′3″S 4°E y");
  CHECK(text("a{{coord|1|N|2|E|display=inline,title}}") == "x a y");
  CHECK(text("at {{coord|1|N|2}}") == "");
}

TEST_CASE("names keep what stands around them") {
  CHECK(text("John, {{post-nominals|country=GBR|KBE|FRS}} ({{née|Doe}})") == "x John, KBE FRS (née Doe) y");
  CHECK(text("{{bibleverse||Genesis|1:2}}; {{bibleverse|1|John|3:16|KJV}}; {{bibleverse|Mark|3:25|9}}") ==
        "x Genesis 1:2; 1 John 3:16; Mark 3:25 y");
  CHECK(text("{{audio|a.ogg|'''Berlin'''}} {{audio|a.ogg|Listen}}") == "x Berlin y");
  CHECK(text("{{key press|Ctrl|C}} {{linktext|中|国}}") == "x Ctrl+C 中国 y");
}

TEST_CASE("a pronunciation is a word of its sentence, and none in parentheses") {
  CHECK(text("{{IPA|en|mɪl}} {{IPAc-en|UK|m|ɪ|_|l}} {{IPA-fr|/ʃa/|lang}}") == "x [mɪl] /mɪ l/ /ʃa/ y");
  CHECK(text("a (UK: {{IPAc-en|m|ɪ|l}}, US: {{IPA|en|mɪl}}; b {{IPA|ʃ}})") == "x a (b ʃ) y");
  CHECK(text("{{IPAc-pl|m|y}}") == "");
}

TEST_CASE("what is marked by a colour is its second argument in any language") {
  CHECK(text("{{Farbe|red|rot}}", "de") == "x rot y");
  CHECK(text("{{kolor|red|ładny}}", "pl") == "x ładny y");
  CHECK(text("{{couleur|red|beau}}", "fr") == "x beau y");
  CHECK(text("{{màu|red|đẹp}}", "vi") == "x đẹp y");
}

TEST_CASE("links to other languages show the title of this one") {
  CHECK(text("{{Lien|langue=en|trad=Mill|fr=Moulin}} {{lien|langue=en|trad=Mill|Tour}} {{Lien|trad=Mill}}", "fr") ==
        "x Moulin Tour Mill y");
  CHECK(text("{{lien|trad=Mill|fr=Moulin|texte=moulin}}") == "x moulin y");
  CHECK(text("{{link-interwiki|tekst=młyn|Młyn|Q=5}}", "pl") == "x młyn y");
  CHECK(text("{{وصلة إنترويكي|عر=نهر|تر=River|لغ=en|نص=النهر}}", "ar") == "x النهر y");
}

TEST_CASE("centuries say which side of the era they are on") {
  CHECK(text("{{sec|XVI|a.C.}} {{sec|XVI}}", "it") == "x XVI secolo a.C. XVI secolo y");
  CHECK(text("{{siglo|XVI|d}} {{siglo|V|a}}", "es") == "x siglo XVI d. C. siglo V a. C. y");
  CHECK(text("{{-Ve siècle}} {{XIXe siècle|déb.}}", "fr") == "x Ve siècle av. J.-C. XIXe siècle déb. y");
}

TEST_CASE("dates, fractions and signs of other languages") {
  CHECK(text("{{dts|3|5|1950}} {{Bruch|3|1|2}} {{Bruch|1|2}}", "de") == "x 3. Mai 1950 3 1/2 1/2 y");
  CHECK(text("{{script|Latn|a b}}", "en") == "x a b y");
  CHECK(text("{{±|3}} {{±|1|2}} {{±}}", "ru") == "x ±3 +1−2 ± y");
  CHECK(text("n.{{o}} 5", "es") == "x n.º 5 y");
  CHECK(text("a{{apici|e=2}}", "it") == "x a² y");
  for (const auto& [wikitext, language] :
       {std::pair("{{wiek|1950|5|3}}", "pl"), {"a{{apici|p=2|e=3}}", "it"}, {"{{подст:x}}", "ru"}})
    CHECK_MESSAGE(text(wikitext, language) == "", wikitext);
}

TEST_CASE("numbers of books are words") {
  CHECK(text("{{ISBN|123|456}} {{OCLC|123}} {{doi|10.1/a}}") == "x ISBN 123, 456 OCLC 123 doi:10.1/a y");
  CHECK(text("{{ISBN2|1}}", "ja") == "x ISBN 1 y");
  CHECK(text("{{ردمك|1}}", "ar") == "x ردمك 1 y");
}

TEST_CASE("templates of other languages") {
  CHECK(text("{{s|a b}} {{date|1|mai|1950}} {{unité|5|km}}") == "x a b 1 mai 1950 5 km y");
  CHECK(text("{{не переведено 5|Цель|слово|en|Target}} {{llang|en|word}}") == "x слово word y");
  CHECK(text("{{lang-zh|s=中国|p=Zhongguo}}{{bd|1950年|5月1日|2000年}}") == "x 中国（1950年5月1日－2000年） y");
}

TEST_CASE("what editors say to each other is left out like a reference") {
  for (const char* name : {"episode needed", "importance inline", "medical citation needed", "by whose standard?"})
    CHECK(kilm::wikitext::template_role(name, "en") == TemplateRole::note);
}

TEST_CASE("dates are written out") {
  CHECK(text("{{birth date|1950|5|01|df=y}}") == "x 1 May 1950 y");
  CHECK(text("{{start date|1950|5|1}}") == "x May 1, 1950 y");
  CHECK(text("{{As of|2015|3|lc=y}}") == "x as of March 2015 y");
  CHECK(text("{{as of|2015|alt=in 2015}}") == "x in 2015 y");
}

TEST_CASE("arguments may hold links and templates") {
  CHECK(text("{{nowrap|[[a|b]] {{lang|fr|[[c{{!}}d]]}} e}}") == "x b d e y");
  CHECK(text("{{convert|{{frac|1|2}}|mi}}") == "x 1/2 miles y");
}

TEST_CASE("templates that are not known are left out with their sentence, and listed") {
  const kilm::wikitext::Article article = kilm::wikitext::parse_wikitext(
      "It is {{convert|a}} long. So{{Foo|1}} it is{{cn}} (now; {{foo}}).\n{{Box}}", kilm::languages::Site(), "Page");
  REQUIRE(article.paragraphs.size() == 1);
  CHECK(article.paragraphs[0].text == "So it is (now).");
  CHECK(article.omissions.templates == std::map<std::string, int64_t, std::less<>>{{"convert", 1}, {"foo", 2}});
  CHECK(article.omissions[kilm::wikitext::Omission::template_] == 4);
  CHECK(article.omissions[kilm::wikitext::Omission::sentence] == 1);
  CHECK(article.omissions[kilm::wikitext::Omission::reference] == 1);
}

TEST_CASE("a template that is not known is a box or a notice between sentences, and a word in front of others") {
  const auto paragraphs = [](const char* wikitext) {
    std::string result;
    for (const kilm::wikitext::Paragraph& paragraph :
         kilm::wikitext::parse_wikitext(wikitext, kilm::languages::Site(), "Page").paragraphs)
      result += (result.empty() ? "" : "/") + paragraph.text;
    return result;
  };
  for (const char* box :
       {"{{Foo}}\nbash is a shell. Two.", "{{Foo}} {{Bar}} \nbash is a shell. Two.",
        "{{Foo}} '''bash''' is a shell. Two.", "{{Foo\n|a}} bash is a shell. Two.", "bash is a shell.\n{{Foo}}\nTwo.",
        "bash is a shell. {{Foo}}\nTwo.", "bash is a shell.{{Foo}} Two.", "bash{{Foo}} is a shell. Two."})
    CHECK_MESSAGE(paragraphs(box) == "bash is a shell. Two.", box);
  for (const char* word :
       {"{{Foo}} is a shell. Two.", "{{Foo}} Shell is one. Two.", "{{Foo}}, a shell, is one. Two.",
        "{{Foo}}'s shell is one. Two.", "The\n{{Foo}}\nis a shell. Two.", "It costs ${{Foo}}. Two.",
        "See {{subst:Foo}} here. Two.", "A [[b|{{Foo}}]] cee. Two.", "A {{convert|{{Foo}}|km}} cee. Two.",
        "A {{lang|en|b {{Foo}} c}} dee. Two.", "A {{start date|1950|{{Foo}}}} bee. Two."})
    CHECK_MESSAGE(paragraphs(word) == "Two.", word);
}

TEST_CASE("templates may be named with their namespace in the language of the wiki") {
  kilm::languages::Site site;
  site.namespaces.add(10, "Modèle");
  CHECK(kilm::wikitext::parse_wikitext("a {{modèle:nowrap|b}}", site, "Page").paragraphs[0].text == "a b");
}
