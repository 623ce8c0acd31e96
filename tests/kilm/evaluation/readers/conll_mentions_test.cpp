#include <doctest/doctest.h>

#include "tests/kilm/folder.h"
#include "tests/kilm/read_mentions.h"

using kilm::evaluation::MentionFormat;

TEST_CASE("mentions of conll: documents of tokens with single spaces, titles from addresses or YAGO") {
  const Folder folder;
  folder.write(
      "set",
      "-DOCSTART- (1 ONE)\n\n"
      "Visit\nSan\tB\tSan Jose\tSan_Jose,_California\thttp://en.wikipedia.org/wiki/San_Jos%C3%A9\t53446\t/m/0f\n"
      "Jose\tI\tSan Jose\tSan_Jose,_California\thttp://en.wikipedia.org/wiki/San_Jos%C3%A9\t53446\t/m/0f\n"
      ".\n\n"
      "Una\tB\tUna\t--NME--\nBonn\tB\tBonn\tK\\u00f6ln_\\ud83d\\ude00\n\n"
      "-DOCSTART- (2 TWO)\r\nno\r\n"
      "-DOCSTART- (3 (X))\nAC/DC\tB\tAC/DC\tx\thttp://en.wikipedia.org/wiki/AC/DC\nBonn\tB\tBonn\tBonn\ty/Bonn_2");
  CHECK(tests::read_mentions(folder / "set", MentionFormat::conll) ==
        std::vector<std::string>{"0 1 ONE Visit [San Jose] . Una Bonn -> San José",
                                 "1 1 ONE Visit San Jose . [Una] Bonn -> null",
                                 "2 1 ONE Visit San Jose . Una [Bonn] -> Köln 😀", "3 3 (X) [AC/DC] Bonn -> AC/DC",
                                 "4 3 (X) AC/DC [Bonn] -> Bonn 2"});
}

TEST_CASE("mentions of conll: what is damaged is named with its line") {
  const Folder folder;
  const auto damage = [&](const std::string& text) {
    folder.write("set", text);
    const std::string damage = tests::damage_of(folder / "set", MentionFormat::conll);
    REQUIRE_MESSAGE(damage.starts_with(folder / "set" + ": line "), damage);
    return damage.substr((folder / "set" + ": line ").size());
  };
  const std::string start = "-DOCSTART- (1)\n";
  CHECK(damage("a\n") == "1: the first line should begin with -DOCSTART-");
  CHECK(damage("-DOCSTART- -X- O O\n").starts_with("1: -DOCSTART- should be followed by"));
  CHECK(damage(start + "a\n-DOCSTART- ()\n").starts_with("3: -DOCSTART- should be followed by"));
  CHECK(damage(start + "a\tI\ta\tA\n") == "2: I before B: no mention begins in the line above");
  CHECK(damage(start + "a\tB\ta\tA\n\nb\tI\ta\tA\n").starts_with("4: I before B"));
  CHECK(damage(start + "a\tB\ta\tA\nb\nc\tI\ta\tA\n").starts_with("4: I before B"));
  CHECK(damage(start + "a\tB\ta\n") == "2: has 3 columns; a token has one, and one of a mention 4 to 7");
  CHECK(damage(start + "a\tB\ta\tA\tb\tc\td\te\n").starts_with("2: has 8 columns"));
  CHECK(damage(start + "a\tO\ta\tA\n") == "2: the second column is \"O\" and should be B or I");
  CHECK(damage(start + "\tB\ta\tA\n") == "2: a token should not be empty");
  CHECK(damage(start + "a\tB\ta\t_\n") == "2: a title should not be empty");
  CHECK(damage(start + "a\tB\ta\t\\ud83dx\n").starts_with("2: title: \\ud83d should be one of a pair"));
  CHECK(damage(start + "a\xFF\n") == "2: is not UTF-8");
}
