// `kilm generate`: what a model says to the rows of a batch.
#include <cstdio>
#include <iostream>
#include <iterator>
#include <span>

#include "kilm/dataset/prepared_data.h"
#include "kilm/exchange/padded_batch.h"
#include "kilm/generation/trie.h"
#include "tensor/base/format.h"
#include "tools/commands.h"
#include "tools/commands/generation_options.h"
#include "tools/commands/model.h"

namespace tools {

namespace {

using base::check;
using base::Json;
using base::UsageError;

struct Arguments {
  std::string model, batch;
  GenerationOptions generation;
  std::optional<int64_t> num_return_sequences;
  std::optional<std::string> trie;
  int64_t seed = 0, batch_tokens = 8192;
  tensor::Device device = {};
  bool compat = false, json = false;
};

void declare(Options& options, Arguments& a) {
  options.add("--model DIR", a.model, "a model folder, or a run folder: its best checkpoint").required();
  options.add("--batch BATCH", a.batch, "JSON object with input_ids, decoder_input_ids, ...; - is standard input")
      .required();
  declare(options, a.generation);
  options.add("--num-return-sequences N", a.num_return_sequences, "results of each row");
  options.add("--seed N", a.seed, "names the draws");
  options.add("--trie FILE", a.trie, "results are lists of this file, which kilm trie writes");
  options.add("--compat", a.compat, "search as Transformers 4.12 did, use prefixes as they are, mask padding");
  options.add("--batch-tokens N", a.batch_tokens, "tokens that are decoded together; results do not depend on it");
  declare_device(options, a.device);
  options.add("--json", a.json, "print one JSON object per row, with ids and scores");
}

Json read_batch(const std::string& path) {
  if (path != "-") return base::read_json_file(path);
  return base::parse_json(std::string(std::istreambuf_iterator<char>(std::cin), {}), "standard input");
}

// Returns the folder's defaults, and what was given instead.
kilm::generation::GenerateOptions options_of(const Arguments& a, const kilm::bart::BartFolder& folder) {
  kilm::generation::GenerateOptions o = generate_options(a.generation, folder);
  if (a.num_return_sequences) o.num_return_sequences = *a.num_return_sequences;
  o.seed = uint64_t(a.seed);
  o.reference_search = a.compat;
  o.batch_tokens = a.batch_tokens;
  return o;
}

// Returns the ids of a result without the padding in front of its prefix.
std::span<const int32_t> ids_of(const kilm::generation::Generated& result,
                                const kilm::generation::GenerateRequest& request) {
  const size_t padding = request.prefix_columns.empty() ? 0 : size_t(request.prefix_columns[0]);
  return std::span(result.ids).subspan(padding);
}

std::string json_line(size_t row, const kilm::generation::GenerateRequest& request,
                      const std::vector<kilm::generation::Generated>& results) {
  Json hypotheses = Json::array();
  for (const kilm::generation::Generated& result : results) {
    Json ids = Json::array();
    for (const int32_t id : ids_of(result, request)) ids.push_back(id);
    Json hypothesis = Json::object();
    hypothesis.set("ids", ids);
    hypothesis.set("score", result.score);
    hypotheses.push_back(hypothesis);
  }
  Json json = Json::object();
  json.set("row", int64_t(row));
  json.set("hypotheses", hypotheses);
  return json.dump() + "\n";
}

// Returns the ids themselves where no tokenizer can tell what they are.
std::string text_of(std::span<const int32_t> ids, const std::optional<kilm::tokenizer::Tokenizer>& tokenizer) {
  std::string numbers;
  std::vector<int32_t> known;  // a model may have more ids than its tokenizer
  for (const int32_t id : ids) {
    if (tokenizer && id < tokenizer->size()) known.push_back(id);
    numbers += (numbers.empty() ? "" : " ") + std::to_string(id);
  }
  return tokenizer ? tokenizer->decode(known) : numbers;
}

std::string lines(size_t row, const kilm::generation::GenerateRequest& request,
                  const std::vector<kilm::generation::Generated>& results,
                  const std::optional<kilm::tokenizer::Tokenizer>& tokenizer) {
  std::string out = base::format("row {}\n", row);
  for (const kilm::generation::Generated& result : results)
    out += base::format("  {:7.3f}  {}\n", result.score, text_of(ids_of(result, request), tokenizer));
  return out;
}

// Returns the fingerprint of the folder's tokenizer. There must be one: a trie is of tokens.
std::string fingerprint_of(const kilm::bart::BartFolder& folder) {
  check<UsageError>(folder.tokenizer.has_value(), "--trie: {} has no tokenizer to compare with", folder.path);
  return kilm::dataset::fingerprint_with_kilm_tokens(*folder.tokenizer);
}

int run(const Arguments& a) {
  const Json json = read_batch(a.batch);
  const kilm::bart::BartFolder folder = load_model(a.model, a.device);
  kilm::generation::GenerateOptions options = options_of(a, folder);
  std::optional<kilm::generation::Trie> trie;
  if (a.trie) options.trie = &trie.emplace(*a.trie, fingerprint_of(folder));
  kilm::bart::BartConfig config = folder.model.config;
  config.decoder_start_token_id = options.decoder_start_token_id.value_or(int32_t(config.decoder_start_token_id));
  const auto requests =
      kilm::exchange::parse_requests(json, config, a.compat, a.batch == "-" ? "standard input" : a.batch);
  const auto results = kilm::generation::generate(folder.model, requests, options);
  for (size_t row = 0; row < results.size(); ++row) {
    const std::string out = a.json ? json_line(row, requests[row], results[row])
                                   : lines(row, requests[row], results[row], folder.tokenizer);
    std::fwrite(out.data(), 1, out.size(), stdout);
  }
  return 0;
}

}  // namespace

Command generate() {
  return command<Arguments>(
      "generate", "generates token ids for the rows of a batch",
      "kilm generate --model bart-base --batch batch.json --json --num-beams 4 --num-return-sequences 4\n"
      "kilm generate --model RUN --batch - --do-sample --top-p 0.9 --seed 1",
      declare, run);
}

}  // namespace tools
