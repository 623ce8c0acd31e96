// `kilm generate`: what a model says to the rows of a batch.
#include <cstdio>
#include <iostream>
#include <iterator>
#include <span>

#include "kilm/exchange/padded_batch.h"
#include "tensor/base/format.h"
#include "tools/commands.h"
#include "tools/commands/generation_options.h"
#include "tools/commands/model.h"

namespace tools {

namespace {

using base::Json;

struct Arguments {
  std::string model, batch;
  GenerationArguments generation;
  tensor::Device device = {};
  bool json = false;
};

void declare(Options& options, Arguments& a) {
  options.add("--model DIR", a.model, "a model folder, or a run folder: its best checkpoint").required();
  options.add("--batch BATCH", a.batch, "JSON object with input_ids, decoder_input_ids, ...; - is standard input")
      .required();
  declare_generation(options, a.generation);
  declare_device(options, a.device);
  options.add("--json", a.json, "print one JSON object per row, with ids and scores");
}

Json read_batch(const std::string& path) {
  if (path != "-") return base::read_json_file(path);
  return base::parse_json(std::string(std::istreambuf_iterator<char>(std::cin), {}), "standard input");
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

int run(const Arguments& a) {
  const Json json = read_batch(a.batch);
  const kilm::bart::BartFolder folder = load_model(a.model, a.device);
  std::optional<kilm::generation::Trie> trie;
  const kilm::generation::GenerateOptions options = generation_options(a.generation, folder, trie);
  kilm::bart::BartConfig config = folder.model.config;
  config.decoder_start_token_id = options.decoder_start_token_id.value_or(int32_t(config.decoder_start_token_id));
  const auto requests =
      kilm::exchange::parse_requests(json, config, a.generation.compat, a.batch == "-" ? "standard input" : a.batch);
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
