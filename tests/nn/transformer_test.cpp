#include "nn/transformer.h"

#include <doctest/doctest.h>

#include <set>

#include "autograd/engine.h"
#include "tensor/allocator.h"
#include "tensor/ops/elementwise.h"
#include "tensor/random.h"

using autograd::Variable;
using tensor::DType;
using tensor::Tensor;

namespace {

const nn::TransformerConfig kConfig{.d_model = 8, .heads = 2, .ffn = 12};

Tensor normal(const tensor::Shape& shape, uint64_t seed) {
  Tensor x = Tensor::empty(shape, DType::f64);
  tensor::random_normal_(x, 0, 1, {.key = tensor::philox_key(seed, tensor::RandomDomain::data)});
  return x;
}

Tensor offsets(const std::vector<int32_t>& values) { return Tensor::from({int64_t(values.size())}, values); }

std::vector<std::string> names(nn::Module& module) {
  std::vector<std::string> result;
  for (const nn::Entry& entry : nn::entries(module)) result.push_back(entry.name);
  return result;
}

}  // namespace

TEST_CASE("a layer publishes the names that Hugging Face gives its parts") {
  nn::EncoderLayer layer(kConfig, DType::f32);
  const std::vector<std::string> published = names(layer);
  CHECK(published.size() == 16);
  for (const char* name :
       {"self_attn.q_proj.weight", "self_attn.k_proj.bias", "self_attn.v_proj.weight", "self_attn.out_proj.bias",
        "self_attn_layer_norm.weight", "fc1.weight", "fc2.bias", "final_layer_norm.bias"})
    CHECK_MESSAGE(std::find(published.begin(), published.end(), name) != published.end(), name);
  nn::DecoderLayer decoder(kConfig, DType::f32);
  CHECK(names(decoder).size() == 26);
}

TEST_CASE("packed sequences do not see each other") {
  nn::EncoderLayer layer(kConfig, DType::f64);
  nn::initialise(layer, 1, 0.3);
  const Tensor x = normal({7, 8}, 2);
  const Tensor both = layer.forward(x, offsets({0, 3, 7}), nn::Mode::evaluation).value();
  const Tensor first = layer.forward(x.narrow(0, 0, 3), offsets({0, 3}), nn::Mode::evaluation).value();
  const Tensor second = layer.forward(x.narrow(0, 3, 4), offsets({0, 4}), nn::Mode::evaluation).value();
  CHECK(both.narrow(0, 0, 3).to_vector<double>() == first.to_vector<double>());
  CHECK(both.narrow(0, 3, 4).to_vector<double>() == second.to_vector<double>());
}

TEST_CASE("a decoder sees nothing of what comes later") {
  nn::DecoderLayer layer(kConfig, DType::f64);
  nn::initialise(layer, 1, 0.3);
  const Tensor memory = normal({4, 8}, 3), cu_memory = offsets({0, 4});
  Tensor x = normal({5, 8}, 2);
  const Tensor before = layer.forward(x, memory, offsets({0, 5}), cu_memory, nn::Mode::evaluation).value();
  Tensor last = x.narrow(0, 4, 1);
  last.fill(9);
  const Tensor after = layer.forward(x, memory, offsets({0, 5}), cu_memory, nn::Mode::evaluation).value();
  CHECK(before.narrow(0, 0, 4).to_vector<double>() == after.narrow(0, 0, 4).to_vector<double>());
  CHECK(before.narrow(0, 4, 1).to_vector<double>() != after.narrow(0, 4, 1).to_vector<double>());
}

TEST_CASE("dropout acts in training only, and equal positions give equal masks") {
  nn::TransformerConfig config = kConfig;
  config.dropout = 0.5f;
  nn::EncoderLayer layer(config, DType::f64);
  nn::initialise(layer, 1, 0.3);
  const Tensor x = normal({5, 8}, 2), cu = offsets({0, 5});
  const auto run = [&](bool training) {
    tensor::RandomGuard position({.key = tensor::philox_key(4, tensor::RandomDomain::dropout)});
    return layer.forward(x, cu, {.training = training}).value().to_vector<double>();
  };
  CHECK(run(true) == run(true));
  CHECK(run(true) != run(false));
  CHECK(run(false) == run(false));
}

TEST_CASE("every parameter of a layer gets a gradient") {
  nn::DecoderLayer layer(kConfig, DType::f64);
  nn::initialise(layer, 1, 0.3);
  const Variable y =
      layer.forward(normal({5, 8}, 2), normal({4, 8}, 3), offsets({0, 5}), offsets({0, 4}), nn::Mode::evaluation);
  autograd::backward(y, normal({5, 8}, 6));
  for (const Variable& parameter : nn::parameters(layer)) CHECK(parameter.grad().defined());
}

TEST_CASE("what a layer keeps for backward is counted under its ops and its parts") {
  nn::EncoderLayer layer(kConfig, DType::f64);
  nn::initialise(layer, 1, 0.5);
  const Tensor x = normal({5, 8}, 2), cu_seqlens = offsets({0, 2, 5});
  const auto nameless = [] {
    size_t bytes = 0;
    for (const auto& live : tensor::host_allocator().live())
      if (live.op == "other") bytes += live.bytes;
    return bytes;
  };
  const size_t before = nameless();
  const Variable y = nn::named("layers.3", [&] { return layer.forward(x, cu_seqlens, {.training = true}); });
  CHECK(nameless() == before);
  std::set<std::string> places;
  for (const auto& live : tensor::host_allocator().live()) places.insert(live.op + " in " + live.path);
  for (const char* place : {"attention in layers.3.self_attn", "linear in layers.3.self_attn", "linear in layers.3.fc2",
                            "dropout_add_layer_norm in layers.3.final_layer_norm"})
    CHECK_MESSAGE(places.contains(place), place);
}
