#include "kilm/bart/folder.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "kilm/job/manifest.h"
#include "tensor/base/file.h"
#include "tensor/base/format.h"

namespace kilm::bart {

namespace fs = std::filesystem;
using base::check;
using base::Json;

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

// Makes the settings as Transformers does of a config.json that has no generation_config.json beside it.
Json settings_of_config(const BartConfig& config) {
  Json json = Json::object();
  json.set("bos_token_id", config.bos_token_id);
  json.set("pad_token_id", config.pad_token_id);
  json.set("eos_token_id", config.eos_token_id);
  json.set("decoder_start_token_id", config.decoder_start_token_id);
  if (config.others.find("force_bos_token_to_be_generated") &&
      config.others.at("force_bos_token_to_be_generated") == Json(true))  // what forced_bos_token_id was once
    json.set("forced_bos_token_id", config.bos_token_id);
  if (!config.others.find("forced_eos_token_id")) json.set("forced_eos_token_id", 2);  // as Transformers' BartConfig
  for (const char* key : {"forced_bos_token_id", "forced_eos_token_id", "num_beams", "num_return_sequences",
                          "early_stopping", "max_length", "min_length", "no_repeat_ngram_size", "length_penalty",
                          "bad_words_ids", "do_sample", "temperature", "top_k", "top_p"})
    if (const Json* value = config.others.find(key); value && !value->is_null()) json.set(key, *value);
  return json;
}

// Takes from the source what is no part of an encoder-decoder with its language model head.
std::vector<tensor::NamedTensor> take_classifier(nn::StateSource& source, DType dtype, Head wanted) {
  std::vector<tensor::NamedTensor> head;
  for (const std::string& name : source.names)
    if (name.starts_with("classification_head.")) head.push_back({name, source.tensor(name).cast(dtype)});
  std::erase_if(source.names, [](const std::string& name) { return name.starts_with("classification_head."); });
  if (!head.empty() && wanted == Head::set_aside)
    std::fprintf(
        stderr, "%s: the classification head (%zu tensors) is set aside; only kilm finetune and kilm convert know it\n",
        source.place.c_str(), head.size());
  return head;
}

void notice_code(const Json& config_keys, const std::string& path) {
  if (config_keys.find("auto_map"))
    std::fprintf(stderr, "%s: auto_map names code to run; it is not looked at, the model is BART\n", path.c_str());
}

// Writes config.json: the dtype is that of the weights, under the name that Transformers has for it now.
Json config_json(const Bart& model, bool is_classifier) {
  const auto name = [&] {
    switch (model.shared.dtype()) {
      case DType::bf16: return "bfloat16";
      case DType::f16: return "float16";
      case DType::f64: return "float64";
      default: return "float32";
    }
  }();
  BartConfig config = model.config;
  Json::Object others;
  if (config.others.is_object()) others = config.others.members();
  std::erase_if(others, [](const Json::Member& member) { return member.first == "torch_dtype"; });
  config.others = Json::object(std::move(others));
  config.others.set("dtype", name);
  Json json = to_json(config);
  if (is_classifier) json.set("architectures", Json::array({Json("BartForSequenceClassification")}));
  return json;
}

bool is_zero(const Tensor& numbers) {
  const std::vector<double> all = numbers.to(tensor::Device{}).cast(DType::f64).contiguous().to_vector<double>();
  return std::ranges::all_of(all, [](double number) { return number == 0; });
}

const char* const kTokenizer = "tokenizer (tokenizer.json, or vocab.json and merges.txt)";

// Sets of files that are a model's weights, as bart_weights prefers them.
const std::vector<std::vector<const char*>> kWeights = {
    {"model.safetensors"}, {"model.safetensors.index.json"}, {"pytorch_model.bin"}, {"pytorch_model.bin.index.json"}};

// A part of a model folder, and the sets of files of which one is enough.
struct Part {
  const char* name;
  std::vector<std::vector<const char*>> ways;
  bool ModelParts::*needed = nullptr;  // null: always
};

const Part kParts[] = {
    {"config.json", {{"config.json"}}},
    {"weights (model.safetensors or pytorch_model.bin, or the index.json of several)", kWeights, &ModelParts::weights},
    {kTokenizer, {{"tokenizer.json"}, {"vocab.json", "merges.txt"}}, &ModelParts::tokenizer},
    {nullptr, {{"generation_config.json"}}},  // may be missing
};

// Names the older file that is missing beside tokenizer.json and the other; that one could not be read alone.
std::string missing_half(const std::string& folder) {
  const bool vocabulary = exists(folder + "/vocab.json"), merges = exists(folder + "/merges.txt");
  if (vocabulary == merges || !exists(folder + "/tokenizer.json")) return "";
  return vocabulary ? "merges.txt beside vocab.json" : "vocab.json beside merges.txt";
}

// Says why something of this name cannot be read as a file; empty if it can, or if there is nothing.
std::string objection(const std::string& folder, const std::string& name) {
  const std::string path = folder + "/" + name, link = base::broken_link(path);
  if (!link.empty()) return name + ": " + link;
  return fs::exists(path) && !fs::is_regular_file(path) ? name + ": is no file" : "";
}

std::string first_line(const std::string& file) {
  const std::string text = base::read_file(file);
  return text.substr(0, text.find('\n'));
}

// Refuses a run's `best` and `latest`, files that name a checkpoint.
void refuse_reference(const std::string& path) {
  const fs::path file = fs::absolute(path);
  if ((file.filename() != "best" && file.filename() != "latest") || !fs::is_regular_file(file)) return;
  throw base::UsageError(base::format("{}: is a file that names a checkpoint, {}; give that folder, or the run, {}",
                                      path, (file.parent_path() / first_line(path)).string(),
                                      file.parent_path().parent_path().string()));
}

void check_has_tokenizer(const BartFolder& folder) {
  check<base::DamagedInput>(folder.tokenizer.has_value(), "{}: lacks its {}", folder.path, kTokenizer);
}

}  // namespace

