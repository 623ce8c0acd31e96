// trie.kdt: lists of tokens that generation is held to, the titles of all entities for example. It is a record file
// with two records: the fingerprint of the tokenizer, and the nodes, u32[nodes + 1, 2]. They are written breadth first,
// so the children of node i are the nodes first_child[i] to first_child[i + 1], by rising token:
//   token        | 2^31 where a list ends
//   first_child
// Node 0 is the root, whose token means nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kilm/dataset/record_file.h"

namespace kilm::generation {

class Trie {
 public:
  using Node = uint32_t;
  static constexpr Node kRoot = 0;

  // Reads nothing but the frame; a walk checks every node it meets, so no file leads it outside. Throws DamagedInput.
  explicit Trie(const std::string& path);
  // Opens the same with every byte verified. Throws UsageError, too, if the lists were made with a tokenizer of another
  // fingerprint.
  Trie(const std::string& path, std::string_view tokenizer);

  bool ends(Node node) const;  // whether a list ends here
  std::vector<int32_t> children(Node node) const;
  std::optional<Node> child(Node node, int32_t token) const;

  int64_t nodes() const { return nodes_; }
  std::string_view fingerprint() const { return fingerprint_; }
  const std::string& path() const { return file_.path(); }
  void verify() const;  // checks the digest and every node; DamagedInput

 private:
  struct Range {
    Node begin, end;
  };
  uint32_t field(uint64_t index) const;
  int32_t token(Node node) const { return int32_t(field(2 * uint64_t(node)) & 0x7fffffff); }
  Range children_range(Node node) const;

  dataset::RecordFile file_;
  std::string_view fingerprint_, table_;
  int64_t nodes_ = 0;
};

// Writes the trie of these lists, which may repeat. Returns how many nodes it has. Throws UsageError for an empty list
// or none at all.
int64_t write_trie(const std::string& path, std::vector<std::vector<int32_t>> lists, std::string_view fingerprint);

}  // namespace kilm::generation
