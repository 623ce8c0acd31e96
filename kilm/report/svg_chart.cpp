#include "kilm/report/svg_chart.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <set>

#include "kilm/report/markup.h"
#include "kilm/text/quantity.h"
#include "tensor/base/format.h"

namespace kilm::report {

namespace {

using base::format;

constexpr double kWidth = 640, kHeight = 260;
constexpr double kLeft = 58, kRight = 628, kTop = 44, kBottom = 228;  // the frame that the curves are in
constexpr int64_t kColumns = int64_t(kRight - kLeft);

struct Range {
  double low = std::numeric_limits<double>::infinity(), high = -low;

  void include(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  // Returns a range that a scale can be made of.
  Range widened(double by) const {
    if (low > high) return {0, 1};
    if (low == high) {
      const double side = low == 0 ? 0.5 : std::abs(low) / 2;
      return {low - side, high + side};
    }
    return {low - by * (high - low), high + by * (high - low)};
  }
};

struct Frame {
  Range x, y;

  explicit Frame(const Chart& chart) {
    for (const Series& series : chart.series)
      for (const Point& point : series.points) {
        x.include(point.x);
        y.include(point.y);
      }
    if (chart.last > 0) {
      x.include(0);
      x.include(chart.last);
    }
    if (chart.zero) y.include(0);
    x = x.widened(0);
    y = chart.shares ? Range{0, 1} : y.widened(0.04);
  }
  double across(double value) const { return kLeft + (kRight - kLeft) * (value - x.low) / (x.high - x.low); }
  double down(double value) const { return kBottom - (kBottom - kTop) * (value - y.low) / (y.high - y.low); }
  int64_t column(double value) const { return std::clamp(int64_t(across(value) - kLeft), int64_t(0), kColumns - 1); }
};

// Returns the lowest and the highest point of every column in their order; one without height where a column has none.
std::vector<Point> thinned(const std::vector<Point>& points, const Frame& frame) {
  if (int64_t(points.size()) <= 2 * kColumns) return points;
  std::vector<Point> kept;
  for (size_t begin = 0, end; begin < points.size(); begin = end) {
    size_t low = begin, high = begin;
    for (end = begin; end < points.size() && frame.column(points[end].x) == frame.column(points[begin].x); ++end) {
      if (!std::isfinite(points[end].y)) continue;
      if (!(points[end].y >= points[low].y)) low = end;
      if (!(points[end].y <= points[high].y)) high = end;
    }
    kept.push_back(points[std::min(low, high)]);
    if (low != high) kept.push_back(points[std::max(low, high)]);
  }
  return kept;
}

std::string path_of(const std::vector<Point>& points, const Frame& frame) {
  std::string path;
  bool begun = false;
  for (const Point& point : points) {
    if (std::isfinite(point.y))
      path += format("{}{:.1f} {:.1f}", begun ? "L" : "M", frame.across(point.x), frame.down(point.y));
    begun = std::isfinite(point.y);
  }
  return path;
}

// Draws lines without length, which round ends make dots: for all points, or for those with a gap on both sides.
std::string dots_of(const std::vector<Point>& points, const Frame& frame, bool all) {
  const auto is_there = [&](size_t i) { return i < points.size() && std::isfinite(points[i].y); };
  std::string path;
  for (size_t i = 0; i < points.size(); ++i)
    if (is_there(i) && (all || (!is_there(i - 1) && !is_there(i + 1))))
      path += format("M{:.1f} {:.1f}h0", frame.across(points[i].x), frame.down(points[i].y));
  return path;
}

// Writes a value as far as it must be written to differ from its neighbours, which are a step away.
std::string label(double value, double step) {
  const double whole = std::round(value);
  if (whole == value && std::abs(value) < 1e7) return text::grouped(whole);
  const double digits = step > 0 && value != 0 ? std::ceil(std::log10(std::abs(value) / step)) + 1 : 4;
  return format("{:.{}g}", value, int(std::clamp(digits, 4.0, 12.0)));
}

double step_of(const std::vector<double>& ticks) { return ticks.size() > 1 ? ticks[1] - ticks[0] : 0; }

std::string text(double x, double y, const char* kind, std::string_view content) {
  return format("<text x=\"{:.1f}\" y=\"{:.1f}\" class=\"{}\">{}</text>\n", x, y, kind, escape_markup(content));
}

std::string line(double x1, double y1, double x2, double y2, std::string_view kind, std::string_view inside = "") {
  return format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" class=\"{}\">{}</line>\n", x1, y1, x2,
                y2, escape_markup(kind), inside);
}

std::string axes(const Frame& frame) {
  std::string out;
  const std::vector<double> values = ticks(frame.y.low, frame.y.high, 5);
  for (const double y : values)
    out += line(kLeft, frame.down(y), kRight, frame.down(y), "grid") +
           text(kLeft - 6, frame.down(y) + 4, "left", label(y, step_of(values)));
  for (const double x : ticks(frame.x.low, frame.x.high, 7))
    if (x == std::round(x)) out += text(frame.across(x), kBottom + 18, "below", label(x, 1));  // there is no half step
  return out + line(kLeft, kBottom, kRight, kBottom, "axis");
}

std::string legend(const Chart& chart) {
  std::string out;
  double x = kLeft;
  for (const Series& series : chart.series) {
    if (series.name.empty()) continue;
    out += line(x, 30, x + 16, 30, format("curve s{}", series.colour)) + text(x + 21, 34, "name", series.name);
    x += 40 + 7 * double(series.name.size());
  }
  return out;
}

std::string marks(const Chart& chart, const Frame& frame) {
  std::string out;
  std::set<std::pair<std::string, int64_t>> taken;
  for (const Mark& mark : chart.marks)
    if (taken.insert({mark.kind, frame.column(mark.x)}).second)
      out += line(frame.across(mark.x), kTop, frame.across(mark.x), kBottom, mark.kind,
                  format("<title>{}</title>", escape_markup(mark.text)));
  return out;
}

}  // namespace

std::vector<double> ticks(double low, double high, int wanted) {
  std::vector<double> result;
  if (!(low <= high)) return result;
  if (low == high) return {low};
  const double rough = (high - low) / wanted, power = std::pow(10, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double factor : {5, 2, 1})
    if (factor * power >= rough) step = factor * power;
  for (double i = std::ceil(low / step); i <= std::floor(high / step); ++i) result.push_back(i * step);
  return result;
}

std::string to_svg(const Chart& chart) {
  const Frame frame(chart);
  std::string out = format("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">\n", kWidth, kHeight,
                           escape_markup(chart.title));
  out += text(kLeft, 16, "title", chart.title) + axes(frame) + marks(chart, frame);
  for (const Series& series : chart.series) {
    const std::vector<Point> points = thinned(series.points, frame);
    const auto add = [&](const char* kind, const std::string& path) {
      if (!path.empty())
        out += format("<path class=\"{} s{}{}\" d=\"{}\"/>\n", kind, series.colour, series.faint ? " faint" : "", path);
    };
    add("curve", path_of(points, frame));
    add("dots", dots_of(points, frame, series.dotted));
  }
  return out + legend(chart) + "</svg>\n";
}

}  // namespace kilm::report
