// `kilm tokenizer train`, `encode` and `decode`.
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <set>

#include "kilm/tokenizer/tokenizer.h"
#include "kilm/tokenizer/train.h"
#include "tensor/base/format.h"
#include "tensor/base/json.h"
#include "tensor/base/lines.h"
#include "tensor/base/suggestion.h"
#include "tools/commands.h"
#include "tools/commands/output.h"

namespace tools {

namespace fs = std::filesystem;
using base::check;
using base::DamagedInput;
using base::Json;
using kilm::tokenizer::Tokenizer;

namespace {

// ---- train

struct TrainArguments {
  std::vector<std::string> texts, keys;
  std::optional<int64_t> vocab_size;
  std::string out;
  bool force = false;
};

void declare_train(Options& options, TrainArguments& arguments) {
  options.add("TEXT", arguments.texts, "text files, - is standard input");
  options.add("--vocab-size N", arguments.vocab_size, "tokens, 261 for bytes and special tokens among them").required();
  options.add("--out DIR", arguments.out, "folder to write, made if it is not there").required();
  options.add("--force", arguments.force,
              "write into a folder that holds what this command did not make, a model for example");
  options.add("--json-key KEY", arguments.keys,
              "the files are JSON lines, and the strings under this key are the text; may be repeated");
}

// Takes the strings under some keys out of JSON lines, and keeps account of the keys that came.
class JsonLines {
 public:
  JsonLines(kilm::tokenizer::TokenizerTrainer& trainer, const std::vector<std::string>& keys)
      : trainer_(trainer), keys_(keys) {}

  void add(const std::string& line, const std::string& place) {
    const Json json = parse(line, place);
    check<DamagedInput>(json.is_object(), "{}: should be an object, as --json-key says", place);
    if (first_.empty())
      for (const auto& [key, value] : json.members()) first_.push_back(key);
    for (const std::string& key : keys_) {
      const Json* value = json.find(key);
      if (!value) continue;
      check<DamagedInput>(value->is_string(), "{}: {}: should be a string", place, key);
      trainer_.add(value->as_string());
      met_.insert(key);
    }
  }

  // Throws UsageError for a key that no line had.
  void check_met() const {
    for (const std::string& key : keys_)
      check<base::UsageError>(met_.contains(key), "--json-key {}: no line has this key{}", key,
                              base::suggestion(key, first_));
  }

 private:
  static Json parse(const std::string& line, const std::string& place) {
    try {
      return base::parse_json(line, place);
    } catch (const DamagedInput& error) {
      throw DamagedInput(std::string(error.what()) + "; --json-key asks for JSON lines");
    }
  }

