// How likely a model finds given texts behind a prompt: the log probabilities of candidates, of which none is
// generated. The source is encoded once and the decoder's prefix runs once. Candidates with a common beginning share
// its tokens, as the branches of a tree share their trunk, and each level of the tree is one step of decoding.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kilm/bart/model.h"

namespace kilm::generation {

struct ContinuationRequest {
  std::vector<int32_t> source;
  std::vector<int32_t> prefix;                      // of the decoder, not empty
  std::vector<std::vector<int32_t>> continuations;  // each not empty; with the prefix they fit the model's positions
};

struct ContinuationOptions {
  int64_t batch_tokens = 8192;  // source, prefix and tree tokens of the requests that are scored together
};

// Returns for each request and continuation the sum of its tokens' natural log probabilities, all logits counted. A sum
// depends on its own request alone: not on what else is scored with it, or on how many threads. A request of many
// continuations is scored in parts, so that a step has at most 512 rows of logits. Throws UsageError for batch_tokens
// below 1, Error for a request that does not fit the model, and NonFinite for logits that are not finite.
std::vector<std::vector<double>> score_continuations(const bart::Bart& model,
                                                     std::span<const ContinuationRequest> requests,
                                                     const ContinuationOptions& options = {});

}  // namespace kilm::generation
