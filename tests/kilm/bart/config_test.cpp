#include "kilm/bart/config.h"

#include <doctest/doctest.h>

#include <limits>

#include "tensor/base/error.h"
#include "tests/kilm/toy.h"

using base::Json;

namespace {

Json with(const char* key, Json value) {
  Json json = kilm::bart::to_json(toy::bart_config());
  json.set(key, std::move(value));
  return json;
}

Json without(const std::string& key) {
  const Json all = kilm::bart::to_json(toy::bart_config());
  Json json = Json::object();
  for (const auto& [name, value] : all.members())
    if (name != key) json.set(name, value);
  return json;
}

}  // namespace

TEST_CASE("a configuration that is written and read again is the same, with the keys that mean nothing to us") {
  const Json json = with("task_specific_params", base::parse_json(R"({"summarization": {"num_beams": 4}})", "test"));
  const kilm::bart::BartConfig config = kilm::bart::parse_bart_config(json, "config.json");
  CHECK(config.d_model == 16);
  CHECK(config.others.at("task_specific_params").at("summarization").at("num_beams").as_int() == 4);
  CHECK(kilm::bart::to_json(config) == json);
  CHECK(kilm::bart::parse_bart_config(kilm::bart::to_json(config), "config.json").activation_function == "gelu");
}

TEST_CASE("a configuration says what the layers are") {
  const kilm::bart::BartConfig config = kilm::bart::parse_bart_config(with("decoder_ffn_dim", 48), "config.json");
  CHECK(config.encoder().ffn == 32);
  CHECK(config.decoder().ffn == 48);
  CHECK(config.decoder().heads == 2);
  CHECK(config.encoder().activation == tensor::Unary::gelu);
  CHECK(config.encoder().attention_dropout == 0.1f);
}

