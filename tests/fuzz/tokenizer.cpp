// The files of a tokenizer. The input is tokenizer.json, or vocab.json, merges.txt and added_tokens.json with a NUL
// between them. What follows the next NUL is a text for it.
#include "kilm/tokenizer/tokenizer.h"

#include <unistd.h>

#include <filesystem>
#include <vector>

#include "tensor/base/file.h"
#include "tests/fuzz/input.h"
#include "tests/kilm/folder.h"

namespace {

std::vector<std::string_view> parts_of(std::string_view bytes) {
  std::vector<std::string_view> parts;
  while (parts.size() < 4 && !bytes.empty()) {
    parts.push_back(bytes.substr(0, bytes.find('\0')));
    bytes.remove_prefix(std::min(bytes.size(), parts.back().size() + 1));
  }
  return parts;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return fuzz::parse(data, size, [](std::string_view bytes) {
    const std::vector<std::string_view> parts = parts_of(bytes);
    if (parts.empty()) return;
    const Folder folder;
    const bool older = parts.size() > 2;
    if (!older) folder.write("tokenizer.json", parts[0]);
    for (size_t i = 0; older && i < std::min<size_t>(parts.size(), 3); ++i)
      if (i < 2 || !parts[i].empty())
        folder.write(i == 0 ? "vocab.json" : i == 1 ? "merges.txt" : "added_tokens.json", parts[i]);
    const kilm::tokenizer::Tokenizer tokenizer = kilm::tokenizer::Tokenizer::load(folder.path);
    const std::string text(parts.back());
    fuzz::require(tokenizer.decode(tokenizer.encode(text)) == text, "decoding gives the text back");
    tokenizer.encode(text, {.prefix_space = true, .parse_special = true});
    tokenizer.save(folder.path);
    fuzz::require(kilm::tokenizer::Tokenizer::load(folder.path).fingerprint() == tokenizer.fingerprint(),
                  "a tokenizer that is saved loads equal");
  });
}
