// What `kilm score` measures and what `kilm dump` writes, on the emulated device against the CPU.
#include <doctest/doctest.h>

#include <cmath>

#include "kilm/bart/folder.h"
#include "kilm/evaluation/evaluate.h"
#include "kilm/exchange/forward_tensors.h"
#include "tests/cuda_on_cpu/models/ways.h"
#include "tests/kilm/toy.h"

using namespace tests;
using kilm::evaluation::Score;
using tensor::DType;
using tensor::Tensor;

namespace {

void check_near(double found, double expected) { CHECK(std::abs(found - expected) <= 1e-5 * std::abs(expected)); }

}  // namespace

TEST_CASE("score: losses are those of the CPU, and what the model says is the same") {
  kilm::bart::BartFolder folder = toy::bart();
  const kilm::objective::InfillObjective objective(*folder.tokenizer, {.max_length = 64});
  const kilm::evaluation::EvaluateOptions options{.seed = 5, .mentions = 3, .num_beams = 2};
  const auto score = [&] { return *kilm::evaluation::evaluate(folder.model, objective, toy::windows(5), options); };
  const auto plain = [&] {
    return *kilm::evaluation::evaluate_plain(folder.model, objective, toy::windows(5), options);
  };
  const Score expected = score();
  const kilm::evaluation::PlainScore expected_plain = plain();
  nn::move(folder.model, kCuda);
  const Score found = score();
  check_near(found.knowledge_loss, expected.knowledge_loss);
  check_near(found.infill_loss, expected.infill_loss);
  check_near(found.copy_loss, expected.copy_loss);
  CHECK(found.mentions == expected.mentions);
  REQUIRE(found.said.size() == expected.said.size());
  for (size_t i = 0; i < found.said.size(); ++i)
    CHECK(kilm::evaluation::to_json(found.said[i]).dump() == kilm::evaluation::to_json(expected.said[i]).dump());
  const kilm::evaluation::PlainScore found_plain = plain();
  check_near(found_plain.infill_loss, expected_plain.infill_loss);
  check_near(found_plain.copy_loss, expected_plain.copy_loss);
}

TEST_CASE("dump: every tensor of a forward and backward pass is that of the CPU") {
  const base::Json json = base::parse_json(R"({"input_ids": [[0, 30, 2], [0, 2]], "labels": [[5, 2], [6]]})", "test");
  kilm::bart::BartFolder folder = kilm::bart::load_bart(KILM_SOURCE_DIR "/tests/fixtures/bart-golden");
  const auto tensors = [&](tensor::Device device) {
    for (autograd::Variable& parameter : nn::parameters(folder.model)) parameter.clear_grad();
    nn::move(folder.model, device);
    const auto batch = kilm::exchange::parse_batch(json, folder.model.config, "test", device);
    return kilm::exchange::step_tensors(folder.model, batch, {.grads = true, .taps = "*"});
  };
  const auto expected = tensors({}), found = tensors(kCuda);
  REQUIRE(found.size() == expected.size());
  REQUIRE(found.size() > 50);
  for (size_t i = 0; i < found.size(); ++i) {
    INFO(expected[i].name);
    CHECK(found[i].name == expected[i].name);
    const auto a = found[i].tensor.to({}).cast(DType::f64).to_vector<double>();
    const auto b = expected[i].tensor.cast(DType::f64).to_vector<double>();
    REQUIRE(a.size() == b.size());
    double error = 0, largest = 1e-3;  // gradients of key biases are 0 but for rounding
    for (size_t k = 0; k < a.size(); ++k) {
      error = std::max(error, std::abs(a[k] - b[k]));
      largest = std::max(largest, std::abs(b[k]));
    }
    CHECK(error <= (expected[i].name.starts_with("grad.") ? 1e-4 : 1e-5) * largest);
  }
}
