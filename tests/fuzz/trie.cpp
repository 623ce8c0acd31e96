#include "kilm/generation/trie.h"

#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return fuzz::parse(data, size, [](std::string_view bytes) {
    const fuzz::File input(bytes);
    const kilm::generation::Trie trie(input.path());
    // A walk along the last children, as generation takes one, before anything is verified.
    for (kilm::generation::Trie::Node node = kilm::generation::Trie::kRoot;;) {
      trie.ends(node);
      const std::vector<int32_t> tokens = trie.children(node);
      const auto next = tokens.empty() ? std::nullopt : trie.child(node, tokens.back());
      if (!next) break;
      fuzz::require(*next > node, "children come behind their parent");
      node = *next;
    }
    trie.verify();
  });
}
