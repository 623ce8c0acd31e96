// What `kilm dump` writes, against what Transformers computed (tests/fixtures/make_bart_golden.py).
#include "kilm/exchange/forward_tensors.h"

#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "kilm/bart/folder.h"
#include "tensor/base/error.h"
#include "tests/kilm/toy.h"
#include "tests/second_device.h"

using base::Json;
using kilm::exchange::Batch;
using tensor::DType;
using tensor::Tensor;

namespace {

const std::string kFolder = KILM_SOURCE_DIR "/tests/fixtures/bart-golden";

using Named = std::map<std::string, Tensor>;

Named step(kilm::bart::Bart& model, const Json& batch, const kilm::exchange::StepOptions& options = {}) {
  Named result;
  for (const auto& [name, tensor] :
       kilm::exchange::step_tensors(model, kilm::exchange::parse_batch(batch, model.config, "batch"), options))
    result[name] = tensor;
  return result;
}

// Returns the rows of a matrix, without the values `padding`.
Json rows_of(const Tensor& matrix, int padding = -1) {
  const std::vector<int32_t> values = matrix.to_vector<int32_t>();
  Json rows = Json::array();
  for (int64_t i = 0; i < matrix.size(0); ++i) {
    Json row = Json::array();
    for (int64_t j = 0; j < matrix.size(1); ++j)
      if (const int32_t value = values[size_t(i * matrix.size(1) + j)]; value != padding) row.push_back(value);
    rows.push_back(row);
  }
  return rows;
}

Json golden_batch(const tensor::SafetensorsFile& file, bool ragged) {
  Json batch = Json::object();
  batch.set("input_ids", rows_of(file.tensor("input_ids"), ragged ? 1 : -1));
  batch.set("labels", rows_of(file.tensor("labels"), ragged ? -100 : -1));
  if (!ragged) batch.set("attention_mask", rows_of(file.tensor("attention_mask")));
  return batch;
}

std::vector<double> numbers(const Tensor& x) { return x.cast(DType::f64).to_vector<double>(); }

// Returns the largest difference where x has a token: rows of masked positions are 0 in x and anything in `expected`.
double largest_error(const Tensor& x, const Tensor& expected, const Tensor& mask) {
  REQUIRE(x.shape() == expected.shape());
  const std::vector<double> a = numbers(x), b = numbers(expected);
  const std::vector<int32_t> on = mask.to_vector<int32_t>();
  const size_t width = a.size() / on.size();
  double largest = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    if (on[i / width])
      largest = std::max(largest, std::abs(a[i] - b[i]));
    else
      CHECK(a[i] == 0);
  }
  return largest;
}

double relative_error(const Tensor& x, const Tensor& expected) {
  REQUIRE(x.shape() == expected.shape());
  const std::vector<double> a = numbers(x), b = numbers(expected);
  double difference = 0, norm = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    difference += (a[i] - b[i]) * (a[i] - b[i]);
    norm += b[i] * b[i];
  }
  return std::sqrt(difference) / std::max(std::sqrt(norm), 1e-3);  // gradients of key biases are 0 but for rounding
}

Tensor ones(const Tensor& like) { return Tensor::full(like.shape(), 1, DType::i32); }

}  // namespace

TEST_CASE("a step gives what Transformers gives, for rectangular and for ragged rows") {
  const auto golden = tensor::SafetensorsFile::open(kFolder + "/step.safetensors");
  const Tensor labels = golden.tensor("labels"), source_mask = golden.tensor("attention_mask");
  std::vector<int32_t> real;
  for (const int32_t label : labels.to_vector<int32_t>()) real.push_back(label != -100);
  for (const bool ragged : {false, true}) {
    CAPTURE(ragged);
    kilm::bart::BartFolder folder = kilm::bart::load_bart(kFolder, DType::f64);
    const Named step_of = step(folder.model, golden_batch(golden, ragged), {.grads = true, .taps = "*"});
    const Tensor target_mask = ragged ? Tensor::from(labels.shape(), real) : ones(labels);
    CHECK(largest_error(step_of.at("logits"), golden.tensor("logits"), target_mask) < 1e-10);
    CHECK(largest_error(step_of.at("token_loss"), golden.tensor("token_loss"), target_mask) < 1e-10);
    CHECK(step_of.at("loss").shape() == tensor::Shape{1});
    CHECK(std::abs(step_of.at("loss").item() - golden.tensor("loss").item()) < 1e-10);
    int grads = 0, taps = 0;
    for (const std::string& name : golden.names()) {
      INFO(name);
      if (name.starts_with("grad.")) {
        REQUIRE(step_of.contains(name));
        CHECK(relative_error(step_of.at(name), golden.tensor(name)) < 1e-9);
        ++grads;
      } else if (name.starts_with("tap.")) {
        REQUIRE(step_of.contains(name));
        const bool encoder = name.starts_with("tap.model.encoder");
        CHECK(largest_error(step_of.at(name), golden.tensor(name), encoder ? source_mask : target_mask) < 1e-10);
        ++taps;
      }
    }
    CHECK(grads == 2 * 16 + 2 * 26 + 7);
    CHECK(taps == 12);
    int given = 0;
    for (const auto& [name, tensor] : step_of) given += name.starts_with("grad.");
    CHECK(given == grads);  // tied ones once
  }
}

