// The files of a tokenizer, as Transformers reads and writes them.
#include <algorithm>
#include <filesystem>
#include <limits>

#include "kilm/tokenizer/tokenizer.h"
#include "tensor/base/file.h"
#include "tensor/base/format.h"
#include "tensor/base/json.h"

namespace kilm::tokenizer {

using base::check;
using base::DamagedInput;
using base::Json;

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr size_t kMaxMerges = size_t(64) << 20;  // bytes; those of BART are half a MB

// Returns the member of an object, or null if it is absent or null.
const Json* member(const Json& json, std::string_view key) {
  const Json* value = json.find(key);
  return value && !value->is_null() ? value : nullptr;
}

std::string text_of(const Json& json, std::string_view key) {
  const Json* value = json.find(key);
  return value && value->is_string() ? value->as_string() : "";
}

bool is_true(const Json& json, std::string_view key) {
  const Json* value = json.find(key);
  return value && value->is_bool() && value->as_bool();
}

int32_t id_in(const Json& value, const std::string& path, const std::string& token) {
  check<DamagedInput>(value.is_int(), "{}: the id of {} should be an integer", path, token);
  const int64_t id = value.as_int();
  check<DamagedInput>(id >= 0 && id <= std::numeric_limits<int32_t>::max(),
                      "{}: {} has id {}; it should be in [0, 2^31)", path, token, id);
  return int32_t(id);
}

AddedToken added_token_in(const Json& json, const std::string& path) {
  const std::string text = text_of(json, "content");
  check<DamagedInput>(!text.empty(), "{}: added_tokens: an entry has no content", path);
  check<DamagedInput>(!is_true(json, "single_word"), "{}: added_tokens: {} asks for single_word, which is unknown here",
                      path, text);
  const Json* id = member(json, "id");
  check<DamagedInput>(id != nullptr, "{}: added_tokens: {} has no id", path, text);
  return {.text = text,
          .id = id_in(*id, path, text),
          .lstrip = is_true(json, "lstrip"),
          .rstrip = is_true(json, "rstrip"),
          .special = is_true(json, "special")};
}

Json added_token_json(const AddedToken& token) {
  Json json = Json::object();
  json.set("id", int64_t(token.id));
  json.set("content", token.text);
  json.set("single_word", false);
  json.set("lstrip", token.lstrip);
  json.set("rstrip", token.rstrip);
  json.set("normalized", !token.special);
  json.set("special", token.special);
  return json;
}

// Keys of tokenizer_config.json that tell Transformers how to call a tokenizer: they are written as they were read.
constexpr const char* kSettings[] = {"add_prefix_space", "model_max_length", "padding_side", "truncation_side",
                                     "clean_up_tokenization_spaces"};

Json byte_level(bool add_prefix_space) {
  Json json = Json::object();
  json.set("type", "ByteLevel");
  json.set("add_prefix_space", add_prefix_space);
  json.set("trim_offsets", true);
  json.set("use_regex", true);
  return json;
}

// Describes <s> A </s>, and <s> A </s></s> B </s> for pairs.
Json roberta_processing(bool add_prefix_space) {
  Json json = Json::object();
  json.set("type", "RobertaProcessing");
  json.set("sep", Json::array({"</s>", 2}));
  json.set("cls", Json::array({"<s>", 0}));
  json.set("trim_offsets", true);
  json.set("add_prefix_space", add_prefix_space);
  return json;
}

}  // namespace

// Reads and writes the parts of a tokenizer.
class TokenizerFiles {
 public:
  static Tokenizer read_tokenizer_json(const std::string& path);
  static Tokenizer read_vocabulary_and_merges(const std::string& folder);
  static void check_agreement(const Tokenizer& tokenizer, const Tokenizer& other, const std::string& folder);
  static void read_settings(Tokenizer& tokenizer, const std::string& path);
  static void write(const Tokenizer& tokenizer, const std::string& folder);

 private:
  static void set_vocabulary(Tokenizer& tokenizer, const Json& vocabulary, const std::string& path);
  static void read_merges(Tokenizer& tokenizer, const std::string& path);
  static void read_added(Tokenizer& tokenizer, const std::string& path);
  static void set_added(Tokenizer& tokenizer, std::vector<AddedToken> added, const std::string& path);
  static Json model_json(const Tokenizer& tokenizer);
  static Json tokenizer_json(const Tokenizer& tokenizer);
};

// ---- reading

