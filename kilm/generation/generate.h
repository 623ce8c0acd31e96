// Text from BART by greedy search, beam search or sampling. A result depends on its own request alone: not on what else
// is generated with it, in which order, or on how many threads. (A sample also depends on the number of its request,
// so that equal requests give different ones.)
//
// Names and meanings are those of Hugging Face's generation_config.json in Transformers 5. The score of a result is the
// sum of its log probabilities over the number of generated tokens to the power of length_penalty. Two things can be
// had in two ways. By default n-grams may not repeat within what was generated. With ngrams_count_prefix, as in
// Transformers, they may not repeat within the decoder's whole sequence, which forbids a description the words of a
// long prefix. And reference_search ends and scores a beam search as the Transformers 4.12 of the KILM paper did. There
// lengths count the prefix but no end token. Of the candidates that reach max_length the best num_beams are results,
// wherever they rank.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "kilm/bart/model.h"

namespace kilm::generation {

class Trie;

// When a search with num_beams results in hand stops. `yes`: at once. `no`: when the best open beam, ended now, would
// not be among them. `never`: when it could not be however it went on.
enum class EarlyStopping : uint8_t { yes, no, never };
inline constexpr EarlyStopping kEarlyStoppings[] = {EarlyStopping::yes, EarlyStopping::no, EarlyStopping::never};
const char* name(EarlyStopping when);  // "true", "false", "never", as Transformers writes them

struct GenerateOptions {
  int64_t num_beams = 1;                  // 1: greedy
  int64_t num_return_sequences = 1;       // of the beams, or independent samples
  int64_t max_length = 20;                // tokens of a result, with its prefix
  std::optional<int64_t> max_new_tokens;  // instead of max_length: tokens behind the prefix
  int64_t min_length = 0;                 // with the prefix; no end before
  double length_penalty = 1;
  EarlyStopping early_stopping = EarlyStopping::no;
  int64_t no_repeat_ngram_size = 0;                 // 0: n-grams may repeat
  std::vector<std::vector<int32_t>> bad_words_ids;  // lists of tokens that never follow each other
  std::optional<int32_t> eos_token_id;              // what ends a result, instead of the model's
  std::vector<int32_t> more_eos_token_ids;          // that end a result, too
  std::optional<int32_t> decoder_start_token_id;    // what an empty prefix is, instead of the model's
  std::optional<int32_t> forced_bos_token_id;       // what follows a prefix of one token
  std::optional<int32_t> forced_eos_token_id;       // the last token of a result that reaches its length
  bool do_sample = false;                           // draw each token, of the top_k likeliest (0: of all) ...
  double temperature = 1;                           // ... after the logits are divided by this ...
  int64_t top_k = 50;
  double top_p = 1;  // ... and of those the fewest that have this share of the probability
  uint64_t seed = 0;
  int64_t first_number = 0;    // of the first request: draws of the others are named by the numbers that follow
  const Trie* trie = nullptr;  // what is generated behind a forced first token begins with one of its lists,
  std::optional<int32_t> trie_end_token;  // and this token, eos_token_id if it is not given, which is free behind it
  bool ngrams_count_prefix = false, reference_search = false;
  int64_t batch_tokens = 8192;      // source and prefix tokens of the requests that are decoded together
  std::function<bool()> stop = {};  // asked before every token: true gives the generation up; empty: never
};

struct GenerateRequest {
  std::vector<int32_t> source;
  std::vector<int32_t> prefix;  // of the decoder, used as it is; empty: the decoder start token
  // Which column of a padded row each token of the source was; empty: 0, 1, 2, ...
  std::vector<int32_t> source_columns = {};
  // Which tokens of the prefix are seen, the last one always; empty: all. A token is its own column.
  std::vector<int32_t> prefix_columns = {};
};

struct Generated {
  std::vector<int32_t> ids;  // the prefix and what was generated, with the end token if it was reached
  int64_t prefix = 0;        // how many of them the prefix is
  double score = 0;          // a forced token costs nothing; what sampling does to probabilities does not show
};

// Throws UsageError for options that contradict each other or that a model of this configuration does not have.
void check(const GenerateOptions& options, const bart::BartConfig& config);

// Returns num_return_sequences results for each request, best first, samples in the order in which they were drawn.
// There are fewer, or none, where nothing may follow: every token is forbidden, or no list of the trie fits the length.
// If options.stop said so, no request has any: the list is empty. Throws as check does, and NonFinite for logits that
// are not finite. Throws Error for a request that does not fit the model's positions or whose prefix leaves no room for
// a token.
std::vector<std::vector<Generated>> generate(const bart::Bart& model, std::span<const GenerateRequest> requests,
                                             const GenerateOptions& options);

}  // namespace kilm::generation
