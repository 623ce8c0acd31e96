#include "kilm/predictions/comparison.h"

#include <unordered_map>

#include "kilm/metrics/measure_lines.h"
#include "kilm/predictions/rows.h"
#include "kilm/predictions/scores.h"
#include "tensor/base/format.h"
#include "tensor/base/json_lines.h"

namespace kilm::predictions {

namespace {

using base::check;
using base::DamagedInput;
using base::Json;

struct File {
  std::string path;
  std::vector<Row> rows;
};

// Returns what names an item of the data; truth_of returns what is true of it.
Json item_of(const Mention& row, size_t) { return row.id; }
Json item_of(const Question& row, size_t) { return row.id; }
Json item_of(const Cloze& row, size_t) { return Json::array({row.relation, row.subject, row.gold}); }
Json item_of(const Example&, size_t place) { return int64_t(place + 1); }

Json truth_of(const Mention& row) {
  Json truth = Json::array({row.document, row.mention});
  if (row.gold) truth.push_back(*row.gold);
  return truth;
}
Json truth_of(const Question& row) { return Json::array({row.answers.begin(), row.answers.end()}); }
Json truth_of(const Cloze& row) { return row.gold; }
Json truth_of(const Example& row) { return row.logits ? Json(metrics::label_of(row.reference)) : row.reference; }

std::string truth(const Row& row) {
  return std::visit([](const auto& one) { return truth_of(one).dump(); }, row);
}

// Returns the items of rows as text. Those that come again get the number of their coming.
std::vector<std::string> items_of(const std::vector<Row>& rows) {
  std::vector<std::string> items;
  std::unordered_map<std::string, int64_t> met;
  for (const Row& row : rows) {
    std::string item = std::visit([&](const auto& one) { return item_of(one, items.size()).dump(); }, row);
    const int64_t before = met[item]++;
    items.push_back(before == 0 ? std::move(item) : base::format("{}, time {}", item, before + 1));
  }
  return items;
}

// Puts the rows of a file into the order of the first.
void put_in_order(const File& first, File& other) {
  const std::vector<std::string> items = items_of(first.rows), others = items_of(other.rows);
  std::unordered_map<std::string, size_t> places;
  for (size_t i = 0; i < items.size(); ++i) places.emplace(items[i], i);
  std::vector<std::optional<Row>> ordered(items.size());
  for (size_t i = 0; i < others.size(); ++i) {
    const auto found = places.find(others[i]);
    check<DamagedInput>(found != places.end(), "{}: line {}: {} is not in {}", other.path, i + 1, others[i],
                        first.path);
    const std::string given = truth(other.rows[i]), wanted = truth(first.rows[found->second]);
    check<DamagedInput>(given == wanted, "{}: line {}: {} has {} as what is true, in {} it is {}", other.path, i + 1,
                        others[i], given, first.path, wanted);
    ordered[found->second] = std::move(other.rows[i]);
  }
  for (size_t i = 0; i < items.size(); ++i) {
    check<DamagedInput>(ordered[i].has_value(), "{}: lacks {}, line {} of {}", other.path, items[i], i + 1, first.path);
    if (i == 0) other.rows.clear();
    other.rows.push_back(std::move(*ordered[i]));
  }
}

// Reads the rows of every file, all in the order of the first.
std::vector<File> read_files(const std::vector<std::string>& paths) {
  std::vector<File> files;
  for (const std::string& path : paths) {
    File file{path, read_rows(path)};
    check<DamagedInput>(!file.rows.empty(), "{}: there is no line", path);
    const char* kind = kind_of(file.rows.front());
    if (!files.empty()) {
      const std::string first = kind_of(files.front().rows.front());
      check<DamagedInput>(kind == first, "{}: is of {}, {} of {}", path, kind, files.front().path, first);
      put_in_order(files.front(), file);
    }
    files.push_back(std::move(file));
  }
  return files;
}

std::vector<Scores> scores_of_files(const std::vector<File>& files) {
  const auto list = [](const Scores& scores) {
    std::string names;
    for (const std::string& name : scores.names) names += (names.empty() ? "" : " ") + name;
    return names;
  };
  std::vector<Scores> scores;
  for (const File& file : files) {
    scores.push_back(base::read_at(file.path, [&] { return scores_of(file.rows); }));
    check<DamagedInput>(scores.back().names == scores.front().names, "{}: is measured by {}, {} by {}", file.path,
                        list(scores.back()), files.front().path, list(scores.front()));
  }
  return scores;
}

// Returns all measures of each file, then the differences of all but the first from it.
std::vector<double> measure_all(const std::vector<Scores>& scores, std::span<const double> times) {
  std::vector<double> values;
  for (const Scores& one : scores)
    for (const double value : one.measure(times)) values.push_back(value);
  const size_t measures = scores.front().names.size();
  for (size_t i = measures; i < scores.size() * measures; ++i) values.push_back(values[i] - values[i % measures]);
  return values;
}

}  // namespace

Comparison compare(const std::vector<std::string>& paths) {
  const std::vector<File> files = read_files(paths);
  const std::vector<Scores> scores = scores_of_files(files);
  const Scores& first = scores.front();
  const auto measure = [&](std::span<const double> times) { return measure_all(scores, times); };
  const std::vector<double> once(first.documents, 1.0), values = measure(once);
  const std::vector<metrics::Interval> intervals = metrics::bootstrap(int64_t(first.documents), measure);

  Comparison comparison{.kind = kind_of(files.front().rows.front()),
                        .rows = files.front().rows.size(),
                        .documents = first.has_documents ? std::optional(first.documents) : std::nullopt,
                        .measures = first.names,
                        .columns = {}};
  const size_t measures = first.names.size();
  const auto estimates = [&](size_t begin) {
    std::vector<Estimate> result;
    for (size_t i = begin; i < begin + measures; ++i) result.push_back({values[i], intervals[i]});
    return result;
  };
  for (size_t i = 0; i < files.size(); ++i)
    comparison.columns.push_back({files[i].path, estimates(i * measures),
                                  i == 0 ? std::vector<Estimate>{} : estimates((files.size() + i - 1) * measures)});
  return comparison;
}

Json to_json(const Comparison& comparison) {
  const auto pair = [](const metrics::Interval& interval) { return Json::array({interval.low, interval.high}); };
  Json measures = Json::object();
  for (size_t i = 0; i < comparison.measures.size(); ++i) {
    Json column = Json::array();
    for (const Comparison::Column& file : comparison.columns) {
      Json one = Json::object({{"file", file.path}, {"value", file.values[i].value}});
      one.set("interval", pair(file.values[i].interval));
      if (!file.differences.empty()) {
        one.set("difference", file.differences[i].value);
        one.set("difference_interval", pair(file.differences[i].interval));
      }
      column.push_back(one);
    }
    measures.set(comparison.measures[i], column);
  }
  Json json = Json::object({{"kind", comparison.kind}, {"rows", int64_t(comparison.rows)}, {"documents", Json()}});
  if (comparison.documents) json.set("documents", int64_t(*comparison.documents));
  json.set("measures", measures);
  return json;
}

}  // namespace kilm::predictions
