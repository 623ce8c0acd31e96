// `kilm tokenizer train`, `encode` and `decode`.
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "kilm/tokenizer/tokenizer.h"
#include "kilm/tokenizer/train.h"
#include "tensor/format.h"
#include "tensor/io/json.h"
#include "tools/commands.h"

namespace tools {

using kilm::Tokenizer;
using tensor::check;
using tensor::DamagedInput;
using tensor::Json;

namespace {

// Calls f(line, its number from 1) for the lines of a stream, each with its line end. A last line needs none.
template <class F>
void for_lines(std::istream& in, const std::string& name, F f) {
  std::string line;
  for (int64_t number = 1; std::getline(in, line); ++number) {
    if (!in.eof()) line += '\n';
    f(line, number);
  }
  check(!in.bad() && !(&in == &std::cin && std::ferror(stdin)), "{}: cannot be read: {}", name, std::strerror(errno));
}

std::string_view without_line_end(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  return line;
}

// ---- train

struct TrainArguments {
  std::vector<std::string> texts, keys;
  std::optional<int64_t> vocab_size;
  std::string out;
};

void declare_train(Options& options, TrainArguments& arguments) {
  options.add("TEXT", arguments.texts, "text files, - is standard input");
  options.add("--vocab-size N", arguments.vocab_size, "tokens, 261 for bytes and special tokens among them").required();
  options.add("--out DIR", arguments.out, "folder to write, made if it is not there").required();
  options.add("--json-key KEY", arguments.keys,
              "the files are JSON lines, and the strings under this key are the text; may be repeated");
}

void add_json_line(kilm::TokenizerTrainer& trainer, const std::string& line, const std::string& place,
                   const std::vector<std::string>& keys) {
  const Json json = tensor::parse_json(line, place);
  check<DamagedInput>(json.is_object(), "{}: should be an object", place);
  for (const std::string& key : keys) {
    const Json* value = json.find(key);
    if (!value) continue;
    check<DamagedInput>(value->is_string(), "{}: {}: should be a string", place, key);
    trainer.add(value->as_string());
  }
}

void add_file(kilm::TokenizerTrainer& trainer, const std::string& path, const std::vector<std::string>& keys) {
  std::ifstream file;
  if (path != "-") {
    file.open(path, std::ios::binary);
    check(file.is_open(), "{}: cannot be opened: {}", path, std::strerror(errno));
  }
  const std::string name = path == "-" ? "standard input" : path;
  for_lines(path == "-" ? std::cin : file, name, [&](const std::string& line, int64_t number) {
    if (keys.empty())
      trainer.add(line);
    else
      add_json_line(trainer, line, tensor::format("{}: line {}", name, number), keys);
  });
}

int run_train(const TrainArguments& arguments) {
  kilm::TokenizerTrainer trainer;
  for (const std::string& path : arguments.texts) add_file(trainer, path, arguments.keys);
  const Tokenizer tokenizer = trainer.train(*arguments.vocab_size);
  if (tokenizer.size() < arguments.vocab_size)
    std::fprintf(stderr, "kilm tokenizer train: the texts give no more than %lld tokens\n",
                 static_cast<long long>(tokenizer.size()));
  std::filesystem::create_directories(arguments.out);
  tokenizer.save(arguments.out);
  return 0;
}

// ---- encode

struct EncodeArguments {
  std::string folder;
  bool special = false;
  kilm::EncodeOptions options;
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
  kilm::EncodeOptions options = arguments.options;
  options.prefix_space = options.prefix_space || tokenizer.add_prefix_space();
  for_lines(std::cin, "standard input", [&](const std::string& line, int64_t) {
    std::vector<int32_t> ids = tokenizer.encode(without_line_end(line), options);
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
  });
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
  const Json json = tensor::parse_json(line, place);
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
  for_lines(std::cin, "standard input", [&](const std::string& line, int64_t number) {
    const std::string place = tensor::format("standard input: line {}", number);
    const std::string text = tokenizer.decode(ids_in(line, place, tokenizer)) + "\n";
    std::fwrite(text.data(), 1, text.size(), stdout);
  });
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
