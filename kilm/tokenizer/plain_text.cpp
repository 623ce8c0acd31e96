#include "kilm/tokenizer/plain_text.h"

#include <algorithm>
#include <iterator>
#include <vector>

namespace kilm::tokenizer {

std::string plain_text(const Tokenizer& tokenizer, std::span<const int32_t> ids) {
  const auto kilm = tokenizer.some_kilm_tokens();
  const auto is_left_out = [&](int32_t id) {
    return id >= tokenizer.size() || tokenizer.is_special(id) ||
           std::ranges::any_of(kilm, [&](const auto& token) { return token.second == id; });
  };
  std::vector<int32_t> kept;
  std::ranges::remove_copy_if(ids, std::back_inserter(kept), is_left_out);
  return tokenizer.decode(kept);
}

}  // namespace kilm::tokenizer