  kilm::tokenizer::TokenizerTrainer& trainer_;
  const std::vector<std::string>& keys_;
  std::set<std::string> met_;
  std::vector<std::string> first_;  // keys of the first line
};

void add_file(kilm::tokenizer::TokenizerTrainer& trainer, JsonLines& json_lines, const std::string& path,
              bool is_json) {
  base::Lines lines(path);
  while (lines.next()) {
    if (is_json)
      json_lines.add(lines.text(), lines.place());
    else
      trainer.add(lines.text() + (lines.has_line_feed() ? "\n" : ""));
  }
}

// Tells whether a folder's tokenizer is one as this command makes them.
bool is_own(const std::string& folder) {
  const std::string config = folder + "/tokenizer_config.json";
  if (!fs::exists(config) || fs::exists(folder + "/added_tokens.json")) return false;
  return has_keys(base::read_json_file(config), {"bos_token", "eos_token", "unk_token", "sep_token", "pad_token",
                                                 "cls_token", "mask_token", "tokenizer_class"});
}

// Returns what a folder holds besides a tokenizer of this command: a model is useless with another one in the place of
// its own.
std::string foreign(const std::string& folder) {
  const std::vector<std::string>& files = Tokenizer::files();
  std::string found;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    found = entry.path().filename().string();
    if (!entry.is_regular_file() || std::count(files.begin(), files.end(), found) == 0) return found;
  }
  return found.empty() || is_own(folder) ? "" : found;
}

int run_train(const TrainArguments& arguments) {
  check_output_folder("--out", arguments.out, arguments.force, foreign);
  kilm::tokenizer::TokenizerTrainer trainer;
  JsonLines json_lines(trainer, arguments.keys);
  for (const std::string& path : arguments.texts) add_file(trainer, json_lines, path, !arguments.keys.empty());
  json_lines.check_met();
  const Tokenizer tokenizer = trainer.train(*arguments.vocab_size);
  if (tokenizer.size() < arguments.vocab_size)
    std::fprintf(stderr, "kilm tokenizer train: the texts give no more than %lld tokens\n",
                 static_cast<long long>(tokenizer.size()));
  fs::create_directories(arguments.out);
  tokenizer.save(arguments.out);
  return 0;
}

// ---- encode

struct EncodeArguments {
  std::string folder;
  bool special = false;
  kilm::tokenizer::EncodeOptions options;
};

void declare_encode(Options& options, EncodeArguments& arguments) {
  options.add("DIR", arguments.folder, "folder with the tokenizer's files");
  options.add("--special", arguments.special, "put <s> before each line and </s> behind it");
  options.add("--prefix-space", arguments.options.prefix_space,
              "put a space before text that begins with none; always with a folder that says add_prefix_space");
  options.add("--parse-special", arguments.options.parse_special,
              "special tokens in the text become their ids; <mask> takes the white space before it");
}

void append_number(std::string& out, int64_t value) {
  char buffer[20];
  out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
}

int run_encode(const EncodeArguments& arguments) {
  const Tokenizer tokenizer = Tokenizer::load(arguments.folder);
  kilm::tokenizer::EncodeOptions options = arguments.options;
  options.prefix_space = options.prefix_space || tokenizer.add_prefix_space();
  base::Lines lines("-");
  while (lines.next()) {
    std::vector<int32_t> ids = tokenizer.encode(lines.text(), options);
    if (arguments.special) {
      ids.insert(ids.begin(), tokenizer.bos());
      ids.push_back(tokenizer.eos());
    }
    std::string out = "[";
    for (const int32_t id : ids) {
      if (out.size() > 1) out += ", ";
      append_number(out, id);
    }
    out += "]\n";
    std::fwrite(out.data(), 1, out.size(), stdout);
  }
  return 0;
}

// ---- decode

struct DecodeArguments {
  std::string folder;
};

void declare_decode(Options& options, DecodeArguments& arguments) {
  options.add("DIR", arguments.folder, "folder with the tokenizer's files");
}

std::vector<int32_t> ids_in(const std::string& line, const std::string& place, const Tokenizer& tokenizer) {
  const Json json = base::parse_json(line, place);
  check<DamagedInput>(json.is_array(), "{}: should be an array of ids", place);
  std::vector<int32_t> ids;
  for (const Json& item : json.items()) {
    check<DamagedInput>(item.is_int() && item.as_int() >= 0 && item.as_int() < tokenizer.size(),
                        "{}: {} is no id of the tokenizer; ids are integers in [0, {})", place, item.dump(),
                        tokenizer.size());
    ids.push_back(int32_t(item.as_int()));
  }
  return ids;
}

int run_decode(const DecodeArguments& arguments) {
  const Tokenizer tokenizer = Tokenizer::load(arguments.folder);
  base::Lines lines("-");
  while (lines.next()) {
    const std::string text = tokenizer.decode(ids_in(lines.text(), lines.place(), tokenizer)) + "\n";
    std::fwrite(text.data(), 1, text.size(), stdout);
  }
  return 0;
}

}  // namespace

Command tokenizer() {
  return {.name = "tokenizer",
          .summary = "learns a byte-level BPE tokenizer and applies one",
          .subcommands = {
              command<TrainArguments>("train", "learns a vocabulary from texts",
                                      "kilm tokenizer train book.txt --vocab-size 8000 --out tokenizer\n"
                                      "kilm prepare dump.xml --paragraphs - | kilm tokenizer train - --json-key text "
                                      "--vocab-size 8000 --out tokenizer",
                                      declare_train, run_train),
              command<EncodeArguments>("encode", "reads lines of text, prints a JSON array of ids for each",
                                       "kilm tokenizer encode tokenizer --special < book.txt > ids.jsonl",
                                       declare_encode, run_encode),
              command<DecodeArguments>("decode", "reads JSON arrays of ids, prints the text of each on a line",
                                       "kilm tokenizer decode tokenizer < ids.jsonl", declare_decode, run_decode)}};
}

}  // namespace tools
