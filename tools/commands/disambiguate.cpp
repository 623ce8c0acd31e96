// `kilm disambiguate`: which of its candidates a model takes a mention for.
#include "kilm/disambiguation/disambiguate.h"

#include <cstdio>
#include <filesystem>

#include "kilm/disambiguation/contexts.h"
#include "kilm/disambiguation/knowledge.h"
#include "kilm/disambiguation/tally.h"
#include "kilm/evaluation/describe.h"
#include "kilm/job/progress.h"
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
using kilm::disambiguation::Baseline;
using kilm::disambiguation::ScoredPart;
using kilm::disambiguation::Summary;
using kilm::evaluation::MentionFormat;
using kilm::evaluation::MentionItem;
using kilm::evaluation::MentionReader;

// Held at once: so many mentions, and no further one when their texts have so many bytes.
constexpr size_t kChunk = 128, kChunkBytes = 8 << 20;

struct Arguments {
  std::string model, data;
  std::optional<MentionFormat> format;
  std::optional<std::string> texts, candidates, entities, contexts, predictions;
  kilm::disambiguation::ScoringOptions scoring;
  tensor::Device device = {};
  bool ambiguous = false, force = false, json = false;
};

void declare(Options& options, Arguments& a) {
  options.add("--model DIR", a.model, "a model folder, or a run folder: its best checkpoint").required();
  options.add("--data FILE", a.data, "mentions with their candidates").required();
  options.add("--format FORMAT", a.format, kilm::evaluation::kMentionFormats,
              "of the mentions; else it is found from the file");
  options.add("--texts DIR", a.texts, "texts of the documents of wned (default RawText beside the file)");
  options.add("--candidates FILE", a.candidates,
              "JSON lines of kilm prepare --candidates, for each mention that brings none");
  options.add("--entities FILE", a.entities, "JSON lines of kilm prepare --entities: redirects and descriptions");
  options.add("--contexts FILE", a.contexts,
              "JSON lines of kilm inspect DATA --split train --json: adds what a bag of words would choose");
  options.add("--ambiguous", a.ambiguous, "only mentions that have two candidates or more");
  options.add("--score PART", a.scoring.part, kilm::disambiguation::kScoredParts,
              "what of a candidate is scored: its title, or title and description");
  options.add("--length-normalization A", a.scoring.length_normalization,
              "scores are divided by the number of tokens to this power");
  options.add("--calibrate B", a.scoring.calibrate,
              "share of the score behind the bare mention that is taken away, 0 is off");
  options.add("--batch-tokens N", a.scoring.batch_tokens, "tokens that are computed together");
  declare_device(options, a.device);
  declare_predictions(options, a.predictions);
  declare_force(options, a.force);
  options.add("--json", a.json, "print one JSON object");
}

void check_usage(const Arguments& a) {
  check<UsageError>(a.scoring.batch_tokens >= 1, "batch tokens: {} should be at least 1", a.scoring.batch_tokens);
}

// A set of mentions, which may be opened again if it is a file.
class MentionSet {
 public:
  explicit MentionSet(const Arguments& a)
      : path_(a.data),
        format_(a.format ? *a.format : kilm::evaluation::find_mention_format(a.data)),
        texts_(a.texts.value_or("")) {
    check<UsageError>(texts_.empty() || format_ == MentionFormat::wned,
                      "--texts: only wned has texts of its own, not {}", name(format_));
  }

  std::unique_ptr<MentionReader> open() const { return kilm::evaluation::open_mentions(path_, format_, texts_); }

  // Reads a file to its end, so that damage is found before the work. Returns the number of mentions; 0 for what can be
  // read only once.
  int64_t count() const {
    if (path_ == "-" || !std::filesystem::is_regular_file(path_)) return 0;
    const std::unique_ptr<MentionReader> reader = open();
    int64_t mentions = 0;
    while (reader->next()) ++mentions;
    check<base::DamagedInput>(mentions > 0, "{}: holds no mention{}", path_,
                              reader->skipped().count > 0 ? " that stands in its text" : "");
    return mentions;
  }

 private:
  std::string path_;
  MentionFormat format_;
  std::string texts_;
};

// Mentions with all that is known of them, some at a time.
class Chunks {
 public:
  Chunks(MentionReader& reader, const kilm::disambiguation::Knowledge& knowledge, size_t fewest_candidates)
      : reader_(reader), knowledge_(knowledge), fewest_candidates_(fewest_candidates) {}

