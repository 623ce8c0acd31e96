// The options by which commands that generate text search for it.
#pragma once

#include <optional>
#include <string>

#include "kilm/bart/folder.h"
#include "kilm/generation/generate.h"
#include "kilm/generation/trie.h"
#include "tools/command_line.h"

namespace tools {

struct GenerationArguments {
  std::optional<int64_t> num_beams, num_return_sequences, max_length, max_new_tokens, min_length, no_repeat_ngram_size;
  std::optional<int64_t> eos_token_id, forced_bos_token_id, forced_eos_token_id, top_k;
  std::optional<double> length_penalty, temperature, top_p;
  std::optional<kilm::generation::EarlyStopping> early_stopping;
  std::optional<std::string> bad_words_ids, trie;
  int64_t seed = 0, batch_tokens = 8192;
  bool do_sample = false, compat = false;
};

// Adds --num-beams and all others of these.
void declare_generation(Options& options, GenerationArguments& arguments);

// Returns the folder's defaults, and what was given instead. The trie, if there is one, is opened in `trie`, where the
// options look it up. Throws UsageError for values that the model does not have.
kilm::generation::GenerateOptions generation_options(const GenerationArguments& arguments,
                                                     const kilm::bart::BartFolder& folder,
                                                     std::optional<kilm::generation::Trie>& trie);

}  // namespace tools