void check_model_folder(const std::string& folder, ModelParts needed) {
  const std::string link = base::broken_link(folder);
  check(exists(folder), "{}: there is no such model folder{}{}", folder, link.empty() ? "" : ", ", link);
  check<base::UsageError>(fs::is_directory(folder), "{}: is a file, and should be a model folder", folder);
  std::string lacks, wrong;
  const auto add_lack = [&](const std::string& name) { lacks += (lacks.empty() ? "lacks its " : ", its ") + name; };
  for (const Part& part : kParts) {
    // A folder that must be completed anyway is told of its tokenizer, too.
    if (part.needed == &ModelParts::tokenizer) needed.tokenizer |= !lacks.empty();
    if (part.needed && !(needed.*part.needed)) continue;
    const auto is_there = [&](const char* name) { return exists(folder + "/" + name); };
    const bool found = std::any_of(part.ways.begin(), part.ways.end(), [&](const std::vector<const char*>& way) {
      return std::all_of(way.begin(), way.end(), is_there);
    });
    if (part.name && !found) add_lack(part.name);
    for (const std::vector<const char*>& way : part.ways)
      for (const char* name : way)
        if (const std::string text = objection(folder, name); !text.empty())
          wrong += (wrong.empty() ? "" : ", ") + text;
  }
  if (const std::string half = missing_half(folder); needed.tokenizer && !half.empty()) add_lack(half);
  const char* const between = lacks.empty() || wrong.empty() ? "" : "; ";
  check<base::DamagedInput>(lacks.empty() && wrong.empty(), "{}: {}{}{}", folder, lacks, between, wrong);
}

std::string model_digest(const std::string& folder) {
  check_model_folder(folder);
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder))
    for (const char* extension : {".json", ".txt", ".safetensors", ".bin"})
      if (entry.path().extension() == extension && entry.is_regular_file())
        names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  std::string list;
  for (const std::string& name : names)
    list += name + " " + base::xxh3_128_hex(base::MappedFile(folder + "/" + name).bytes()) + "\n";
  return base::sha256_hex(std::as_bytes(std::span(list)));
}

nn::StateSource bart_weights(const std::string& folder) {
  using Open = nn::StateSource (*)(const std::string&);
  for (const auto& [name, open] : {std::pair<const char*, Open>("/model.safetensors", nn::safetensors_source),
                                   std::pair<const char*, Open>("/model.safetensors.index.json", nn::sharded_source),
                                   std::pair<const char*, Open>("/pytorch_model.bin", nn::torch_source),
                                   std::pair<const char*, Open>("/pytorch_model.bin.index.json", nn::sharded_source)})
    if (exists(folder + name)) return open(folder + name);
  throw base::Error(folder +
                    ": there is no model.safetensors and no pytorch_model.bin, and no index.json of several of them");
}

BartFolder load_bart(const std::string& folder, DType dtype, Head wanted) {
  check_model_folder(folder, {.tokenizer = tokenizer::Tokenizer::is_in(folder)});
  Bart model(read_bart_config(folder + "/config.json"), dtype);
  notice_code(model.config.others, folder + "/config.json");
  std::optional<tokenizer::Tokenizer> tokenizer;
  if (tokenizer::Tokenizer::is_in(folder)) tokenizer = tokenizer::Tokenizer::load(folder);
  nn::StateSource weights = bart_weights(folder);
  std::vector<tensor::NamedTensor> head = take_classifier(weights, dtype, wanted);
  nn::load(model, weights, kLoadOptions);
  const std::string generation = folder + "/generation_config.json";
  Json generation_config;
  if (exists(generation)) {
    generation_config = base::read_json_file(generation);
    base::check<base::DamagedInput>(generation_config.is_object(), "{}: should be a JSON object", generation);
  }
  return {folder, std::move(model), std::move(tokenizer), std::move(generation_config), std::move(head)};
}

