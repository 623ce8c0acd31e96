// A Variable is a tensor that remembers how it was made. It has a value and an edge to the node that computed it, or to
// the leaf (parameter) that holds it. A plain Tensor converts to a constant Variable, so autograd::f accepts both and
// there is one vocabulary of ops.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "tensor/base/scoped.h"
#include "tensor/ids.h"
#include "tensor/sequences.h"
#include "tensor/tensor.h"

namespace autograd {

using tensor::DType;
using tensor::Ids;
using tensor::Sequences;
using tensor::Shape;
using tensor::Tensor;

class Node;
struct Leaf;

// Who trains leaves: an optimizer's buffers. It hears of leaves that nobody trains, for they may have been forgotten.
class LeafOwner {
 public:
  virtual ~LeafOwner() = default;
  // Is told that a backward through leaves of this owner also gave a gradient to `leaf`, which has no owner. `user` is
  // an op that it is an input of. `empty_grad`: the leaf held no gradient before.
  virtual void found_unowned(const std::shared_ptr<Leaf>& leaf, const Node& user, bool empty_grad) = 0;
};

// A trainable tensor and its gradient. The value lives here and not in the Variable. So all handles of a tied parameter
// see it when it moves into a flat buffer.
struct Leaf {
  Tensor value;
  Tensor grad;  // acc dtype, shape of value; undefined before the first backward unless bound to a flat buffer
  bool empty_grad = true;  // grad holds nothing yet: the next contribution overwrites instead of adding
  std::string name;
  // Runs once per backward, when the last contribution has arrived, however many ops used the leaf.
  std::function<void(Leaf&)> ready;
  std::weak_ptr<LeafOwner> owner;

  // Of the engine while a backward runs.
  int pending = 0;  // contributions still to come
  Tensor earlier;   // what grad held before, where several of them are summed first
};

// Where a gradient goes: an output slot of a node, a leaf, or nowhere.
struct Edge {
  std::shared_ptr<Node> node;
  int slot = 0;
  std::shared_ptr<Leaf> leaf;

  explicit operator bool() const { return node || leaf; }
};

class Variable {
 public:
  Variable() = default;
  Variable(Tensor value) : value_(std::move(value)) {}  // a constant
  Variable(Tensor value, Edge edge) : value_(std::move(value)), edge_(std::move(edge)) {}
  static Variable parameter(Tensor value, std::string name = "");

  const Tensor& value() const { return edge_.leaf ? edge_.leaf->value : value_; }
  const Shape& shape() const { return value().shape(); }
  int64_t size(int dim) const { return value().size(dim); }
  int rank() const { return value().rank(); }
  DType dtype() const { return value().dtype(); }
  bool defined() const { return value().defined(); }

  bool requires_grad() const { return bool(edge_); }
  const Edge& edge() const { return edge_; }
  const std::shared_ptr<Leaf>& leaf() const { return edge_.leaf; }  // null unless this is a parameter
  // Returns the accumulated gradient of a parameter; undefined if none has arrived. Throws Error on other variables.
  const Tensor& grad() const;
  void clear_grad();  // the next backward overwrites
  Variable detach() const { return Variable(value()); }

 private:
  Tensor value_;
  Edge edge_;
};

// While one of these lives, ops of this thread record nothing.
class NoGrad {
 public:
  NoGrad();
  static bool active();

 private:
  base::Scoped<bool> scope_;
};

// While one of these lives, ops record again, also inside of a NoGrad: a backward pass runs a piece of the forward pass
// once more.
class EnableGrad {
 public:
  EnableGrad();

 private:
  base::Scoped<bool> scope_;
};

}  // namespace autograd
