#include "kilm/bart/generate.h"

#include <doctest/doctest.h>
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "tensor/error.h"
#include "tests/kilm/bart_fixture.h"

using kilm::Bart;
using kilm::DType;
using kilm::EarlyStopping;
using kilm::generate;
using kilm::Generated;
using kilm::GenerateOptions;
using kilm::GenerateRequest;
using kilm::Packed;
using kilm::Tensor;

namespace {

using Ids = std::vector<int32_t>;

constexpr int32_t kEos = 2;

// log p of each next token after `target`, by the whole forward pass in f64.
std::vector<double> log_probabilities(const Bart& model, const Ids& source, const Ids& target) {
  const autograd::NoGrad no_grad;
  const Tensor hidden =
      model.forward(Packed::of(std::vector<Ids>{source}), Packed::of(std::vector<Ids>{target}), {}).value();
  std::vector<double> logits =
      model.logits(hidden.narrow(0, hidden.size(0) - 1, 1)).cast(DType::f64).to_vector<double>();
  double sum = 0;
  for (const double x : logits) sum += std::exp(x);
  for (double& x : logits) x -= std::log(sum);
  return logits;
}

// Every result of up to `limit` tokens with its score, best first.
struct Everything {
  const Bart& model;
  const GenerateRequest& request;
  int64_t limit;
  double length_penalty;
  std::vector<Generated> results = {};

  void extend(const Ids& ids, double sum) {
    const std::vector<double> next = log_probabilities(model, request.source, ids);
    for (int32_t token = 0; token < int32_t(next.size()); ++token) {
      Ids longer = ids;
      longer.push_back(token);
      const double total = sum + next[size_t(token)];
      if (token != kEos && int64_t(longer.size()) < limit)
        extend(longer, total);
      else
        results.push_back({longer, int64_t(request.prefix.size()),
                           total / std::pow(double(longer.size() - request.prefix.size()), length_penalty)});
    }
  }

  void sort() {
    std::sort(results.begin(), results.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
  }
};

// A model that likes to end: some results do, others reach their length.
Bart ending_bart(double liking) {
  Bart model = tests::small_bart(DType::f32);
  model.final_logits_bias.narrow(1, kEos, 1).fill(liking);
  return model;
}

// Requests of different lengths, prefixes too.
std::vector<GenerateRequest> some_requests(const Bart& model, uint32_t count) {
  std::vector<GenerateRequest> requests;
  for (uint32_t i = 0; i < count; ++i) {
    GenerateRequest& request = requests.emplace_back();
    request.source = tests::random_ids(1 + i * 5 % 13, model, i);
    if (i % 3 != 0) request.prefix = tests::random_ids(1 + i * 3 % 8, model, 1000 + i);
  }
  return requests;
}

bool same(const std::vector<Generated>& a, const std::vector<Generated>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Generated& x, const Generated& y) {
    return x.ids == y.ids && x.prefix == y.prefix && x.score == y.score;
  });
}

std::span<const int32_t> generated(const Generated& result) {
  return std::span(result.ids).subspan(size_t(result.prefix));
}

bool repeats_pair(std::span<const int32_t> ids) {
  std::set<std::pair<int32_t, int32_t>> pairs;
  for (size_t i = 0; i + 1 < ids.size(); ++i)
    if (!pairs.emplace(ids[i], ids[i + 1]).second) return true;
  return false;
}

}  // namespace

TEST_CASE("with beams for every hypothesis a search finds what trying everything finds") {
  const Bart model = tests::small_bart(DType::f64, 6);
  for (const double length_penalty : {1.0, 0.0, 2.0}) {
    for (uint32_t i = 0; i < 3; ++i) {
      const GenerateRequest request{tests::random_ids(4 + i, model, i), tests::random_ids(1 + 2 * i, model, 9 + i)};
      Everything all{model, request, int64_t(request.prefix.size()) + 3, length_penalty};
      all.extend(request.prefix, 0);
      all.sort();
      const auto found = generate(model, {&request, 1},
                                  {.num_beams = 200,
                                   .num_return_sequences = 10,
                                   .max_new_tokens = 3,
                                   .length_penalty = length_penalty,
                                   .early_stopping = EarlyStopping::never});
      REQUIRE(found[0].size() == 10);
      for (size_t rank = 0; rank < 10; ++rank) {
        CHECK(found[0][rank].ids == all.results[rank].ids);
        CHECK(found[0][rank].score == doctest::Approx(all.results[rank].score).epsilon(1e-5));
      }
    }
  }
}

TEST_CASE("one beam always takes the likeliest token") {
  const Bart model = ending_bart(3);
  const std::vector<GenerateRequest> requests = some_requests(model, 12);
  const auto results = generate(model, requests, {.max_new_tokens = 9});
  int ended = 0;
  for (size_t i = 0; i < requests.size(); ++i) {
    Ids ids = requests[i].prefix.empty() ? Ids{2} : requests[i].prefix;
    const size_t prefix = ids.size();
    double sum = 0;
    while (ids.size() < prefix + 9 && (ids.size() == prefix || ids.back() != kEos)) {
      const std::vector<double> next = log_probabilities(model, requests[i].source, ids);
      const auto best = std::max_element(next.begin(), next.end());
      ids.push_back(int32_t(best - next.begin()));
      sum += *best;
    }
    REQUIRE(results[i].size() == 1);
    CHECK(results[i][0].ids == ids);
    CHECK(results[i][0].score == doctest::Approx(sum / double(ids.size() - prefix)).epsilon(1e-5));
    ended += ids.back() == kEos;
  }
  CHECK(ended > 0);
  CHECK(ended < 12);
}

