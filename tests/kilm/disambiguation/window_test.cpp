#include "kilm/disambiguation/window.h"

#include <doctest/doctest.h>

#include <string>

using kilm::disambiguation::kWindowSide;
using kilm::disambiguation::Window;
using kilm::disambiguation::window_around;

namespace {

std::string repeated(const std::string& text, int64_t times) {
  std::string all;
  for (int64_t i = 0; i < times; ++i) all += text;
  return all;
}

}  // namespace

TEST_CASE("a window: a short document stays whole") {
  const std::string text = "We met Ann there.";
  const Window window = window_around(text, 7, 10);
  CHECK(window.text == text);
  CHECK(window.begin == 7);
  CHECK(window.end == 10);
}

TEST_CASE("a window: a long document is cut before the spaces that are next, outside of 64 KiB") {
  const std::string side(kWindowSide, 'x');
  const std::string text = "far é one  \u00a0\n" + side + "Ann" + side + "é \u00a0 two far";
  const auto begin = int64_t(text.find("Ann"));
  const Window window = window_around(text, begin, begin + 3);
  CHECK(window.text == " one  \u00a0\n" + side + "Ann" + side + "é \u00a0");
  CHECK(window.text.substr(size_t(window.begin), size_t(window.end - window.begin)) == "Ann");
}

TEST_CASE("a window: a cut may be at 64 KiB itself, and a side without a space stays whole") {
  const std::string side(kWindowSide - 2, 'x'), far = repeated("é", 2 * kWindowSide);
  const std::string text = far + " b" + side + "Ann" + side + far;
  const auto begin = int64_t(text.find("Ann"));
  const Window window = window_around(text, begin, begin + 3);
  CHECK(window.text == " b" + side + "Ann" + side + far);
  CHECK(window.begin == kWindowSide);
  const std::string dense = far + "Ann" + far;
  CHECK(window_around(dense, int64_t(far.size()), int64_t(far.size()) + 3).text == dense);
}
