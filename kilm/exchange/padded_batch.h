// A batch as Transformers writes it, rows padded to one width with masks of any pattern, and as the model reads it:
// packed, without what is masked. A token keeps the position of its column, so both give the same numbers.
#pragma once

#include <string>
#include <vector>

#include "kilm/generation/generate.h"
#include "tensor/base/json.h"

namespace kilm::exchange {

// One side of a batch, [rows, width] when padded.
struct PaddedSide {
  int64_t rows = 0, width = 0;
  bart::Packed packed;         // t tokens, those that are not masked
  std::vector<int32_t> cells;  // row * width + column of each

  // x[t] or x[t, d] -> [rows, width] or [rows, width, d], 0 where a token is masked
  tensor::Tensor padded(const tensor::Tensor& x) const;
};

struct Batch {
  PaddedSide source, target;
  tensor::Ids labels;   // [t] for the target's tokens; undefined without labels
  int64_t counted = 0;  // labels that are not -100

  bool has_labels() const { return labels.defined(); }
};

// From an object with input_ids, and attention_mask, decoder_input_ids, decoder_attention_mask and labels, all but the
// first optional; without decoder_input_ids the decoder reads the labels shifted to the right. Rows of different
// lengths are padded on the right and masked there. What the model reads is on `device`. Throws DamagedInput naming
// `place`, field, row and column.
Batch parse_batch(const base::Json& json, const bart::BartConfig& config, const std::string& place,
                  tensor::Device device = {});

// The rows of the same object as generation reads them: labels count for nothing, and decoder_input_ids are prefixes,
// which end with their last token that is not masked. As in Transformers 5, one that begins with another token than the
// decoder's start token gets that in front, and padding is text where attention_mask is not given. As in the
// Transformers 4.12 of the KILM paper (`reference`), prefixes are used as they are and padding is masked.
std::vector<generation::GenerateRequest> parse_requests(const base::Json& json, const bart::BartConfig& config,
                                                        bool reference, const std::string& place);

}  // namespace kilm::exchange
