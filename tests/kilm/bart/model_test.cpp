#include "kilm/bart/model.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "autograd/engine.h"
#include "autograd/ops/loss.h"
#include "nn/state_dict.h"
#include "optim/adamw.h"
#include "tensor/random.h"
#include "tensor/work_count.h"
#include "tests/kilm/toy.h"
#include "tests/second_device.h"

using kilm::bart::Bart;
using kilm::bart::Packed;
using tensor::Tensor;

namespace {

using Sequences = std::vector<std::vector<int32_t>>;

Tensor hidden(const Bart& model, const Sequences& sources, const Sequences& targets) {
  return model.forward(Packed::of(sources), Packed::of(targets), {.training = false}).value();
}

}  // namespace

TEST_CASE("BART base and large have the published names and numbers of weights") {
  struct Size {
    int64_t d, layers, heads, names, numbers;
  };
  for (const Size& size : {Size{768, 6, 12, 263, 139420416}, Size{1024, 12, 16, 515, 406291456}}) {
    // One layer each is made and the others, which are alike, are counted.
    kilm::bart::BartConfig config;
    config.d_model = size.d;
    config.encoder_layers = config.decoder_layers = 1;
    config.encoder_attention_heads = config.decoder_attention_heads = size.heads;
    config.encoder_ffn_dim = config.decoder_ffn_dim = 4 * size.d;
    Bart model(config, nn::DType::bf16);
    int64_t names = 0, numbers = 0;
    for (const nn::Entry& entry : nn::entries(model)) {
      const int64_t times = entry.name.find(".layers.0.") != std::string::npos ? size.layers : 1;
      names += times;
      if (entry.parameter && !entry.alias) numbers += times * entry.tensor().numel();
    }
    CHECK(names == size.names);
    CHECK(numbers == size.numbers);
  }
}

TEST_CASE("names are those of Hugging Face, and one table has four") {
  kilm::bart::BartFolder folder = toy::bart();
  const auto aliases = nn::aliases(folder.model);
  CHECK(aliases.size() == 3);
  for (const char* name :
       {"model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight", "lm_head.weight"}) {
    REQUIRE(aliases.contains(name));
    CHECK(aliases.at(name) == "model.shared.weight");
  }
  std::map<std::string, nn::Shape> shapes;
  for (const tensor::NamedTensor& entry : nn::state(folder.model)) shapes[entry.name] = entry.tensor.shape();
  CHECK(shapes.size() == 1 + 6 + 16 + 26 + 1);
  CHECK(shapes.at("model.shared.weight") == nn::Shape{270, 16});
  CHECK(shapes.at("model.encoder.embed_positions.weight") == nn::Shape{98, 16});
  CHECK(shapes.at("model.encoder.layernorm_embedding.bias") == nn::Shape{16});
  CHECK(shapes.at("model.encoder.layers.0.self_attn.k_proj.weight") == nn::Shape{16, 16});
  CHECK(shapes.at("model.encoder.layers.0.fc1.weight") == nn::Shape{32, 16});
  CHECK(shapes.at("model.decoder.layers.0.encoder_attn.v_proj.bias") == nn::Shape{16});
  CHECK(shapes.at("model.decoder.layers.0.encoder_attn_layer_norm.weight") == nn::Shape{16});
  CHECK(shapes.at("final_logits_bias") == nn::Shape{1, 270});
}

TEST_CASE("new weights are drawn as Transformers draws them") {
  kilm::bart::BartFolder folder = toy::bart(7);
  std::map<std::string, std::vector<float>> state;
  for (const auto& entry : nn::state(folder.model)) state[entry.name] = entry.tensor.to_vector<float>();
  const std::vector<float>& table = state.at("model.shared.weight");
  double sum = 0, square = 0;
  for (const float x : table) {
    sum += x;
    square += double(x) * x;
  }
  CHECK(std::abs(sum / double(table.size())) < 0.002);
  CHECK(std::sqrt(square / double(table.size())) == doctest::Approx(0.02).epsilon(0.05));
  const auto all = [](std::span<const float> values, float value) {
    return std::all_of(values.begin(), values.end(), [=](float x) { return x == value; });
  };
  CHECK(all({table.data() + 16, 16}, 0));  // <pad>
  CHECK(!all({table.data(), 16}, 0));
  CHECK(all(state.at("model.encoder.layers.0.fc1.bias"), 0));
  CHECK(all(state.at("model.decoder.layers.0.final_layer_norm.weight"), 1));
  kilm::bart::BartFolder same = toy::bart(7), other = toy::bart(8);
  CHECK(toy::bytes_of(folder.model) == toy::bytes_of(same.model));
  CHECK(toy::bytes_of(folder.model) != toy::bytes_of(other.model));
}

