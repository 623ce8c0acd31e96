#include "autograd/engine.h"

#include <algorithm>
#include <queue>
#include <utility>

#include "autograd/finite.h"
#include "tensor/format.h"
#include "tensor/ops/elementwise.h"
#include "tensor/trace.h"

namespace autograd {

namespace {
thread_local BackwardObserver* observer = nullptr;
}

BackwardObserver::BackwardObserver(Function function) : function_(std::move(function)), scope_(observer, this) {}

class Engine {
 public:
  explicit Engine(std::span<const Variable> roots) {
    for (const Variable& root : roots) expect(root.edge(), nullptr);
    count();
    set_aside();
  }
  ~Engine();  // leaves no trace of the run in the graph, also after an exception

  void deliver(const Edge& edge, Tensor gradient, const std::string& from);
  void run();

 private:
  class Grads;

  void expect(const Edge& edge, const Node* user);
  void count();
  void set_aside();
  void tell_owners() const;
  void deliver_to_leaf(Leaf& leaf, const Tensor& gradient);
  void arrive(Leaf& leaf);
  void run_node(Node& node);

  struct Older {
    bool operator()(const std::shared_ptr<Node>& a, const std::shared_ptr<Node>& b) const {
      return a->number_ < b->number_;
    }
  };
  struct Used {
    std::shared_ptr<Leaf> leaf;
    const Node* user;  // null: a root
    bool empty_grad;   // before this backward
  };
  std::vector<std::shared_ptr<Node>> nodes_;
  std::vector<Used> leaves_;
  std::vector<std::shared_ptr<Node>> unvisited_;
  std::priority_queue<std::shared_ptr<Node>, std::vector<std::shared_ptr<Node>>, Older> ready_;
};

// Hands out the gradients of one node's inputs and checks that all wanted ones were given.
class Engine::Grads final : public GradOut {
 public:
  Grads(Engine& engine, Node& node) : engine_(engine), node_(node), given_(node.inputs().size(), false) {}

  // Marks as empty what an error kept from being written.
  ~Grads() override {
    for (const Written& written : written_)
      if (Leaf* leaf = node_.inputs()[written.input].leaf.get(); leaf && written.overwrites) leaf->empty_grad = true;
  }

  bool wants(size_t i) const override { return i < node_.inputs().size() && bool(node_.inputs()[i]); }

  void give(size_t i, Tensor gradient) override {
    if (!claim(i)) return;
    require_finite_gradient(i, gradient);
    engine_.deliver(node_.inputs()[i], std::move(gradient), node_.where());
  }

  Target into(size_t i) override {
    base::check(claim(i), "{}: asks where to write the gradient of input {}, which is not wanted", node_.where(), i);
    const Edge& edge = node_.inputs()[i];
    if (edge.leaf) {
      Leaf& leaf = *edge.leaf;
      const bool accumulate = !leaf.empty_grad;
      if (!leaf.grad.defined())
        leaf.grad = Tensor::empty(leaf.value.shape(), tensor::acc_dtype(leaf.value.dtype()), leaf.value.device());
      leaf.empty_grad = false;
      written_.push_back({i, Tensor(), !accumulate});
      return {leaf.grad, accumulate};
    }
    const Node::Output& output = edge.node->outputs()[size_t(edge.slot)];
    written_.push_back({i, Tensor::empty(output.shape, output.dtype, output.device), true});
    return {written_.back().tensor};
  }

  // Passes on what the node's backward wrote through into(). It has arrived once backward is over.
  void finish() {
    for (Written& written : written_) {
      const Edge& edge = node_.inputs()[written.input];
      require_finite_gradient(written.input, edge.leaf ? edge.leaf->grad : written.tensor);
      if (edge.leaf)
        engine_.arrive(*edge.leaf);
      else
        engine_.deliver(edge, std::move(written.tensor), node_.where());
    }
    written_.clear();
    for (size_t i = 0; i < given_.size(); ++i)
      base::check(given_[i] || !wants(i), "{}: gives no gradient for input {}, which is wanted", node_.where(), i);
  }

