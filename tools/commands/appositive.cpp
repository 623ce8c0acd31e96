// `kilm appositive`: whether a model says who or what a name is.
#include <cstdio>
#include <filesystem>

#include "kilm/appositives/appositives.h"
#include "kilm/generation/generation_config.h"
#include "tensor/base/format.h"
#include "tools/commands.h"
#include "tools/commands/model.h"
#include "tools/commands/output.h"
#include "tools/commands/predictions.h"
#include "tools/commands/table.h"

namespace tools {

namespace {

using base::check;
using base::format;
using base::UsageError;
using kilm::appositives::AppositiveScore;
using kilm::appositives::Measured;

struct Arguments {
  std::string model, data;
  kilm::appositives::PromptStyle prompt = kilm::appositives::PromptStyle::kilm;
  std::optional<bool> facts;
  std::optional<int64_t> num_beams;
  std::optional<std::string> predictions;
  int64_t batch_tokens = 8192;
  tensor::Device device = {};
  bool force = false, json = false;
};

void declare(Options& options, Arguments& a) {
  options.add("--model DIR", a.model, "a model folder, or a run folder: its best checkpoint").required();
  options.add("--data FILE", a.data, "JSON lines of ApposCorpus, or a .pm file of PoMo with its .wiki beside it")
      .required();
  options.add("--prompt STYLE", a.prompt, kilm::appositives::kPromptStyles, "how the model is asked");
  options.add("--facts on|off", a.facts, "tell the model the first fact that the true phrase uses (default off)");
  options.add("--num-beams N", a.num_beams, "beams of the search, instead of the model's own setting");
  options.add("--batch-tokens N", a.batch_tokens, "tokens that are computed together; results do not depend on it");
  declare_predictions(options, a.predictions);
  declare_force(options, a.force);
  declare_device(options, a.device);
  options.add("--json", a.json, "print one JSON object");
}

// Counts the items of a file, so that damage shows before any work is done. What is no file is read once only.
int64_t count_items(const std::string& path) {
  if (!std::filesystem::is_regular_file(path)) return 0;
  const auto reader = kilm::evaluation::open_appositives(path);
  int64_t items = 0;
  while (reader->next()) ++items;
  return items;
}

kilm::appositives::AppositiveOptions options_of(const Arguments& a, const kilm::bart::BartFolder& folder) {
  kilm::generation::GenerateOptions settings = kilm::generation::parse_generation_config(
      kilm::bart::generation_settings(folder), folder.path + "/generation config");
  if (a.num_beams) settings.num_beams = *a.num_beams;
  settings.batch_tokens = a.batch_tokens;
  return {a.prompt, a.facts.value_or(false),
          kilm::appositives::phrase_search(settings, a.prompt, folder.text_tokenizer(), folder.model.config)};
}

std::string table(const AppositiveScore& score) {
  using kilm::metrics::Measure;
  std::string out = format("{:<12}{:>10}{:>10}{:>10}{:>10}\n", "items", "number", "f1", "meteor", "bleu");
  for (const auto& [name, measured] : {std::pair<const char*, const Measured&>("full", score.full),
                                       {"non-empty", score.non_empty},
                                       {"constraint", score.constraint}}) {
    const auto value = [&](Measure measure) { return four_decimals(measured.measurement.value(measure)); };
    out += format("{:<12}{:>10}{:>10}{:>10}{:>10}\n", name, measured.examples, value(Measure::f1),
                  value(Measure::meteor), value(Measure::bleu));
  }
  if (score.left_out > 0)
    out += format("\n{} items left out: their name does not stand before the slot\n", score.left_out);
  return out;
}

int run(const Arguments& a) {
  check<UsageError>(a.batch_tokens >= 1, "batch tokens: {} should be at least 1", a.batch_tokens);
  PredictionOutput predictions(a.predictions, a.force);
  const int64_t items = count_items(a.data);
  const kilm::bart::BartFolder folder = load_model(a.model, a.device);
  const kilm::tokenizer::Tokenizer& tokenizer = folder.text_tokenizer();
  check<UsageError>(a.prompt == kilm::appositives::PromptStyle::bart || tokenizer.has_kilm_tokens(),
                    "--prompt: {} lacks the five tokens of KILM, it should be asked with bart", folder.path);
  const kilm::appositives::AppositiveOptions options = options_of(a, folder);
  const auto reader = kilm::evaluation::open_appositives(a.data);
  const AppositiveScore score =
      kilm::appositives::say_appositives(folder.model, tokenizer, *reader, items, options,
                                         [&](const kilm::predictions::Example& row) { predictions.write(row); });
  predictions.commit();
  const std::string out = a.json ? to_json(score).dump() + "\n" : table(score);
  std::fwrite(out.data(), 1, out.size(), stdout);
  return 0;
}

}  // namespace

Command appositive() {
  return command<Arguments>("appositive", "tells whether a model says who or what a name is",
                            "kilm appositive --model RUN --data wikipedia_silver/en/per/test.jsonl --json\n"
                            "kilm appositive --model bart-base --prompt bart --data test.pm --predictions bart.jsonl",
                            declare, run);
}

}  // namespace tools