TEST_CASE("a sequence has the same hidden states alone and packed among others, bit for bit") {
  const kilm::bart::BartFolder folder = toy::bart(3);
  const Sequences sources = {{0, 5, 6, 7, 2}, {0, 9, 260, 2}, {0, 30, 31, 32, 33, 34, 35, 36, 2}};
  const Sequences targets = {{2, 0, 5, 6}, {2, 0, 9, 10, 11, 12, 13}, {2}};
  const Tensor together = hidden(folder.model, sources, targets);
  int64_t begin = 0;
  for (size_t i = 0; i < sources.size(); ++i) {
    const Tensor alone = hidden(folder.model, {sources[i]}, {targets[i]});
    CHECK(toy::bytes_of(together.narrow(0, begin, alone.size(0))) == toy::bytes_of(alone));
    begin += alone.size(0);
  }
}

TEST_CASE("the decoder sees the whole source and no later target") {
  const kilm::bart::BartFolder folder = toy::bart(4);
  const Tensor before = hidden(folder.model, {{0, 5, 6, 2}}, {{2, 0, 7, 8, 9}});
  const Tensor later = hidden(folder.model, {{0, 5, 6, 2}}, {{2, 0, 7, 20, 9}});
  CHECK(toy::bytes_of(before.narrow(0, 0, 3)) == toy::bytes_of(later.narrow(0, 0, 3)));
  for (const int64_t row : {3, 4})
    CHECK(toy::bytes_of(before.narrow(0, row, 1)) != toy::bytes_of(later.narrow(0, row, 1)));
  const Tensor other = hidden(folder.model, {{0, 5, 21, 2}}, {{2, 0, 7, 8, 9}});
  for (int64_t row = 0; row < 5; ++row)
    CHECK(toy::bytes_of(before.narrow(0, row, 1)) != toy::bytes_of(other.narrow(0, row, 1)));
}

namespace {

std::vector<float> padding_of(const Bart& model) {
  const Tensor rows = model.shared.value();
  return rows.narrow(0, model.config.vocab_size, rows.size(0) - model.config.vocab_size).to_vector<float>();
}

}  // namespace

TEST_CASE("logits are products with the table plus the bias") {
  kilm::bart::BartFolder folder = toy::bart(5);
  Tensor bias = folder.model.final_logits_bias;
  bias.narrow(1, 3, 1).fill(0.5);
  const Tensor h = hidden(folder.model, {{0, 5, 2}}, {{2, 0}});
  const std::vector<float> x = h.to_vector<float>(), table = folder.model.table().to_vector<float>(),
                           logits = folder.model.logits(h).to_vector<float>();
  for (const size_t row : {0, 1})
    for (const size_t token : {0, 3, 269}) {
      double expected = token == 3 ? 0.5 : 0;
      for (size_t i = 0; i < 16; ++i) expected += double(x[row * 16 + i]) * table[token * 16 + i];
      CHECK(logits[row * 270 + token] == doctest::Approx(expected).epsilon(1e-5));
    }
}

TEST_CASE("the padding of the table is 0 before and after training, and no name, count or id reaches it") {
  kilm::bart::BartFolder folder = toy::bart(6);
  Bart& model = folder.model;
  CHECK(model.shared.shape() == nn::Shape{384, 16});
  int64_t count = 0;
  for (const nn::Entry& entry : nn::entries(model))
    if (entry.parameter && !entry.alias) count += entry.tensor().numel();
  CHECK(nn::parameter_count(model) == count);
  CHECK(model.table().shape() == nn::Shape{270, 16});
  optim::FlatParameters parameters(model);
  CHECK(parameters.slices()[0].count == 270 * 16);
  optim::AdamW optimizer(parameters, {.learning_rate = 0.1, .weight_decay = 0.5});
  const std::string before = toy::bytes_of(model.table());
  for (int step = 0; step < 3; ++step) {
    const autograd::Variable states =
        model.forward(Packed::of(Sequences{{0, 5, 2}}), Packed::of(Sequences{{2, 0, 269}}), {.training = true});
    autograd::backward(autograd::linear_cross_entropy(states, model.shared, model.final_logits_bias,
                                                      Tensor::from({3}, std::vector<int32_t>{0, 269, 2}),
                                                      Tensor::full({3}, 1.0 / 3))
                           .sum);
    CHECK(optimizer.update().finite);
  }
  CHECK(toy::bytes_of(model.table()) != before);
  CHECK(padding_of(model) == std::vector<float>(114 * 16, 0));
  CHECK_THROWS_WITH_AS(hidden(model, {{0, 270, 2}}, {{2, 0}}),
                       "model.encoder: embedding_sum: id 270 at position 1 is outside of [0, 270)", base::Error);
}

