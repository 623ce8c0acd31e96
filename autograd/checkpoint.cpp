#include "autograd/checkpoint.h"

#include "autograd/node.h"
#include "tensor/format.h"
#include "tensor/random.h"

namespace autograd {

namespace {

// One call of checkpoint: what is needed to run it again, and the saved tensors once that has happened.
class Region final : public SavedSource, public std::enable_shared_from_this<Region> {
 public:
  Region(std::function<Variable(std::span<const Variable>)> f, const std::vector<Variable>& inputs)
      : f_(std::move(f)), at_(tensor::RandomStream::current()) {
    for (const Variable& input : inputs) inputs_.push_back({input.value(), input.requires_grad()});
  }

  // Numbers the tensors of the first run and keeps none of them.
  class Drop final : public SavedSink {
   public:
    explicit Drop(Region& region) : region_(region) {}
    std::shared_ptr<SavedSource> save(const Tensor&, size_t& index) override {
      index = region_.count_++;
      return region_.shared_from_this();
    }

   private:
    Region& region_;
  };

  Tensor fetch(size_t index) override {
    if (saved_.empty()) run_again();
    return saved_[index];
  }

 private:
  // Collects the tensors of the second run in the order of the first.
  class Refill final : public SavedSink {
   public:
    explicit Refill(Region& region) : region_(region) {}
    std::shared_ptr<SavedSource> save(const Tensor& tensor, size_t& index) override {
      index = region_.saved_.size();
      region_.saved_.push_back(tensor);
      return nullptr;
    }

   private:
    Region& region_;
  };

  void run_again() {
    tensor::RandomGuard position(at_);
    Refill refill(*this);
    SavedSinkGuard guard(&refill);
    Recording recording;
    std::vector<Variable> inputs;
    for (const Input& input : inputs_)
      inputs.push_back(input.requires_grad ? Variable::parameter(input.value) : Variable(input.value));
    f_(inputs);
    tensor::check(saved_.size() == count_, "checkpoint: the second run saved {} tensors, the first {}", saved_.size(),
                  count_);
  }

  struct Input {
    Tensor value;
    bool requires_grad;
  };
  std::function<Variable(std::span<const Variable>)> f_;
  tensor::RandomPosition at_;
  std::vector<Input> inputs_;
  std::vector<Tensor> saved_;
  size_t count_ = 0;
};

}  // namespace

Variable checkpoint(const std::function<Variable(std::span<const Variable>)>& f, std::vector<Variable> inputs) {
  if (NoGrad::active()) return f(inputs);
  auto region = std::make_shared<Region>(f, inputs);
  Region::Drop drop(*region);
  SavedSinkGuard guard(&drop);
  return f(inputs);
}

}  // namespace autograd
