// Generation from random sources by a random model: how many tokens per second, by greedy and by beam search.
#include <cstdio>

#include "kilm/generation/generate.h"
#include "tools/bench/bench.h"

namespace bench {

namespace {

struct Search {
  int64_t batch, beams;
};

constexpr Search kSearches[] = {{1, 1}, {1, 4}, {8, 1}, {8, 4}};
constexpr int64_t kNewTokens = 64;

}  // namespace

void generate(const Options& options) {
  kilm::bart::Bart model(bart_config(options.model));
  model.initialise(1);
  const int64_t length = options.length > 0 ? options.length : 128;
  if (!options.json) std::printf("%-6s %6s %6s %7s %5s %9s\n", "model", "length", "batch", "beams", "new", "tokens/s");
  for (const Search& search : kSearches) {
    std::vector<kilm::generation::GenerateRequest> requests;
    for (auto& ids : random_sequences(std::vector<int64_t>(size_t(search.batch), length), model.config.vocab_size, 0))
      requests.push_back({std::move(ids), {}});
    kilm::generation::GenerateOptions how;
    how.num_beams = search.beams;
    how.max_length = how.min_length = kNewTokens + 1;  // no result is shorter
    const double seconds = best_seconds(
        options.seconds, [&] { kilm::generation::generate(model, requests, how); }, [] {}, 3);
    const double tokens_per_second = double(search.batch * kNewTokens) / seconds;
    if (options.json) {
      base::Json line = result("generate", options);
      line.set("model", options.model);
      line.set("length", length);
      line.set("batch", search.batch);
      line.set("num_beams", search.beams);
      line.set("new_tokens", kNewTokens);
      line.set("seconds", seconds);
      line.set("tokens_per_second", tokens_per_second);
      print(line);
    } else {
      std::printf("%-6s %6ld %6ld %7ld %5ld %9.1f\n", options.model.c_str(), long(length), long(search.batch),
                  long(search.beams), long(kNewTokens), tokens_per_second);
      std::fflush(stdout);
    }
  }
}

}  // namespace bench
