#include "tensor/base/lines.h"

#include <doctest/doctest.h>

#include <vector>

#include "tensor/base/error.h"
#include "tests/kilm/folder.h"

namespace {

std::vector<std::string> lines_of(const std::string& text) {
  const Folder folder;
  folder.write("file", text);
  base::Lines lines(folder / "file");
  std::vector<std::string> result;
  while (lines.next()) result.push_back(lines.text() + (lines.has_line_feed() ? "\n" : ""));
  return result;
}

}  // namespace

TEST_CASE("lines: a file is its lines one behind the other, whatever they hold and however long they are") {
  const std::string text = "one\n\n two\r\n" + std::string(200'000, 'x') + "\n" + std::string("\0\n", 2) + "last";
  std::string joined;
  for (const std::string& line : lines_of(text)) joined += line;
  CHECK(joined == text);
  CHECK(lines_of(text).size() == 6);
  CHECK(lines_of("") == std::vector<std::string>{});
  CHECK(lines_of("\n") == std::vector<std::string>{"\n"});
}

TEST_CASE("lines: what cannot be read is told with its place") {
  const Folder folder;
  folder.write("file", "12345\n123456\n");
  base::Lines lines(folder / "file", 5);
  CHECK(lines.next());
  CHECK(lines.place() == folder / "file" + ": line 1");
  CHECK_THROWS_WITH_AS(lines.next(), (folder / "file" + ": line 2: has more than 5 bytes").c_str(), base::DamagedInput);
  CHECK_THROWS_WITH_AS(base::Lines(folder / "none"), doctest::Contains("none: cannot be opened: No such file"),
                       base::Error);
  base::Lines directory(folder.path);
  CHECK_THROWS_WITH_AS(directory.next(), doctest::Contains("cannot be read: Is a directory"), base::Error);
  folder.write("pointer", "version https://git-lfs.github.com/spec/v1\n");
  base::Lines pointer(folder / "pointer");
  CHECK_THROWS_WITH_AS(pointer.next(), doctest::Contains("git-lfs pointer"), base::DamagedInput);
}
