// `kilm prepare`: Wikipedia dumps to training data, or to JSON lines.
#include "kilm/prepare/prepare.h"

#include <algorithm>
#include <cstdio>
#include <memory>

#include "kilm/job/stop_signal.h"
#include "tensor/base/format.h"
#include "tools/commands.h"
#include "tools/commands/line_output.h"
#include "tools/commands/output.h"

namespace tools {

namespace {

using base::check;
using base::format;
using base::Json;
using base::UsageError;

struct Arguments {
  std::vector<std::string> dumps;
  std::optional<std::string> tokenizer, out, paragraphs, entities, candidates, unseen, held_out_entities, compat;
  bool lead = false, force = false, json = false;
  int64_t max_length = 512, max_articles = 0, seed = 0, seen = 1000;
};

void declare(Options& options, Arguments& a) {
  options.add("DUMP", a.dumps, "MediaWiki XML exports, plain, .bz2, .gz, .xz or .zst; - is standard input");
  options.add("-o,--out DATA", a.out, "new folder to make: shards, entities, manifest.json");
  options.add("--tokenizer DIR", a.tokenizer, "folder with vocab.json and merges.txt, needed for --out");
  options.add("--paragraphs FILE", a.paragraphs, "write every kept paragraph as a JSON line, - is standard output");
  options.add("--entities FILE", a.entities, "write every entity as a JSON line, - is standard output");
  options.add("--candidates FILE", a.candidates,
              "write as a JSON line what each surface of a link means in the training part, - is standard output");
  declare_force(options, a.force);
  options.add("--lead", a.lead, "keep only what comes before an article's first heading");
  options.add("--max-length N", a.max_length, "tokens of a window with its markup and 64 for knowledge");
  options.add("--max-articles N", a.max_articles, "stop after so many articles, 0 is never");
  options.add("--seed N", a.seed, "of the choice of paragraphs and entities for the splits");
  options.add("--unseen N", a.unseen, "paragraphs kept out of training, or their share (default 1000, at most 0.05)");
  options.add("--seen N", a.seen, "paragraphs of training that are copied for evaluation");
  options.add("--held-out-entities N", a.held_out_entities,
              "entities that training has no mention of, or their share (default 1000, at most 0.05)");
  options
      .add("--compat WHAT", a.compat,
           "kilm: read pages and split as the authors' code did, without the repairs of its known faults; its crashes, "
           "its time limit and its file formats are left out")
      .choices({"kilm"});
  options.add("--json", a.json, "print the statistics as JSON");
  options.config_file();
}

void append_row(std::string& table, const std::string& label, const Json& value) {
  table += format("{:<22}{:>12}\n", label, value.as_int());
}

void append_example(std::string& table, const std::string& label, const Json& kind) {
  table += format("{:<22}{:>12}  {}\n", label, kind.at("count").as_int(), kind.at("page").as_string());
}

std::string label_of(std::string key) {
  std::replace(key.begin(), key.end(), '_', ' ');
  return key;
}

std::string statistics(const Json& counts) {
  std::string table;
  for (const auto& [key, value] : counts.members())
    if (value.is_int()) append_row(table, label_of(key), value);
  if (const Json* share = counts.find("clean_share"))
    table += format("{:<22}{:>11.2f}%\n", "without markup", 100 * share->as_number());
  if (const Json* kind = counts.find("with_markup")) append_example(table, "with markup", *kind);
  for (const char* group : {"left_out", "unknown_templates"}) {
    const Json::Object& members = counts.at(group).members();
    if (!members.empty()) table += format("\n{:<34}  for example on\n", label_of(group));
    for (const auto& [key, value] : members) append_example(table, "  " + label_of(key), value);
  }
  if (const Json* splits = counts.find("splits")) {
    table += format("\n{:<10}{:>12}{:>12}{:>12}{:>12}\n", "split", "paragraphs", "windows", "mentions", "entities");
    for (const auto& [split, row] : splits->members())
      table += format("{:<10}{:>12}{:>12}{:>12}{:>12}\n", split, row.at("paragraphs").as_int(),
                      row.at("windows").as_int(), row.at("mentions").as_int(), row.at("entities").as_int());
  }
  return table;
}

void check_usage(const Arguments& a) {
  check<UsageError>(a.out || a.paragraphs || a.entities || a.candidates,
                    "one of --out, --paragraphs, --entities and --candidates is needed");
  check<UsageError>(!a.out || a.tokenizer, "--out needs --tokenizer");
  check<UsageError>((a.paragraphs == "-") + (a.entities == "-") + (a.candidates == "-") <= 1,
                    "only one of --paragraphs, --entities and --candidates can be -");
  check<UsageError>(std::count(a.dumps.begin(), a.dumps.end(), "-") <= 1, "standard input can be read only once");
  check<UsageError>(a.max_articles >= 0, "--max-articles {} should not be below 0", a.max_articles);
  check<UsageError>(!a.compat || a.seed == 0, "--compat kilm shuffles with seed 0, not with --seed {}", a.seed);
  check<UsageError>(!a.compat || !a.held_out_entities, "--compat kilm holds no entities out: no --held-out-entities");
  check<UsageError>(a.seen >= 0, "--seen {} should not be below 0", a.seen);
}

kilm::prepare::PrepareOptions options_of(const Arguments& a) {
  kilm::prepare::PrepareOptions options =
      a.compat ? kilm::prepare::reference_options() : kilm::prepare::PrepareOptions();
  options.collect.dumps = a.dumps;
  options.collect.lead = a.lead;
  options.collect.max_articles = a.max_articles;
  options.max_length = a.max_length;
  options.seed = uint64_t(a.seed);
  options.seen.count = a.seen;
  if (a.unseen) options.unseen = kilm::prepare::parse_portion("--unseen", *a.unseen);
  if (a.held_out_entities)
    options.held_out_entities = kilm::prepare::parse_portion("--held-out-entities", *a.held_out_entities);
  return options;
}

bool holds_paragraphs(const std::string& path) {
  return holds_lines_of(path, {"id", "title", "section", "paragraph", "text", "links"});
}
bool holds_entities(const std::string& path) {
  return holds_lines_of(path, {"title", "description", "source", "redirects"});
}
bool holds_candidates(const std::string& path) { return holds_lines_of(path, {"mention", "candidates"}); }

void check_outputs(const Arguments& a) {
  std::vector<NamedOutput> outputs;
  if (a.out) outputs.push_back({"--out", *a.out});
  if (a.paragraphs && is_file(*a.paragraphs)) outputs.push_back({"--paragraphs", *a.paragraphs});
  if (a.entities && is_file(*a.entities)) outputs.push_back({"--entities", *a.entities});
  if (a.candidates && is_file(*a.candidates)) outputs.push_back({"--candidates", *a.candidates});
  check_outputs_apart(outputs);
  if (a.paragraphs && is_file(*a.paragraphs))
    check_output_file("--paragraphs", *a.paragraphs, a.force, holds_paragraphs);
  if (a.entities && is_file(*a.entities)) check_output_file("--entities", *a.entities, a.force, holds_entities);
  if (a.candidates && is_file(*a.candidates))
    check_output_file("--candidates", *a.candidates, a.force, holds_candidates);
}

int run(const Arguments& a) {
  check_usage(a);
  check_outputs(a);
  const kilm::prepare::PrepareOptions options = options_of(a);
  kilm::prepare::PrepareOutputs outputs{.data = a.out.value_or(""), .tokenizer = a.tokenizer.value_or("")};
  std::vector<std::unique_ptr<LineOutput>> files;
  const auto sink = [&](const std::optional<std::string>& path) -> kilm::prepare::LineSink {
    if (!path) return {};
    LineOutput* file = files.emplace_back(std::make_unique<LineOutput>(*path)).get();
    return [file](std::string_view line) { file->write(line); };
  };
  outputs.paragraphs = sink(a.paragraphs);
  outputs.entities = sink(a.entities);
  outputs.candidates = sink(a.candidates);
  const kilm::prepare::PrepareReport report = kilm::prepare::prepare(options, outputs);
  if (report.stopped) {
    const std::string how = a.out ? format("the same command goes on from {}", kilm::prepare::unfinished_folder(*a.out))
                                  : "nothing was put out; only --out keeps what has been read";
    std::fputs(format("kilm prepare: stopped; {}\n", how).c_str(), stderr);
    return kilm::job::kRestartMe;
  }
  for (const auto& file : files)  // damage that nothing came before leaves an earlier file as it is
    if (!report.damage || !file->is_empty_file()) file->commit();
  const bool lines_on_stdout = a.paragraphs == "-" || a.entities == "-" || a.candidates == "-";
  const std::string text = a.json ? report.counts.dump() + "\n" : statistics(report.counts);
  std::fputs(text.c_str(), lines_on_stdout ? stderr : stdout);
  if (report.damage) throw base::DamagedInput(*report.damage);
  return 0;
}

}  // namespace

Command prepare() {
  return command<Arguments>("prepare", "turns Wikipedia dumps into training data",
                            "kilm prepare enwiki-pages-articles.xml.bz2 --tokenizer bart-base --out data\n"
                            "bzcat dump.xml.bz2 | kilm prepare - --paragraphs - --lead | head",
                            declare, run);
}

}  // namespace tools
