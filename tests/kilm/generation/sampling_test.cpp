// What is drawn, and how often: against probabilities that the whole forward pass gives.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "kilm/generation/generate.h"
#include "tests/kilm/bart_fixture.h"

using kilm::generation::generate;
using kilm::generation::GenerateOptions;
using kilm::generation::GenerateRequest;

namespace {

constexpr int64_t kSamples = 4000;

// Returns the share of each token among many draws of one token.
std::map<int32_t, double> shares(const kilm::bart::Bart& model, GenerateOptions options) {
  options.do_sample = true;
  options.max_new_tokens = 1;
  options.num_return_sequences = kSamples;
  const GenerateRequest request{{5, 9, 4}, {2, 7}};
  std::map<int32_t, double> shares;
  const auto samples = generate(model, {&request, 1}, options);
  for (const kilm::generation::Generated& sample : samples[0]) shares[sample.ids.back()] += 1.0 / kSamples;
  return shares;
}

// Returns the tokens by falling probability.
std::vector<std::pair<double, int32_t>> probabilities(const kilm::bart::Bart& model, double temperature) {
  const autograd::NoGrad no_grad;
  const auto packed = [](std::vector<int32_t> ids) {
    return kilm::bart::Packed::of(std::vector<std::vector<int32_t>>{std::move(ids)});
  };
  const tensor::Tensor hidden = model.forward(packed({5, 9, 4}), packed({2, 7}), nn::Mode::evaluation).value();
  const std::vector<double> logits = model.logits(hidden.narrow(0, 1, 1)).cast(tensor::DType::f64).to_vector<double>();
  std::vector<std::pair<double, int32_t>> p;
  double sum = 0;
  for (size_t i = 0; i < logits.size(); ++i) {
    p.emplace_back(std::exp(logits[i] / temperature), int32_t(i));
    sum += p.back().first;
  }
  for (auto& [share, token] : p) share /= sum;
  std::sort(p.rbegin(), p.rend());
  return p;
}

// Checks that the first `count` of p, as shares of their sum, are drawn as often as they should be, and nothing else.
void check_drawn(const std::map<int32_t, double>& drawn, const std::vector<std::pair<double, int32_t>>& p,
                 size_t count) {
  double sum = 0;
  for (size_t i = 0; i < count; ++i) sum += p[i].first;
  double total = 0;
  for (size_t i = 0; i < count; ++i) {
    const double share = drawn.contains(p[i].second) ? drawn.at(p[i].second) : 0, expected = p[i].first / sum;
    CHECK(std::fabs(share - expected) < 4.5 * std::sqrt(expected * (1 - expected) / kSamples) + 1e-9);
    total += share;
  }
  CHECK(total == doctest::Approx(1));
}

}  // namespace

TEST_CASE("sampling: tokens come as often as their probability says, at every temperature") {
  const kilm::bart::Bart model = tests::small_bart(tensor::DType::f32);
  for (const double temperature : {1.0, 0.5, 3.0})
    check_drawn(shares(model, {.temperature = temperature, .top_k = 0}), probabilities(model, temperature), 23);
}

TEST_CASE("sampling: top k and top p leave the likeliest tokens, in this order") {
  const kilm::bart::Bart model = tests::small_bart(tensor::DType::f32);
  const auto p = probabilities(model, 2);
  check_drawn(shares(model, {.temperature = 2, .top_k = 3}), p, 3);
  check_drawn(shares(model, {.temperature = 2, .top_k = 1}), p, 1);
  check_drawn(shares(model, {.temperature = 2, .top_k = 0, .top_p = 0}), p, 1);
  // The share that reaches top_p is that among the top k.
  const double first_two = p[0].first + p[1].first, of_four = first_two + p[2].first + p[3].first;
  check_drawn(shares(model, {.temperature = 2, .top_k = 4, .top_p = first_two / of_four + 1e-3}), p, 3);
  check_drawn(shares(model, {.temperature = 2, .top_k = 4, .top_p = first_two / of_four - 1e-3}), p, 2);
}

TEST_CASE("sampling: a sample depends on seed, request and its number, and on nothing else") {
  const kilm::bart::Bart model = tests::small_bart(tensor::DType::f32);
  const std::vector<GenerateRequest> requests(5, {{5, 9, 4}, {2, 7}});
  GenerateOptions options{.num_return_sequences = 3, .max_new_tokens = 12, .do_sample = true, .seed = 1};
  const auto first = generate(model, requests, options);
  options.batch_tokens = 1;
  options.num_return_sequences = 2;
  const auto alone = generate(model, requests, options);
  options.seed = 2;
  const auto other = generate(model, requests, options);
  for (size_t i = 0; i < requests.size(); ++i)
    for (size_t j = 0; j < 2; ++j) {
      CHECK(first[i][j].ids == alone[i][j].ids);
      CHECK(first[i][j].score == alone[i][j].score);
      CHECK(first[i][j].ids != other[i][j].ids);
      CHECK(first[i][j].ids != first[i][j + 1].ids);
      if (i > 0) CHECK(first[i][j].ids != first[0][j].ids);
    }
}
