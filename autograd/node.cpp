#include "autograd/node.h"

#include <atomic>

#include "autograd/finite.h"
#include "tensor/format.h"
#include "tensor/trace.h"

namespace autograd {

namespace {

thread_local SavedSink* sink = nullptr;
std::atomic<uint64_t> next_number{1};

}  // namespace

SavedSink* SavedSink::current() { return sink; }
SavedSinkGuard::SavedSinkGuard(SavedSink* wanted) : scope_(sink, wanted) {}

Saved::Saved(Node& owner, bool stays) : owner_(owner), stays_(stays) { owner.saved_.push_back(this); }

Saved& Saved::operator=(const Tensor& tensor) {
  if (!tensor.defined()) return *this;
  tensor_ = tensor;
  version_ = tensor.version();
  return *this;
}

void Saved::offer(SavedSink& to) {
  if (stays_ || !tensor_.defined()) return;
  source_ = to.save(tensor_, index_);
  if (source_) tensor_ = Tensor();
}

Tensor Saved::get() const {
  base::check(!released_, "{}: its saved tensors were freed by an earlier backward", owner_.where());
  if (source_) return source_->fetch(index_);
  base::check(!tensor_.defined() || tensor_.version() == version_,
              "{}: a tensor {} saved for backward was written to since (version {}, saved at {})", owner_.where(),
              tensor_.shape(), tensor_.version(), version_);
  return tensor_;
}

void Saved::release() {
  tensor_ = Tensor();
  source_.reset();
  released_ = true;
}

namespace {

// Nodes whose last owner is going away. The outermost destructor empties the list, so that a chain of any length is
// freed without recursion.
thread_local std::vector<std::shared_ptr<Node>> dying;
thread_local bool draining = false;

}  // namespace

Node::~Node() {
  for (Edge& edge : inputs_)
    if (edge.node) dying.push_back(std::move(edge.node));
  if (draining) return;
  draining = true;
  while (!dying.empty()) {
    std::shared_ptr<Node> node = std::move(dying.back());
    dying.pop_back();
  }
  draining = false;
}

std::string Node::where() const {
  return path_.empty() ? std::string(name()) : base::format("{}, recorded in {}", name(), path_);
}

void Node::release() {
  for (Saved* saved : saved_) saved->release();
}

namespace {

template <class List>
bool any_requires_grad(const List& inputs) {
  if (NoGrad::active()) return false;
  for (const Variable& input : inputs)
    if (input.requires_grad()) return true;
  return false;
}

}  // namespace

bool needs_node(Inputs inputs) { return FiniteCheck::active() || any_requires_grad(inputs); }
bool needs_node(std::span<const Variable> inputs) { return FiniteCheck::active() || any_requires_grad(inputs); }

std::vector<Variable> record(std::shared_ptr<Node> node, std::span<const Variable> inputs,
                             std::vector<Tensor> outputs) {
  node->number_ = next_number.fetch_add(1, std::memory_order_relaxed);
  node->path_ = tensor::trace_path();
  node->inputs_.reserve(inputs.size());
  for (const Variable& input : inputs) node->inputs_.push_back(input.edge());
  node->outputs_.reserve(outputs.size());
  for (const Tensor& output : outputs) node->outputs_.push_back({output.shape(), output.dtype(), output.device()});
  if (FiniteCheck::active())
    for (const Tensor& output : outputs) require_finite(output, *node, base::format("an output {}", output.shape()));
  if (!any_requires_grad(inputs)) return {outputs.begin(), outputs.end()};
  if (SavedSink* to = SavedSink::current())
    for (Saved* saved : node->saved_) saved->offer(*to);
  std::vector<Variable> result;
  result.reserve(outputs.size());
  for (size_t i = 0; i < outputs.size(); ++i) result.emplace_back(std::move(outputs[i]), Edge{node, int(i), nullptr});
  return result;
}

std::vector<Variable> record(std::shared_ptr<Node> node, Inputs inputs, std::vector<Tensor> outputs) {
  const std::vector<Variable> list(inputs.begin(), inputs.end());
  return record(std::move(node), std::span(list), std::move(outputs));
}

Variable record(std::shared_ptr<Node> node, Inputs inputs, const Tensor& output) {
  return std::move(record(std::move(node), inputs, std::vector<Tensor>{output})[0]);
}

}  // namespace autograd
