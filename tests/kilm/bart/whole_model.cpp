// BART against Transformers, on every device that the program tests: tests/oracle/make_bart_golden.py made the folders
// and what the models should compute.
#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "autograd/engine.h"
#include "autograd/ops/loss.h"
#include "kilm/bart/folder.h"
#include "optim/adamw.h"
#include "tensor/io/safetensors.h"
#include "tensor/ops/elementwise.h"
#include "tensor/random.h"
#include "tests/kilm/bart_fixture.h"
#include "tests/test_device.h"

using kilm::bart::Bart;
using kilm::bart::BartFolder;
using kilm::bart::Packed;
using tensor::Device;
using tensor::DType;
using tensor::Tensor;

namespace {

const std::string kFolder = KILM_SOURCE_DIR "/tests/fixtures/bart-golden";
const std::string kOtherShape = KILM_SOURCE_DIR "/tests/fixtures/bart-other-golden";

using Rows = std::vector<std::vector<int32_t>>;

// Returns the rows of a padded [rows, width] matrix, each up to its first `padding`.
Rows rows_of(const Tensor& matrix, int32_t padding) {
  const std::vector<int32_t> values = matrix.to_vector<int32_t>();
  Rows rows;
  for (int64_t i = 0; i < matrix.size(0); ++i) {
    const auto begin = values.begin() + i * matrix.size(1);
    rows.emplace_back(begin, std::find(begin, begin + matrix.size(1), padding));
  }
  return rows;
}

struct GoldenBatch {
  Packed source, target;
  tensor::Ids labels;  // [t]
  std::vector<int64_t> source_lengths, target_lengths;

