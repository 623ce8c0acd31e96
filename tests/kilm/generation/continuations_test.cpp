#include "kilm/generation/continuations.h"

#include <doctest/doctest.h>

#include <cmath>

#include "tensor/base/error.h"
#include "tensor/trace.h"
#include "tests/kilm/bart_fixture.h"

using kilm::bart::Packed;
using kilm::generation::ContinuationRequest;
using kilm::generation::score_continuations;
using tensor::DType;

namespace {

using Ids = std::vector<int32_t>;
using List = std::vector<Ids>;

// Returns the sum of log probabilities of a continuation by one forward pass over prefix and continuation, in f64.
double by_definition(const kilm::bart::Bart& model, const ContinuationRequest& request, const Ids& continuation) {
  const autograd::NoGrad no_grad;
  Ids target = request.prefix;
  target.insert(target.end(), continuation.begin(), continuation.end() - 1);
  const tensor::Tensor hidden =
      model.forward(Packed::of(List{request.source}), Packed::of(List{target}), nn::Mode::evaluation).value();
  const std::vector<double> logits = model.logits(hidden).cast(DType::f64).to_vector<double>();
  const size_t v = logits.size() / target.size();
  double sum = 0;
  for (size_t i = 0; i < continuation.size(); ++i) {
    const double* row = logits.data() + (request.prefix.size() - 1 + i) * v;
    double total = 0;
    for (size_t j = 0; j < v; ++j) total += std::exp(row[j]);
    sum += row[continuation[i]] - std::log(total);
  }
  return sum;
}

// Returns requests of different lengths; their continuations share beginnings, repeat, and go on where others end.
std::vector<ContinuationRequest> requests(const kilm::bart::Bart& model) {
  const auto ids = [&](int64_t n, uint64_t seed) { return tests::random_ids(n, model, seed); };
  return {{ids(5, 1), {2, 0}, {{4, 5, 6}, {4, 5}, {4, 7, 7, 7}, {8}, {4, 5, 6}}},
          {ids(3, 2), {2, 0, 9}, {{5}}},
          {ids(7, 3), {2}, {{6, 5}, {5, 6}}}};
}

}  // namespace

TEST_CASE("a continuation's score is the sum of its log probabilities behind the prefix") {
  const kilm::bart::Bart model = tests::small_bart(DType::f64);
  const auto all = requests(model);
  const auto scores = score_continuations(model, all);
  REQUIRE(scores.size() == all.size());
  for (size_t i = 0; i < all.size(); ++i) {
    REQUIRE(scores[i].size() == all[i].continuations.size());
    for (size_t c = 0; c < scores[i].size(); ++c)
      CHECK(scores[i][c] == doctest::Approx(by_definition(model, all[i], all[i].continuations[c])).epsilon(1e-5));
  }
  CHECK(scores[0][0] == scores[0][4]);
}

TEST_CASE("a score does not depend on what is scored with it") {
  const kilm::bart::Bart model = tests::small_bart(DType::f32);
  const auto all = requests(model);
  const auto together = score_continuations(model, all);
  for (const int64_t batch_tokens : {1, 20, 30}) {
    CAPTURE(batch_tokens);
    CHECK(score_continuations(model, all, {.batch_tokens = batch_tokens}) == together);
  }
  const ContinuationRequest alone{all[0].source, all[0].prefix, {{4, 7, 7, 7}}};
  CHECK(score_continuations(model, std::vector{alone})[0][0] == together[0][2]);
}

TEST_CASE("a request of many continuations is scored in parts, to the same bits") {
  const kilm::bart::Bart model = tests::small_bart(DType::f32);
  ContinuationRequest many{{0, 5, 2}, {2, 0}, {}};
  for (int32_t a = 0; a < 30; ++a)
    for (int32_t b = 0; b < 36; ++b) many.continuations.push_back({4 + a % 10, 3 + b % 12, 3 + a / 10 * 3 + b / 12});
  REQUIRE(many.continuations.size() == 1080);
  std::vector<ContinuationRequest> all = requests(model);
  const auto others = score_continuations(model, all);
  all.insert(all.begin() + 1, many);
  const auto together = score_continuations(model, all);
  REQUIRE(together.size() == all.size());
  CHECK(together[0] == others[0]);
  CHECK(together[2] == others[1]);
  REQUIRE(together[1].size() == 1080);
  for (const size_t i : {size_t(0), size_t(511), size_t(512), size_t(1023), size_t(1024), size_t(1079)}) {
    const ContinuationRequest alone{many.source, many.prefix, {many.continuations[i]}};
    CHECK(score_continuations(model, std::vector{alone})[0][0] == together[1][i]);
  }
}

TEST_CASE("a step of scoring has the rows of 512 continuations at most") {
  const kilm::bart::Bart model = tests::small_bart(DType::f32);
  ContinuationRequest many{{0, 5, 2}, {2, 0}, {}};
  for (int32_t a = 0; a < 9; ++a)
    for (int32_t b = 0; b < 9; ++b)
      for (int32_t c = 0; c < 9; ++c) many.continuations.push_back({3 + a, 3 + b, 3 + c, 3});
  tensor::start_tracing();
  score_continuations(model, std::vector{many});
  tensor::stop_tracing();
  int64_t steps = 0;
  for (const tensor::TraceRow& row : tensor::trace_rows())
    if (row.op == "log_sum_exp") steps += row.calls;
  CHECK(steps == 8);  // four for the first 512 of 729 continuations, four for the others
}

TEST_CASE("requests that do not fit the model are refused") {
  const kilm::bart::Bart model = tests::small_bart(DType::f32);
  const int64_t positions = model.config.max_position_embeddings;
  const Ids source = {0, 2};
  const auto score = [&](ContinuationRequest request) { return score_continuations(model, std::vector{request}); };
  CHECK(score({source, Ids(size_t(positions), 3), {{4}}}).size() == 1);
  CHECK_THROWS_WITH_AS(score({source, Ids(size_t(positions), 3), {{4, 5}}}), doctest::Contains("should be at most"),
                       base::Error);
  CHECK_THROWS_WITH_AS(score({{}, {2}, {{4}}}), doctest::Contains("source of 0 tokens"), base::Error);
  CHECK_THROWS_WITH_AS(score({source, {}, {{4}}}), doctest::Contains("should have some of both"), base::Error);
  CHECK_THROWS_WITH_AS(score({source, {2}, {{}}}), doctest::Contains("an empty one"), base::Error);
  CHECK_THROWS_WITH_AS(score({source, {2}, {{-1}}}), doctest::Contains("token -1 should be"), base::Error);
  CHECK_THROWS_AS(score_continuations(model, {}, {.batch_tokens = 0}), base::UsageError);
}
