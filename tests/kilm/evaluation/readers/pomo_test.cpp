#include "kilm/evaluation/readers/pomo.h"

#include <doctest/doctest.h>

#include "tensor/base/error.h"
#include "tests/kilm/folder.h"

using kilm::evaluation::Appositive;
using kilm::evaluation::PomoReader;

namespace {

// Returns a line of a .pm file.
std::string line(const std::string& without, const std::string& name, const std::string& phrase,
                 const std::string& with, const std::string& id = "Q1", const std::string& item = "a.story:1",
                 const std::string& before = "n/a") {
  return without + "\t" + name + "\t" + phrase + "\t" + with + "\t" + id + "\t" + before + "\t<n/a>\t4.5\t" + item +
         "\n";
}

const std::string kSong = line("Ann Lee sang with Ann Lee 's sister .", "Ann Lee", "a singer",
                               "Ann Lee , a singer , sang with Ann Lee 's sister .", "Q1", "a.story:1", "It rained  .");
const std::string kFacts =
    "Q1\tAnn Lee\tAnnie,A. L.\tsinger\t[{\"property\": [\"born\", \"1970\"], \"qualifiers\": [], \"used\": []}, "
    "{\"property\": [\"work\", \"singer\"], \"qualifiers\": [[\"since\", \"1990\"], [\"until\", \"1999\"]], \"used\": "
    "[\"b.story:7\", \"a.story:1\"]}, {\"property\": [\"home\", \"Ulm\"], \"qualifiers\": [\"from\", \"2001\"], "
    "\"used\": [\"c.story:2\"]}]\t\n"
    "Q2\tBo\t\t\t[]\n";

// Returns the items of a file.
std::vector<Appositive> read(const Folder& folder, const std::string& items, const std::string& facts = kFacts) {
  folder.write("x.pm", items);
  folder.write("x.wiki", facts);
  PomoReader reader(folder / "x.pm", folder / "x.wiki");
  std::vector<Appositive> all;
  while (std::optional<Appositive> item = reader.next()) all.push_back(std::move(*item));
  return all;
}

std::string complaint(const Folder& folder, const std::string& items, const std::string& facts = kFacts) {
  try {
    read(folder, items, facts);
  } catch (const base::DamagedInput& error) {
    return std::string(error.what()).substr((folder / "").size());
  }
  return "";
}

}  // namespace

TEST_CASE("PoMo: the slot is behind the name that both sentences begin with") {
  const Folder folder;
  const std::vector<Appositive> items =
      read(folder, kSong + line("Here came Bo right", "Bo", "right", "Here came Bo , right", "Q2") +
                       line("Bo said no", "Bo", "he", "Bo said he no", "Q2"));
  REQUIRE(items.size() == 3);
  CHECK(items[0].name == "Ann Lee");
  CHECK(items[0].left == "Ann Lee");
  CHECK(items[0].right == "sang with Ann Lee 's sister .");
  CHECK(items[0].target == "a singer");
  CHECK(items[0].previous == "It rained .");
  CHECK(items[0].next == "");
  CHECK(items[1].left == "Here came Bo");
  CHECK(items[1].right == "right");
  CHECK(items[1].previous == "");
  CHECK(items[1].name_begin() == 10);
  CHECK(items[2].left == "Bo");
}

TEST_CASE("PoMo: lines may end as in Windows") {
  const Folder folder;
  const auto windows = [](std::string text) {
    for (size_t at = 0; (at = text.find('\n', at)) != text.npos; at += 2) text.insert(at, 1, '\r');
    return text;
  };
  const std::vector<Appositive> items = read(folder, windows(kSong + kSong), windows(kFacts));
  REQUIRE(items.size() == 2);
  REQUIRE(items[1].fact);
  CHECK(items[1].fact->value == "singer");
}

TEST_CASE("PoMo: a name that does not stand before the slot is not found there") {
  const Folder folder;
  const std::vector<Appositive> items = read(folder, line("He and Bo left", "Bo", "once", "He once and Bo left", "Q2") +
                                                         line("He left", "", "once", "He once left", "Q2"));
  CHECK(items[0].left == "He");
  CHECK(items[0].right == "and Bo left");
  CHECK(!items[0].name_begin());
  CHECK(!items[1].name_begin());
}

TEST_CASE("PoMo: the first claim that names the item is its fact") {
  const Folder folder;
  const std::vector<Appositive> items = read(
      folder, kSong + line("Ann Lee", "Ann Lee", "", "Ann Lee", "Q1", "c.story:2") + line("Bo", "Bo", "", "Bo", "Q2"));
  REQUIRE(items[0].fact);
  CHECK(items[0].fact->property == "work");
  CHECK(items[0].fact->value == "singer");
  CHECK(items[0].fact->qualifier == "since 1990 until 1999");
  CHECK(items[1].fact->qualifier == "from 2001");
  CHECK(!items[2].fact);
}

TEST_CASE("PoMo: what is damaged is named with its line") {
  const Folder folder;
  CHECK(complaint(folder, kSong) == "");
  CHECK(complaint(folder, "") == "x.pm: there is no line");
  CHECK(complaint(folder, kSong, "") == "x.wiki: there is no line");
  CHECK(complaint(folder, kSong + "a\tb\n") == "x.pm: line 2: has 2 columns, it should have 9");
  CHECK(complaint(folder, "\xff" + kSong) == "x.pm: line 1: is no UTF-8");
  CHECK(complaint(folder, kSong, kFacts + "Q3\tC\n") == "x.wiki: line 3: has 2 columns, it should have 5");
  CHECK(complaint(folder, line("Bo", "Bo", "", "Bo", "Q9")).starts_with("x.pm: line 1: there is no Q9 in "));
  CHECK(complaint(folder, kSong, "Q1\tAnn Lee\t\t\t[{]\n").find("x.wiki: line 1") != std::string::npos);
  CHECK(complaint(folder, kSong,
                  "Q1\tAnn Lee\t\t\t[{\"property\": [\"a\"], \"qualifiers\": [], \"used\": [\"a.story:1\"]}]\n")
            .ends_with("x.wiki: line 1: property: should be a name and a value"));
  CHECK(complaint(folder, kSong, "Q1\tAnn Lee\t\t\t[{\"property\": [\"a\", \"b\"]}]\n").ends_with("no entry \"used\""));
}
