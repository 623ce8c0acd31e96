// What a model knows of facts whose object is left out: LAMA (Petroni et al. 2019) for a model with a decoder, which is
// asked for the word behind the same sentence whose gap the encoder sees. gaps.h says how words are scored.
#pragma once

#include <functional>

#include "kilm/predictions/rows.h"
#include "kilm/probing/cloze_data.h"
#include "kilm/probing/gaps.h"
#include "kilm/probing/probe_score.h"

namespace kilm::probing {

struct ProbeOptions {
  bool prefix_space = false;  // as of PromptOptions
  GapOptions gaps = {};
};

// Measures the model with the clozes that follow in the data. `row` is called for each of them in their order. Those
// whose object is no candidate are skipped. The candidates have been tokenized. Throws DamagedInput, which names file
// and word, for a candidate that is longer than the model allows. Shows progress.
ProbeScore probe(const bart::Bart& model, const tokenizer::Tokenizer& tokenizer, ClozeData& data,
                 const ProbeOptions& options, const std::function<void(const predictions::Cloze&)>& row);

}  // namespace kilm::probing