TEST_CASE("a configuration that makes no model is refused with file, key and reason") {
  const auto refused = [](const Json& json, const char* message) {
    CHECK_THROWS_WITH_AS(kilm::bart::parse_bart_config(json, "config.json"), message, base::DamagedInput);
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
  refused(with("init_std", -1), "config.json: init_std is -1, it should be in [0, 1]");
  refused(with("eos_token_id", 270), "config.json: eos_token_id is 270, it should be 0 to 269");
  refused(with("activation_function", "mish"),
          "config.json: activation_function mish should be gelu, gelu_new, relu, tanh or silu");
}

TEST_CASE("no size of a model is negative, huge or another type, and no special token outside of the vocabulary") {
  const auto refused = [](const char* key, Json value) {
    INFO(key);
    CHECK_THROWS_WITH_AS(kilm::bart::parse_bart_config(with(key, std::move(value)), "config.json"),
                         doctest::Contains((std::string("config.json: ") + key).c_str()), base::DamagedInput);
  };
  for (const char* key : {"vocab_size", "d_model", "encoder_layers", "decoder_layers", "encoder_attention_heads",
                          "decoder_attention_heads", "encoder_ffn_dim", "decoder_ffn_dim", "max_position_embeddings"}) {
    for (const int64_t size :
         {int64_t(-1), std::numeric_limits<int64_t>::min(), int64_t(1) << 32, std::numeric_limits<int64_t>::max()})
      refused(key, size);
    for (const Json& value : {Json("2"), Json(2.0), Json(true), Json(), Json::array({2}), Json::object()})
      refused(key, value);
  }
  for (const char* key : {"bos_token_id", "pad_token_id", "eos_token_id", "decoder_start_token_id"})
    for (const int64_t id : {int64_t(-1), int64_t(270), int64_t(1) << 40}) refused(key, id);
  for (const char* key : {"vocab_size", "d_model", "encoder_layers", "decoder_layers", "encoder_attention_heads",
                          "decoder_attention_heads", "encoder_ffn_dim", "decoder_ffn_dim"})
    CHECK_THROWS_WITH_AS(kilm::bart::parse_bart_config(without(key), "config.json"),
                         (std::string("config.json: ") + key + " is missing").c_str(), base::DamagedInput);
}

TEST_CASE("a configuration of very many keys takes time in proportion to them") {
  Json::Object members = kilm::bart::to_json(toy::bart_config()).members();
  for (int i = 0; i < 300000; ++i) members.emplace_back("key" + std::to_string(i), i);  // squared: 45 billion looks
  const Json json = Json::object(std::move(members));
  CHECK(kilm::bart::to_json(kilm::bart::parse_bart_config(json, "config.json")) == json);
}

// Keys of published folders: bart-base, -large, -large-cnn, -large-xsum and -large-mnli.
TEST_CASE("legacy keys at BART's values are kept, and change nothing") {
  const std::pair<const char*, Json> keys[] = {{"normalize_before", false},
                                               {"normalize_embedding", true},
                                               {"add_final_layer_norm", false},
                                               {"static_position_embeddings", false},
                                               {"extra_pos_embeddings", 2},
                                               {"do_blenderbot_90_layernorm", false},
                                               {"encoder_layerdrop", 0.0},
                                               {"decoder_layerdrop", 0.0},
                                               {"tie_word_embeddings", true},
                                               {"is_encoder_decoder", true},
                                               {"add_bias_logits", false},
                                               {"classif_dropout", 0.1},
                                               {"classifier_dropout", 0.0},
                                               {"gradient_checkpointing", false},
                                               {"output_past", true},
                                               {"force_bos_token_to_be_generated", true},
                                               {"_num_labels", 3},
                                               {"prefix", " "},
                                               {"num_hidden_layers", 1},
                                               {"normalize_before", Json()},
                                               {"finetuning_task", "mnli"}};
  for (const auto& [key, value] : keys) {
    INFO(key);
    const kilm::bart::BartConfig config = kilm::bart::parse_bart_config(with(key, value), "config.json");
    CHECK(kilm::bart::to_json(config).at(key) == value);
    CHECK(config.d_model == 16);
  }
}

TEST_CASE("legacy keys that would change what is computed are refused") {
  const std::pair<const char*, Json> keys[] = {{"normalize_before", true},     {"normalize_embedding", false},
                                               {"add_final_layer_norm", true}, {"static_position_embeddings", true},
                                               {"extra_pos_embeddings", 1},    {"do_blenderbot_90_layernorm", true},
                                               {"encoder_layerdrop", 0.1},     {"decoder_layerdrop", 0.1},
                                               {"tie_word_embeddings", false}, {"is_encoder_decoder", false}};
  for (const auto& [key, value] : keys) {
    INFO(key);
    CHECK_THROWS_WITH_AS(kilm::bart::parse_bart_config(with(key, value), "config.json"), doctest::Contains(key),
                         base::DamagedInput);
  }
  CHECK_THROWS_WITH_AS(kilm::bart::parse_bart_config(with("normalize_before", true), "config.json"),
                       "config.json: normalize_before is true, it should be false, as in BART", base::DamagedInput);
}

TEST_CASE("every activation function and a scaled embedding are read, and so is any size of heads") {
  const std::pair<const char*, tensor::Unary> functions[] = {
      {"gelu", tensor::Unary::gelu}, {"gelu_new", tensor::Unary::gelu_tanh}, {"relu", tensor::Unary::relu},
      {"tanh", tensor::Unary::tanh}, {"silu", tensor::Unary::silu},          {"swish", tensor::Unary::silu}};
  for (const auto& [name, function] : functions)
    CHECK(kilm::bart::parse_bart_config(with("activation_function", name), "config.json").decoder().activation ==
          function);
  CHECK(kilm::bart::parse_bart_config(with("scale_embedding", true), "config.json").scale_embedding);
  for (const int64_t heads : {1, 4, 8, 16})
    CHECK(kilm::bart::parse_bart_config(with("encoder_attention_heads", heads), "config.json").encoder().heads ==
          heads);
}

TEST_CASE("what is written is a whole model, whatever part of one the folder was made for") {
  const kilm::bart::BartConfig config = kilm::bart::parse_bart_config(
      with("architectures", Json::array({Json("BartForSequenceClassification")})), "config.json");
  CHECK(kilm::bart::to_json(config).at("architectures").items().at(0).as_string() == "BartForConditionalGeneration");
}

TEST_CASE("what published configurations lack has the defaults of their class, and is not written") {
  for (const char* key : {"dropout", "decoder_start_token_id", "bos_token_id", "is_encoder_decoder", "init_std",
                          "num_hidden_layers", "max_position_embeddings"}) {
    INFO(key);
    const kilm::bart::BartConfig config = kilm::bart::parse_bart_config(without(key), "config.json");
    CHECK(config.dropout == 0.1);
    CHECK(config.decoder_start_token_id == 2);
    CHECK(kilm::bart::to_json(config) == without(key));
  }
  const kilm::bart::BartConfig config = kilm::bart::parse_bart_config(with("bos_token_id", Json()), "config.json");
  CHECK(config.bos_token_id == 0);
  CHECK(kilm::bart::to_json(config).at("bos_token_id").is_null());
}
