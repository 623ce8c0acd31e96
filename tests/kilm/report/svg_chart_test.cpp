#include "kilm/report/svg_chart.h"

#include <doctest/doctest.h>

#include <cmath>
#include <sstream>

using kilm::report::Chart;
using kilm::report::Point;

namespace {

size_t count(const std::string& text, const std::string& part) {
  size_t n = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

// Returns the d of the first path of a kind.
std::string path_in(const std::string& svg, const std::string& kind = "curve") {
  const size_t found = svg.find("<path class=\"" + kind);
  if (found == std::string::npos) return "";
  const size_t begin = svg.find(" d=\"", found) + 4;
  return svg.substr(begin, svg.find('"', begin) - begin);
}

std::string path_of(const std::vector<Point>& points, bool shares = false) {
  return path_in(kilm::report::to_svg({.title = "t", .series = {{"loss", 0, points}}, .shares = shares}));
}
std::string dots_of(const std::vector<Point>& points) {
  return path_in(kilm::report::to_svg({.title = "t", .series = {{"loss", 0, points}}}), "dots");
}

}  // namespace

TEST_CASE("a curve goes from the left edge to the right, and up where values rise") {
  std::istringstream path(path_of({{1, 0}, {2, 1}, {3, 0.5}}));
  char command;
  double x[3], y[3];
  for (int i = 0; i < 3; ++i) path >> command >> x[i] >> y[i];
  CHECK(x[0] == 58);
  CHECK(x[1] == doctest::Approx((58 + 628) / 2.0));
  CHECK(x[2] == 628);
  CHECK(y[1] < y[2]);
  CHECK(y[2] < y[0]);
  CHECK(y[2] == doctest::Approx((y[0] + y[1]) / 2).epsilon(1e-3));
}

TEST_CASE("shares are drawn between 0 and 1") { CHECK(path_of({{1, 0}, {2, 0.5}}, true) == "M58.0 228.0L628.0 136.0"); }

TEST_CASE("a curve has gaps where there is no value, and a lone point is a dot") {
  const double none = std::nan("");
  CHECK(count(path_of({{1, 1}, {2, 2}, {3, 1}}), "M") == 1);
  const std::vector<Point> points = {{1, 1}, {2, none}, {3, 2}, {4, HUGE_VAL}, {5, 1}, {6, 2}};
  CHECK(count(path_of(points), "M") == 3);
  CHECK(count(path_of(points), "L") == 1);
  CHECK(count(dots_of(points), "h0") == 2);
  CHECK(path_of({{1, none}}) == "");
  CHECK(dots_of({{1, none}}) == "");
  CHECK(count(dots_of({{7, 3}}), "h0") == 1);
  CHECK(dots_of({{1, 1}, {2, 2}}) == "");
}

TEST_CASE("measurements are dots, on the axis of the steps that was asked for") {
  const Chart chart{.title = "t", .series = {{.points = {{300, 2}}, .dotted = true}}, .last = 400};
  const std::string svg = kilm::report::to_svg(chart);
  CHECK(path_in(svg, "dots").starts_with("M485.5 "));  // three quarters of the way from 58 to 628
  CHECK(count(svg, ">400</text>") == 1);
  const Chart two{.title = "t", .series = {{.points = {{1, 2}, {2, 3}}, .dotted = true}}, .last = 2};
  CHECK(count(path_in(kilm::report::to_svg(two), "dots"), "h0") == 2);
  CHECK(count(kilm::report::to_svg(two), "class=\"below\"") == 3);  // 0, 1 and 2: there is no half step
}

TEST_CASE("values that hardly differ have labels that do, and big ones have digits in groups") {
  const auto labels = [](double low, double high, bool zero) {
    return kilm::report::to_svg({.title = "t", .series = {{.points = {{1, low}, {2, high}}}}, .zero = zero});
  };
  CHECK(count(labels(19567.05, 19567.15, false), ">19567.1</text>") == 1);
  CHECK(count(labels(19567, 19568, true), ">15,000</text>") == 1);
  CHECK(count(labels(3e-6, 3e-6, false), ">3e-06</text>") == 1);  // a lone value has its own scale around it
  CHECK(count(labels(-1, 1, false), ">0</text>") == 1);
}

TEST_CASE("of many points each column keeps the extremes") {
  std::vector<Point> points;
  for (int i = 0; i < 100000; ++i) points.push_back({double(i), std::sin(i * 0.37)});
  points[54321].y = 50;
  points[54322].y = -50;
  const std::string path = path_of(points);
  CHECK(path.size() < 20000);
  std::istringstream stream(path);
  double top = 1e9, bottom = 0, x, y;
  for (char command; stream >> command >> x >> y;) {
    top = std::min(top, y);
    bottom = std::max(bottom, y);
  }
  // The scale is widened by a 25th on both sides.
  CHECK(top == doctest::Approx(44 + (228 - 44) * 0.04 / 1.08).epsilon(1e-3));
  CHECK(bottom == doctest::Approx(228 - (228 - 44) * 0.04 / 1.08).epsilon(1e-3));
}

TEST_CASE("many points without a value stay a gap, a few among others do not make one") {
  std::vector<Point> points;
  for (int i = 0; i < 100000; ++i) points.push_back({double(i), i % 7 == 0 ? std::nan("") : 1.0 + i % 5});
  CHECK(count(path_of(points), "M") == 1);
  for (int i = 40000; i < 60000; ++i) points[size_t(i)].y = std::nan("");
  CHECK(count(path_of(points), "M") == 2);
}

TEST_CASE("marks are lines with a text, one of a kind per column, and text is escaped") {
  Chart chart{.title = "a < b & \"c\"", .series = {{"x", 1, {{1, 1}, {100000, 2}}}}};
  chart.marks = {{5000, "spike", "<script>"}, {5001, "spike", "again"}, {5001, "skipped", "other"}};
  const std::string svg = kilm::report::to_svg(chart);
  CHECK(count(svg, "class=\"spike\"") == 1);
  CHECK(count(svg, "class=\"skipped\"") == 1);
  CHECK(svg.find("<title>&lt;script&gt;</title>") != std::string::npos);
  CHECK(svg.find("aria-label=\"a &lt; b &amp; &quot;c&quot;\"") != std::string::npos);
  CHECK(svg.find("again") == std::string::npos);
}

TEST_CASE("ticks are round numbers within the range") {
  CHECK(kilm::report::ticks(0, 10, 5) == std::vector<double>{0, 2, 4, 6, 8, 10});
  CHECK(kilm::report::ticks(-1.2, 1.3, 5) == std::vector<double>{-1, -0.5, 0, 0.5, 1});
  CHECK(kilm::report::ticks(3, 3, 5) == std::vector<double>{3});
  CHECK(kilm::report::ticks(1, 0, 5).empty());
  for (const double high : {1e-7, 3e-5, 0.7, 12., 999., 1e5, 4e9}) {
    const std::vector<double> t = kilm::report::ticks(0, high, 6);
    CHECK(t.size() >= 3);
    CHECK(t.size() <= 7);
    CHECK(t.back() <= high * (1 + 1e-9));
  }
}
