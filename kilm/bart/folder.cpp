#include "kilm/bart/folder.h"

#include <sys/stat.h>

#include "nn/state_dict.h"
#include "tensor/format.h"
#include "tensor/io/file.h"

namespace kilm {

using tensor::Json;

namespace {

bool exists(const std::string& path) {
  struct stat info;
  return ::stat(path.c_str(), &info) == 0;
}

// Names that published folders have and we do not need, or lack and we can make.
const nn::LoadOptions kLoadOptions = {
    .optional_prefix = "model.",
    .optional = {"final_logits_bias"},
    .ignored = {"encoder.version", "decoder.version"},
};

Json default_generation_config(const BartConfig& config) {
  Json json = Json::object();
  json.set("bos_token_id", config.bos_token_id);
  json.set("pad_token_id", config.pad_token_id);
  json.set("eos_token_id", config.eos_token_id);
  json.set("decoder_start_token_id", config.decoder_start_token_id);
  for (const char* key : {"forced_bos_token_id", "forced_eos_token_id", "num_beams", "early_stopping", "max_length",
                          "min_length", "no_repeat_ngram_size", "length_penalty"})
    if (const Json* value = config.others.find(key)) json.set(key, *value);
  return json;
}

}  // namespace

BartFolder load_bart(const std::string& folder, DType dtype) {
  tensor::check(exists(folder), "{}: there is no such model folder", folder);
  Bart model(read_bart_config(folder + "/config.json"), dtype);
  Tokenizer tokenizer = Tokenizer::load(folder);
  tensor::check<tensor::DamagedInput>(tokenizer.size() <= model.config.vocab_size,
                                      "{}: the tokenizer has {} tokens, the model only {}", folder, tokenizer.size(),
                                      model.config.vocab_size);
  nn::load(model, nn::safetensors_source(folder + "/model.safetensors"), kLoadOptions);
  const std::string generation = folder + "/generation_config.json";
  Json generation_config =
      exists(generation) ? tensor::read_json_file(generation) : default_generation_config(model.config);
  return {folder, std::move(model), std::move(tokenizer), std::move(generation_config)};
}

BartFolder new_bart(BartConfig config, Tokenizer tokenizer, uint64_t seed) {
  tensor::check<tensor::UsageError>(config.vocab_size >= tokenizer.size(),
                                    "vocab_size: {} should be at least {}, the tokens of the tokenizer",
                                    config.vocab_size, tokenizer.size());
  tokenizer.add_kilm_tokens();
  config.vocab_size = std::max(config.vocab_size, tokenizer.size());
  Json generation_config = default_generation_config(config);
  BartFolder folder{"", Bart(std::move(config)), std::move(tokenizer), std::move(generation_config)};
  folder.model.initialise(seed);
  return folder;
}

tensor::Digests save_bart(const std::string& folder, Bart& model, const Tokenizer& tokenizer,
                          const Json& generation_config) {
  tensor::write_file_atomically(folder + "/config.json", to_json(model.config).dump(2) + "\n");
  tensor::write_file_atomically(folder + "/generation_config.json", generation_config.dump(2) + "\n");
  std::map<std::string, std::string> metadata = nn::aliases(model);
  metadata["format"] = "pt";
  tokenizer.save(folder);
  return tensor::write_safetensors(folder + "/model.safetensors", nn::state(model), metadata);
}

void add_kilm_tokens(BartFolder& folder, uint64_t seed) {
  folder.tokenizer.add_kilm_tokens();
  if (folder.model.config.vocab_size < folder.tokenizer.size())
    folder.model.resize_vocabulary(folder.tokenizer.size(), seed);
}

std::string model_folder(const std::string& path) {
  if (exists(path + "/config.json") || !exists(path + "/ckpt")) return path;
  for (const char* reference : {"best", "latest"}) {
    const std::string file = path + "/ckpt/" + reference;
    if (!exists(file)) continue;
    std::string step = tensor::read_file(file);
    while (!step.empty() && step.back() == '\n') step.pop_back();
    return path + "/ckpt/" + step + "/model";
  }
  throw tensor::Error(path + ": the run has no checkpoint yet");
}

}  // namespace kilm
