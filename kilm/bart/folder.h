// A Hugging Face model folder: config.json, generation_config.json, the weights and the tokenizer's files.
// Reading takes any of the forms that BART is found in; writing gives what Transformers opens unchanged.
#pragma once

#include <optional>
#include <string>

#include "kilm/bart/model.h"
#include "kilm/tokenizer/tokenizer.h"
#include "nn/state_dict.h"
#include "tensor/base/digest.h"

namespace kilm::bart {

struct BartFolder {
  std::string path;
  Bart model;
  std::optional<tokenizer::Tokenizer>
      tokenizer;                 // what works on ids needs none; it may have more tokens than the model has rows
  base::Json generation_config;  // as it was; null if there is no generation_config.json
  std::vector<tensor::NamedTensor> head = {};  // of a fine-tuned classifier, in the dtype of the model; else empty

  // Returns the tokenizer, for text. Throws DamagedInput if there is no tokenizer, Error if a token has no row in the
  // model's table.
  const tokenizer::Tokenizer& text_tokenizer() const;
};

struct ModelParts {
  bool weights = true, tokenizer = true;
};

// Throws Error if there is no such folder, and UsageError if it is no folder. Throws DamagedInput if it lacks its
// configuration or one of the `needed` parts. The error names all that it lacks, and every one of these that is no
// file: a link that leads nowhere, a pipe.
void check_model_folder(const std::string& folder, ModelParts needed = {});

// Returns a digest of the files that a model is loaded from, wherever the folder lies. Throws as check_model_folder
// does.
std::string model_digest(const std::string& folder);

// Opens the weights of a folder: model.safetensors, else the files that model.safetensors.index.json names, else
// pytorch_model.bin, else the files that pytorch_model.bin.index.json names. Throws Error listing what was looked for.
nn::StateSource bart_weights(const std::string& folder);

// What somebody who loads a model does with the classification head of a fine-tuned one.
enum class Head : uint8_t { set_aside, wanted };

// Throws Error when the folder is not there, DamagedInput when it is not whole, broken or does not fit together. The
// classification head of a fine-tuned model is no part of this one: it is set aside, with a notice on standard error
// for who does not want it. So is code that config.json names to be fetched and run (auto_map).
BartFolder load_bart(const std::string& folder, DType dtype = DType::f32, Head head = Head::set_aside);

// Makes a model of this configuration with random weights for a tokenizer, which gets the KILM tokens that it lacks.
// The configuration's vocabulary grows to them. Throws UsageError if it is smaller than the tokenizer without them.
BartFolder new_bart(BartConfig config, tokenizer::Tokenizer tokenizer, uint64_t seed);

// Writes all files into an existing folder, durably. It leaves out those of a tokenizer that is not there, and a
// generation_config.json that is null. A classifier's head is written with the rest of the weights, and config.json
// then names BartForSequenceClassification, which has no final_logits_bias; one that is all 0 is left out. Returns the
// digests of model.safetensors.
base::Digests save_bart(const std::string& folder, Bart& model, const std::optional<tokenizer::Tokenizer>& tokenizer,
                        const base::Json& generation_config, const std::vector<tensor::NamedTensor>& head = {});

// Returns what Transformers generates with: generation_config.json, or the settings of config.json where there is none,
// and the special ids of config.json where neither names them.
base::Json generation_settings(const BartFolder& folder);

// Adds those of the five KILM tokens that the tokenizer lacks and, where the model's table is smaller than the
// tokenizer, rows to the model. Nothing happens to a folder that has them. Throws DamagedInput without a tokenizer.
void add_kilm_tokens(BartFolder& folder, uint64_t seed);

// Tells whether a folder has weights under one of the names that bart_weights reads; a link that leads nowhere counts.
bool has_weights(const std::string& folder);

// Returns the folder that --model names: DIR itself, the model of a checkpoint, or of the best (else the latest)
// checkpoint of a run folder. Throws UsageError for a run without a checkpoint, and for a run's file that names one.
std::string model_folder(const std::string& folder_or_run);

// Returns the same, after the model's files in a checkpoint have been read once and are those of its manifest. Throws
// DamagedInput if one is not.
std::string verified_model_folder(const std::string& folder_or_run);

}  // namespace kilm::bart
