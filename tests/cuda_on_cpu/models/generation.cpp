// Generation on the emulated device.
#include "kilm/generation/generate.h"

#include <doctest/doctest.h>

#include <cmath>

#include "kilm/generation/trie.h"
#include "tensor/work_count.h"
#include "tests/cuda_on_cpu/models/ways.h"
#include "tests/kilm/bart_fixture.h"
#include "tests/kilm/folder.h"

using namespace tests;
using kilm::bart::Bart;
using kilm::generation::generate;
using kilm::generation::Generated;
using kilm::generation::GenerateOptions;
using kilm::generation::GenerateRequest;
using tensor::DType;

namespace {

std::vector<GenerateRequest> some_requests(const Bart& model) {
  std::vector<GenerateRequest> requests;
  for (const uint32_t i : {0u, 1u, 2u}) {
    requests.push_back({random_ids(4 + 7 * i, model, i), {2}});
    for (const int32_t id : random_ids(i, model, 10 + i)) requests.back().prefix.push_back(id);
  }
  return requests;
}

// The ids of all results, and their scores.
struct Results {
  std::vector<std::vector<int32_t>> ids;
  std::vector<double> scores;

  explicit Results(const std::vector<std::vector<Generated>>& all) {
    for (const std::vector<Generated>& of_request : all)
      for (const Generated& one : of_request) {
        ids.push_back(one.ids);
        scores.push_back(one.score);
      }
  }
  bool operator==(const Results&) const = default;
};

}  // namespace

TEST_CASE("generation: greedy, beams and rules give the tokens of the CPU, with one wait per token, in every order") {
  Bart model = small_bart(DType::f32);
  model.final_logits_bias.narrow(1, 2, 1).fill(-100);  // no end before the limit
  const std::vector<GenerateRequest> requests = some_requests(model);
  const Folder folder;
  kilm::generation::write_trie(folder / "trie.kdt", {{4, 5, 6, 7, 8}, {4, 6, 5, 7, 9}, {8, 5, 6, 7, 4}}, "tokens");
  const kilm::generation::Trie trie(folder / "trie.kdt");
  const GenerateOptions options[] = {{.max_new_tokens = 6},
                                     {.num_beams = 3, .max_new_tokens = 6},
                                     {.num_beams = 3, .max_new_tokens = 6, .min_length = 9, .no_repeat_ngram_size = 2},
                                     {.num_beams = 2, .max_new_tokens = 6, .forced_eos_token_id = 2, .trie = &trie},
                                     {.max_new_tokens = 6, .do_sample = true, .top_k = 5}};
  for (const GenerateOptions& o : options) {
    const Results expected(generate(model, requests, o));
    REQUIRE(expected.ids.size() == requests.size());
    const auto on_cuda = [&](int64_t* waits = nullptr) {
      nn::move(model, kCuda);
      const tensor::WorkCount count;
      const Results found(generate(model, requests, o));
      if (waits) *waits = count.total().waits;
      nn::move(model, {});
      return found;
    };
    int64_t waits = 0;
    const Results found = on_cuda(&waits);
    CHECK(found.ids == expected.ids);
    for (size_t i = 0; i < expected.scores.size(); ++i)
      CHECK(std::abs(found.scores[i] - expected.scores[i]) <= 1e-4 * std::max(1.0, std::abs(expected.scores[i])));
    MESSAGE("6 tokens: " << waits << " waits");
    CHECK(waits == 6);
    for (const Way& way : all_ways()) CHECK_MESSAGE((in_way(way, [&] { return on_cuda(); }) == found), way.name);
  }
}