TEST_CASE("a larger vocabulary keeps the old rows, stays tied and draws the new ones") {
  kilm::bart::BartFolder folder = toy::bart(6);
  Bart& model = folder.model;
  const std::string table = toy::bytes_of(model.table());
  model.final_logits_bias.fill(0.25);
  model.resize_vocabulary(300, 9);
  CHECK(model.config.vocab_size == 300);
  CHECK(toy::bytes_of(model.shared.value().narrow(0, 0, 270)) == table);
  const std::vector<float> drawn = model.shared.value().narrow(0, 270, 30).to_vector<float>();
  double square = 0;
  for (const float x : drawn) square += double(x) * x;
  CHECK(std::sqrt(square / double(drawn.size())) == doctest::Approx(0.02).epsilon(0.15));
  const std::vector<float> bias = model.final_logits_bias.to_vector<float>();
  CHECK(bias[269] == 0.25f);
  CHECK(bias[270] == 0);
  CHECK(nn::aliases(model).size() == 3);
  CHECK(model.encoder.embed_tokens.value().size(0) == 384);
  CHECK(padding_of(model) == std::vector<float>(84 * 16, 0));
  CHECK(hidden(model, {{0, 299, 2}}, {{2, 0}}).size(0) == 2);
}

TEST_CASE("an optimizer that was made before the vocabulary grew says so instead of training the old table") {
  kilm::bart::BartFolder folder = toy::bart(6);
  optim::FlatParameters parameters(folder.model);
  optim::AdamW optimizer(parameters, {});
  folder.model.resize_vocabulary(300, 9);
  CHECK_THROWS_WITH_AS(optimizer.update(),
                       doctest::Contains("flat parameters: model.shared.weight was moved out of them"), base::Error);
  optim::FlatParameters again(folder.model);
  CHECK(optim::AdamW(again, {}).update().finite);
}

TEST_CASE("recomputing attentions or layers gives the same loss and gradients, bit for bit, with dropout") {
  const auto gradients = [](nn::Recompute recompute) {
    kilm::bart::BartFolder folder = toy::bart(2, 0.3);
    const Sequences sources = {{0, 5, 6, 7, 2}, {0, 8, 2}}, targets = {{2, 0, 5, 6}, {2, 0, 8}};
    const std::vector<int32_t> labels = {0, 5, 6, 7, 0, 8, 2};
    tensor::RandomGuard position({.key = tensor::philox_key(1, tensor::RandomDomain::dropout)});
    const autograd::Variable states =
        folder.model.forward(Packed::of(sources), Packed::of(targets), {.training = true}, recompute);
    const autograd::TokenLoss loss =
        autograd::linear_cross_entropy(states, folder.model.shared, folder.model.final_logits_bias,
                                       Tensor::from({7}, labels), Tensor::full({7}, 1.0 / 7));
    autograd::backward(loss.sum);
    std::string bytes = toy::bytes_of(loss.losses);
    for (const autograd::Variable& parameter : nn::parameters(folder.model)) bytes += toy::bytes_of(parameter.grad());
    return bytes;
  };
  const std::string kept = gradients(nn::Recompute::none);
  CHECK(gradients(nn::Recompute::attention) == kept);
  CHECK(gradients(nn::Recompute::layer) == kept);
}

TEST_CASE("no op of a forward and a backward pass waits for the device") {
  kilm::bart::BartFolder folder = toy::bart(2, 0.3);
  const tests::SecondDevice second;
  nn::move(folder.model, second.device);
  {
    for (const nn::Recompute recompute : nn::kRecomputes) {
      tensor::RandomGuard position({.key = tensor::philox_key(1, tensor::RandomDomain::dropout)});
      const tensor::WorkCount count;
      const Sequences sources = {{0, 5, 6, 7, 2}, {0, 8, 2}}, targets = {{2, 0, 5, 6}, {2, 0, 8}};
      const Packed source = Packed::of(sources, {}, second.device), target = Packed::of(targets, {}, second.device);
      const tensor::Ids labels = tensor::Ids::from(std::vector<int32_t>{0, 5, 6, 7, 0, -1, 2}, second.device);
      const Tensor weights = Tensor::full({7}, 1.0 / 7, tensor::DType::f32, second.device);
      const autograd::Variable states = folder.model.forward(source, target, {.training = true}, recompute);
      autograd::backward(
          autograd::linear_cross_entropy(states, folder.model.shared, folder.model.final_logits_bias, labels, weights)
              .sum);
      CHECK(count.total().waits == 0);
    }
    for (const autograd::Variable& parameter : nn::parameters(folder.model)) CHECK(parameter.grad().defined());
  }
  nn::move(folder.model, {});
}
