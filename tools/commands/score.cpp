// `kilm score`: how well a model knows the entities of a split of prepared data.
#include <cstdio>

#include "kilm/dataset/prepared_data.h"
#include "kilm/evaluation/evaluate.h"
#include "tensor/base/format.h"
#include "tools/commands.h"
#include "tools/commands/model.h"

namespace tools {

namespace {

using base::check;
using base::format;
using base::UsageError;

struct Arguments {
  std::string model, data;
  std::optional<kilm::dataset::Split> split;
  int64_t windows = 0, mentions = 0, num_beams = 1, batch_tokens = 8192, seed = 0;
  tensor::Device device = {};
  bool json = false;
};

void declare(Options& options, Arguments& a) {
  options.add("--model DIR", a.model, "a model folder, or a run folder: its best checkpoint").required();
  options.add("--data DATA", a.data, "a folder made by kilm prepare").required();
  options.add("--split SPLIT", a.split, kilm::dataset::kSplits, "which part of it").required();
  options.add("--windows N", a.windows, "windows to look at, evenly spread; 0 is all");
  options.add("--mentions N", a.mentions, "mentions to describe, evenly spread; 0 is the first 10 of every window");
  options.add("--num-beams N", a.num_beams, "beams of the search, 1 is greedy");
  options.add("--batch-tokens N", a.batch_tokens, "source and target positions that are computed together");
  options.add("--seed N", a.seed, "of the masks");
  declare_device(options, a.device);
  options.add("--json", a.json, "print one JSON object");
}

std::string table(const kilm::evaluation::Score& score) {
  std::string out = format("{:<20}{:>10}\n", "mentions", score.mentions);
  const std::pair<const char*, double> rows[] = {
      {"title em", score.title_em},
      {"description em", score.description_em},
      {"description rouge-l", score.description_rouge_l},
      {"knowledge loss", score.knowledge_loss},
      {"infill loss", score.infill_loss},
      {"copy loss", score.copy_loss},
  };
  for (const auto& [name, value] : rows) out += format("{:<20}{:>10.4f}\n", name, value);
  return out;
}

int run(const Arguments& a) {
  check<UsageError>(a.windows >= 0, "windows: {} should be at least 0", a.windows);
  check<UsageError>(a.mentions >= 0, "mentions: {} should be at least 0", a.mentions);
  check<UsageError>(a.batch_tokens >= 1, "batch tokens: {} should be at least 1", a.batch_tokens);
  const kilm::dataset::PreparedData data(a.data);
  const kilm::bart::BartFolder folder = load_model(a.model, a.device);
  data.check_tokenizer(kilm::dataset::fingerprint_with_kilm_tokens(folder.text_tokenizer()));
  const kilm::objective::InfillObjective objective(*folder.tokenizer, {.max_length = data.max_length()});
  const kilm::evaluation::Score score = *kilm::evaluation::evaluate(folder.model, objective, data.windows(*a.split),
                                                                    {.seed = uint64_t(a.seed),
                                                                     .windows = a.windows,
                                                                     .mentions = a.mentions,
                                                                     .batch_tokens = a.batch_tokens,
                                                                     .num_beams = a.num_beams});
  const std::string out = a.json ? kilm::evaluation::to_json(score).dump() + "\n" : table(score);
  std::fwrite(out.data(), 1, out.size(), stdout);
  return 0;
}

}  // namespace

Command score() {
  return command<Arguments>("score", "scores what a model knows of the entities in prepared data",
                            "kilm score --model RUN --data DATA --split held_out --json", declare, run);
}

}  // namespace tools
