#include "autograd/checkpoint.h"

#include "autograd/node.h"
#include "tensor/base/scoped.h"
#include "tensor/format.h"
#include "tensor/random.h"
#include "tensor/trace.h"

namespace autograd {

namespace {

thread_local bool second_run = false;

// One call of checkpoint: what is needed to run it again, and the saved tensors once that has happened.
class Region final : public SavedSource, public std::enable_shared_from_this<Region> {
 public:
  Region(std::function<Variable(std::span<const Variable>)> f, const std::vector<Variable>& inputs)
      : f_(std::move(f)), at_(tensor::RandomStream::current()), path_(tensor::trace_path()) {
    for (const Variable& input : inputs)
      inputs_.push_back({input.value(), input.value().version(), input.requires_grad()});
  }

  // Numbers the tensors of the first run and keeps none of them.
  class Drop final : public SavedSink {
   public:
    explicit Drop(Region& region) : region_(region) {}
    std::shared_ptr<SavedSource> save(const Tensor& tensor, size_t& index) override {
      index = region_.versions_.size();
      region_.versions_.push_back(tensor.version());
      return region_.shared_from_this();
    }

   private:
    Region& region_;
  };

  Tensor fetch(size_t index) override {
    if (saved_.empty()) {
      try {
        run_again();
      } catch (...) {
        saved_.clear();
        throw;
      }
    }
    return saved_[index];
  }

 private:
  // Collects the tensors of the second run in the order of the first.
  class Refill final : public SavedSink {
   public:
    explicit Refill(Region& region) : region_(region) {}
    std::shared_ptr<SavedSource> save(const Tensor& tensor, size_t& index) override {
      index = region_.saved_.size();
      const bool same = index < region_.versions_.size() && region_.versions_[index] == tensor.version();
      base::check(same,
                  "checkpoint: the second run saves a tensor {} that the first did not, or that was written to "
                  "since",
                  tensor.shape());
      region_.saved_.push_back(tensor);
      return nullptr;
    }

   private:
    Region& region_;
  };

  void run_again() {
    tensor::RandomGuard position(at_);
    const tensor::TracePathGuard path(path_);
    const base::Scoped second(second_run, true);
    Refill refill(*this);
    SavedSinkGuard guard(&refill);
    const EnableGrad enable_grad;
    std::vector<Variable> inputs;
    for (const Input& input : inputs_) {
      base::check(input.value.version() == input.version, "checkpoint: an input {} was written to since the first run",
                  input.value.shape());
      inputs.push_back(input.requires_grad ? Variable::parameter(input.value) : Variable(input.value));
    }
    f_(inputs);
    base::check(saved_.size() == versions_.size(), "checkpoint: the second run saves {} tensors, the first saved {}",
                saved_.size(), versions_.size());
  }

  struct Input {
    Tensor value;
    uint32_t version;
    bool requires_grad;
  };
  std::function<Variable(std::span<const Variable>)> f_;
  tensor::RandomPosition at_;
  std::string path_;
  std::vector<Input> inputs_;
  std::vector<uint32_t> versions_;  // of the tensors that the first run saved
  std::vector<Tensor> saved_;       // by the second run
};

}  // namespace

bool recomputing() { return second_run; }

Variable checkpoint(const std::function<Variable(std::span<const Variable>)>& f, std::vector<Variable> inputs) {
  if (NoGrad::active()) return f(inputs);
  auto region = std::make_shared<Region>(f, inputs);
  Region::Drop drop(*region);
  SavedSinkGuard guard(&drop);
  return f(inputs);
}

}  // namespace autograd
