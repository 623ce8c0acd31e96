#include "optim/flat_parameters.h"

#include <algorithm>
#include <unordered_map>

#include "autograd/node.h"
#include "tensor/format.h"
#include "tensor/trace.h"

namespace optim {

namespace {

constexpr int64_t kAlign = 64;  // elements: every slice starts at 256 bytes of f32

// Makes a tensor of the slice's own shape over flat memory, whose version is that of the flat storage.
Tensor view(const Tensor& flat, const FlatParameters::Slice& slice, const nn::Shape& shape) {
  const size_t element = tensor::size_of(flat.dtype());
  auto storage =
      std::make_shared<tensor::Storage>(flat.storage(), size_t(slice.begin) * element, size_t(shape.numel()) * element);
  return Tensor(std::move(storage), 0, shape, tensor::row_major(shape), flat.dtype());
}

}  // namespace

// A parameter that `visit` forgot looks like an input that wants its gradient. What becomes of them tells them apart.
// An input is new, or is cleared, before the next update; the gradient of a forgotten parameter grows.
class FlatParameters::Strangers final : public autograd::LeafOwner {
 public:
  void found_unowned(const std::shared_ptr<autograd::Leaf>& leaf, const autograd::Node& user,
                     bool empty_grad) override {
    std::erase_if(seen_, [](const Seen& seen) { return seen.leaf.expired(); });
    auto seen = std::find_if(seen_.begin(), seen_.end(), [&](const Seen& s) { return s.leaf.lock() == leaf; });
    if (seen == seen_.end())
      seen = seen_.insert(seen_.end(), {leaf, described(*leaf, user), updates_, updates_});
    else if (empty_grad)
      seen->first = updates_;
    seen->last = updates_;
  }

  void next_update() {
    for (const Seen& seen : seen_) {
      const std::shared_ptr<autograd::Leaf> leaf = seen.leaf.lock();
      const bool unowned = leaf && leaf->owner.expired();
      const bool grows = unowned && !leaf->empty_grad && seen.first < updates_ && seen.last == updates_;
      base::check(!grows,
                  "flat parameters: {} is not among them, but its gradient grows from update to update; visit() "
                  "should name it, or its gradient be cleared, or the op run under NoGrad",
                  seen.what);
    }
    ++updates_;
  }

 private:
  static std::string described(const autograd::Leaf& leaf, const autograd::Node& user) {
    return base::format("a parameter {}{}{} of {}", leaf.name, leaf.name.empty() ? "" : " ", leaf.value.shape(),
                        user.where());
  }

  struct Seen {
    std::weak_ptr<autograd::Leaf> leaf;
    std::string what;
    int64_t first, last;  // number of the update that the gradient began for, and that it was last added to for
  };
  std::vector<Seen> seen_;
  int64_t updates_ = 0;
};

FlatParameters::FlatParameters(nn::Module& module, std::optional<DType> wanted)
    : strangers_(std::make_shared<Strangers>()) {
  const tensor::Trace trace("flat_parameters");
  const std::vector<nn::Entry> entries = nn::entries(module);
  for (const bool decay : {true, false}) {
    add_slices(entries, decay);
    if (decay) decayed_ = size_;
  }
  base::check(!parameters_.empty(), "flat parameters: the module has no parameters");
  const DType given = parameters_[0].dtype(), dtype = wanted.value_or(given);
  const DType state = tensor::acc_dtype(dtype);
  const tensor::Device device = parameters_[0].value().device();
  const auto zeros = [&](DType type) {
    Tensor flat = Tensor::empty({size_}, type, device);
    flat.fill(0);
    return flat;
  };
  working = zeros(dtype);
  master = dtype == state ? working : zeros(state);
  for (Tensor* flat : {&grad, &m, &v}) *flat = zeros(state);
  for (size_t i = 0; i < parameters_.size(); ++i) {
    autograd::Leaf& leaf = *parameters_[i].leaf();
    base::check(leaf.value.dtype() == given, "flat parameters: {} is {}, the first parameter {}", slices_[i].name,
                leaf.value.dtype(), given);
    base::check(leaf.value.device() == device, "flat parameters: {} is on {}, the first parameter on {}",
                slices_[i].name, leaf.value.device(), device);
    const nn::Shape shape = leaf.value.shape();
    Tensor value = view(working, slices_[i], shape);
    value.copy_from(leaf.value);
    if (dtype != state) view(master, slices_[i], shape).copy_from(leaf.value);
    leaf.value = value;
    leaf.grad = view(grad, slices_[i], shape);
    leaf.empty_grad = true;
    leaf.owner = strangers_;
  }
  if (!wanted) return;
  for (const nn::Entry& entry : entries)
    if (entry.buffer && tensor::is_float(entry.buffer->dtype())) *entry.buffer = entry.buffer->cast(dtype);
}

void FlatParameters::add_slices(const std::vector<nn::Entry>& entries, bool decay) {
  std::unordered_map<const autograd::Leaf*, size_t> places;
  for (const nn::Entry& entry : entries) {
    if (!entry.parameter || (entry.parameter->rank() >= 2) != decay) continue;
    const Tensor& value = entry.parameter->value();
    const auto [place, added] = places.try_emplace(entry.parameter->leaf().get(), slices_.size());
    if (added) {
      slices_.push_back({entry.name, size_, 0, decay});
      size_ += (value.numel() + kAlign - 1) / kAlign * kAlign;
      parameters_.push_back(*entry.parameter);
    }
    int64_t& count = slices_[place->second].count;
    if (entry.end > 0) count = std::max(count, value.numel() / value.size(0) * entry.end);
  }
}

void FlatParameters::verify() {
  for (size_t i = 0; i < parameters_.size(); ++i) {
    const autograd::Leaf& leaf = *parameters_[i].leaf();
    const auto in = [&](const Tensor& flat, const Tensor& x) {
      return x.defined() && x.numel() >= slices_[i].count && x.dtype() == flat.dtype() &&
             x.bytes_data() == flat.bytes_data() + size_t(slices_[i].begin) * tensor::size_of(flat.dtype());
    };
    base::check(in(working, leaf.value) && in(grad, leaf.grad),
                "flat parameters: {} was moved out of them, by others or by a change of its size, and updates do not "
                "reach it; they should be made again, and their optimizer",
                slices_[i].name);
  }
  strangers_->next_update();
}

void FlatParameters::zero_untouched() {
  for (nn::Variable& parameter : parameters_) {
    if (!parameter.leaf()->empty_grad) continue;
    parameter.leaf()->grad.fill(0);
    parameter.leaf()->empty_grad = false;
  }
}

void FlatParameters::clear() {
  for (nn::Variable& parameter : parameters_) parameter.clear_grad();
}

std::vector<bool> FlatParameters::untouched() const {
  std::vector<bool> untouched;
  for (const nn::Variable& parameter : parameters_) untouched.push_back(parameter.leaf()->empty_grad);
  return untouched;
}

void FlatParameters::set_untouched(const std::vector<bool>& untouched) {
  for (size_t i = 0; i < parameters_.size(); ++i) parameters_[i].leaf()->empty_grad = untouched[i];
}

}  // namespace optim
