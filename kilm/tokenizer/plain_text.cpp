#include "kilm/tokenizer/plain_text.h"

#include <algorithm>
#include <vector>

namespace kilm::tokenizer {

std::string plain_text(const Tokenizer& tokenizer, std::span<const int32_t> ids) {
  std::vector<int32_t> special = {tokenizer.bos(), tokenizer.pad(), tokenizer.eos(), tokenizer.mask()};
  for (const auto& [text, id] : tokenizer.some_kilm_tokens()) special.push_back(id);
  std::vector<int32_t> kept;
  for (const int32_t id : ids)
    if (id < tokenizer.size() && std::ranges::find(special, id) == special.end()) kept.push_back(id);
  return tokenizer.decode(kept);
}

}  // namespace kilm::tokenizer
