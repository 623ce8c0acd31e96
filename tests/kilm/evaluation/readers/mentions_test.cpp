#include "kilm/evaluation/readers/mentions.h"

#include <doctest/doctest.h>

#include "tensor/base/error.h"
#include "tests/kilm/folder.h"

using kilm::evaluation::find_mention_format;
using kilm::evaluation::MentionFormat;

TEST_CASE("the format of mentions is found from the file") {
  const Folder folder;
  const auto found = [&](const std::string& text) {
    folder.write("set", text);
    return find_mention_format(folder / "set");
  };
  CHECK(found("{\"text\": 1}\n") == MentionFormat::jsonl);
  CHECK(found("{\"left\": \"output\"}") == MentionFormat::jsonl);
  CHECK(found("{\"id\": 1, \"meta\": {}}\n{\"text\": 1}") == MentionFormat::kilt);
  CHECK(found("{\"output\": []}") == MentionFormat::kilt);
  CHECK(found("\n<?xml version=\"1.0\"?>") == MentionFormat::wned);
  CHECK(found("-DOCSTART- (1)\n") == MentionFormat::conll);
  CHECK_THROWS_WITH_AS(found("a b\n"), doctest::Contains("line 1: should begin with"), base::DamagedInput);
  CHECK_THROWS_WITH_AS(found("{\"a\"\n"), doctest::Contains("set: line 1"), base::DamagedInput);
  CHECK_THROWS_WITH_AS(found(""), doctest::Contains("holds no mention"), base::DamagedInput);
  CHECK_THROWS_WITH_AS(found(" \n"), doctest::Contains("holds no mention"), base::DamagedInput);
  CHECK_THROWS_WITH_AS(find_mention_format("-"), doctest::Contains("--format"), base::UsageError);
  CHECK_THROWS_AS(find_mention_format(folder / "none"), base::Error);
}
