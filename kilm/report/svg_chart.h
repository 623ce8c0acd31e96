// Curves over steps as one inline SVG. Colours and fonts are the page's business: series are of class s0, s1, ...
#pragma once

#include <string>
#include <vector>

namespace kilm::report {

struct Point {
  double x = 0, y = 0;  // where y is not finite, the curve has a gap
};

struct Series {
  std::string name;           // in the legend, once for all series of a colour; empty: not there
  int colour = 0;             // the n of class sn
  std::vector<Point> points;  // x ascending
  bool faint = false;         // what stands behind the others
  bool dotted = false;        // every point is a dot; else those that stand alone are
};

// Something that happened at a step: a vertical line.
struct Mark {
  double x = 0;
  std::string kind;  // its class
  std::string text;  // shown under the pointer
};

struct Chart {
  std::string title;
  std::vector<Series> series;
  std::vector<Mark> marks;
  bool shares = false;  // the values are: the axis goes from 0 to 1
  bool zero = false;    // the axis of the values holds 0
  double last = 0;      // the axis of the steps goes from 0 to this; 0: it is as long as the series
};

// Draws a chart. Every column of the picture keeps the lowest and the highest of a series' points in it, and the first
// of its marks. So no leap is lost and the size is bounded.
std::string to_svg(const Chart& chart);

// Returns at most about `wanted` round values within [low, high], at least one unless low > high.
std::vector<double> ticks(double low, double high, int wanted);

}  // namespace kilm::report
