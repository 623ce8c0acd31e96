#include "tools/commands/generation_options.h"

#include "kilm/dataset/prepared_data.h"
#include "kilm/generation/generation_config.h"
#include "tensor/base/format.h"

namespace tools {

namespace {

using base::check;
using base::UsageError;

std::optional<int32_t> token_or_none(const char* option, int64_t id, const kilm::bart::BartConfig& config) {
  if (id == -1) return std::nullopt;
  check<UsageError>(id >= 0 && id < config.vocab_size, "{}: {} should be 0 to {}", option, id, config.vocab_size - 1);
  return int32_t(id);
}

std::vector<std::vector<int32_t>> bad_words_in(const std::string& text) {
  try {
    return kilm::generation::parse_bad_words(base::parse_json(text, text));
  } catch (const base::Error& error) {
    throw UsageError(std::string("--bad-words-ids: ") + error.what());
  }
}

template <class T, class Value>
void replace(const std::optional<T>& given, Value& value) {
  if (given) value = *given;
}

// Returns the fingerprint of the folder's tokenizer. There must be one: a trie is of tokens.
std::string fingerprint_of(const kilm::bart::BartFolder& folder) {
  check<UsageError>(folder.tokenizer.has_value(), "--trie: {} has no tokenizer to compare with", folder.path);
  return kilm::dataset::fingerprint_with_kilm_tokens(*folder.tokenizer);
}

}  // namespace

void declare_generation(Options& options, GenerationArguments& a) {
  options.add("--num-beams N", a.num_beams, "beams of the search, 1 is greedy");
  options.add("--num-return-sequences N", a.num_return_sequences, "results of each row");
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
  options.add("--seed N", a.seed, "names the draws");
  options.add("--trie FILE", a.trie, "results are lists of this file, which kilm trie writes");
  options.add("--compat", a.compat, "search as Transformers 4.12 did, use prefixes as they are, mask padding");
  options.add("--batch-tokens N", a.batch_tokens, "tokens that are decoded together; results do not depend on it");
}

kilm::generation::GenerateOptions generation_options(const GenerationArguments& a, const kilm::bart::BartFolder& folder,
                                                     std::optional<kilm::generation::Trie>& trie) {
  const kilm::bart::BartConfig& config = folder.model.config;
  kilm::generation::GenerateOptions o = kilm::generation::parse_generation_config(
      kilm::bart::generation_settings(folder), folder.path + "/generation config");
  replace(a.num_beams, o.num_beams);
  replace(a.num_return_sequences, o.num_return_sequences);
  if (a.max_length) o.max_new_tokens.reset();
  replace(a.max_length, o.max_length);
  replace(a.max_new_tokens, o.max_new_tokens);
  replace(a.min_length, o.min_length);
  replace(a.length_penalty, o.length_penalty);
  replace(a.no_repeat_ngram_size, o.no_repeat_ngram_size);
  replace(a.temperature, o.temperature);
  replace(a.top_k, o.top_k);
  replace(a.top_p, o.top_p);
  replace(a.early_stopping, o.early_stopping);
  if (a.bad_words_ids) o.bad_words_ids = bad_words_in(*a.bad_words_ids);
  if (a.eos_token_id) {
    o.eos_token_id = token_or_none("--eos-token-id", *a.eos_token_id, config);
    o.more_eos_token_ids.clear();
  }
  if (a.forced_bos_token_id)
    o.forced_bos_token_id = token_or_none("--forced-bos-token-id", *a.forced_bos_token_id, config);
  if (a.forced_eos_token_id)
    o.forced_eos_token_id = token_or_none("--forced-eos-token-id", *a.forced_eos_token_id, config);
  o.do_sample = o.do_sample || a.do_sample;
  o.seed = uint64_t(a.seed);
  o.reference_search = a.compat;
  o.batch_tokens = a.batch_tokens;
  if (a.trie) o.trie = &trie.emplace(*a.trie, fingerprint_of(folder));
  return o;
}

}  // namespace tools
