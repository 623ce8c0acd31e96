#include "tools/commands/generation_options.h"

#include <algorithm>

#include "kilm/generation/generation_config.h"
#include "tensor/base/format.h"

namespace tools {

namespace {

using base::Json;
using base::UsageError;

// Of tokens that may be missing: this one stands for none.
constexpr int64_t kNoToken = -1;

template <class T>
void set(Json& json, const char* key, const std::optional<T>& given) {
  if (given) json.set(key, *given);
}

void set_token(Json& json, const char* key, const std::optional<int64_t>& given) {
  if (given) json.set(key, *given == kNoToken ? Json() : Json(*given));
}

}  // namespace

void declare(Options& options, GenerationOptions& a) {
  options.add("--num-beams N", a.num_beams, "beams of the search, 1 is greedy");
  options.add("--max-length N", a.max_length, "tokens of a result, with its prefix");
  options.add("--max-new-tokens N", a.max_new_tokens, "tokens of a result behind its prefix, instead of --max-length");
  options.add("--min-length N", a.min_length, "no end before so many tokens");
  options.add("--length-penalty X", a.length_penalty, "a score is divided by the length to this power");
  options.add("--early-stopping WHEN", a.early_stopping, kilm::generation::kEarlyStoppings,
              "when enough beams have ended: true, false or never");
  options.add("--no-repeat-ngram-size N", a.no_repeat_ngram_size, "no so many tokens twice in the same order, 0: any");
  options.add("--bad-words-ids JSON", a.bad_words_ids, "lists of tokens that may not come: [[31, 7], [40]]");
  options.add("--eos-token-id ID", a.eos_token_id, "the token that ends a result");
  options.add("--forced-bos-token-id ID", a.forced_bos_token_id, "follows a prefix of one token; -1 for none");
  options.add("--forced-eos-token-id ID", a.forced_eos_token_id, "ends a result of full length; -1 for none");
  options.add("--do-sample", a.do_sample, "draw tokens at random");
  options.add("--temperature X", a.temperature, "divides the logits before a draw");
  options.add("--top-k N", a.top_k, "draw from the likeliest N tokens, 0: from all");
  options.add("--top-p X", a.top_p, "draw from the fewest tokens that have this share of the probability");
}

Json to_json(const GenerationOptions& a) {
  Json json = Json::object();
  set(json, "num_beams", a.num_beams);
  set(json, "max_length", a.max_length);
  if (a.max_length) json.set("max_new_tokens", Json());
  set(json, "max_new_tokens", a.max_new_tokens);
  set(json, "min_length", a.min_length);
  set(json, "length_penalty", a.length_penalty);
  if (a.early_stopping) {
    const std::string when = name(*a.early_stopping);
    json.set("early_stopping", when == "never" ? Json(when) : Json(when == "true"));
  }
  set(json, "no_repeat_ngram_size", a.no_repeat_ngram_size);
  if (a.bad_words_ids) {
    try {
      const Json words = base::parse_json(*a.bad_words_ids, *a.bad_words_ids);
      kilm::generation::parse_bad_words(words);
      json.set("bad_words_ids", words);
    } catch (const base::Error& error) {
      throw UsageError(std::string("--bad-words-ids: ") + error.what());
    }
  }
  set(json, "eos_token_id", a.eos_token_id);
  set_token(json, "forced_bos_token_id", a.forced_bos_token_id);
  set_token(json, "forced_eos_token_id", a.forced_eos_token_id);
  if (a.do_sample) json.set("do_sample", true);
  set(json, "temperature", a.temperature);
  set(json, "top_k", a.top_k);
  set(json, "top_p", a.top_p);
  return json;
}

std::string given_option(const GenerationOptions& given) {
  const Json json = to_json(given);
  if (json.members().empty()) return "";
  std::string name = "--" + json.members().front().first;
  std::ranges::replace(name, '_', '-');
  return name;
}

void check(const GenerationOptions& given, const kilm::bart::BartConfig& config) {
  const auto check_token = [&](const char* option, const std::optional<int64_t>& id, int64_t least) {
    base::check<UsageError>(!id || (*id >= least && *id < config.vocab_size), "{}: {} should be 0 to {}", option,
                            id.value_or(0), config.vocab_size - 1);
  };
  check_token("--eos-token-id", given.eos_token_id, 0);
  check_token("--forced-bos-token-id", given.forced_bos_token_id, kNoToken);
  check_token("--forced-eos-token-id", given.forced_eos_token_id, kNoToken);
}

kilm::generation::GenerateOptions generate_options(const GenerationOptions& given,
                                                   const kilm::bart::BartFolder& folder) {
  check(given, folder.model.config);
  Json settings = kilm::bart::generation_settings(folder);
  const Json instead = to_json(given);
  for (const auto& [key, value] : instead.members()) settings.set(key, value);
  return kilm::generation::parse_generation_config(settings, folder.path + "/generation config");
}

}  // namespace tools
