#include "kilm/languages/title.h"

#include <doctest/doctest.h>

using kilm::languages::Namespaces;
using kilm::languages::normalise_title;
using kilm::languages::redirect_target;

TEST_CASE("titles meet in one form") {
  for (const char* raw : {"caf\u00E9 au lait", "Caf\u00E9_au__lait", " caf&eacute; au\u00A0lait ", "Caf%C3%A9 au lait"})
    CHECK(normalise_title(raw) == "Café au lait");
  CHECK(normalise_title("élan") == "Élan");
  CHECK(normalise_title("ßtraße") == "ßtraße");
  CHECK(normalise_title("ელენე") == "ელენე");
  CHECK(normalise_title("100% %zz %ff") == "100% %zz %ff");  // no codes, or none of UTF-8
  CHECK(normalise_title("\u200Eright\u200F") == "Right");
  CHECK(normalise_title("__") == "");
  CHECK(normalise_title("\xff\xfe") == "\xff\xfe");
}

TEST_CASE("a title survives a second normalisation") {
  for (const char* raw : {"caf\u00E9_au lait", "AT&T", "C++", "a:b", "élan"})
    CHECK(normalise_title(normalise_title(raw)) == normalise_title(raw));
}

TEST_CASE("namespaces are found by English, localised and added names") {
  Namespaces namespaces;
  CHECK(namespaces.find("file") == Namespaces::kFile);
  CHECK(namespaces.find("IMAGE") == Namespaces::kFile);
  CHECK(namespaces.find("Datei") == Namespaces::kFile);
  CHECK(namespaces.find("категория") == Namespaces::kCategory);
  CHECK(namespaces.find("User_talk") == 3);
  CHECK_FALSE(namespaces.find("Attāls"));
  CHECK_FALSE(namespaces.find(""));
  namespaces.add(6, "Attāls");
  namespaces.add(0, "");
  CHECK(namespaces.find("attāls") == Namespaces::kFile);
  CHECK_FALSE(namespaces.find(""));
}

TEST_CASE("names that are ordinary words elsewhere are namespaces on wikis of their language only") {
  Namespaces namespaces;
  for (const char* name : {"Class", "Fix", "Benutzerin", "Hilfe"}) CHECK_FALSE(namespaces.find(name));
  namespaces.add_language("kw");
  CHECK(namespaces.find("Class") == Namespaces::kCategory);
  namespaces.add_language("de");
  CHECK(namespaces.find("Benutzerin") == 2);
  CHECK(namespaces.find("Hilfe") == 12);
  namespaces.add(100, "Bild");  // what a wiki says itself comes first
  CHECK(namespaces.find("bild") == 100);
}

TEST_CASE("the first letter of a title follows the rule of its wiki") {
  using kilm::languages::FirstLetter;
  CHECK(normalise_title("istanbul_i", FirstLetter::upper_turkic) == "İstanbul i");
  CHECK(normalise_title("ırmak", FirstLetter::upper_turkic) == "Irmak");
  CHECK(normalise_title("élan  vital", FirstLetter::as_written) == "élan vital");
  CHECK(redirect_target("#REDIRECT [[:march#x]]", FirstLetter::as_written) == "march");
  CHECK(kilm::languages::first_letter_of("tr") == FirstLetter::upper_turkic);
  CHECK(kilm::languages::first_letter_of("de") == FirstLetter::upper);
}

TEST_CASE("redirects are read in any case and language") {
  CHECK(redirect_target("#REDIRECT [[Computer accessibility]] {{R from CamelCase}}") == "Computer accessibility");
  CHECK(redirect_target("\n#redirect:[[foo_bar#part|x]]") == "Foo bar");
  CHECK(redirect_target("#WEITERLEITUNG [[Bär]]") == "Bär");
  CHECK(redirect_target("#перенаправление [[Кот]]") == "Кот");
  CHECK(redirect_target("#REDIRECT [[:Category:Cats]]") == "Category:Cats");
  for (const char* text : {"", "#", "#REDIRECT", "#REDIRECT Foo", "#REDIRECT [[Foo", "#REDIRECT [[#part]]",
                           "# a list [[x]]", "See #REDIRECT [[Foo]]", "#REDIRECTED [[Foo]]", "#REDIRECT [[\n]]"})
    CHECK_FALSE(redirect_target(text));
}
