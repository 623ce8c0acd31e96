#include "kilm/probing/probe_score.h"

namespace kilm::probing {

using base::Json;

void RankMeasures::add(int64_t rank) {
  ++facts_;
  first_ += rank <= 1;
  among_ten_ += rank <= 10;
  reciprocal_ += 1 / double(rank);
}

void ProbeScore::add(const std::string& relation, int64_t rank) {
  all_.add(rank);
  const auto [place, is_new] = places_.emplace(relation, relations_.size());
  if (is_new) relations_.emplace_back(relation, RankMeasures());
  relations_[place->second].second.add(rank);
}

void ProbeScore::add_negated(bool same) {
  ++negated_;
  same_ += same;
}

ProbeScore::Macro ProbeScore::macro() const {
  Macro sums;
  for (const auto& [relation, measures] : relations_) {
    sums.precision_at_1 += measures.precision_at_1();
    sums.precision_at_10 += measures.precision_at_10();
    sums.mrr += measures.mrr();
  }
  const double n = double(relations_.size());
  return {sums.precision_at_1 / n, sums.precision_at_10 / n, sums.mrr / n};
}

Json to_json(const ProbeScore& score) {
  const auto set = [](Json& json, double at_1, double at_10, double mrr) {
    json.set("precision_at_1", at_1);
    json.set("precision_at_10", at_10);
    json.set("mrr", mrr);
  };
  const auto set_measures = [&](Json& json, const RankMeasures& measures) {
    set(json, measures.precision_at_1(), measures.precision_at_10(), measures.mrr());
  };
  Json json = Json::object({{"facts", score.all().facts()}, {"skipped", score.skipped()}});
  set_measures(json, score.all());
  Json relations = Json::object();
  for (const auto& [relation, measures] : score.relations()) {
    Json one = Json::object({{"facts", measures.facts()}});
    set_measures(one, measures);
    relations.set(relation, one);
  }
  json.set("relations", relations);
  Json macro = Json::object();
  const ProbeScore::Macro mean = score.macro();
  set(macro, mean.precision_at_1, mean.precision_at_10, mean.mrr);
  json.set("macro", macro);
  json.set("negated", Json::object({{"facts", score.negated()}, {"same_top1", score.same_top1()}}));
  return json;
}

}  // namespace kilm::probing