  // Fills `chunk` with the next ones. Returns false if there is none.
  bool next(std::vector<MentionItem>& chunk) {
    chunk.clear();
    size_t bytes = 0;
    while (chunk.size() < kChunk && bytes < kChunkBytes) {
      std::optional<MentionItem> mention = reader_.next();
      if (!mention) break;
      ++read_;
      knowledge_.complete(*mention);
      if (mention->candidates.size() < fewest_candidates_) continue;
      if (chunk.empty() || chunk.back().text != mention->text) bytes += mention->text->size();
      chunk.push_back(std::move(*mention));
    }
    given_ += chunk.size();
    return !chunk.empty();
  }

  int64_t read() const { return read_; }  // mentions of the file so far, also those that are left out
  size_t given() const { return given_; }

 private:
  MentionReader& reader_;
  const kilm::disambiguation::Knowledge& knowledge_;
  size_t fewest_candidates_;
  int64_t read_ = 0;
  size_t given_ = 0;
};

Summary disambiguate_set(const Arguments& a, const MentionSet& set, PredictionOutput& predictions) {
  const kilm::disambiguation::Knowledge knowledge(a.entities, a.candidates);
  std::optional<kilm::disambiguation::Contexts> contexts;
  if (a.contexts) contexts.emplace(*a.contexts);
  const int64_t total = set.count();
  const kilm::bart::BartFolder folder = load_model(a.model, a.device);
  const kilm::objective::InfillObjective objective(folder.text_tokenizer(),
                                                   kilm::evaluation::describe_objective(folder.model.config));
  const std::unique_ptr<MentionReader> reader = set.open();
  kilm::disambiguation::Tally tally;
  kilm::job::Progress progress("disambiguating, mentions", total);
  Chunks chunks(*reader, knowledge, a.ambiguous ? 2 : 0);
  for (std::vector<MentionItem> chunk; chunks.next(chunk);) {
    const auto scores = kilm::disambiguation::score_candidates(folder.model, objective, chunk, a.scoring);
    for (size_t i = 0; i < chunk.size(); ++i) {
      const kilm::predictions::Mention row = kilm::disambiguation::prediction(chunk[i], scores[i]);
      tally.add(chunk[i], row, contexts ? contexts->nearest(chunk[i]) : std::nullopt);
      predictions.write(row);
    }
    progress.update(chunks.read(), "");
  }
  check<base::DamagedInput>(chunks.read() > 0, "{}: holds no mention", a.data);
  check<base::DamagedInput>(chunks.given() > 0, "{}: holds no mention with two candidates or more", a.data);
  const kilm::evaluation::SkippedMentions skipped = reader->skipped();
  if (skipped.count > 0)
    progress.say(
        format("skipped: {} mentions that do not stand in their text; the first: {}", skipped.count, skipped.first));
  return tally.summary(skipped.count);
}

std::string table(const Summary& summary) {
  std::string out;
  const std::pair<const char*, int64_t> counts[] = {
      {"mentions", summary.mentions},   {"nil", summary.nil},
      {"skipped", summary.skipped},     {"documents", summary.documents},
      {"predicted", summary.predicted}, {"gold in candidates", summary.gold_in_candidates},
  };
  for (const auto& [name, count] : counts) out += format("{:<20}{:>8}\n", name, count);
  out += format("\n{:<20}{:>8}  {}\n", "measure", "value", "95 %");
  for (size_t i = 0; i < summary.names.size(); ++i)
    out += format("{:<20}{:>8}  {} to {}\n", summary.names[i], four_decimals(summary.values[i]),
                  four_decimals(summary.intervals[i].low), four_decimals(summary.intervals[i].high));
  out += format("\n{:<20}{:>8}  {:>8}\n", "baseline", "accuracy", "micro_f1");
  for (const Baseline& baseline : summary.baselines)
    out += format("{:<20}{:>8}  {:>8}\n", baseline.name, four_decimals(baseline.accuracy),
                  four_decimals(baseline.micro_f1));
  return out;
}

int run(const Arguments& a) {
  check_usage(a);
  PredictionOutput predictions(a.predictions, a.force);
  const MentionSet set(a);
  const Summary summary = disambiguate_set(a, set, predictions);
  predictions.commit();
  const std::string out = a.json ? to_json(summary).dump() + "\n" : table(summary);
  std::fwrite(out.data(), 1, out.size(), stdout);
  return 0;
}

}  // namespace

Command disambiguate() {
  return command<Arguments>(
      "disambiguate", "tells which of its candidates a mention means",
      "kilm disambiguate --model RUN --data aida-test-kilt.jsonl --predictions kilm.jsonl\n"
      "kilm disambiguate --model RUN --data msnbc.xml --score full --entities entities.jsonl --json\n"
      "kilm disambiguate --model RUN --data paragraphs.jsonl --candidates candidates.jsonl --ambiguous",
      declare, run);
}

}  // namespace tools
