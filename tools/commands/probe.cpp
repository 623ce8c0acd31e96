// `kilm probe`: which facts a model knows, by sentences in which their object is left out.
#include "kilm/probing/probe.h"

#include <cstdio>

#include "tensor/base/format.h"
#include "tools/commands.h"
#include "tools/commands/model.h"
#include "tools/commands/output.h"
#include "tools/commands/predictions.h"
#include "tools/commands/table.h"

namespace tools {

namespace {

using base::format;
using kilm::probing::ProbeScore;

struct Arguments {
  std::string model;
  std::vector<std::string> data;
  std::optional<std::string> templates, candidates, predictions;
  std::optional<bool> prefix_space;
  double length_normalization = 1;
  int64_t batch_tokens = 8192;
  tensor::Device device = {};
  bool force = false, json = false;
};

void declare(Options& options, Arguments& a) {
  options.add("--model DIR", a.model, "a model folder, or a run folder: its best checkpoint").required();
  options.add("--data FILE...", a.data, "JSON lines with sub_label, obj_label and masked_sentences or predicate_id")
      .required();
  options.add("--templates FILE", a.templates, "JSON lines with relation and template, for lines without a sentence");
  options.add("--candidates FILE", a.candidates, "a word a line; by default the objects of the relation in the data");
  options.add("--prefix-space on|off", a.prefix_space,
              "put a space in front of a text that has none, by default if the tokenizer has the five tokens");
  options.add("--length-normalization X", a.length_normalization, "a score is divided by the tokens to this power");
  options.add("--batch-tokens N", a.batch_tokens, "tokens that are computed together; results do not depend on it");
  declare_predictions(options, a.predictions);
  declare_force(options, a.force);
  declare_device(options, a.device);
  options.add("--json", a.json, "print one JSON object");
}

std::string table(const ProbeScore& score) {
  size_t width = std::string("all facts").size();
  for (const auto& [relation, measures] : score.relations()) width = std::max(width, relation.size());
  std::string out = format("{:<{}}  {:>8}  {:>8}  {:>8}  {:>8}\n", "relation", width, "facts", "P@1", "P@10", "MRR");
  const auto add = [&](const std::string& name, const std::string& facts, double at_1, double at_10, double mrr) {
    out += format("{:<{}}  {:>8}  {:>8}  {:>8}  {:>8}\n", name, width, facts, four_decimals(at_1), four_decimals(at_10),
                  four_decimals(mrr));
  };
  const auto add_measures = [&](const std::string& name, const kilm::probing::RankMeasures& m) {
    add(name, std::to_string(m.facts()), m.precision_at_1(), m.precision_at_10(), m.mrr());
  };
  for (const auto& [relation, measures] : score.relations()) add_measures(relation, measures);
  const ProbeScore::Macro macro = score.macro();
  add("mean", "", macro.precision_at_1, macro.precision_at_10, macro.mrr);
  add_measures("all facts", score.all());
  if (score.skipped() > 0) out += format("\n{} facts skipped: their object is no candidate\n", score.skipped());
  if (score.negated() > 0)
    out += format("\n{} facts negated, the same word first in {:.4f}\n", score.negated(), score.same_top1());
  return out;
}

kilm::probing::ClozeData read_data(const Arguments& a) {
  kilm::evaluation::ClozeTemplates templates;
  if (a.templates) templates = kilm::evaluation::ClozeTemplates(*a.templates);
  std::optional<kilm::probing::Candidates> candidates;
  if (a.candidates) candidates = kilm::probing::read_candidates(*a.candidates);
  return {a.data, std::move(templates), std::move(candidates)};
}

int run(const Arguments& a) {
  base::check<base::UsageError>(a.batch_tokens >= 1, "batch tokens: {} should be at least 1", a.batch_tokens);
  PredictionOutput predictions(a.predictions, a.force);
  kilm::probing::ClozeData data = read_data(a);
  const kilm::bart::BartFolder folder = load_model(a.model, a.device);
  const kilm::tokenizer::Tokenizer& tokenizer = folder.text_tokenizer();
  data.tokenize(tokenizer);
  const kilm::probing::ProbeOptions options{
      .prefix_space = a.prefix_space.value_or(tokenizer.has_kilm_tokens()),
      .gaps = {.length_normalization = a.length_normalization, .batch_tokens = a.batch_tokens}};
  const ProbeScore score = kilm::probing::probe(folder.model, tokenizer, data, options,
                                                [&](const kilm::predictions::Cloze& row) { predictions.write(row); });
  predictions.commit();
  const std::string out = a.json ? to_json(score).dump() + "\n" : table(score);
  std::fwrite(out.data(), 1, out.size(), stdout);
  return 0;
}

}  // namespace

Command probe() {
  return command<Arguments>(
      "probe", "tells which facts a model knows, by sentences with a gap",
      "kilm probe --model RUN --data P19.jsonl P36.jsonl --templates relations.jsonl --candidates vocabulary.txt\n"
      "kilm probe --model RUN --data squad.jsonl --json --predictions probe.jsonl",
      declare, run);
}

}  // namespace tools
