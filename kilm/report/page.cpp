#include "kilm/report/page.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "kilm/report/markup.h"
#include "kilm/report/svg_chart.h"
#include "kilm/text/quantity.h"
#include "tensor/base/format.h"
#include "tensor/base/json_number.h"

namespace kilm::report {

namespace {

using base::format;
using base::Json;
using dataset::Split;
using training::EvaluationRecord;
using training::StepReport;

constexpr Split kSplits[] = {Split::seen, Split::unseen, Split::held_out};  // those that are evaluated
constexpr size_t kRows = 200;                                               // of the table of evaluations
constexpr size_t kMoments = 6;                                              // at which descriptions are shown
constexpr const char* kStyle = R"(
:root { color-scheme: light dark; --paper: #fff; --ink: #1c1c1c; --soft: #6b6b6b; --rule: #e2e2e2;
  --s0: #3b6fb6; --s1: #c2702e; --s2: #3f8f4f; --bad: #c03030; --odd: #b08a00; }
@media (prefers-color-scheme: dark) { :root { --paper: #16181b; --ink: #e4e4e4; --soft: #9a9a9a; --rule: #33373c;
  --s0: #7aa7e8; --s1: #e59c5f; --s2: #79c389; --bad: #ef6f6f; --odd: #d8b84a; } }
body { background: var(--paper); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; max-width: 1340px;
  margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.5em; } h2 { font-size: 1.15em; margin-top: 2em; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 460px), 1fr)); gap: 1em; }
svg { width: 100%; height: auto; } svg text { fill: var(--soft); font-size: 12px; }
svg .title { fill: var(--ink); font-size: 14px; font-weight: 600; }
svg .left { text-anchor: end; } svg .below { text-anchor: middle; }
.grid { stroke: var(--rule); } .axis { stroke: var(--soft); }
.curve { fill: none; stroke-width: 1.6; stroke-linecap: round; stroke-linejoin: round; } .faint { opacity: 0.3; }
.dots { fill: none; stroke-width: 6; stroke-linecap: round; }
.s0 { stroke: var(--s0); } .s1 { stroke: var(--s1); } .s2 { stroke: var(--s2); }
.spike { stroke: var(--odd); stroke-dasharray: 3 3; } .skipped { stroke: var(--bad); stroke-dasharray: 3 3; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 0.2em 1em 0.2em 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
th { color: var(--soft); font-weight: 500; } .wide { overflow-x: auto; } .right { color: var(--s2); }
)";

using Cells = std::vector<std::string>;  // markup

std::string row(const Cells& cells, const char* cell = "td") {
  std::string out = "<tr>";
  for (const std::string& content : cells) out += format("<{}>{}</{}>", cell, content, cell);
  return out + "</tr>\n";
}

std::string table(const Cells& head, const std::vector<Cells>& rows) {
  std::string out = "<div class=\"wide\"><table>\n" + row(head, "th");
  for (const Cells& cells : rows) out += row(cells);
  return out + "</table></div>\n";
}

std::string heading(const std::string& text) { return "<h2>" + escape_markup(text) + "</h2>\n"; }

std::string number(double value) { return std::isfinite(value) ? format("{:.4g}", value) : "–"; }
std::string percent(double share) { return std::isfinite(share) ? format("{:.1f} %", 100 * share) : "–"; }

// Returns at most `wanted` numbers below `count`, evenly spread, the first and the last among them.
std::vector<size_t> evenly(size_t count, size_t wanted) {
  std::vector<size_t> result;
  if (count <= wanted) wanted = count;
  for (size_t i = 0; i < wanted; ++i) result.push_back(wanted == 1 ? 0 : i * (count - 1) / (wanted - 1));
  return result;
}

std::vector<Mark> events(const History& history) {
  std::vector<Mark> marks;
  for (const StepReport& r : history.steps) {
    const double x = double(r.step);
    if (r.spike) marks.push_back({x, "spike", format("step {}: the loss leaps to {:.3f}", r.step, r.loss)});
    if (!r.skipped.empty()) marks.push_back({x, "skipped", format("step {} is skipped: {}", r.step, r.skipped)});
  }
  return marks;
}

// Returns the end of the axis of the steps, which all charts share.
double last_step(const History& history) {
  int64_t last = history.steps.back().step;
  for (const EvaluationRecord& evaluation : history.evaluations) last = std::max(last, evaluation.step);
  return double(last);
}

using OfStep = std::function<double(const StepReport&)>;

std::vector<Point> points_of(const History& history, const std::vector<double>& values) {
  std::vector<Point> points;
  for (size_t i = 0; i < values.size(); ++i) points.push_back({double(history.steps[i].step), values[i]});
  return points;
}

// Adds the values themselves, faint, and above them their smoothed course.
void add_smoothed(Chart& chart, const History& history, const std::string& name, int colour, const OfStep& value) {
  std::vector<double> values;
  for (const StepReport& r : history.steps) values.push_back(value(r));
  const double window = double(values.size()) / 50;
  chart.series.insert(chart.series.begin(), {"", colour, points_of(history, values), true});
  chart.series.push_back({name, colour, points_of(history, smoothed(values, window))});
}

std::string chart_of_steps(const History& history, const std::string& title, const OfStep& value, bool zero = false) {
  Chart chart{.title = title, .marks = events(history), .zero = zero, .last = last_step(history)};
  add_smoothed(chart, history, "", 0, value);
  return to_svg(chart);
}

// Draws the learning rate. It is not smoothed, since it is no measurement.
std::string learning_rate(const History& history) {
  std::vector<double> values;
  for (const StepReport& r : history.steps) values.push_back(r.learning_rate);
  return to_svg({.title = "Learning rate",
                 .series = {{"", 0, points_of(history, values)}},
                 .marks = events(history),
                 .zero = true,
                 .last = last_step(history)});
}

std::string signals(const History& history) {
  Chart chart{
      .title = "Training loss of each signal, nats per token", .marks = events(history), .last = last_step(history)};
  for (const objective::Group group : {objective::Group::copy, objective::Group::infill, objective::Group::knowledge})
    add_smoothed(chart, history, objective::kGroupNames[size_t(group)], int(group),
                 [group](const StepReport& r) { return r.group_loss[size_t(group)]; });
  return to_svg(chart);
}

// Returns nothing if no step was shown plain text.
std::string plain_signals(const History& history) {
  if (!history.steps.front().plain) return "";
  Chart chart{.title = "Training loss of the plain stream, nats per token",
              .marks = events(history),
              .last = last_step(history)};
  for (const objective::Group group : training::kPlainGroups)
    add_smoothed(chart, history, objective::kGroupNames[size_t(group)], int(group),
                 [group](const StepReport& r) { return r.plain ? r.plain->group_loss[size_t(group)] : std::nan(""); });
  return to_svg(chart);
}

std::string chart_of_splits(const History& history, const std::string& title, double evaluation::Score::*value,
                            bool shares = false) {
  Chart chart{.title = title, .shares = shares, .last = last_step(history)};
  for (int i = 0; i < 3; ++i) {
    Series series{.name = dataset::name(kSplits[i]), .colour = i, .dotted = true};
    for (const EvaluationRecord& e : history.evaluations)
      if (e.split == kSplits[i]) series.points.push_back({double(e.step), e.score.*value});
    if (!series.points.empty()) chart.series.push_back(std::move(series));
  }
  return to_svg(chart);
}

std::string training(const History& history) {
  std::string out = "<div class=\"charts\">\n" + signals(history) + plain_signals(history);
  out += chart_of_steps(history, "Training loss that is minimised", [](const StepReport& r) { return r.loss; });
  out += learning_rate(history);
  out += chart_of_steps(history, "Gradient norm before clipping", [](const StepReport& r) { return r.grad_norm; });
  out += chart_of_steps(
      history, "Tokens per second, source and target",
      [](const StepReport& r) { return training::tokens_per_second(r); }, true);
  return out + "</div>\n";
}

std::string evaluation_table(const History& history) {
  std::vector<Cells> rows;
  for (const size_t i : evenly(history.evaluations.size(), kRows)) {
    const EvaluationRecord& e = history.evaluations[i];
    const evaluation::Score& s = e.score;
    rows.push_back({format("{}", e.step), dataset::name(e.split), format("{}", s.mentions), percent(s.title_em),
                    percent(s.description_em), number(s.description_rouge_l), number(s.knowledge_loss),
                    number(s.infill_loss), number(s.copy_loss)});
  }
  std::string out;
  if (rows.size() < history.evaluations.size())
    out = format("<p>{} of {}, evenly spread.</p>\n", rows.size(), history.evaluations.size());
  return out + table({"step", "split", "mentions", "title exactly right", "description exactly right", "ROUGE-L",
                      "knowledge loss", "infill loss", "copy loss"},
                     rows);
}

std::string evaluations(const History& history) {
  if (history.evaluations.empty()) return "";
  std::string out = heading("Evaluations") + "<div class=\"charts\">\n";
  out += chart_of_splits(history, "Knowledge loss, nats per token", &evaluation::Score::knowledge_loss);
  out += chart_of_splits(history, "Infill loss, nats per token", &evaluation::Score::infill_loss);
  out += chart_of_splits(history, "Copy loss, nats per token", &evaluation::Score::copy_loss);
  out += chart_of_splits(history, "Share of titles exactly right", &evaluation::Score::title_em, true);
  out += chart_of_splits(history, "Share of descriptions exactly right", &evaluation::Score::description_em, true);
  return out + "</div>\n" + evaluation_table(history);
}

// Returns what the evaluations of a run that fine-tunes found.
std::string task_evaluations(const History& history) {
  if (history.examples.empty()) return "";
  Chart chart{.title = "Loss of the examples", .last = last_step(history)};
  Series series{.name = "loss", .dotted = true};
  for (const training::ExamplesRecord& e : history.examples) series.points.push_back({double(e.step), e.loss});
  chart.series.push_back(std::move(series));
  Cells head = {"step", "examples", "loss"};
  for (const auto& [name, value] : history.examples.front().measures.members()) head.push_back(escape_markup(name));
  std::vector<Cells> rows;
  for (const size_t i : evenly(history.examples.size(), kRows)) {
    const training::ExamplesRecord& e = history.examples[i];
    Cells row = {format("{}", e.step), format("{}", e.examples), number(e.loss)};
    for (const auto& [name, value] : e.measures.members()) row.push_back(number(base::number_or_nan(value)));
    rows.push_back(std::move(row));
  }
  return heading("Evaluations") + "<div class=\"charts\">\n" + to_svg(chart) + "</div>\n" + table(head, rows);
}

std::string entity(const std::string& title, const std::string& description) {
  return escape_markup(title) + (title.empty() ? "" : ": ") + escape_markup(description);
}

// Returns a row for each mention: what is true, and what the model said of it from evaluation to evaluation.
std::string descriptions(const History& history, Split split) {
  std::vector<const EvaluationRecord*> all;
  for (const EvaluationRecord& e : history.evaluations)
    if (e.split == split && !e.score.said.empty()) all.push_back(&e);
  if (all.empty()) return "";
  Cells head = {"mention", "true"};
  std::vector<Cells> rows;
  for (const evaluation::ExampleAnswer& said : all.front()->score.said)
    rows.push_back({escape_markup(said.mention), entity(said.gold_title, said.gold_description)});
  for (const size_t i : evenly(all.size(), kMoments)) {
    const std::vector<evaluation::ExampleAnswer>& said = all[i]->score.said;
    head.push_back(format("step {}", all[i]->step));
    for (size_t m = 0; m < std::min(rows.size(), said.size()); ++m) {
      const bool right = said[m].title == said[m].gold_title && said[m].description == said[m].gold_description;
      const std::string text = entity(said[m].title, said[m].description);
      rows[m].push_back(right ? "<span class=\"right\">" + text + "</span>" : text);
    }
  }
  return heading(format("What the model says of {} mentions", dataset::name(split))) + table(head, rows);
}

// Appends a row for each value; those inside of an object have its name before them.
void append_values(std::vector<Cells>& rows, const Json& json, const std::string& before) {
  for (const auto& [key, value] : json.members()) {
    if (value.is_object())
      append_values(rows, value, before + key + ".");
    else
      rows.push_back(
          {escape_markup(before + key), escape_markup(value.is_string() ? value.as_string() : value.dump())});
  }
}

std::string values(const std::string& title, const Json& json) {
  std::vector<Cells> rows;
  append_values(rows, json, "");
  return heading(title) + table({"name", "value"}, rows);
}

std::string summary(const History& history) {
  double seconds = 0, tokens = 0;
  int64_t spikes = 0, skipped = 0;
  for (const StepReport& r : history.steps) {
    seconds += r.seconds;
    tokens += double(r.tokens_source + r.tokens_target);
    spikes += r.spike.has_value();
    skipped += !r.skipped.empty();
  }
  const StepReport& last = history.steps.back();
  return format(
      "<p>{} step{}, {:.2f} passes over the data, {} tokens in {} of training, {} tokens/s. "
      "The last loss is {}. Steps with a leap of the loss: {}; skipped: {}. Faint curves are the steps themselves, "
      "the others the mean of about a fiftieth of them around each step.</p>\n",
      text::grouped(double(last.step)), last.step == 1 ? "" : "s", last.epoch, text::grouped(tokens),
      text::duration(seconds), text::grouped(tokens / std::max(seconds, 1e-9)), number(last.loss), spikes, skipped);
}

// Tells a page from other files.
constexpr const char* kHead =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"generator\" content=\"kilm report\">\n";

}  // namespace

std::vector<double> smoothed(const std::vector<double>& values, double window) {
  const size_t n = values.size(), most = size_t(std::max(window - 1, 0.0) / 2);
  std::vector<long double> sums = {0};  // of the values before each; their digits outlast a leap of the loss
  std::vector<size_t> counts = {0};
  for (const double value : values) {
    sums.push_back(sums.back() + (std::isfinite(value) ? value : 0));
    counts.push_back(counts.back() + std::isfinite(value));
  }
  std::vector<double> result;
  for (size_t i = 0; i < n; ++i) {
    const size_t side = std::min({most, i, n - 1 - i}), begin = i - side, end = i + side + 1;
    const bool alone = side == 0 || !std::isfinite(values[i]);
    result.push_back(alone ? values[i] : double((sums[end] - sums[begin]) / (counts[end] - counts[begin])));
  }
  return result;
}

bool is_report_page(std::string_view text) { return text.starts_with(kHead); }

std::string report_page(const ReportInput& input) {
  const std::string name = escape_markup(input.name);
  std::string out = kHead;
  out += "<meta name=\"viewport\" content=\"width=device-width\">\n<title>" + name + "</title>\n<style>" + kStyle +
         "</style>\n</head>\n<body>\n<h1>" + name + "</h1>\n";
  out +=
      summary(input.history) + training(input.history) + evaluations(input.history) + task_evaluations(input.history);
  for (const Split split : kSplits) out += descriptions(input.history, split);
  if (input.manifest) {
    Json data = Json::object();
    for (const char* key : {"max_length", "options", "counts"})
      if (const Json* value = input.manifest->find(key)) data.set(key, *value);
    out += values("Data", data);
  }
  return out + values("Settings", input.settings) + "</body>\n</html>\n";
}

}  // namespace kilm::report
