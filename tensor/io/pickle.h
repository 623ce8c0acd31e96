// The part of Python's pickle format that saved tensors need. A pickle is a program, and this machine runs none of it.
// It builds inert trees of numbers, strings and containers; a call becomes a node with the function's name. A name
// outside of a short list is refused, and so is every opcode that torch does not write. Format: the comments of
// Python's pickletools.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tensor {

struct PickleNode;

// None, bool, integer, float, string (a view of the pickle's bytes), or a node.
using PickleValue = std::variant<std::monostate, bool, int64_t, double, std::string_view, const PickleNode*>;

struct PickleNode {
  enum Kind : uint8_t { global, tuple, list, dict, call, persistent };
  Kind kind;
  std::string name;  // of a global: "collections.OrderedDict"; of a call: its function's
  std::vector<PickleValue>
      items;  // of a dict: key, value, key, value ...; of a call or persistent id: its tuple of arguments
};

class Pickle {
 public:
  // Reads one pickle that begins at `begin` of `bytes`, which must outlive it. `allowed` are the globals that it may
  // name. Throws DamagedInput; offsets in messages count from the start of `bytes` plus `origin`.
  Pickle(std::string_view bytes, size_t begin, const std::set<std::string>& allowed, std::string place,
         size_t origin = 0);

  const PickleValue& value() const { return value_; }
  const std::deque<PickleNode>& nodes() const { return nodes_; }  // in the order they were made
  size_t end() const { return end_; }                             // behind the last opcode

 private:
  friend class PickleMachine;
  std::deque<PickleNode> nodes_;  // an arena: trees may be deep or cyclic, and are never walked to be freed
  PickleValue value_;
  size_t end_ = 0;
};

// Returns the node of this kind that the value is, or null.
const PickleNode* node_of(const PickleValue& value, PickleNode::Kind kind);

}  // namespace tensor
