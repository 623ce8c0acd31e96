#include "kilm/generation/trie.h"

#include <algorithm>
#include <cstring>

#include "tensor/base/format.h"

namespace kilm::generation {

using base::check;
using base::DamagedInput;
using base::UsageError;

namespace {

constexpr size_t kNodeBytes = 2 * sizeof(uint32_t);
constexpr uint32_t kEnds = uint32_t(1) << 31;

// The lists [begin, end) of the sorted ones begin with the same `depth` tokens, those of a node.
struct Group {
  size_t begin, end, depth;
};

}  // namespace

Trie::Trie(const std::string& path) : file_(path, dataset::RecordKind::trie) {
  check<DamagedInput>(file_.records() == 2, "{}: has {} records, it should have 2", path, file_.records());
  fingerprint_ = file_.record(0);
  table_ = file_.record(1);
  check<DamagedInput>(table_.size() % kNodeBytes == 0 && table_.size() >= 2 * kNodeBytes,
                      "{}: {} bytes are no nodes of a trie", path, table_.size());
  nodes_ = int64_t(table_.size() / kNodeBytes) - 1;
}

Trie::Trie(const std::string& path, std::string_view tokenizer) : Trie(path) {
  verify();
  check<UsageError>(fingerprint_ == tokenizer, "{}: was made with the tokenizer {}, but this is {}", path, fingerprint_,
                    tokenizer);
}

// Reads a field, which lies in the table: the callers' nodes are in [0, nodes_].
uint32_t Trie::field(uint64_t index) const {
  uint32_t value;
  std::memcpy(&value, table_.data() + index * sizeof(value), sizeof(value));
  return value;
}

// Returns the nodes of the children. They come behind their parent, so that no walk goes in circles.
Trie::Range Trie::children_range(Node node) const {
  check(node < nodes_, "{}: node {} is not one of {}", path(), node, nodes_);
  const Range range{field(2 * uint64_t(node) + 1), field(2 * uint64_t(node) + 3)};
  check<DamagedInput>(node < range.begin && range.begin <= range.end && range.end <= nodes_,
                      "{}: node {}: children [{}, {}) should be in [{}, {}]", path(), node, range.begin, range.end,
                      node + 1, nodes_);
  return range;
}

bool Trie::ends(Node node) const {
  check(node < nodes_, "{}: node {} is not one of {}", path(), node, nodes_);
  return field(2 * uint64_t(node)) & kEnds;
}

std::vector<int32_t> Trie::children(Node node) const {
  const Range range = children_range(node);
  std::vector<int32_t> tokens;
  tokens.reserve(range.end - range.begin);
  for (Node i = range.begin; i < range.end; ++i) tokens.push_back(token(i));
  return tokens;
}

std::optional<Trie::Node> Trie::child(Node node, int32_t wanted) const {
  auto [begin, end] = children_range(node);
  while (begin < end) {
    const Node middle = begin + (end - begin) / 2;
    if (token(middle) == wanted) return middle;
    if (token(middle) < wanted)
      begin = middle + 1;
    else
      end = middle;
  }
  return std::nullopt;
}

void Trie::verify() const {
  file_.verify();
  for (Node node = 0; node < nodes_; ++node) {
    const Range range = children_range(node);
    check<DamagedInput>(range.begin < range.end || ends(node), "{}: node {} ends nowhere", path(), node);
    for (Node i = range.begin + 1; i < range.end; ++i)
      check<DamagedInput>(token(i - 1) < token(i), "{}: node {}: token {} should be above {}", path(), i, token(i),
                          token(i - 1));
  }
}

int64_t write_trie(const std::string& path, std::vector<std::vector<int32_t>> lists, std::string_view fingerprint) {
  check<UsageError>(!lists.empty(), "{}: there are no lists, a trie should have one", path);
  std::sort(lists.begin(), lists.end());
  check<UsageError>(!lists.front().empty(), "{}: a list is empty, it should have a token", path);
  std::vector<uint32_t> table;
  const auto add = [&](int32_t token, const Group& group, size_t first_child) {
    table.push_back(uint32_t(token) | (lists[group.begin].size() == group.depth ? kEnds : 0));
    table.push_back(uint32_t(first_child));
  };
  // Groups of one level, in the order of their nodes, give those of the next.
  std::vector<Group> level = {{0, lists.size(), 0}};
  size_t next_node = 1;
  while (!level.empty()) {
    std::vector<Group> next;
    for (const Group& group : level) {
      add(group.depth == 0 ? 0 : lists[group.begin][group.depth - 1], group, next_node + next.size());
      size_t begin = group.begin;
      while (begin < group.end && lists[begin].size() == group.depth) ++begin;  // those that end here
      while (begin < group.end) {
        const int32_t token = lists[begin][group.depth];
        size_t end = begin + 1;
        while (end < group.end && lists[end][group.depth] == token) ++end;
        next.push_back({begin, end, group.depth + 1});
        begin = end;
      }
    }
    next_node += next.size();
    check(next_node < kEnds, "{}: {} nodes are too many for 31 bits", path, next_node);
    level = std::move(next);
  }
  table.insert(table.end(), {0, uint32_t(next_node)});
  dataset::RecordWriter writer(path, dataset::RecordKind::trie);
  writer.add(fingerprint);
  writer.add({reinterpret_cast<const char*>(table.data()), table.size() * sizeof(uint32_t)});
  writer.commit();
  return int64_t(next_node);
}

}  // namespace kilm::generation
