#include "kilm/disambiguation/tally.h"

#include <algorithm>

namespace kilm::disambiguation {

namespace {

using base::Json;
using evaluation::MentionCandidate;

}  // namespace

Json to_json(const Summary& summary) {
  Json json = Json::object({{"mentions", summary.mentions},
                            {"nil", summary.nil},
                            {"skipped", summary.skipped},
                            {"documents", summary.documents},
                            {"predicted", summary.predicted},
                            {"gold_in_candidates", summary.gold_in_candidates}});
  Json baselines = Json::object(), confidence = Json::object();
  for (size_t i = 0; i < summary.names.size(); ++i) {
    json.set(summary.names[i], summary.values[i]);
    const metrics::Interval& interval = summary.intervals[i];
    confidence.set(summary.names[i], Json::array({interval.low, interval.high}));
  }
  for (const Baseline& baseline : summary.baselines)
    baselines.set(baseline.name, Json::object({{"accuracy", baseline.accuracy}, {"micro_f1", baseline.micro_f1}}));
  json.set("baselines", std::move(baselines));
  json.set("confidence", std::move(confidence));
  return json;
}

size_t Tally::document_of(const evaluation::MentionItem& mention) {
  if (!mention.own_document) {
    const auto [entry, is_new] = numbers_.try_emplace(mention.document, documents_.size());
    if (!is_new) return entry->second;
  }
  documents_.emplace_back();
  return documents_.size() - 1;
}

void Tally::add(const evaluation::MentionItem& mention, const predictions::Mention& row,
                std::optional<size_t> context) {
  documents_[document_of(mention)].add(row);
  const auto& candidates = mention.candidates;
  all_have_counts_ &= std::ranges::all_of(candidates, [](const MentionCandidate& c) { return c.count.has_value(); });
  any_context_ |= context.has_value();
  if (!mention.title) {
    ++nil_;
    return;
  }
  const auto gold = std::ranges::find(candidates, *mention.title, &MentionCandidate::title);
  if (gold == candidates.end()) return;
  first_ += gold == candidates.begin();
  random_ += 1 / double(candidates.size());
  context_ += context == size_t(gold - candidates.begin());
  popular_ += gold == std::ranges::max_element(candidates, {}, &MentionCandidate::count);
}

Summary Tally::summary(int64_t skipped) const {
  predictions::MentionCounts all;
  for (const predictions::MentionCounts& counts : documents_) {
    all.mentions += counts.mentions;
    all.predicted += counts.predicted;
    all.gold_in_candidates += counts.gold_in_candidates;
  }
  const predictions::Scores scores = predictions::scores_of_documents(documents_);
  Summary summary{.mentions = int64_t(all.mentions),
                  .nil = nil_,
                  .skipped = skipped,
                  .documents = int64_t(documents_.size()),
                  .predicted = int64_t(all.predicted),
                  .gold_in_candidates = int64_t(all.gold_in_candidates),
                  .names = scores.names,
                  .values = scores.measure(std::vector<double>(documents_.size(), 1.0)),
                  .intervals = metrics::bootstrap(int64_t(documents_.size()), scores.measure),
                  .baselines = {}};
  const auto add = [&](const char* name, double right) {
    predictions::MentionCounts counts = all;
    counts.right = right;
    summary.baselines.push_back({name, counts.accuracy(), counts.micro_f1()});
  };
  add("first", first_);
  add("random", random_);
  if (all_have_counts_) add("popular", popular_);
  if (any_context_) add("context", context_);
  add("upper_bound", all.gold_in_candidates);
  return summary;
}

}  // namespace kilm::disambiguation