 private:
  void require_finite_gradient(size_t i, const Tensor& gradient) const {
    if (FiniteCheck::active())
      require_finite(gradient, node_, base::format("the gradient {} of input {}", gradient.shape(), i));
  }

  bool claim(size_t i) {
    if (!wants(i)) return false;
    base::check(!given_[i], "{}: gives the gradient of input {} twice", node_.where(), i);
    return given_[i] = true;
  }

  struct Written {
    size_t input;
    Tensor tensor;  // undefined: the leaf's own buffer
    bool overwrites;
  };
  Engine& engine_;
  Node& node_;
  std::vector<bool> given_;
  std::vector<Written> written_;
};

namespace {

// Makes what was set aside the gradient again.
void take_back(Leaf& leaf) {
  leaf.grad = std::exchange(leaf.earlier, Tensor());
  leaf.empty_grad = false;
}

}  // namespace

Engine::~Engine() {
  for (const auto& node : nodes_) {
    node->counted_ = false;
    node->pending_ = 0;
    node->arrived_.clear();
  }
  for (const Used& used : leaves_) {
    used.leaf->pending = 0;
    if (used.leaf->earlier.defined()) take_back(*used.leaf);
  }
}

void Engine::expect(const Edge& edge, const Node* user) {
  if (edge.leaf) {
    if (edge.leaf->pending++ == 0) leaves_.push_back({edge.leaf, user, edge.leaf->empty_grad});
  } else if (edge.node) {
    Node& node = *edge.node;
    ++node.pending_;
    if (node.counted_) return;
    node.counted_ = true;
    node.arrived_.resize(node.outputs_.size());
    nodes_.push_back(edge.node);
    unvisited_.push_back(edge.node);
  }
}

void Engine::count() {
  while (!unvisited_.empty()) {
    const std::shared_ptr<Node> node = std::move(unvisited_.back());
    unvisited_.pop_back();
    for (const Edge& edge : node->inputs_) expect(edge, node.get());
  }
}

// Sets aside a gradient that holds something, where several contributions come. They are summed first: until the last,
// it counts as empty.
void Engine::set_aside() {
  for (const Used& used : leaves_) {
    Leaf& leaf = *used.leaf;
    if (leaf.pending < 2 || leaf.empty_grad) continue;
    leaf.earlier = std::exchange(leaf.grad, Tensor());
    leaf.empty_grad = true;
  }
}

void Engine::tell_owners() const {
  std::vector<std::shared_ptr<LeafOwner>> owners;
  for (const Used& used : leaves_)
    if (auto owner = used.leaf->owner.lock(); owner && std::find(owners.begin(), owners.end(), owner) == owners.end())
      owners.push_back(std::move(owner));
  for (const auto& owner : owners)
    for (const Used& used : leaves_)
      if (used.user && used.leaf->owner.expired()) owner->found_unowned(used.leaf, *used.user, used.empty_grad);
}

namespace {

void check_gradient(const Tensor& gradient, const Shape& shape, DType dtype, const std::string& from) {
  base::check(gradient.defined(), "{}: gives an undefined gradient", from);
  base::check(gradient.shape() == shape, "{}: gives a gradient {} for a value {}", from, gradient.shape(), shape);
  base::check(gradient.dtype() == dtype || gradient.dtype() == tensor::acc_dtype(dtype),
              "{}: gives a gradient of {} for a value of {}", from, gradient.dtype(), dtype);
}

}  // namespace

void Engine::arrive(Leaf& leaf) {
  if (--leaf.pending > 0) return;
  if (leaf.earlier.defined()) {
    tensor::accumulate_(leaf.earlier, leaf.grad);
    take_back(leaf);
  }
  if (leaf.ready) leaf.ready(leaf);
}

void Engine::deliver_to_leaf(Leaf& leaf, const Tensor& gradient) {
  if (!leaf.grad.defined())
    leaf.grad = Tensor::empty(leaf.value.shape(), tensor::acc_dtype(leaf.value.dtype()), leaf.value.device());
  if (leaf.empty_grad)
    leaf.grad.copy_from(gradient);
  else
    tensor::accumulate_(leaf.grad, gradient);
  leaf.empty_grad = false;
  arrive(leaf);
}

void Engine::deliver(const Edge& edge, Tensor gradient, const std::string& from) {
  if (edge.leaf) {
    check_gradient(gradient, edge.leaf->value.shape(), edge.leaf->value.dtype(), from);
    return deliver_to_leaf(*edge.leaf, gradient);
  }
  Node& node = *edge.node;
  const Node::Output& output = node.outputs_[size_t(edge.slot)];
  check_gradient(gradient, output.shape, output.dtype, from);
  gradient = gradient.cast(output.dtype);
  Node::Arrived& arrived = node.arrived_[size_t(edge.slot)];
  if (!arrived.gradient.defined()) {
    arrived.gradient = std::move(gradient);
  } else if (arrived.owned) {
    tensor::accumulate_(arrived.gradient, gradient);
  } else {
    arrived = {tensor::add(arrived.gradient, gradient), true};
  }
  if (--node.pending_ == 0) ready_.push(edge.node);
}

void Engine::run_node(Node& node) {
  const tensor::TracePathGuard place(node.path_);
  const tensor::Trace trace("backward");
  std::vector<Tensor> dy;
  dy.reserve(node.arrived_.size());
  for (Node::Arrived& arrived : node.arrived_) dy.push_back(std::move(arrived.gradient));
  for (const BackwardObserver* seeing = observer; seeing; seeing = seeing->scope_.before()) seeing->function_(node, dy);
  if (FiniteCheck::active())
    for (const Tensor& gradient : dy)
      if (gradient.defined())
        require_finite(gradient, node, base::format("the gradient {} of an output", gradient.shape()));
  Grads grads(*this, node);
  try {
    node.backward(dy, grads);
  } catch (const base::NonFinite&) {
    throw;  // names its node itself
  } catch (const base::Error& error) {
    base::throw_again(error, base::format("{} (while running backward of {})", error.what(), node.where()));
  }
  grads.finish();
  node.release();
}

void Engine::run() {
  while (!ready_.empty()) {
    const std::shared_ptr<Node> node = ready_.top();
    ready_.pop();
    run_node(*node);
  }
  tell_owners();
}

void backward(const Variable& root, const Tensor& seed) {
  base::check(root.requires_grad(), "backward: the root {} depends on no parameter", root.shape());
  base::check(seed.defined() || root.value().numel() == 1,
              "backward: the root {} has {} elements; it should have one, or a seed be given", root.shape(),
              root.value().numel());
  const Tensor one = seed.defined() ? seed : Tensor::full(root.shape(), 1, root.dtype(), root.value().device());
  backward(std::span(&root, 1), std::span(&one, 1));
}

void backward(std::span<const Variable> roots, std::span<const Tensor> seeds) {
  base::check(roots.size() == seeds.size(), "backward: {} roots and {} seeds", roots.size(), seeds.size());
  NoGrad guard;
  Engine engine(roots);
  for (size_t i = 0; i < roots.size(); ++i)
    if (roots[i].requires_grad()) engine.deliver(roots[i].edge(), seeds[i], "the seed");
  engine.run();
}

namespace {

struct WatchNode final : Node {
  std::function<void(const Tensor&)> function;
  const char* name() const override { return "watch"; }
  void backward(std::span<const Tensor> dy, GradOut& dx) override {
    function(dy[0]);
    dx.give(0, dy[0]);
  }
};

}  // namespace

Variable watch(const Variable& x, std::function<void(const Tensor& gradient)> function) {
  if (!needs_node({x})) return x;
  auto node = std::make_shared<WatchNode>();
  node->function = std::move(function);
  return record(std::move(node), {x}, x.value());
}

}  // namespace autograd