TEST_CASE("a step: what is masked has no influence, wherever it is, and where the rest stands has") {
  kilm::bart::BartFolder folder = kilm::bart::load_bart(kFolder, DType::f64);
  const auto logits = [&](const char* text) {
    return numbers(step(folder.model, base::parse_json(text, "test")).at("logits"));
  };
  const auto first = logits(R"({"input_ids": [[0, 9, 30, 2]], "attention_mask": [[1, 0, 1, 1]], "labels": [[5, 2]]})");
  CHECK(first == logits(R"({"input_ids": [[0, 77, 30, 2]], "attention_mask": [[1, 0, 1, 1]], "labels": [[5, 2]]})"));
  CHECK(first != logits(R"({"input_ids": [[0, 30, 2]], "labels": [[5, 2]]})"));
  const auto prefix = logits(R"({"input_ids": [[0, 30, 2]], "decoder_input_ids": [[7, 2, 5]],)"
                             R"( "decoder_attention_mask": [[0, 1, 1]]})");
  CHECK(prefix == logits(R"({"input_ids": [[0, 30, 2]], "decoder_input_ids": [[8, 2, 5]],)"
                         R"( "decoder_attention_mask": [[0, 1, 1]]})"));
}

TEST_CASE("a step: a row of the source that is all masked, and every dtype, give numbers") {
  for (const DType dtype : {DType::f32, DType::f64, DType::bf16}) {
    kilm::bart::BartFolder folder = kilm::bart::load_bart(kFolder, dtype);
    const Named step_of =
        step(folder.model,
             base::parse_json(R"({"input_ids": [[0, 30, 2], [0, 9, 2]], "labels": [[5, 2], [6, -100]],)"
                              R"( "attention_mask": [[1, 1, 1], [0, 0, 0]]})",
                              "test"),
             {.grads = true, .taps = {}});
    CHECK(step_of.at("logits").dtype() == dtype);
    for (const auto& [name, tensor] : step_of) {
      INFO(name);
      for (const double x : numbers(tensor)) CHECK(std::isfinite(x));
    }
  }
}

TEST_CASE("a step: taps are chosen by a glob, and what cannot be given is refused") {
  kilm::bart::BartFolder folder = kilm::bart::load_bart(kFolder);
  const Json batch = base::parse_json(R"({"input_ids": [[0, 2]], "decoder_input_ids": [[2]]})", "test");
  const Named taps = step(folder.model, batch, {.grads = false, .taps = "model.*coder"});
  CHECK(taps.size() == 3);
  CHECK(taps.at("tap.model.encoder").shape() == tensor::Shape{1, 2, 16});
  CHECK(taps.at("tap.model.decoder").shape() == tensor::Shape{1, 1, 16});
  CHECK_THROWS_WITH_AS(step(folder.model, batch, {.grads = true, .taps = {}}), "--grads needs labels",
                       base::UsageError);
  CHECK_THROWS_WITH_AS(step(folder.model, batch, {.grads = false, .taps = "model.nothing"}),
                       "--taps model.nothing: no module has such a name", base::UsageError);
}

TEST_CASE("a step on another device gives the same tensors") {
  const tests::SecondDevice second;
  const Json json = base::parse_json(R"({"input_ids": [[0, 30, 2], [0, 2]], "labels": [[5, 2], [6]]})", "test");
  kilm::bart::BartFolder folder = kilm::bart::load_bart(kFolder);
  const Named here = step(folder.model, json, {.grads = true, .taps = "*"});
  for (autograd::Variable& parameter : nn::parameters(folder.model)) parameter.clear_grad();
  nn::move(folder.model, second.device);
  const kilm::exchange::Batch batch = kilm::exchange::parse_batch(json, folder.model.config, "test", second.device);
  size_t count = 0;
  for (const auto& [name, tensor] : kilm::exchange::step_tensors(folder.model, batch, {.grads = true, .taps = "*"})) {
    INFO(name);
    ++count;
    CHECK(tensor.device() == second.device);
    CHECK(numbers(tensor.to(tensor::Device{})) == numbers(here.at(name)));
  }
  CHECK(count == here.size());
  nn::move(folder.model, {});
}
