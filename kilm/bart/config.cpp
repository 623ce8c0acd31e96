#include "kilm/bart/config.h"

#include <set>

#include "tensor/base/format.h"

namespace kilm::bart {

using base::DamagedInput;
using base::Json;

namespace {

tensor::Unary activation(const std::string& name) {
  if (name == "gelu") return tensor::Unary::gelu;
  if (name == "gelu_new") return tensor::Unary::gelu_tanh;
  if (name == "relu") return tensor::Unary::relu;
  if (name == "tanh") return tensor::Unary::tanh;
  if (name == "silu" || name == "swish") return tensor::Unary::silu;
  base::fail("activation_function " + name + " should be gelu, gelu_new, relu, tanh or silu");
}

// Calls f(key, member) for every typed key, in the order they are written.
template <class Config, class F>
void each_key(Config& c, F&& f) {
  f("vocab_size", c.vocab_size);
  f("d_model", c.d_model);
  f("encoder_layers", c.encoder_layers);
  f("decoder_layers", c.decoder_layers);
  f("encoder_attention_heads", c.encoder_attention_heads);
  f("decoder_attention_heads", c.decoder_attention_heads);
  f("encoder_ffn_dim", c.encoder_ffn_dim);
  f("decoder_ffn_dim", c.decoder_ffn_dim);
  f("max_position_embeddings", c.max_position_embeddings);
  f("activation_function", c.activation_function);
  f("dropout", c.dropout);
  f("attention_dropout", c.attention_dropout);
  f("activation_dropout", c.activation_dropout);
  f("init_std", c.init_std);
  f("scale_embedding", c.scale_embedding);
  f("bos_token_id", c.bos_token_id);
  f("pad_token_id", c.pad_token_id);
  f("eos_token_id", c.eos_token_id);
  f("decoder_start_token_id", c.decoder_start_token_id);
}

// What a BART cannot be built without; the rest has the defaults of the configuration class.
const std::set<std::string> kRequired = {
    "vocab_size",      "d_model",         "encoder_layers",          "decoder_layers",
    "encoder_ffn_dim", "decoder_ffn_dim", "encoder_attention_heads", "decoder_attention_heads"};

// Tells whether the key may be null, which is what Transformers writes for one that was not set.
bool is_token_id(std::string_view key) { return key.ends_with("_token_id"); }

// What is written besides: keys whose values follow from the others.
const char* const kDerived[] = {"is_encoder_decoder", "num_hidden_layers"};

// Keys of other times and other models: at these values they are BART, at any other they would compute something else.
struct FixedKey {
  const char* key;
  Json value;
};
const FixedKey kFixed[] = {
    {"is_encoder_decoder", true},  {"tie_word_embeddings", true},         {"normalize_before", false},
    {"normalize_embedding", true}, {"add_final_layer_norm", false},       {"static_position_embeddings", false},
    {"extra_pos_embeddings", 2},   {"do_blenderbot_90_layernorm", false}, {"encoder_layerdrop", 0},
    {"decoder_layerdrop", 0},
};

bool is_fixed_value(const Json& given, const FixedKey& fixed) {
  if (given.is_null()) return true;
  return given.is_number() && fixed.value.is_number() ? given.as_number() == fixed.value.as_number()
                                                      : given == fixed.value;
}

void read_value(const Json& json, int64_t& value) { value = json.as_int(); }
void read_value(const Json& json, double& value) { value = json.as_number(); }
void read_value(const Json& json, bool& value) { value = json.as_bool(); }
void read_value(const Json& json, std::string& value) { value = json.as_string(); }

}  // namespace

nn::TransformerConfig BartConfig::encoder() const {
  return {d_model,
          encoder_attention_heads,
          encoder_ffn_dim,
          float(dropout),
          float(attention_dropout),
          float(activation_dropout),
          activation(activation_function)};
}

nn::TransformerConfig BartConfig::decoder() const {
  return {d_model,
          decoder_attention_heads,
          decoder_ffn_dim,
          float(dropout),
          float(attention_dropout),
          float(activation_dropout),
          activation(activation_function)};
}

void BartConfig::check(const std::string& place) const {
  const auto within = [&](const char* key, int64_t value, int64_t low, int64_t high) {
    base::check<DamagedInput>(value >= low && value <= high, "{}: {} is {}, it should be {} to {}", place, key, value,
                              low, high);
  };
  within("vocab_size", vocab_size, 1, 1 << 24);
  within("d_model", d_model, 1, 1 << 16);
  within("encoder_layers", encoder_layers, 0, 1024);
  within("decoder_layers", decoder_layers, 1, 1024);
  within("encoder_attention_heads", encoder_attention_heads, 1, d_model);
  within("decoder_attention_heads", decoder_attention_heads, 1, d_model);
  within("encoder_ffn_dim", encoder_ffn_dim, 1, 1 << 20);
  within("decoder_ffn_dim", decoder_ffn_dim, 1, 1 << 20);
  within("max_position_embeddings", max_position_embeddings, 1, 1 << 20);
  for (const auto& [key, heads] : {std::pair("encoder_attention_heads", encoder_attention_heads),
                                   std::pair("decoder_attention_heads", decoder_attention_heads)})
    base::check<DamagedInput>(d_model % heads == 0, "{}: {} is {}, it should divide d_model {}", place, key, heads,
                              d_model);
  for (const auto& [key, p] : {std::pair("dropout", dropout), std::pair("attention_dropout", attention_dropout),
                               std::pair("activation_dropout", activation_dropout)})
    base::check<DamagedInput>(p >= 0 && p < 1, "{}: {} is {}, it should be in [0, 1)", place, key, p);
  base::check<DamagedInput>(init_std >= 0 && init_std <= 1, "{}: init_std is {}, it should be in [0, 1]", place,
                            init_std);
  for (const auto& [key, id] :
       {std::pair("bos_token_id", bos_token_id), std::pair("pad_token_id", pad_token_id),
        std::pair("eos_token_id", eos_token_id), std::pair("decoder_start_token_id", decoder_start_token_id)})
    within(key, id, 0, vocab_size - 1);
  try {
    activation(activation_function);
  } catch (const base::Error& error) {
    throw DamagedInput(place + ": " + error.what());
  }
}

BartConfig parse_bart_config(const Json& json, const std::string& place) {
  base::check<DamagedInput>(json.is_object(), "{}: should be a JSON object", place);
  if (const Json* type = json.find("model_type"))
    base::check<DamagedInput>(*type == Json("bart"), "{}: model_type is {}, it should be \"bart\"", place,
                              type->dump());
  for (const FixedKey& fixed : kFixed)
    if (const Json* given = json.find(fixed.key))
      base::check<DamagedInput>(is_fixed_value(*given, fixed), "{}: {} is {}, it should be {}, as in BART", place,
                                fixed.key, given->dump(), fixed.value.dump());
  BartConfig config;
  std::set<std::string> known = {"architectures"};  // of what is written, not of what was read
  each_key(config, [&](const char* key, auto& value) {
    const Json* given = json.find(key);
    base::check<DamagedInput>(given != nullptr || !kRequired.contains(key), "{}: {} is missing", place, key);
    if (!given || (given->is_null() && is_token_id(key))) {
      config.unset.insert(key);
      return;
    }
    known.insert(key);
    try {
      read_value(*given, value);
    } catch (const base::Error& error) {
      throw DamagedInput(base::format("{}: {}: {}", place, key, error.what()));
    }
  });
  for (const char* key : kDerived)
    if (!json.find(key)) config.unset.insert(key);
  Json::Object others;  // not filled with set(), which looks at all of them for each: a file may hold millions
  for (const Json::Member& member : json.members())
    if (!known.contains(member.first)) others.push_back(member);
  config.others = Json::object(std::move(others));
  config.check(place);
  return config;
}

BartConfig read_bart_config(const std::string& path) { return parse_bart_config(base::read_json_file(path), path); }

Json to_json(const BartConfig& config) {
  Json json = Json::object();
  json.set("architectures", Json::array({Json("BartForConditionalGeneration")}));
  json.set("model_type", "bart");
  const auto set = [&](const char* key, Json value) {
    if (!config.unset.contains(key)) json.set(key, std::move(value));
  };
  each_key(config, [&](const char* key, const auto& value) { set(key, Json(value)); });
  set("is_encoder_decoder", true);
  set("num_hidden_layers", config.encoder_layers);
  if (!config.others.is_object()) return json;
  Json::Object rest;
  for (const auto& [key, value] : config.others.members())
    if (json.find(key))
      json.set(key, value);
    else
      rest.emplace_back(key, value);
  Json::Object all = json.members();
  all.insert(all.end(), rest.begin(), rest.end());
  return Json::object(std::move(all));
}

BartConfig bart_base() {
  BartConfig config;
  config.d_model = 768;
  config.encoder_layers = config.decoder_layers = 6;
  config.encoder_attention_heads = config.decoder_attention_heads = 12;
  config.encoder_ffn_dim = config.decoder_ffn_dim = 3072;
  return config;
}

BartConfig bart_large() { return {}; }

}  // namespace kilm::bart
