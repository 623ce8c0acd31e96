// The smallest tokenizer: special tokens, the 256 bytes and the five tokens of KILM.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "kilm/tokenizer/tokenizer.h"
#include "tensor/io/json.h"

namespace tests {

inline kilm::Tokenizer byte_tokenizer() {
  std::vector<std::string> tokens = {"<s>", "<pad>", "</s>", "<unk>", "<mask>"};
  int next = 0x100;  // bytes that do not print are shown as the code points from here
  for (int b = 0; b < 256; ++b) {
    const bool prints = (b >= 0x21 && b <= 0x7E) || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
    const int c = prints ? b : next++;
    tokens.push_back(c < 0x80 ? std::string(1, char(c)) : std::string{char(0xC0 | c >> 6), char(0x80 | (c & 63))});
  }
  tensor::Json::Object members;
  for (const std::string& token : tokens) members.emplace_back(token, tensor::Json(int64_t(members.size())));
  const auto folder = std::filesystem::temp_directory_path() / ("kilm-bytes-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "vocab.json") << tensor::Json::object(std::move(members)).dump();
  std::ofstream(folder / "merges.txt") << "#version: 0.2\n";
  kilm::Tokenizer tokenizer = kilm::Tokenizer::load(folder);
  std::filesystem::remove_all(folder);
  tokenizer.add_kilm_tokens();
  return tokenizer;
}

}  // namespace tests
