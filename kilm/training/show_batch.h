// What the model is given at one update, for people and programs: every sequence of every micro-batch as the packed
// tensors hold it. Each target token has its group and weight.
#pragma once

#include <string>

#include "kilm/training/step_batch.h"
#include "tensor/base/json.h"

namespace kilm::training {

// Returns {"weights": {group: x}, "counts": {group: n}, "micro_batches": [{"sequences": [{"source", "decoder_input",
// "target": ids, "source_tokens", "target_tokens": their texts, "groups": of every target token, "plain": whether it is
// of the plain stream}]}]}.
base::Json to_json(const StepBatch& batch, const tokenizer::Tokenizer& tokenizer);

// Returns lines for a terminal, where infilled and knowledge tokens of the target have colours. Elsewhere, without
// `colour`, they stand in [i: ...] and [k: ...]. Bytes that would steer a terminal are spelt out.
std::string to_text(const StepBatch& batch, const tokenizer::Tokenizer& tokenizer, bool colour);

}  // namespace kilm::training