  static GoldenBatch of(const Rows& sources, const Rows& targets, Device device) {
    Rows inputs;
    std::vector<int32_t> labels;
    GoldenBatch batch;
    for (const auto& row : sources) batch.source_lengths.push_back(int64_t(row.size()));
    for (const auto& row : targets) {
      batch.target_lengths.push_back(int64_t(row.size()));
      labels.insert(labels.end(), row.begin(), row.end());
      inputs.push_back({2});
      inputs.back().insert(inputs.back().end(), row.begin(), row.end() - 1);
    }
    batch.source = Packed::of(sources, {}, device);
    batch.target = Packed::of(inputs, {}, device);
    batch.labels = tensor::Ids::from(labels, device);
    return batch;
  }
};

std::vector<double> numbers(const Tensor& x) { return x.to({}).cast(DType::f64).to_vector<double>(); }

// Returns the rows of padded[b, w, ...] that are no padding, one after another.
std::vector<double> unpadded(const Tensor& padded, const std::vector<int64_t>& lengths) {
  std::vector<double> all;
  for (size_t i = 0; i < lengths.size(); ++i) {
    const Tensor row = padded.narrow(0, int64_t(i), 1).narrow(1, 0, lengths[i]);
    const std::vector<double> values = numbers(row);
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

double largest_error(const std::vector<double>& x, const std::vector<double>& expected) {
  REQUIRE(x.size() == expected.size());
  double largest = 0;
  for (size_t i = 0; i < x.size(); ++i) largest = std::max(largest, std::abs(x[i] - expected[i]));
  return largest;
}

double norm(const std::vector<double>& x) {
  double sum = 0;
  for (const double a : x) sum += a * a;
  return std::sqrt(sum);
}

// Returns |x - expected| / |expected|, in norms. Gradients of key biases are 0 but for rounding: a bias moves all the
// scores of a query alike. `floor` is what counts as 0.
double relative_error(std::vector<double> x, const std::vector<double>& expected, double floor) {
  REQUIRE(x.size() == expected.size());
  for (size_t i = 0; i < x.size(); ++i) x[i] -= expected[i];
  return norm(x) / std::max(norm(expected), floor);
}

struct Golden {
  explicit Golden(const std::string& folder) : file(tensor::SafetensorsFile::open(folder + "/step.safetensors")) {}

  tensor::SafetensorsFile file;
  Rows sources = rows_of(file.tensor("input_ids"), 1), targets = rows_of(file.tensor("labels"), -100);
};

autograd::TokenLoss loss_of(const Bart& model, const GoldenBatch& batch, const autograd::Variable& hidden,
                            int64_t count) {
  const Tensor weights = Tensor::full({batch.labels.count()}, 1.0 / double(count), tensor::acc_dtype(hidden.dtype()),
                                      hidden.value().device());
  return autograd::linear_cross_entropy(hidden, model.shared, model.final_logits_bias, batch.labels, weights);
}

struct Tolerance {
  DType dtype;
  double value, gradient, parameter;
  Device device = {};
};

// Returns one for each device under test and dtype that it computes with.
std::vector<Tolerance> tolerances() {
  std::vector<Tolerance> all;
  for (const tests::TestDevice& tested : tests::test_devices()) {
    if (tested.device == Device{}) all.push_back({DType::f64, 1e-10, 1e-9, 1e-6});
    all.push_back({DType::f32, 1e-5, 1e-4, 1e-5, tested.device});
  }
  return all;
}

BartFolder golden_bart(const std::string& path, const Tolerance& tolerance) {
  BartFolder folder = kilm::bart::load_bart(path, tolerance.dtype);
  nn::move(folder.model, tolerance.device);
  return folder;
}

void check_step(const std::string& path) {
  CAPTURE(path);
  const Golden golden(path);
  for (const Tolerance& tolerance : tolerances()) {
    CAPTURE(tolerance.value);
    BartFolder folder = golden_bart(path, tolerance);
    const int64_t encoders = folder.model.config.encoder_layers, decoders = folder.model.config.decoder_layers;
    const GoldenBatch batch = GoldenBatch::of(golden.sources, golden.targets, tolerance.device);
    std::map<std::string, Tensor> taps;
    const autograd::Variable hidden = [&] {
      nn::Tap tap([&](const std::string& path, const autograd::Variable& value) {
        taps["tap." + path] = value.value();
        return value;
      });
      return folder.model.forward(batch.source, batch.target, nn::Mode::evaluation);
    }();
    const auto expected = [&](const std::string& name, const std::vector<int64_t>& lengths) {
      return unpadded(golden.file.tensor(name), lengths);
    };
    CHECK(largest_error(numbers(folder.model.logits(hidden.value())), expected("logits", batch.target_lengths)) <
          tolerance.value);
    int64_t compared = 0;
    for (const std::string& name : golden.file.names()) {
      if (!name.starts_with("tap.")) continue;
      INFO(name);
      REQUIRE(taps.contains(name));
      const bool encoder = name.starts_with("tap.model.encoder");
      CHECK(largest_error(numbers(taps[name]), expected(name, encoder ? batch.source_lengths : batch.target_lengths)) <
            tolerance.value);
      ++compared;
    }
    CHECK(compared == 2 + 2 * encoders + 3 * decoders);

    const auto [loss, token_losses] = loss_of(folder.model, batch, hidden, batch.labels.count());
    CHECK(std::abs(loss.value().item() - golden.file.tensor("loss").to_vector<double>()[0]) < tolerance.value);
    CHECK(largest_error(numbers(token_losses), expected("token_loss", batch.target_lengths)) < tolerance.value);

    autograd::backward(loss);
    compared = 0;
    for (const nn::Entry& entry : nn::entries(folder.model)) {
      if (!entry.parameter || entry.alias) continue;
      INFO(entry.name);
      const Tensor gradient = entry.parameter->grad().narrow(0, entry.begin, entry.end - entry.begin);
      CHECK(relative_error(numbers(gradient), numbers(golden.file.tensor("grad." + entry.name)), 1e-3) <
            tolerance.gradient);
      ++compared;
    }
    CHECK(compared == encoders * 16 + decoders * 26 + 7);
  }
}

}  // namespace

TEST_CASE("outputs, losses and gradients of BART are those of Transformers") { check_step(kFolder); }

TEST_CASE("so are those of a BART of another shape: scaled embeddings, gelu_new, heads of 5, 1 and 3 layers") {
  check_step(kOtherShape);
}

// 20 updates of two micro-batches each: clipping, warm-up and linear decline, weight decay of matrices and tables.
TEST_CASE("AdamW moves the parameters of BART as PyTorch's does") {
  const Golden golden(kFolder);
  for (const Tolerance& tolerance : tolerances()) {
    CAPTURE(tolerance.value);
    BartFolder folder = golden_bart(kFolder, tolerance);
    optim::FlatParameters parameters(folder.model);
    optim::AdamW optimizer(parameters, {.learning_rate = 2e-3,
                                        .weight_decay = 0.1,
                                        .max_grad_norm = 1.0,
                                        .schedule = {optim::ScheduleKind::linear, 4, 21}});
    const auto& [sources, targets] = std::pair(golden.sources, golden.targets);
    const GoldenBatch micros[] = {GoldenBatch::of({sources[0], sources[1]}, {targets[0], targets[1]}, tolerance.device),
                                  GoldenBatch::of({sources[2]}, {targets[2]}, tolerance.device)};
    const int64_t count = micros[0].labels.count() + micros[1].labels.count();
    for (int step = 0; step < 20; ++step) {
      for (const GoldenBatch& micro : micros) {
        const autograd::Variable hidden = folder.model.forward(micro.source, micro.target, {.training = true});
        autograd::backward(loss_of(folder.model, micro, hidden, count).sum);
      }
      CHECK(optimizer.update().grad_norm > 1);  // so that clipping is seen
    }
    for (const nn::Entry& entry : nn::entries(folder.model)) {
      // The gradient of a key bias is rounding, which AdamW scales up to whole steps (see relative_error).
      const bool rounding = tolerance.dtype == DType::f32 && entry.name.ends_with("k_proj.bias");
      if (!entry.parameter || entry.alias || rounding) continue;
      INFO(entry.name);
      CHECK(relative_error(numbers(entry.tensor()), numbers(golden.file.tensor("adamw." + entry.name)), 1e-3) <
            tolerance.parameter);
    }
  }
}

// Enough tokens that every sum over them has several parts.
TEST_CASE("two micro-batches into one gradient give the bits of two gradients that are added") {
  std::vector<std::pair<Device, DType>> trials;
  for (const tests::TestDevice& tested : tests::test_devices())
    for (const DType dtype : {DType::f32, DType::f64, DType::bf16})
      if (dtype != DType::f64 || tested.device == Device{}) trials.emplace_back(tested.device, dtype);
  for (const auto& [device, dtype] : trials) {
    kilm::bart::BartConfig config = tests::small_bart(dtype).config;
    config.dropout = config.attention_dropout = config.activation_dropout = 0.1;
    Bart model(config, dtype);
    model.initialise(1);
    nn::move(model, device);
    const optim::FlatParameters flat(model);
    const std::vector<autograd::Variable> parameters = nn::parameters(model);
    const auto add_micro_batch = [&, device = device](uint32_t number) {
      tensor::RandomGuard position({.key = tensor::philox_key(1, tensor::RandomDomain::dropout), .micro = number});
      Rows sources, targets;
      for (uint32_t i = 0; i < 16; ++i) {
        sources.push_back(tests::random_ids(40, model, 100 * number + 2 * i));
        targets.push_back(tests::random_ids(35, model, 100 * number + 2 * i + 1));
      }
      const GoldenBatch batch = GoldenBatch::of(sources, targets, device);
      const autograd::Variable hidden = model.forward(batch.source, batch.target, {.training = true});
      autograd::backward(loss_of(model, batch, hidden, batch.labels.count()).sum);
    };
    const auto gradient_of = [&](std::initializer_list<uint32_t> micro_batches) {
      for (autograd::Variable parameter : parameters) parameter.clear_grad();
      for (const uint32_t number : micro_batches) add_micro_batch(number);
      return flat.grad.clone();
    };
    Tensor apart = gradient_of({1});
    tensor::accumulate_(apart, gradient_of({2}));
    const Tensor together = gradient_of({1, 2});
    for (const optim::FlatParameters::Slice& slice : flat.slices()) {
      INFO(slice.name << " at " << std::string(tensor::name(dtype)));
      const auto part = [&](const Tensor& x) { return numbers(x.narrow(0, slice.begin, slice.count)); };
      CHECK((part(together) == part(apart)));
    }
  }
}

TEST_CASE("a folder that Transformers saved comes with its tokenizer") {
  const BartFolder folder = kilm::bart::load_bart(kFolder);
  CHECK(folder.tokenizer->size() == folder.model.config.vocab_size);
  CHECK(folder.tokenizer->kilm_tokens().ent == 267);
  CHECK(folder.tokenizer->encode("the<ent>", {.parse_special = true}).back() == 267);
}
