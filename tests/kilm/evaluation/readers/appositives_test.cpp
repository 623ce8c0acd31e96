#include "kilm/evaluation/readers/appositives.h"

#include <doctest/doctest.h>

#include "tests/kilm/folder.h"

TEST_CASE("appositives: a path that ends in .pm is PoMo's, another ApposCorpus's") {
  const Folder folder;
  folder.write("x.pm", "Bo left .\tBo\thim\tBo , him , left .\tQ2\tn/a\tn/a\t0\ts:1\n");
  folder.write("x.wiki", "Q2\tBo\t\t\t[]\n");
  folder.write(
      "x.jsonl",
      R"({"name": "Bo", "input": ["Bo", "<appos>"], "target": [], "previous_sentence": [], "next_sentence": []})");
  CHECK(kilm::evaluation::open_appositives(folder / "x.pm")->next()->target == "him");
  CHECK(kilm::evaluation::open_appositives(folder / "x.jsonl")->next()->target == "");
}

TEST_CASE("appositives: the last occurrence of the name before the slot counts") {
  kilm::evaluation::Appositive item;
  item.name = "Bo";
  item.left = "Bo saw Bo and";
  CHECK(item.name_begin() == 7);
  item.left = "he";
  CHECK(!item.name_begin());
  item.name = "";
  CHECK(!item.name_begin());
}
