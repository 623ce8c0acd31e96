// Text from BART by greedy or beam search. A result depends on its own request alone: not on what else is generated
// with it, in which order, or on how many threads.
//
// Names and meanings are those of Hugging Face's generation_config.json, with two differences that matter when the
// decoder is given a long prefix: n-grams repeat only within what was generated, and a score is the sum of log
// probabilities over the number of generated tokens to the power of length_penalty. Two switches count the prefix too.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "kilm/bart/model.h"

namespace kilm {

// When a search with num_beams results in hand stops: at once; when the best open beam, ended now, would not be among
// them; or when it could not be however it went on.
enum class EarlyStopping : uint8_t { yes, no, never };

struct GenerateOptions {
  int64_t num_beams = 1;  // 1: greedy
  int64_t num_return_sequences = 1;
  int64_t max_length = 20;                // tokens of a result, with its prefix
  std::optional<int64_t> max_new_tokens;  // instead of max_length: tokens behind the prefix
  int64_t min_length = 0;                 // with the prefix; no end before
  double length_penalty = 1;
  EarlyStopping early_stopping = EarlyStopping::no;
  int64_t no_repeat_ngram_size = 0;            // 0: n-grams may repeat
  std::optional<int32_t> eos_token_id;         // what ends a result, instead of the model's
  std::optional<int32_t> forced_bos_token_id;  // what follows a prefix of one token
  std::optional<int32_t> forced_eos_token_id;  // the last token of a result that reaches its length
  bool ngrams_count_prefix = false, length_penalty_counts_prefix = false;
  int64_t batch_tokens = 8192;  // source and prefix tokens of the requests that are decoded together
};

struct GenerateRequest {
  std::vector<int32_t> source;
  std::vector<int32_t> prefix;  // of the decoder, used as it is; empty: the model's decoder start token
};

struct Generated {
  std::vector<int32_t> ids;  // the prefix and what was generated, with the end token if it was reached
  int64_t prefix = 0;        // how many of them the prefix is
  double score = 0;          // a forced token costs nothing
};

// num_return_sequences results for each request, best first; fewer where the vocabulary has no more. Throws UsageError
// for options that contradict each other, Error for a request that does not fit the model's positions.
std::vector<std::vector<Generated>> generate(const Bart& model, std::span<const GenerateRequest> requests,
                                             const GenerateOptions& options);

}  // namespace kilm
