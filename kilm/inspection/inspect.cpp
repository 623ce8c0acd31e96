#include "kilm/inspection/inspect.h"

#include <filesystem>
#include <set>

#include "kilm/answering/shots.h"
#include "kilm/bart/folder.h"
#include "kilm/bart/not_finite.h"
#include "kilm/dataset/prepared_data.h"
#include "kilm/generation/trie.h"
#include "kilm/job/manifest.h"
#include "tensor/base/file.h"
#include "tensor/base/format.h"

namespace kilm::inspection {

namespace {

namespace fs = std::filesystem;
using base::format;
using base::Json;

Json object(const char* kind, const std::string& path) {
  Json json = Json::object();
  json.set("kind", kind);
  json.set("path", path);
  return json;
}

Json to_json(const bart::NotFinite& found) {
  Json first = Json::array();
  for (const int64_t i : found.first) first.push_back(i);
  return Json::object({{"tensor", found.tensor}, {"count", found.count}, {"first", first}});
}

// Adds "tensors", "numbers" and "dtypes" (how many numbers of each), and "not_finite": tensors with NaN or infinity.
void add_tensors(Json& json, const nn::StateSource& source) {
  int64_t numbers = 0;
  Json dtypes = Json::object(), broken = Json::array();
  for (const std::string& name : source.names) {
    const tensor::Tensor tensor = source.tensor(name);
    const Json* before = dtypes.find(tensor::name(tensor.dtype()));
    dtypes.set(tensor::name(tensor.dtype()), (before ? before->as_int() : 0) + tensor.numel());
    numbers += tensor.numel();
    if (const std::optional<bart::NotFinite> found = bart::not_finite(name, tensor)) broken.push_back(to_json(*found));
  }
  json.set("tensors", int64_t(source.names.size()));
  json.set("numbers", numbers);
  json.set("dtypes", dtypes);
  json.set("not_finite", broken);
}

Json inspect_tensors(const char* kind, const nn::StateSource& source) {
  Json json = object(kind, source.place);
  json.set("bytes", int64_t(fs::file_size(source.place)));
  add_tensors(json, source);
  return json;
}

Json inspect_shard(const std::string& path) {
  const dataset::Shard shard(path);
  shard.verify();
  Json json = object("shard", path);
  json.set("bytes", int64_t(fs::file_size(path)));
  json.set("split", dataset::name(shard.split()));
  json.set("paragraphs", shard.paragraphs());
  json.set("windows", shard.windows());
  return json;
}

Json inspect_entities(const std::string& path) {
  const dataset::EntityFile file(path);
  file.verify();
  int64_t held_out = 0;
  for (int64_t i = 0; i < file.size(); ++i) held_out += file.entity(i).held_out;
  Json json = object("entities", path);
  json.set("bytes", int64_t(fs::file_size(path)));
  json.set("entities", file.size());
  json.set("held_out", held_out);
  return json;
}

Json inspect_trie(const std::string& path) {
  const generation::Trie trie(path);
  trie.verify();
  Json json = object("trie", path);
  json.set("bytes", int64_t(fs::file_size(path)));
  json.set("nodes", trie.nodes());
  json.set("tokenizer", trie.fingerprint());
  return json;
}

Json inspect_index(const std::string& path) {
  const retrieval::IndexFile file(path);  // verifies every byte
  answering::check_questions(file);
  Json json = object("index", path);
  json.set("bytes", int64_t(fs::file_size(path)));
  json.set("documents", file.index().documents());
  json.set("terms", file.index().terms());
  json.set("buckets", int64_t(file.index().buckets()));
  return json;
}

// Describes a file of records by the kind that its header tells.
Json inspect_records(const std::string& path) {
  switch (dataset::record_kind(path)) {
    case dataset::RecordKind::paragraphs: return inspect_shard(path);
    case dataset::RecordKind::trie: return inspect_trie(path);
    case dataset::RecordKind::index: return inspect_index(path);
    default: return inspect_entities(path);
  }
}

int64_t bytes_of(const Json& manifest) {
  int64_t bytes = 0;
  for (const auto& [file, entry] : manifest.at("files").members()) bytes += entry.at("bytes").as_int();
  return bytes;
}

// Describes data whose bytes the manifest has verified. Reading every record also finds what was written wrong.
Json inspect_data(const std::string& path) {
  const dataset::PreparedData data(path);
  Json json = object("data", path);
  json.set("bytes", bytes_of(data.manifest()));
  json.set("files", int64_t(data.manifest().at("files").members().size()));
  json.set("entities", data.entities().size());
  json.set("max_length", data.max_length());
  json.set("tokenizer", data.manifest().at("tokenizer"));
  Json splits = Json::object();
  for (const dataset::Split split : dataset::kSplits) {
    int64_t paragraphs = 0, links = 0;
    data.for_paragraphs(split, [&](const dataset::StoredParagraph& paragraph) {
      ++paragraphs;
      links += int64_t(paragraph.links.size());
    });
    Json row = Json::object();
    row.set("paragraphs", paragraphs);
    row.set("links", links);
    row.set("windows", data.windows(split).count);
    splits.set(dataset::name(split), row);
  }
  json.set("splits", splits);
  return json;
}

void add_tokenizer(Json& json, const tokenizer::Tokenizer& tokenizer) {
  json.set("tokens", tokenizer.size());
  json.set("fingerprint", tokenizer.fingerprint());
}

// Returns the ids of the tokens with a meaning of their own, with the five of KILM where they are.
Json special_ids(const tokenizer::Tokenizer& tokenizer) {
  Json ids = Json::object();
  ids.set("<s>", tokenizer.bos());
  ids.set("<pad>", tokenizer.pad());
  ids.set("</s>", tokenizer.eos());
  ids.set("<mask>", tokenizer.mask());
  for (const auto& [token, id] : tokenizer.some_kilm_tokens()) ids.set(token, id);
  return ids;
}

Json tokenizer_warnings(const std::string& folder, const tokenizer::Tokenizer& tokenizer) {
  Json warnings = Json::array();
  if (fs::exists(folder + "/tokenizer.json")) {
    const Json json = base::read_json_file(folder + "/tokenizer.json");
    const Json* words = json.find("pre_tokenizer");
    const Json* prefix = words ? words->find("add_prefix_space") : nullptr;
    if ((prefix && *prefix == Json(true)) != tokenizer.add_prefix_space())
      warnings.push_back(
          format("tokenizer.json: add_prefix_space is {}, but {} by tokenizer_config.json, which decides",
                 !tokenizer.add_prefix_space(), tokenizer.add_prefix_space()));
  }
  if (const auto some = tokenizer.some_kilm_tokens(); !some.empty() && !tokenizer.has_kilm_tokens())
    warnings.push_back(format("tokenizer: has {} of the five KILM tokens; training adds the rest", some.size()));
  if (tokenizer.encode(" <mask>", {.parse_special = true}) != std::vector{tokenizer.mask()})
    warnings.push_back("tokenizer.json: <mask> does not take the white space before it, as it does for BART (lstrip)");
  return warnings;
}

Json inspect_tokenizer(const std::string& path) {
  const tokenizer::Tokenizer tokenizer = tokenizer::Tokenizer::load(path);
  Json json = object("tokenizer", path);
  add_tokenizer(json, tokenizer);
  json.set("special_ids", special_ids(tokenizer));
  json.set("warnings", tokenizer_warnings(path, tokenizer));
  return json;
}

// Warns where tokenizer and config.json contradict each other.
void warn_of_tokens(Json& warnings, const tokenizer::Tokenizer& tokenizer, const bart::BartConfig& config) {
  const auto differ = [&](const char* key, int64_t value, const char* token, int64_t id) {
    if (value != id)
      warnings.push_back(format("config.json: {} is {}, but the tokenizer's {} is {}", key, value, token, id));
  };
  differ("bos_token_id", config.bos_token_id, "<s>", tokenizer.bos());
  differ("pad_token_id", config.pad_token_id, "<pad>", tokenizer.pad());
  differ("eos_token_id", config.eos_token_id, "</s>", tokenizer.eos());
  differ("decoder_start_token_id", config.decoder_start_token_id, "</s>", tokenizer.eos());
  if (config.vocab_size > tokenizer.size())
    warnings.push_back(
        format("config.json: vocab_size is {}, but the tokenizer has {} tokens; the rest can be generated",
               config.vocab_size, tokenizer.size()));
  if (config.vocab_size < tokenizer.size())
    warnings.push_back(format("config.json: vocab_size is {}, but the tokenizer has {} tokens; training adds rows{}",
                              config.vocab_size, tokenizer.size(),
                              tokenizer.mask() < config.vocab_size ? "" : ", one of them for <mask>"));
}

// Warns where the special ids of a folder contradict each other, or are known to give other text than expected.
void warn_of_ids(Json& warnings, const bart::BartFolder& folder) {
  const bart::BartConfig& config = folder.model.config;
  for (const auto& [key, id] :
       {std::pair("bos_token_id", config.bos_token_id), std::pair("pad_token_id", config.pad_token_id),
        std::pair("eos_token_id", config.eos_token_id),
        std::pair("decoder_start_token_id", config.decoder_start_token_id)})
    if (const Json* given = folder.generation_config.find(key); given && !given->is_null() && !(*given == Json(id)))
      warnings.push_back(format("generation_config.json: {} is {}, but {} in config.json", key, given->dump(), id));
  const Json settings = bart::generation_settings(folder);
  const Json* forced = settings.find("forced_bos_token_id");
  if (config.d_model == 1024 && (!forced || forced->is_null()))
    warnings.push_back(
        "generation_config.json: forced_bos_token_id is not set; a large BART may repeat its first token");
}

const char* const kTable = "model.shared.weight";

// Warns if the file has the table of tokens only under a name that other programs may not read.
void warn_of_ties(Json& warnings, const nn::StateSource& weights, const std::map<std::string, std::string>& aliases) {
  std::set<std::string> names;
  for (const std::string& name : weights.names) names.insert(name.starts_with("model.") ? name : "model." + name);
  names.erase("model.lm_head.weight");
  if (names.contains(kTable)) return;
  for (const auto& [alias, stored] : aliases)
    if (stored == kTable && names.contains(alias)) {
      warnings.push_back(format("{}: {} is stored as {} only", weights.place, kTable, alias));
      return;
    }
  warnings.push_back(format("{}: {} is stored as lm_head.weight only", weights.place, kTable));
}

Json inspect_model(const std::string& path) {
  bart::BartFolder folder = bart::load_bart(path);
  const nn::StateSource weights = bart::bart_weights(path);
  const std::map<std::string, std::string> aliases = nn::aliases(folder.model);
  Json json = object("model", path);
  json.set("weights", fs::path(weights.place).filename().string());
  json.set("parameters", nn::parameter_count(folder.model));
  add_tensors(json, weights);
  Json tied = Json::object();
  for (const auto& [alias, stored] : aliases) tied.set(alias, stored);
  json.set("tied", tied);
  for (const char* key : {"d_model", "encoder_layers", "decoder_layers", "encoder_attention_heads",
                          "decoder_attention_heads", "max_position_embeddings", "vocab_size"})
    json.set(key, bart::to_json(folder.model.config).at(key));
  if (folder.tokenizer) add_tokenizer(json, *folder.tokenizer);
  Json ids = folder.tokenizer ? special_ids(*folder.tokenizer) : Json::object();
  ids.set("decoder_start", bart::generation_settings(folder).at("decoder_start_token_id"));
  const Json& written = folder.generation_config.is_null() ? folder.model.config.others : folder.generation_config;
  for (const char* key : {"forced_bos_token_id", "forced_eos_token_id"})
    if (const Json* id = written.find(key)) ids.set(key, *id);
  json.set("special_ids", ids);
  Json warnings = folder.tokenizer ? tokenizer_warnings(path, *folder.tokenizer)
                                   : Json::array({Json(path + ": has no tokenizer, and is good for ids alone")});
  if (folder.tokenizer) warn_of_tokens(warnings, *folder.tokenizer, folder.model.config);
  warn_of_ids(warnings, folder);
  warn_of_ties(warnings, weights, aliases);
  json.set("warnings", warnings);
  return json;
}

Json inspect_checkpoint(const std::string& path) {
  const Json manifest = job::verify_manifest(path);
  Json json = object("checkpoint", path);
  json.set("step", manifest.at("step"));
  json.set("bytes", bytes_of(manifest));
  json.set("files", int64_t(manifest.at("files").members().size()));
  json.set("model", inspect_model(path + "/model"));
  return json;
}

Json inspect_run(const std::string& path) {
  std::set<std::string> steps;
  base::check<base::DamagedInput>(fs::is_directory(path + "/ckpt"), "{}/ckpt: should be a folder", path);
  for (const auto& entry : fs::directory_iterator(path + "/ckpt")) {
    const std::string step = entry.path().filename().string();
    if (entry.is_directory() && step.find(".tmp") == std::string::npos) steps.insert(step);
  }
  Json json = object("run", path), checkpoints = Json::array();
  for (const std::string& step : steps) {
    const Json manifest = job::verify_manifest(path + "/ckpt/" + step);
    Json checkpoint = Json::object();
    checkpoint.set("name", step);
    checkpoint.set("bytes", bytes_of(manifest));
    checkpoints.push_back(checkpoint);
  }
  json.set("checkpoints", checkpoints);
  if (!steps.empty()) json.set("model", inspect_model(bart::model_folder(path)));
  return json;
}

Json inspect_folder(const std::string& path) {
  // A link that leads nowhere tells what the folder should be, too.
  const auto has = [&](const char* name) { return fs::exists(fs::symlink_status(path + "/" + name)); };
  if (has("ckpt")) return inspect_run(path);
  if (has("entities.kdt")) return inspect_data(path);
  if (has("model") && (has("manifest.json") || has("state.json"))) return inspect_checkpoint(path);
  if (has("config.json") || bart::has_weights(path)) return inspect_model(path);
  if (has("tokenizer.json") || has("vocab.json")) return inspect_tokenizer(path);
  if (has("manifest.json")) return inspect_data(path);
  throw base::UsageError(path + ": is no model, checkpoint, run, tokenizer or data folder");
}

}  // namespace

Json inspect(const std::string& path) {
  const std::string link = base::broken_link(path);
  std::error_code ignored;
  base::check(fs::exists(path, ignored), "{}: {}", path, link.empty() ? "is not there" : link);
  if (fs::is_directory(path)) return inspect_folder(path);
  const std::string extension = fs::path(path).extension().string();
  if (extension == ".kds") return inspect_shard(path);
  if (extension == ".kdt" || dataset::is_record_file(path)) return inspect_records(path);
  if (extension == ".safetensors") return inspect_tensors("safetensors", nn::safetensors_source(path));
  if (extension == ".bin" || extension == ".pt" || extension == ".pth")
    return inspect_tensors("torch", nn::torch_source(path));
  if (path.ends_with(".safetensors.index.json") || path.ends_with(".bin.index.json")) {
    Json json = object("index", path);
    add_tensors(json, nn::sharded_source(path));
    return json;
  }
  throw base::UsageError(path + ": should be a folder, or end in .safetensors, .bin, .pt, .kds or .kdt");
}

}  // namespace kilm::inspection
