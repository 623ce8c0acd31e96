#include "kilm/prepare/anchors.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "kilm/job/progress.h"
#include "kilm/job/stop_signal.h"
#include "kilm/prepare/external/sorted_runs.h"

namespace kilm::prepare {

namespace {

using base::Json;

constexpr const char* kPlace = "temporary file";
constexpr int64_t kReport = 4096;  // paragraphs between two looks at the time

// Pairs of surface and title. A pair's value has a byte for each link, none for a redirect.
class Pairs {
 public:
  explicit Pairs(const std::string& folder) : runs_(folder) {}

  void add(std::string_view surface, std::string_view title, bool is_link) {
    runs_.add(std::string(surface) + '\0' + std::string(title), is_link ? "1" : "");  // no XML has a zero byte
  }
  SortedRuns::Reader read() { return runs_.read(); }

 private:
  SortedRuns runs_;
};

// Adds the links of train. Returns which entities they lead to.
std::vector<bool> add_links(const PrepareOptions& options, ResolvedData& material, const SplitChoice& splits,
                            Pairs& pairs) {
  std::vector<bool> mentioned(material.mentioned.size());
  job::Progress progress("counting anchors, paragraphs", material.paragraphs.records());
  material.paragraphs.rewind();
  std::string_view record;
  for (int64_t i = 0; material.paragraphs.next(record); ++i) {
    if (i % kReport == 0) progress.update(i, "");
    job::StopSignal::check();
    if (!splits.may_hold(dataset::Split::train, i)) continue;
    const dataset::StoredParagraph paragraph = dataset::parse_paragraph(record, kPlace);
    for (const dataset::StoredLink& link : paragraph.links) {
      const bool is_entity = link.entity != dataset::kNoEntity;
      if (is_entity ? splits.held_out(link.entity) : options.collect.reference) continue;
      if (is_entity) mentioned[link.entity] = true;
      pairs.add(paragraph.text.substr(link.begin, link.end - link.begin), link.title, true);
    }
  }
  progress.update(material.paragraphs.records(), "");
  return mentioned;
}

void add_redirects(ResolvedData& material, const std::vector<bool>& mentioned, Pairs& pairs) {
  material.entities.rewind();
  std::string_view record;
  for (size_t i = 0; material.entities.next(record); ++i) {
    if (!mentioned[i]) continue;
    const dataset::EntityRecord entity = dataset::parse_entity(record, kPlace);
    for (const std::string& redirect : entity.redirects) pairs.add(redirect, entity.title, false);
  }
}

using Counted = std::pair<std::string, int64_t>;  // a title and its links

std::string line_of(const std::string& surface, std::vector<Counted>& titles) {
  std::ranges::stable_sort(titles, std::greater(), &Counted::second);
  Json candidates = Json::array();
  for (const auto& [title, count] : titles) candidates.push_back(Json::object({{"title", title}, {"count", count}}));
  return Json::object({{"mention", surface}, {"candidates", std::move(candidates)}}).dump() + "\n";
}

}  // namespace

void write_candidates(const PrepareOptions& options, ResolvedData& material, const SplitChoice& splits,
                      const std::string& folder, const LineSink& sink) {
  Pairs pairs(folder);
  add_redirects(material, add_links(options, material, splits, pairs), pairs);
  std::string surface;
  std::vector<Counted> titles;
  for (SortedRuns::Reader reader = pairs.read(); reader.next();) {
    job::StopSignal::check();
    const size_t zero = reader.key().find('\0');
    const std::string_view title = reader.key().substr(zero + 1);
    if (!titles.empty() && reader.key().substr(0, zero) != surface) {
      sink(line_of(surface, titles));
      titles.clear();
    }
    surface = reader.key().substr(0, zero);
    if (titles.empty() || titles.back().first != title) titles.emplace_back(title, 0);
    titles.back().second += int64_t(reader.value().size());
  }
  if (!titles.empty()) sink(line_of(surface, titles));
}

}  // namespace kilm::prepare
