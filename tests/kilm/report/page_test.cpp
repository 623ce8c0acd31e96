#include "kilm/report/page.h"

#include <doctest/doctest.h>

#include <cmath>
#include <map>

using base::Json;
using kilm::dataset::Split;
using kilm::report::History;
using kilm::report::ReportInput;

namespace {

size_t count(const std::string& text, const std::string& part) {
  size_t n = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

ReportInput run_of(int64_t steps) {
  ReportInput input{.name = "run", .settings = Json::object({{"seed", 42}})};
  for (int64_t i = 1; i <= steps; ++i) {
    input.history.steps.push_back({.step = i,
                                   .loss = 5 + std::sin(double(i)),
                                   .group_loss = {1.0 / double(i), 2, std::nan("")},
                                   .grad_norm = 1,
                                   .learning_rate = 1e-4,
                                   .tokens_source = 100,
                                   .tokens_target = 100,
                                   .seconds = 1});
  }
  return input;
}

// Checks that every tag that is opened is closed, in order.
void check_nesting(const std::string& page) {
  std::vector<std::string> open;
  for (size_t at = page.find('<'); at != std::string::npos; at = page.find('<', at + 1)) {
    const size_t end = page.find('>', at);
    REQUIRE(end != std::string::npos);
    const std::string tag = page.substr(at + 1, end - at - 1), name = tag.substr(0, tag.find_first_of(" \n"));
    if (tag[0] == '!' || name == "meta" || tag.back() == '/') continue;
    if (tag[0] != '/') {
      open.push_back(name);
      continue;
    }
    REQUIRE(!open.empty());
    CHECK(open.back() == tag.substr(1));
    open.pop_back();
  }
  CHECK(open.empty());
}

}  // namespace

TEST_CASE("a page has the curves of training, the settings, and nothing that is fetched") {
  ReportInput input = run_of(50);
  input.history.steps[20].spike.emplace();
  input.history.steps[30].skipped = "no gradient";
  const std::string page = kilm::report::report_page(input);
  check_nesting(page);
  CHECK(kilm::report::is_report_page(page));
  CHECK(!kilm::report::is_report_page("<!DOCTYPE html>\n<html lang=\"en\">\n"));
  CHECK(count(page, "<svg") == 5);
  CHECK(count(page, "class=\"spike\"") == 5);
  CHECK(count(page, "<title>step 31 is skipped: no gradient</title>") == 5);
  CHECK(count(page, "faint\"") == 5);  // two signals, the third has no value, and three other curves
  CHECK(holds(page, "<tr><td>seed</td><td>42</td></tr>"));
  CHECK(holds(page, "prefers-color-scheme: dark"));
  CHECK(!holds(page, "Evaluations"));
  for (const char* outside : {"http", "src=", "href=", "url(", "@import", "<script"}) CHECK(!holds(page, outside));
}

TEST_CASE("the plain stream has a chart where it was shown") {
  ReportInput input = run_of(50);
  CHECK(!holds(kilm::report::report_page(input), "plain stream"));
  for (kilm::training::StepReport& report : input.history.steps) report.plain = {.group_loss = {1, 2, 0}};
  const std::string page = kilm::report::report_page(input);
  check_nesting(page);
  CHECK(count(page, "<svg") == 6);
  CHECK(holds(page, "Training loss of the plain stream"));
}

TEST_CASE("evaluations are curves per split and rows of a table") {
  ReportInput input = run_of(3);
  for (const int64_t step : {2, 3})
    for (const Split split : {Split::seen, Split::held_out})
      input.history.evaluations.push_back(
          {step, split, {.mentions = 7, .title_em = 0.125, .knowledge_loss = 1.5, .copy_loss = std::nan("")}});
  const std::string page = kilm::report::report_page(input);
  check_nesting(page);
  CHECK(count(page, "<svg") == 10);
  CHECK(count(page, ">seen</text>") == 5);
  CHECK(!holds(page, ">unseen</text>"));
  CHECK(holds(page,
              "<tr><td>3</td><td>held_out</td><td>7</td><td>12.5 %</td><td>0.0 %</td><td>0</td><td>1.5</td>"
              "<td>0</td><td>–</td></tr>"));
}

TEST_CASE("evaluations of a task are a curve of the loss and rows with its measures") {
  ReportInput input = run_of(4);
  for (int64_t step : {2, 4})
    input.history.examples.push_back({step, 70, 0.5, Json::object({{"accuracy", 0.25}, {"matthews", std::nan("")}})});
  const std::string page = kilm::report::report_page(input);
  check_nesting(page);
  CHECK(holds(page, "Loss of the examples"));
  CHECK(count(page, "accuracy") == 1);
  CHECK(count(page, ">70<") == 2);
  CHECK(!holds(kilm::report::report_page(run_of(4)), "Loss of the examples"));
}

TEST_CASE("what the model said stands beside the truth, at a few evaluations") {
  ReportInput input = run_of(3);
  for (int64_t step = 1; step <= 11; ++step) {
    const std::string title = step == 11 ? "Bob" : "B" + std::to_string(step);
    input.history.evaluations.push_back({step, Split::unseen, {.said = {{"<Bob>", title, "a man", "Bob", "a man"}}}});
  }
  const std::string page = kilm::report::report_page(input);
  check_nesting(page);
  CHECK(holds(page,
              "<tr><th>mention</th><th>true</th><th>step 1</th><th>step 3</th><th>step 5</th><th>step 7</th>"
              "<th>step 9</th><th>step 11</th></tr>"));
  CHECK(holds(page, "<tr><td>&lt;Bob&gt;</td><td>Bob: a man</td><td>B1: a man</td>"));
  CHECK(holds(page, "<td><span class=\"right\">Bob: a man</span></td></tr>"));
}

TEST_CASE("names and values of settings and data are escaped") {
  ReportInput input = run_of(1);
  input.name = "<i>";
  input.settings = Json::object({{"data", "</table>"}});
  input.manifest = Json::object({{"counts", Json::object({{"splits", Json::object({{"<b>", 3}})}})}, {"files", 9}});
  const std::string page = kilm::report::report_page(input);
  check_nesting(page);
  CHECK(holds(page, "<h1>&lt;i&gt;</h1>"));
  CHECK(holds(page, "<td>&lt;/table&gt;</td>"));
  CHECK(holds(page, "<tr><td>counts.splits.&lt;b&gt;</td><td>3</td></tr>"));
  CHECK(!holds(page, "files"));
}

TEST_CASE("a hundred thousand steps with an evaluation at each hundredth are below a megabyte") {
  ReportInput input = run_of(100000);
  for (size_t i = 0; i < input.history.steps.size(); i += 3) input.history.steps[i].spike.emplace();
  for (int64_t step = 100; step <= 100000; step += 100)
    for (const Split split : {Split::seen, Split::unseen, Split::held_out})
      input.history.evaluations.push_back({step, split, {.said = {{"a", std::string(60, 'b'), "c", "d", "e"}}}});
  const std::string page = kilm::report::report_page(input);
  CHECK(page.size() < 1000000);
  CHECK(holds(page, "<p>200 of 3000, evenly spread.</p>"));
}

TEST_CASE("smoothing is the mean around each value, keeps gaps, and lags behind nothing") {
  const double none = std::nan("");
  const std::vector<double> smooth = kilm::report::smoothed({4, 4, none, 4, 1, 1, 1}, 3);
  const std::vector<double> expected = {4, 4, none, 2.5, 2, 1, 1};
  REQUIRE(smooth.size() == expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    CAPTURE(i);
    CHECK(std::isnan(smooth[i]) == std::isnan(expected[i]));
    if (!std::isnan(expected[i])) CHECK(smooth[i] == doctest::Approx(expected[i]));
  }
  CHECK(kilm::report::smoothed({1, 5, 2}, 0.5) == std::vector<double>{1, 5, 2});
  CHECK(kilm::report::smoothed({}, 3).empty());
  std::vector<double> line;
  for (int i = 0; i < 1000; ++i) line.push_back(7 - 0.01 * i);
  const std::vector<double> same = kilm::report::smoothed(line, 20);
  for (size_t i = 0; i < line.size(); ++i) CHECK(same[i] == doctest::Approx(line[i]));
  line.assign(1000, 2);
  line[500] = 1e12;  // a leap is over when the window has passed it
  CHECK(kilm::report::smoothed(line, 20)[600] == doctest::Approx(2));
}

TEST_CASE("the summary tells time and speed as people do, and all charts end at the same step") {
  ReportInput input = run_of(300);
  for (kilm::training::StepReport& report : input.history.steps) report.seconds = 0.82;
  input.history.evaluations.push_back({200, Split::seen, {.mentions = 1, .knowledge_loss = 1.5}});
  const std::string page = kilm::report::report_page(input);
  CHECK(holds(page, "<p>300 steps, 0.00 passes over the data, 60,000 tokens in 4 min 6 s of training, 244 tokens/s."));
  CHECK(count(page, ">300</text>") == 10);
  CHECK(count(page, "class=\"dots s0\"") == 5);
}