void TokenizerFiles::set_vocabulary(Tokenizer& tokenizer, const Json& vocabulary, const std::string& path) {
  check<DamagedInput>(vocabulary.is_object(), "{}: the vocabulary should be an object of tokens and ids", path);
  std::vector<std::string> pieces(vocabulary.members().size());
  std::vector<bool> taken(pieces.size());
  const int64_t size = int64_t(pieces.size());
  for (const auto& [token, value] : vocabulary.members()) {
    const int64_t id = id_in(value, path, token);
    check<DamagedInput>(id < size, "{}: token {} has id {}; {} tokens need ids from 0 without a gap", path, token, id,
                        size);
    check<DamagedInput>(!taken[size_t(id)], "{}: id {} is given to {} and to {}", path, id, pieces[size_t(id)], token);
    taken[size_t(id)] = true;
    pieces[size_t(id)] = token;
  }
  const std::string objection = tokenizer.set_pieces(std::move(pieces));
  check<DamagedInput>(objection.empty(), "{}: {}", path, objection);
}

void TokenizerFiles::read_merges(Tokenizer& tokenizer, const std::string& path) {
  const std::string text = base::read_file(path, kMaxMerges);
  int64_t line = 0;
  for (size_t begin = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    std::string row = text.substr(begin, end - begin);
    begin = end + 1;
    ++line;
    if (row.ends_with('\r')) row.pop_back();  // lines as they end in Windows
    if (line == 1 && row.starts_with("#version")) continue;
    const size_t space = row.find(' ');
    check<DamagedInput>(space != std::string::npos && row.find(' ', space + 1) == std::string::npos,
                        "{}: line {}: should be two tokens with one space between them", path, line);
    const std::string objection = tokenizer.add_merge(row.substr(0, space), row.substr(space + 1));
    check<DamagedInput>(objection.empty(), "{}: line {}: {}", path, line, objection);
  }
}

