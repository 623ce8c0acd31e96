#include "kilm/generation/generation_config.h"

#include <algorithm>
#include <limits>

#include "tensor/base/choice.h"
#include "tensor/base/format.h"

namespace kilm::generation {

using base::check;
using base::DamagedInput;
using base::Json;

namespace {

// Keys that we do not have: at these values they do nothing.
struct NeutralKey {
  const char* key;
  Json value;
};
const NeutralKey kNeutral[] = {
    {"min_new_tokens", 0},
    {"repetition_penalty", 1},
    {"encoder_repetition_penalty", 1},
    {"encoder_no_repeat_ngram_size", 0},
    {"diversity_penalty", 0},
    {"num_beam_groups", 1},
    {"penalty_alpha", 0},
    {"guidance_scale", 1},
    {"typical_p", 1},
    {"epsilon_cutoff", 0},
    {"eta_cutoff", 0},
    {"renormalize_logits", false},
    {"remove_invalid_values", false},
    {"min_p", {}},
    {"top_h", {}},
    {"max_time", {}},
    {"stop_strings", {}},
    {"sequence_bias", {}},
    {"suppress_tokens", {}},
    {"begin_suppress_tokens", {}},
    {"exponential_decay_length_penalty", {}},
    {"force_words_ids", {}},
    {"constraints", {}},
    {"watermarking_config", {}},
};

bool is_neutral(const Json& given, const Json& neutral) {
  if (given.is_null()) return true;
  return given.is_number() && neutral.is_number() ? given.as_number() == neutral.as_number() : given == neutral;
}

int32_t token_id(const Json& json) {
  const int64_t id = json.as_int();
  check(id >= 0 && id <= std::numeric_limits<int32_t>::max(), "{} is no token", id);
  return int32_t(id);
}

// Reads a token, or a list with one.
int32_t only_token_id(const Json& json) {
  if (!json.is_array()) return token_id(json);
  check(json.items().size() == 1, "{} has {} tokens, it should be one", json.dump(), json.items().size());
  return token_id(json.items()[0]);
}

void read(const Json& json, int64_t& value) { value = json.as_int(); }
void read(const Json& json, double& value) { value = json.as_number(); }
void read(const Json& json, bool& value) { value = json.as_bool(); }
void read(const Json& json, std::optional<int64_t>& value) { value = json.as_int(); }
void read(const Json& json, std::optional<int32_t>& value) { value = only_token_id(json); }
void read(const Json& json, std::vector<std::vector<int32_t>>& value) { value = parse_bad_words(json); }

// Reads the end token, or a list of them.
void read(const Json& json, GenerateOptions& options) {
  const Json::Array ids = json.is_array() ? json.items() : Json::Array{json};
  check(!ids.empty(), "{} should be a token or a list of tokens", json.dump());
  for (size_t i = 0; i < ids.size(); ++i)
    if (i == 0)
      options.eos_token_id = token_id(ids[i]);
    else
      options.more_eos_token_ids.push_back(token_id(ids[i]));
}

void read(const Json& json, EarlyStopping& value) {
  value = base::parse_choice<EarlyStopping>(json.is_bool() ? json.dump() : json.as_string(), kEarlyStoppings);
}

}  // namespace

GenerateOptions parse_generation_config(const Json& json, const std::string& place) {
  check<DamagedInput>(json.is_object(), "{}: should be a JSON object", place);
  for (const NeutralKey& neutral : kNeutral)
    if (const Json* given = json.find(neutral.key))
      check<DamagedInput>(is_neutral(*given, neutral.value), "{}: {} is {}, it should be {}: there is no such setting",
                          place, neutral.key, given->dump(), neutral.value.dump());
  GenerateOptions options{.ngrams_count_prefix = true};
  bool has_length = false;
  const auto take = [&](const char* key, auto& value) {
    const Json* given = json.find(key);
    if (!given || given->is_null()) return false;
    try {
      read(*given, value);
    } catch (const base::Error& error) {
      throw DamagedInput(base::format("{}: {}: {}", place, key, error.what()));
    }
    return true;
  };
  take("num_beams", options.num_beams);
  take("num_return_sequences", options.num_return_sequences);
  has_length = take("max_length", options.max_length);
  if (!take("max_new_tokens", options.max_new_tokens) && !has_length) options.max_new_tokens = options.max_length;
  take("min_length", options.min_length);
  take("length_penalty", options.length_penalty);
  take("early_stopping", options.early_stopping);
  take("no_repeat_ngram_size", options.no_repeat_ngram_size);
  take("bad_words_ids", options.bad_words_ids);
  take("eos_token_id", options);
  take("decoder_start_token_id", options.decoder_start_token_id);
  take("forced_bos_token_id", options.forced_bos_token_id);
  take("forced_eos_token_id", options.forced_eos_token_id);
  take("do_sample", options.do_sample);
  take("temperature", options.temperature);
  take("top_k", options.top_k);
  take("top_p", options.top_p);
  return options;
}

std::vector<std::vector<int32_t>> parse_bad_words(const Json& json) {
  const auto is_list = [](const Json& item) { return item.is_array(); };
  check(is_list(json) && std::all_of(json.items().begin(), json.items().end(), is_list),
        "{} should be lists of tokens, as [[31, 7], [40]]", json.dump());
  std::vector<std::vector<int32_t>> words;
  for (const Json& word : json.items()) {
    std::vector<int32_t>& ids = words.emplace_back();
    for (const Json& id : word.items()) ids.push_back(token_id(id));
  }
  return words;
}

}  // namespace kilm::generation