TEST_CASE("a result does not depend on what else is generated, in which order, or on how many threads") {
  const Bart model = ending_bart(3);
  const std::vector<GenerateRequest> requests = some_requests(model, 17);
  const int threads = omp_get_max_threads();
  for (const int64_t beams : {1, 4}) {
    const GenerateOptions options{
        .num_beams = beams, .num_return_sequences = beams, .max_new_tokens = 12, .no_repeat_ngram_size = 3};
    const auto together = generate(model, requests, options);
    for (size_t i = 0; i < requests.size(); ++i)
      CHECK(same(generate(model, {&requests[i], 1}, options)[0], together[i]));
    const std::vector<GenerateRequest> reversed(requests.rbegin(), requests.rend());
    GenerateOptions small_batches = options;
    small_batches.batch_tokens = 40;
    omp_set_num_threads(3);
    const auto backwards = generate(model, reversed, small_batches);
    omp_set_num_threads(threads);
    for (size_t i = 0; i < requests.size(); ++i) CHECK(same(backwards[requests.size() - 1 - i], together[i]));
  }
}

TEST_CASE("searching longer never gives less, and sometimes more") {
  const Bart model = ending_bart(6);
  const std::vector<GenerateRequest> requests = some_requests(model, 40);
  GenerateOptions options{.num_beams = 3, .max_new_tokens = 10, .length_penalty = 2};
  std::vector<double> before(requests.size(), -1e9);
  for (const EarlyStopping stopping : {EarlyStopping::yes, EarlyStopping::no, EarlyStopping::never}) {
    options.early_stopping = stopping;
    int better = 0;
    const auto results = generate(model, requests, options);
    for (size_t i = 0; i < requests.size(); ++i) {
      CHECK(results[i][0].score >= before[i]);
      better += results[i][0].score > before[i];
      before[i] = results[i][0].score;
    }
    CHECK(better > 0);
  }
}

TEST_CASE("options hold for every result") {
  const Bart model = tests::small_bart(DType::f32);
  const std::vector<GenerateRequest> requests = some_requests(model, 20);
  GenerateOptions options{.num_beams = 4, .num_return_sequences = 4, .max_new_tokens = 12};
  const auto for_all = [&](auto&& holds) {
    for (const auto& results : generate(model, requests, options))
      for (const Generated& result : results)
        if (!holds(result)) return false;
    return true;
  };
  const auto no_pair_twice = [](const Generated& r) { return !repeats_pair(generated(r)); };

  SUBCASE("no pair of tokens is generated twice") {
    CHECK(!for_all(no_pair_twice));
    options.no_repeat_ngram_size = 2;
    CHECK(for_all(no_pair_twice));
    const auto nowhere = [](const Generated& r) { return !repeats_pair(r.ids); };
    CHECK(!for_all(nowhere));
    options.ngrams_count_prefix = true;
    std::vector<GenerateRequest> plain;
    for (const GenerateRequest& request : requests)
      if (!repeats_pair(request.prefix)) plain.push_back(request);
    for (const auto& results : generate(model, plain, options))
      for (const Generated& result : results) CHECK(nowhere(result));
  }
  SUBCASE("results end with the end token or have their full length") {
    const auto ends = [&](int32_t token) {
      return for_all([&](const Generated& r) {
        const auto tokens = generated(r);
        return std::find(tokens.begin(), tokens.end() - 1, token) == tokens.end() - 1 &&
               (tokens.size() == 12 || tokens.back() == token);
      });
    };
    CHECK(ends(kEos));
    options.eos_token_id = 9;
    CHECK(ends(9));
    options.forced_eos_token_id = 9;
    CHECK(for_all([](const Generated& r) { return r.ids.back() == 9; }));
  }
  SUBCASE("lengths count the prefix, except that of new tokens") {
    options.max_new_tokens.reset();
    options.max_length = 11;
    options.min_length = 9;
    CHECK(for_all([](const Generated& r) { return r.ids.size() >= 9 && r.ids.size() <= 11; }));
  }
  SUBCASE("a forced first token follows a prefix of one token and costs nothing") {
    options = {.max_new_tokens = 1, .forced_bos_token_id = 0};
    CHECK(for_all([](const Generated& r) { return r.prefix != 1 || (r.ids[1] == 0 && r.score == 0); }));
    CHECK(!for_all([](const Generated& r) { return r.ids.back() == 0; }));
  }
}

TEST_CASE("generate: errors say what is and what should be") {
  const Bart model = tests::small_bart(DType::f32);
  const GenerateRequest request{{4, 5}, {2, 6, 7}};
  const auto message = [&](const GenerateRequest& r, const GenerateOptions& options) {
    try {
      generate(model, {&r, 1}, options);
    } catch (const tensor::Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(message(request, {.num_beams = 2, .num_return_sequences = 3}) ==
        "num return sequences: 3 should be between 1 and num beams, 2");
  CHECK(message(request, {.num_beams = 0}) == "num beams: 0 should be at least 1");
  CHECK(message(request, {.max_length = 3}) ==
        "generate: request 0 has a prefix of 3 tokens; it should be shorter than 3, the longest result");
  CHECK(message({{}, {2}}, {}) == "generate: request 0 has a source of 0 tokens; it should be 1 to 48");
  CHECK(message({Ids(49, 4), {2}}, {}) == "generate: request 0 has a source of 49 tokens; it should be 1 to 48");
  CHECK(generate(model, {}, {}).empty());
}
