// How a model generates, as options: for every command that lets it say something.
#pragma once

#include <optional>
#include <string>

#include "kilm/bart/folder.h"
#include "kilm/generation/generate.h"
#include "tools/command_line.h"

namespace tools {

// What is given instead of the settings of the model's folder.
struct GenerationOptions {
  std::optional<int64_t> num_beams, max_length, max_new_tokens, min_length, no_repeat_ngram_size;
  std::optional<int64_t> eos_token_id, forced_bos_token_id, forced_eos_token_id, top_k;
  std::optional<double> length_penalty, temperature, top_p;
  std::optional<kilm::generation::EarlyStopping> early_stopping;
  std::optional<std::string> bad_words_ids;
  bool do_sample = false;
};

void declare(Options& options, GenerationOptions& given);

// Returns the given ones as generation_config.json has them. Throws UsageError for bad words that are no lists.
base::Json to_json(const GenerationOptions& given);
// Returns the name of an option that is given, "" if none is.
std::string given_option(const GenerationOptions& given);
// Throws UsageError for a token that a model of this configuration does not have.
void check(const GenerationOptions& given, const kilm::bart::BartConfig& config);
// Returns the folder's settings, and what is given instead. Throws as both above do.
kilm::generation::GenerateOptions generate_options(const GenerationOptions& given,
                                                   const kilm::bart::BartFolder& folder);

}  // namespace tools
