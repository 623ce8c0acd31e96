#include "kilm/evaluation/readers/python_list.h"

#include <doctest/doctest.h>

#include "tensor/base/error.h"

using kilm::evaluation::python_list;
using Texts = std::vector<std::string>;

TEST_CASE("a list of strings as Python writes it") {
  CHECK(python_list("['a', \"it's\", 'say \"x\"']") == Texts{"a", "it's", "say \"x\""});
  CHECK(python_list(" [ 'a' ,\t'b' , ] ") == Texts{"a", "b"});
  CHECK(python_list("[]") == Texts{});
  CHECK(python_list("['']") == Texts{""});
  CHECK(python_list(R"(['it\'s', "\"", '\\', '\n\t\r', '\x41\xe9', '\u0107', '\U0001f642', '\101\0', '\q'])") ==
        Texts{"it's", "\"", "\\", "\n\t\r", "A\u00e9", "\u0107", "\U0001F642", std::string("A\0", 2), "\\q"});
  CHECK(python_list("['café 🚁', 'a\\\nb']") == Texts{"café 🚁", "ab"});
}

TEST_CASE("everything else is refused with its place, and nothing is evaluated") {
  const std::pair<const char*, const char*> bad[] = {
      {"", "byte 0: should be ["},
      {"'a'", "byte 0: should be ["},
      {"('a',)", "byte 0: should be ["},
      {"['a'", "byte 4: should be ,"},
      {"['a' 'b']", "byte 5: should be ,"},
      {"['a'] + ['b']", "byte 6: there is text behind the list"},
      {"[1]", "byte 1: should be a string in quotes"},
      {"['a', None]", "byte 6: should be a string in quotes"},
      {"['a',, 'b']", "byte 5: should be a string in quotes"},
      {"[b'a']", "byte 1: should be a string in quotes"},
      {"[u'a']", "byte 1: should be a string in quotes"},
      {"[f'{1}']", "byte 1: should be a string in quotes"},
      {"[['a']]", "byte 1: should be a string in quotes"},
      {"[__import__('os').system('x')]", "byte 1: should be a string in quotes"},
      {"['a", "byte 3: the string does not end"},
      {"['a\n']", "byte 3: the string does not end"},
      {"['a\\", "byte 4: the string does not end"},
      {"['\\x4']", "byte 4: should be 2 digits"},
      {"['\\ud83d']", "d83d is no character"},
      {"['\\U00110000']", "110000 is no character"},
      {"['\\N{DASH}']", "names of characters are not read"},
  };
  for (const auto& [text, reason] : bad)
    CHECK_THROWS_WITH_AS(python_list(text), doctest::Contains(reason), base::Error);
}
