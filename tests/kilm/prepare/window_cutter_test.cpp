#include "kilm/prepare/window_cutter.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "tensor/base/error.h"
#include "tests/kilm/vocabulary.h"

using kilm::dataset::StoredLink;
using kilm::dataset::TextRange;
using kilm::prepare::kKnowledgeReserve;
using kilm::prepare::WindowCutter;
using kilm::tokenizer::Tokenizer;

namespace {

// Words of different lengths, characters of one to four bytes, and links over some words, in the order of the text.
struct Sample {
  std::string text;
  std::vector<StoredLink> links;
};

Sample random_sample(std::mt19937& random, bool spaces) {
  const char* const pieces[] = {"the", "a", "é", "日本", "𝔘", "(x)", "it's", "12", "-", "th"};
  Sample sample;
  const int words = int(random() % 120);
  for (int i = 0; i < words; ++i) {
    const bool link = random() % 5 == 0;
    const uint32_t begin = uint32_t(sample.text.size());
    for (int n = 1 + int(random() % (link ? 6 : 3)); n > 0; --n)
      sample.text += std::string(pieces[random() % std::size(pieces)]) + (link && spaces && n > 1 ? " " : "");
    if (link) sample.links.push_back({.begin = begin, .end = uint32_t(sample.text.size())});
    if (spaces) sample.text += random() % 20 == 0 ? "  " : " ";
  }
  return sample;
}

void check_windows(const Tokenizer& tokenizer, const Sample& sample, int64_t max_length) {
  const std::vector<TextRange> windows = WindowCutter(tokenizer, max_length).cut(sample.text, sample.links);
  size_t at = 0;
  for (const TextRange& window : windows) {
    REQUIRE(window.begin < window.end);
    for (; at < window.begin; ++at) REQUIRE(sample.text[at] == ' ');
    const std::string text = sample.text.substr(window.begin, window.end - window.begin);
    REQUIRE(text.front() != ' ');
    REQUIRE(text.back() != ' ');
    REQUIRE((static_cast<unsigned char>(text[0]) & 0xC0) != 0x80);
    const int64_t tokens = int64_t(tokenizer.encode(text, {.prefix_space = true}).size());
    REQUIRE(tokens + 2 + kKnowledgeReserve <= max_length);
    at = window.end;
  }
  for (; at < sample.text.size(); ++at) REQUIRE(sample.text[at] == ' ');
}

bool cuts(const std::vector<TextRange>& windows, const StoredLink& link) {
  return std::none_of(windows.begin(), windows.end(),
                      [&](const TextRange& w) { return w.begin <= link.begin && link.end <= w.end; });
}

}  // namespace

TEST_CASE("windows: together they are the text, each fits with its reserve, and no link is cut") {
  const Tokenizer tokenizer = small_tokenizer();
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    const Sample sample = random_sample(random, true);
    for (const int64_t max_length : {kilm::prepare::kMinMaxLength, int64_t(128), int64_t(512)}) {
      check_windows(tokenizer, sample, max_length);
      if (max_length == kilm::prepare::kMinMaxLength) continue;  // some links are longer than such a window
      const auto windows = WindowCutter(tokenizer, max_length).cut(sample.text, sample.links);
      for (const StoredLink& link : sample.links) REQUIRE(!cuts(windows, link));
    }
  }
}

TEST_CASE("windows: text without spaces is cut between characters") {
  const Tokenizer tokenizer = small_tokenizer();
  std::mt19937 random(2);
  for (int round = 0; round < 100; ++round) check_windows(tokenizer, random_sample(random, false), 128);
}

TEST_CASE("windows: they are as long as possible") {
  const Tokenizer tokenizer = small_tokenizer();
  std::string text;
  for (int i = 0; i < 100; ++i) text += "the ";  // " the" is one token
  const WindowCutter cutter(tokenizer, 2 + kKnowledgeReserve + 40);
  std::vector<TextRange> windows = cutter.cut(text, {});
  REQUIRE(windows.size() == 3);
  CHECK(windows[0].end == 40 * 4 - 1);
  CHECK(windows[1].begin == 40 * 4);
  CHECK(windows[1].end == 80 * 4 - 1);
  CHECK(windows[2].end == text.size() - 1);
  // A link over words 38 to 42 moves the cut before it.
  const std::vector<StoredLink> links = {{.begin = 38 * 4, .end = 43 * 4 - 1}};
  windows = cutter.cut(text, links);
  CHECK(windows[0].end == 38 * 4 - 1);
  CHECK(windows[1].begin == 38 * 4);
}

TEST_CASE("windows: a text of spaces has none, one that fits has one") {
  const Tokenizer tokenizer = small_tokenizer();
  const WindowCutter cutter(tokenizer, 512);
  CHECK(cutter.cut("", {}).empty());
  CHECK(cutter.cut("   ", {}).empty());
  const std::vector<TextRange> windows = cutter.cut(" the end ", {});
  REQUIRE(windows.size() == 1);
  CHECK(windows[0].begin == 1);
  CHECK(windows[0].end == 8);
}

TEST_CASE("windows: a length without room for text is refused") {
  const Tokenizer tokenizer = small_tokenizer();
  CHECK_THROWS_WITH_AS(WindowCutter(tokenizer, 95), "max length 95 should be at least 96", base::UsageError);
}

TEST_CASE("windows: the time is linear in the text") {
  const Tokenizer tokenizer = small_tokenizer();
  Sample sample;
  for (int i = 0; i < 50000; ++i) {
    if (i % 4 == 0)
      sample.links.push_back({.begin = uint32_t(sample.text.size()), .end = uint32_t(sample.text.size() + 3)});
    sample.text += "the ";
  }
  const auto windows = WindowCutter(tokenizer, 128).cut(sample.text, sample.links);
  CHECK(windows.size() == 50000 / 62 + 1);
}
