// A Hugging Face model folder: config.json, generation_config.json, model.safetensors and the tokenizer's files.
// Reading takes any of the forms that BART is found in; writing gives what Transformers opens unchanged.
#pragma once

#include <string>

#include "kilm/bart/model.h"
#include "kilm/tokenizer/tokenizer.h"
#include "tensor/io/digest.h"

namespace kilm {

struct BartFolder {
  std::string path;
  Bart model;
  Tokenizer tokenizer;
  tensor::Json generation_config;  // as it was; an object
};

// Throws Error when something is not there, DamagedInput when it is broken or does not fit together.
BartFolder load_bart(const std::string& folder, DType dtype = DType::f32);

// A model of this configuration with random weights for a tokenizer, which gets the KILM tokens that it lacks; the
// configuration's vocabulary grows to them. Throws UsageError if it is smaller than the tokenizer without them.
BartFolder new_bart(BartConfig config, Tokenizer tokenizer, uint64_t seed);

// Writes all files into an existing folder, durably. Returns the digests of model.safetensors.
tensor::Digests save_bart(const std::string& folder, Bart& model, const Tokenizer& tokenizer,
                          const tensor::Json& generation_config);

// Adds the five KILM tokens to the tokenizer and, where the model's table is smaller than the tokenizer, rows to the
// model. Nothing happens to a folder that has them.
void add_kilm_tokens(BartFolder& folder, uint64_t seed);

// The folder that --model names: DIR itself, or the best (else the latest) checkpoint of a run folder.
std::string model_folder(const std::string& folder_or_run);

}  // namespace kilm