void TokenizerFiles::set_added(Tokenizer& tokenizer, std::vector<AddedToken> added, const std::string& path) {
  std::sort(added.begin(), added.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  for (AddedToken& token : added) {
    const std::string objection = tokenizer.add_token(std::move(token));
    check<DamagedInput>(objection.empty(), "{}: {}", path, objection);
  }
}

void TokenizerFiles::read_settings(Tokenizer& tokenizer, const std::string& path) {
  const Json json = base::read_json_file(path);
  check<DamagedInput>(json.is_object(), "{}: should be a JSON object", path);
  for (const char* key : kSettings)
    if (const Json* value = json.find(key)) tokenizer.settings_.set(key, *value);
  const Json* prefix = member(json, "add_prefix_space");
  check<DamagedInput>(!prefix || prefix->is_bool(), "{}: add_prefix_space is {}, it should be true or false", path,
                      prefix ? prefix->dump() : "");
}

void TokenizerFiles::read_added(Tokenizer& tokenizer, const std::string& path) {
  const Json json = base::read_json_file(path);
  check<DamagedInput>(json.is_object(), "{}: should be an object of tokens and ids", path);
  std::vector<AddedToken> added;
  for (const auto& [token, value] : json.members()) {
    const int32_t id = id_in(value, path, token);
    if (!tokenizer.is_added(token)) added.push_back({.text = token, .id = id});
  }
  set_added(tokenizer, std::move(added), path);
}

Tokenizer TokenizerFiles::read_vocabulary_and_merges(const std::string& folder) {
  Tokenizer tokenizer;
  set_vocabulary(tokenizer, base::read_json_file(folder + "/vocab.json"), folder + "/vocab.json");
  read_merges(tokenizer, folder + "/merges.txt");
  const std::string added = folder + "/added_tokens.json";
  if (std::filesystem::exists(added)) read_added(tokenizer, added);
  return tokenizer;
}

// Refuses what the file asks for beyond byte-level BPE, since it would change the ids.
static void check_kind(const Json& json, const std::string& path) {
  const Json* model = member(json, "model");
  check<DamagedInput>(model && model->is_object(), "{}: model: should be an object", path);
  const std::string kind = text_of(*model, "type");
  check<DamagedInput>(kind.empty() || kind == "BPE", "{}: model.type: is {}; it should be BPE", path, kind);
  for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix"})
    check<DamagedInput>(text_of(*model, key).empty(), "{}: model.{}: is {}; it should be empty", path, key,
                        text_of(*model, key));
  for (const char* key : {"ignore_merges", "byte_fallback"})
    check<DamagedInput>(!is_true(*model, key), "{}: model.{}: is true; it should be false", path, key);
  check<DamagedInput>(!member(json, "normalizer"), "{}: normalizer: is set; it should be null", path);
  const Json* words = member(json, "pre_tokenizer");
  const Json* use_regex = words ? member(*words, "use_regex") : nullptr;
  check<DamagedInput>(words && text_of(*words, "type") == "ByteLevel" && (!use_regex || is_true(*words, "use_regex")),
                      "{}: pre_tokenizer: should be ByteLevel with use_regex", path);
}

static Merge merge_in(const Json& json, const std::string& path, size_t number) {
  if (json.is_array() && json.items().size() == 2 && json.items()[0].is_string() && json.items()[1].is_string())
    return {json.items()[0].as_string(), json.items()[1].as_string()};
  if (json.is_string()) {
    const std::string& pair = json.as_string();
    const size_t space = pair.find(' ');
    if (space != std::string::npos && pair.find(' ', space + 1) == std::string::npos)
      return {pair.substr(0, space), pair.substr(space + 1)};
  }
  throw DamagedInput(base::format("{}: model.merges[{}]: should be two tokens", path, number));
}

Tokenizer TokenizerFiles::read_tokenizer_json(const std::string& path) {
  const Json json = base::read_json_file(path);
  check_kind(json, path);
  const Json* vocabulary = member(json.at("model"), "vocab");
  const Json* merges = member(json.at("model"), "merges");
  check<DamagedInput>(vocabulary != nullptr, "{}: model.vocab: is not there", path);
  check<DamagedInput>(merges && merges->is_array(), "{}: model.merges: should be an array", path);
  Tokenizer tokenizer;
  set_vocabulary(tokenizer, *vocabulary, path);
  for (size_t i = 0; i < merges->items().size(); ++i) {
    const auto [left, right] = merge_in(merges->items()[i], path, i);
    const std::string objection = tokenizer.add_merge(left, right);
    check<DamagedInput>(objection.empty(), "{}: model.merges[{}]: {}", path, i, objection);
  }
  if (const Json* list = member(json, "added_tokens")) {
    check<DamagedInput>(list->is_array(), "{}: added_tokens: should be an array", path);
    std::vector<AddedToken> added;
    for (const Json& entry : list->items()) added.push_back(added_token_in(entry, path));
    set_added(tokenizer, std::move(added), path);
  }
  return tokenizer;
}

// Compares with `other`, made of the older files. Added tokens may be missing there: not every version wrote them.
void TokenizerFiles::check_agreement(const Tokenizer& tokenizer, const Tokenizer& other, const std::string& folder) {
  for (int64_t id = 0; id < std::max(tokenizer.base_size_, other.size()); ++id) {
    const std::string here = id < tokenizer.size() ? tokenizer.pieces_[size_t(id)] : "nothing";
    const std::string there = id < other.size() ? other.pieces_[size_t(id)] : "nothing";
    check<DamagedInput>(here == there, "{}: id {} is {} in tokenizer.json and {} in vocab.json or added_tokens.json",
                        folder, id, here, there);
  }
  check<DamagedInput>(tokenizer.merges_ == other.merges_, "{}: tokenizer.json and merges.txt have different merges",
                      folder);
}

bool Tokenizer::is_in(const std::string& folder) {
  std::error_code ignored;
  for (const char* name : {"tokenizer.json", "vocab.json", "merges.txt"})
    if (std::filesystem::exists(folder + "/" + name, ignored)) return true;
  return false;
}

const std::vector<std::string>& Tokenizer::files() {
  static const std::vector<std::string> names = {"tokenizer.json",    "vocab.json",
                                                 "merges.txt",        "tokenizer_config.json",
                                                 "added_tokens.json", "special_tokens_map.json"};
  return names;
}

Tokenizer Tokenizer::load(const std::string& folder) {
  check(std::filesystem::exists(folder), "{}: there is no such folder", folder);
  const auto exists = [&](const char* name) {
    const std::string path = folder + "/" + name;
    if (!std::filesystem::exists(std::filesystem::symlink_status(path))) return false;
    check<DamagedInput>(std::filesystem::is_regular_file(path), "{}: should be a file, or a link to one", path);
    return true;
  };
  const bool vocabulary = exists("vocab.json"), merges = exists("merges.txt"), newer = exists("tokenizer.json");
  const bool older = vocabulary || merges;
  check<DamagedInput>(older || newer, "{}: there is no tokenizer.json and no vocab.json with merges.txt", folder);
  check<DamagedInput>(vocabulary == merges, "{}: there is {} without {}", folder,
                      vocabulary ? "vocab.json" : "merges.txt", vocabulary ? "merges.txt" : "vocab.json");
  Tokenizer tokenizer = newer ? TokenizerFiles::read_tokenizer_json(folder + "/tokenizer.json")
                              : TokenizerFiles::read_vocabulary_and_merges(folder);
  if (older && newer)
    TokenizerFiles::check_agreement(tokenizer, TokenizerFiles::read_vocabulary_and_merges(folder), folder);
  if (exists("tokenizer_config.json")) TokenizerFiles::read_settings(tokenizer, folder + "/tokenizer_config.json");
  if (tokenizer.some_kilm_tokens().size() == 5) tokenizer.add_kilm_tokens();
  return tokenizer;
}

// ---- writing

Json TokenizerFiles::model_json(const Tokenizer& tokenizer) {
  Json::Object vocabulary;
  for (int64_t id = 0; id < tokenizer.base_size_; ++id)
    vocabulary.emplace_back(tokenizer.pieces_[size_t(id)], Json(id));
  Json::Array merges;
  for (const auto& [left, right] : tokenizer.merges_) merges.emplace_back(left + " " + right);
  Json json = Json::object();
  json.set("type", "BPE");
  json.set("dropout", Json());
  json.set("unk_token", Json());
  json.set("continuing_subword_prefix", "");
  json.set("end_of_word_suffix", "");
  json.set("fuse_unk", false);
  json.set("byte_fallback", false);
  json.set("ignore_merges", false);
  json.set("vocab", Json::object(std::move(vocabulary)));
  json.set("merges", Json::array(std::move(merges)));
  return json;
}

Json TokenizerFiles::tokenizer_json(const Tokenizer& tokenizer) {
  Json added = Json::array();
  for (const AddedToken& token : tokenizer.added_) added.push_back(added_token_json(token));
  Json json = Json::object();
  json.set("version", "1.0");
  json.set("truncation", Json());
  json.set("padding", Json());
  json.set("added_tokens", added);
  json.set("normalizer", Json());
  json.set("pre_tokenizer", byte_level(tokenizer.add_prefix_space()));
  json.set("post_processor", roberta_processing(tokenizer.add_prefix_space()));
  json.set("decoder", byte_level(true));
  json.set("model", model_json(tokenizer));
  return json;
}

void TokenizerFiles::write(const Tokenizer& tokenizer, const std::string& folder) {
  const auto write_json = [&](const char* name, const Json& json, int indent) {
    base::write_file_atomically(folder + "/" + name, json.dump(indent) + "\n");
  };
  const std::pair<const char*, const char*> roles[] = {
      {"bos_token", "<s>"},   {"eos_token", "</s>"}, {"unk_token", "<unk>"},  {"sep_token", "</s>"},
      {"pad_token", "<pad>"}, {"cls_token", "<s>"},  {"mask_token", "<mask>"}};
  Json names = Json::object();
  for (const auto& [role, token] : roles) names.set(role, token);
  Json::Object more;
  Json extra = Json::array();
  for (const AddedToken& token : tokenizer.added_) {
    if (token.id < tokenizer.base_size_) continue;
    more.emplace_back(token.text, int64_t(token.id));
    if (token.special) extra.push_back(token.text);
  }
  if (!extra.items().empty()) names.set("additional_special_tokens", extra);
  if (more.empty())
    std::filesystem::remove(folder + "/added_tokens.json");
  else
    write_json("added_tokens.json", Json::object(std::move(more)), 2);
  write_json("special_tokens_map.json", names, 2);
  names.set("tokenizer_class", "BartTokenizer");
  for (const auto& [key, value] : tokenizer.settings_.members()) names.set(key, value);
  write_json("tokenizer_config.json", names, 2);

  const Json json = tokenizer_json(tokenizer);
  write_json("tokenizer.json", json, 2);
  write_json("vocab.json", json.at("model").at("vocab"), -1);
  std::string merges = "#version: 0.2\n";
  for (const auto& [left, right] : tokenizer.merges_) merges += left + " " + right + "\n";
  base::write_file_atomically(folder + "/merges.txt", merges);
}

void Tokenizer::save(const std::string& folder) const { TokenizerFiles::write(*this, folder); }

}  // namespace kilm::tokenizer
