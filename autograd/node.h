// A Node is one op of the graph: a small named struct that keeps what its backward formula needs, by name. It turns
// gradients of its outputs into gradients of its inputs. Recording it is the last thing an op function does:
//
//   struct MulNode final : Node {
//     Saved a{*this}, b{*this};
//     const char* name() const override { return "mul"; }
//     void backward(std::span<const Tensor> dy, GradOut& dx) override {
//       if (dx.wants(0)) dx.give(0, tensor::mul(dy[0], b.get()));
//       if (dx.wants(1)) dx.give(1, tensor::mul(dy[0], a.get()));
//     }
//   };
//
//   Variable mul(const Variable& a, const Variable& b) {
//     Tensor y = tensor::mul(a.value(), b.value());
//     if (!needs_node({a, b})) return y;
//     auto node = std::make_shared<MulNode>();
//     node->a = a.value();
//     node->b = b.value();
//     return record(std::move(node), {a, b}, y);
//   }
#pragma once

#include <initializer_list>
#include <span>
#include <vector>

#include "autograd/variable.h"
#include "tensor/base/scoped.h"
#include "tensor/target.h"

namespace autograd {

using tensor::Target;

class Node;

// What a dropped saved tensor comes back from (activation recomputation, pinned host memory).
class SavedSource {
 public:
  virtual ~SavedSource() = default;
  virtual Tensor fetch(size_t index) = 0;
};

// Decides what happens to tensors that nodes save on this thread. Null: they are held.
class SavedSink {
 public:
  virtual ~SavedSink() = default;
  // Returns the source and index under which the tensor can be fetched again, or null to hold it.
  virtual std::shared_ptr<SavedSource> save(const Tensor& tensor, size_t& index) = 0;

  static SavedSink* current();
};

class SavedSinkGuard {
 public:
  explicit SavedSinkGuard(SavedSink* sink);

 private:
  base::Scoped<SavedSink*> scope_;
};

// A tensor that a node needs in backward. Remembers the version of the storage, so that a write in between is an
// error and not a wrong gradient.
class Saved {
 public:
  // Adds itself to what `owner` saves. If it `stays`, it is held whatever the thread's sink would do with it.
  explicit Saved(Node& owner, bool stays = false);
  Saved(const Saved&) = delete;
  Saved& operator=(const Saved&) = delete;
  Saved& operator=(const Tensor& tensor);

  // Throws Error if the tensor was freed by an earlier backward or written to since.
  Tensor get() const;
  bool defined() const { return tensor_.defined() || source_; }
  size_t bytes() const { return tensor_.defined() ? tensor_.bytes() : 0; }  // held here and now
  void release();
  void offer(SavedSink& sink);  // gives the tensor to it, if it takes it

 private:
  const Node& owner_;
  const bool stays_;
  Tensor tensor_;
  uint32_t version_ = 0;
  bool released_ = false;
  std::shared_ptr<SavedSource> source_;
  size_t index_ = 0;
};

// Ids or sequences that a node needs in backward. They stay, with what the host knows of them, and the tensor inside is
// watched as any other.
template <class Value>
class SavedValue {
 public:
  explicit SavedValue(Node& owner) : tensor_(owner, /*stays=*/true) {}
  SavedValue& operator=(const Value& value) {
    value_ = value;
    tensor_ = value.tensor();
    return *this;
  }

  const Value& get() const {  // throws as Saved::get does
    tensor_.get();
    return value_;
  }

 private:
  Value value_;
  Saved tensor_;
};

// How a node hands out the gradients of its inputs.
class GradOut {
 public:
  virtual ~GradOut() = default;

  // Tells whether input i leads to a gradient. Every wanted input must be given one.
  virtual bool wants(size_t i) const = 0;
  // Takes the gradient of input i, in the dtype of the input or its acc dtype.
  virtual void give(size_t i, Tensor gradient) = 0;
  // Returns where to write the gradient of input i, and whether to add to what is there. For a parameter this is its
  // gradient buffer itself (acc dtype), so a weight-gradient gemm needs no temporary, no extra add and no zeroing.
  virtual Target into(size_t i) = 0;
  // Returns the same for an input that may not be wanted: then a target without a tensor.
  Target into_if_wanted(size_t i) { return wants(i) ? into(i) : Target(); }
};

class Node {
 public:
  Node() = default;
  virtual ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  virtual const char* name() const = 0;
  // Turns dy into dx. dy[i] is the gradient of output i, undefined where none arrived (never for ops with one output).
  virtual void backward(std::span<const Tensor> dy, GradOut& dx) = 0;

  struct Output {
    Shape shape;
    DType dtype;
    tensor::Device device;
  };
  const std::vector<Edge>& inputs() const { return inputs_; }
  const std::vector<Output>& outputs() const { return outputs_; }
  const std::vector<Saved*>& saved() const { return saved_; }
  uint64_t number() const { return number_; }        // rises with every node recorded by this process
  const std::string& path() const { return path_; }  // trace path at recording: "encoder.layers.3"
  std::string where() const;                         // "layer_norm, recorded in encoder.layers.3"
  void release();                                    // frees saved tensors and edges

 private:
  friend class Saved;
  friend class Engine;
  friend std::vector<Variable> record(std::shared_ptr<Node> node, std::span<const Variable> inputs,
                                      std::vector<Tensor> outputs);

  std::vector<Edge> inputs_;
  std::vector<Output> outputs_;
  std::vector<Saved*> saved_;
  uint64_t number_ = 0;
  std::string path_;

  // State of a running backward.
  bool counted_ = false;
  int pending_ = 0;
  struct Arrived {
    Tensor gradient;
    bool owned = false;  // made by adding two contributions: may be added to in place
  };
  std::vector<Arrived> arrived_;
};

using Inputs = std::initializer_list<std::reference_wrapper<const Variable>>;

// Tells whether an op with these inputs has to make a node, to record it or for a FiniteCheck. In the second case
// record() only checks the outputs.
bool needs_node(Inputs inputs);
bool needs_node(std::span<const Variable> inputs);

// Gives the node its inputs and number, and its outputs their edges.
Variable record(std::shared_ptr<Node> node, Inputs inputs, const Tensor& output);
std::vector<Variable> record(std::shared_ptr<Node> node, Inputs inputs, std::vector<Tensor> outputs);
std::vector<Variable> record(std::shared_ptr<Node> node, std::span<const Variable> inputs, std::vector<Tensor> outputs);

}  // namespace autograd
