#include "kilm/dump/text_source.h"

#include <doctest/doctest.h>

#include "tensor/base/error.h"
#include "tests/kilm/compressed.h"
#include "tests/kilm/folder.h"

using kilm::dump::TextSource;

TEST_CASE("text source: lines and bytes, each with its place") {
  const Folder folder;
  folder.write("text", "one\n\nthree\r\nfour");
  TextSource source(folder / "text");
  CHECK(source.peek(3).starts_with("one\n"));
  REQUIRE(source.next_line());
  CHECK(source.text() == "one");
  CHECK(source.place() == folder / "text" + ": line 1");
  REQUIRE(source.next_line());
  CHECK(source.text() == "");
  CHECK(source.taken() == 5);
  CHECK(source.get() == 't');
  CHECK(source.line() == 3);
  REQUIRE(source.next_line());
  CHECK(source.text() == "hree\r");
  REQUIRE(source.next_line());
  CHECK(source.text() == "four");
  CHECK(source.line() == 4);
  CHECK(!source.next_line());
  CHECK(source.get() == -1);
  CHECK(source.peek(1) == "");
  CHECK(source.size() == source.taken());
}

TEST_CASE("text source: a long text, plain and packed") {
  std::string text;
  for (int i = 0; i < 50000; ++i) text += "line " + std::to_string(i) + "\n";
  const Folder folder;
  folder.write("plain", text);
  folder.write("packed", gzip(text));
  for (const char* name : {"plain", "packed"}) {
    TextSource source(folder / name);
    int64_t lines = 0;
    bool same = true;
    while (source.next_line()) same = same && source.text() == "line " + std::to_string(lines++);
    CHECK(lines == 50000);
    CHECK(same);
    CHECK(source.size() == (std::string(name) == "plain" ? int64_t(text.size()) : 0));
  }
}

TEST_CASE("text source: a line that is too long and a git-lfs pointer are damage") {
  const Folder folder;
  folder.write("text", "short\nlonger\n");
  TextSource source(folder / "text");
  CHECK(source.next_line(5));
  CHECK_THROWS_WITH_AS(source.next_line(5), (folder / "text" + ": line 2: has more than 5 bytes").c_str(),
                       base::DamagedInput);
  folder.write("pointer", "version https://git-lfs.github.com/spec/v1\n");
  CHECK_THROWS_AS(TextSource(folder / "pointer"), base::DamagedInput);
  CHECK_THROWS_AS(TextSource(folder / "none"), base::Error);
}