const tokenizer::Tokenizer& BartFolder::text_tokenizer() const {
  check_has_tokenizer(*this);
  base::check(tokenizer->size() <= model.config.vocab_size,
              "{}: the tokenizer has {} tokens, the model rows for {} of them; kilm train adds the rest", path,
              tokenizer->size(), model.config.vocab_size);
  return *tokenizer;
}

Json generation_settings(const BartFolder& folder) {
  const BartConfig& config = folder.model.config;
  if (folder.generation_config.is_null()) return settings_of_config(config);
  Json settings = folder.generation_config;
  const auto given = [&](const char* key) {
    const Json* value = settings.find(key);
    return value && !value->is_null() ? value : nullptr;
  };
  if (!given("eos_token_id")) settings.set("eos_token_id", config.eos_token_id);
  if (!given("decoder_start_token_id")) {
    const Json* bos = given("bos_token_id");
    settings.set("decoder_start_token_id", bos ? Json(*bos) : Json(config.decoder_start_token_id));
  }
  return settings;
}

BartFolder new_bart(BartConfig config, tokenizer::Tokenizer tokenizer, uint64_t seed) {
  base::check<base::UsageError>(config.vocab_size >= tokenizer.size(),
                                "vocab_size: {} should be at least {}, the tokens of the tokenizer", config.vocab_size,
                                tokenizer.size());
  tokenizer.add_kilm_tokens();
  config.vocab_size = std::max(config.vocab_size, tokenizer.size());
  config.unset.clear();
  Json generation_config = settings_of_config(config);
  BartFolder folder{"", Bart(std::move(config)), std::move(tokenizer), std::move(generation_config)};
  folder.model.initialise(seed);
  return folder;
}

base::Digests save_bart(const std::string& folder, Bart& model, const std::optional<tokenizer::Tokenizer>& tokenizer,
                        const Json& generation_config, const std::vector<tensor::NamedTensor>& head) {
  base::write_file_atomically(folder + "/config.json", config_json(model, !head.empty()).dump(2) + "\n");
  if (!generation_config.is_null())
    base::write_file_atomically(folder + "/generation_config.json", generation_config.dump(2) + "\n");
  std::map<std::string, std::string> metadata = nn::aliases(model);
  metadata["format"] = "pt";
  if (tokenizer) tokenizer->save(folder);
  std::vector<tensor::NamedTensor> state = nn::state(model);
  if (!head.empty() && is_zero(model.final_logits_bias))
    std::erase_if(state, [](const tensor::NamedTensor& named) { return named.name == "final_logits_bias"; });
  state.insert(state.end(), head.begin(), head.end());
  return tensor::write_safetensors(folder + "/model.safetensors", state, metadata);
}

void add_kilm_tokens(BartFolder& folder, uint64_t seed) {
  check_has_tokenizer(folder);
  folder.tokenizer->add_kilm_tokens();
  if (folder.model.config.vocab_size < folder.tokenizer->size())
    folder.model.resize_vocabulary(folder.tokenizer->size(), seed);
}

bool has_weights(const std::string& folder) {
  return std::any_of(kWeights.begin(), kWeights.end(), [&](const std::vector<const char*>& files) {
    return fs::exists(fs::symlink_status(folder + "/" + files[0]));
  });
}

std::string model_folder(const std::string& path) {
  refuse_reference(path);
  if (!exists(path + "/config.json") && exists(path + "/model/config.json")) return path + "/model";
  if (exists(path + "/config.json") || (!exists(path + "/ckpt") && !exists(path + "/resolved.json"))) return path;
  for (const char* reference : {"best", "latest"}) {
    const std::string file = path + "/ckpt/" + reference;
    if (!exists(file)) continue;
    const std::string step = first_line(file);
    check<base::DamagedInput>(exists(path + "/ckpt/" + step), "{}: names {}, which is not there", file, step);
    return path + "/ckpt/" + step + "/model";
  }
  throw base::UsageError(path + ": the run has no checkpoint yet, so it holds no model");
}

std::string verified_model_folder(const std::string& path) {
  std::string folder = model_folder(path);
  const fs::path whole = fs::absolute(folder + "/").lexically_normal().parent_path(), checkpoint = whole.parent_path();
  if (whole.filename() == "model" && (exists(checkpoint / "manifest.json") || exists(checkpoint / "state.json")))
    job::verify_part(checkpoint.string(), "model/");
  return folder;
}

}  // namespace kilm::bart
