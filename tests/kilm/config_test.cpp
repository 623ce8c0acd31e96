#include "kilm/bart/config.h"

#include <doctest/doctest.h>

#include "tensor/error.h"
#include "tests/kilm/toy.h"

using tensor::Json;

namespace {

Json with(const char* key, Json value) {
  Json json = kilm::to_json(toy::bart_config());
  json.set(key, std::move(value));
  return json;
}

Json without(const std::string& key) {
  const Json all = kilm::to_json(toy::bart_config());
  Json json = Json::object();
  for (const auto& [name, value] : all.members())
    if (name != key) json.set(name, value);
  return json;
}

}  // namespace

TEST_CASE("a configuration that is written and read again is the same, with the keys that mean nothing to us") {
  const Json json = with("task_specific_params", tensor::parse_json(R"({"summarization": {"num_beams": 4}})", "test"));
  const kilm::BartConfig config = kilm::parse_bart_config(json, "config.json");
  CHECK(config.d_model == 16);
  CHECK(config.others.at("task_specific_params").at("summarization").at("num_beams").as_int() == 4);
  CHECK(kilm::to_json(config) == json);
  CHECK(kilm::parse_bart_config(kilm::to_json(config), "config.json").activation_function == "gelu");
}

TEST_CASE("a configuration says what the layers are") {
  const kilm::BartConfig config = kilm::parse_bart_config(with("decoder_ffn_dim", 48), "config.json");
  CHECK(config.encoder().ffn == 32);
  CHECK(config.decoder().ffn == 48);
  CHECK(config.decoder().heads == 2);
  CHECK(config.encoder().activation == tensor::Unary::gelu);
  CHECK(config.encoder().attention_dropout == 0.1f);
}

TEST_CASE("a configuration that makes no model is refused with file, key and reason") {
  const auto refused = [](const Json& json, const char* message) {
    CHECK_THROWS_WITH_AS(kilm::parse_bart_config(json, "config.json"), message, tensor::DamagedInput);
  };
  refused(Json(1), "config.json: should be a JSON object");
  refused(with("model_type", "t5"), "config.json: model_type is \"t5\", it should be \"bart\"");
  refused(without("d_model"), "config.json: d_model is missing");
  refused(with("d_model", "wide"), "config.json: d_model: expected an integer, found a string");
  refused(with("d_model", 0), "config.json: d_model is 0, it should be 1 to 65536");
  refused(with("d_model", int64_t(1) << 40), "config.json: d_model is 1099511627776, it should be 1 to 65536");
  refused(with("vocab_size", -1), "config.json: vocab_size is -1, it should be 1 to 16777216");
  refused(with("decoder_layers", 0), "config.json: decoder_layers is 0, it should be 1 to 1024");
  refused(with("encoder_attention_heads", 3), "config.json: encoder_attention_heads is 3, it should divide d_model 16");
  refused(with("decoder_attention_heads", 0), "config.json: decoder_attention_heads is 0, it should be 1 to 16");
  refused(with("encoder_ffn_dim", 0), "config.json: encoder_ffn_dim is 0, it should be 1 to 1048576");
  refused(with("max_position_embeddings", 0), "config.json: max_position_embeddings is 0, it should be 1 to 1048576");
  refused(with("dropout", 1.0), "config.json: dropout is 1, it should be in [0, 1)");
  refused(with("eos_token_id", 270), "config.json: eos_token_id is 270, it should be 0 to 269");
  refused(with("activation_function", "mish"),
          "config.json: activation_function mish should be gelu, gelu_new, relu, tanh or silu");
}

TEST_CASE("what published configurations lack has the defaults of their class") {
  const kilm::BartConfig config = kilm::parse_bart_config(without("dropout"), "config.json");
  CHECK(config.dropout == 0.1);
}
