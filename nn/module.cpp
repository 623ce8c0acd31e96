#include "nn/module.h"

#include <unordered_set>

#include "autograd/checkpoint.h"
#include "tensor/format.h"
#include "tensor/ops/elementwise.h"
#include "tensor/random.h"

namespace nn {

Tensor Entry::tensor() const {
  const Tensor& whole = parameter ? parameter->value() : *buffer;
  return begin == 0 && end == whole.size(0) ? whole : whole.narrow(0, begin, end - begin);
}

std::string Visitor::path(std::string_view name) const {
  return prefix_.empty() ? std::string(name) : prefix_ + "." + std::string(name);
}

void Visitor::operator()(std::string_view name, Module& child) {
  std::string outer = path(name);
  std::swap(prefix_, outer);
  child.visit(*this);
  prefix_ = std::move(outer);
}

void Visitor::operator()(std::string_view name, Variable& parameter) { rows(name, parameter, 0, parameter.size(0)); }

void Visitor::rows(std::string_view name, Variable& parameter, int64_t begin, int64_t end) {
  base::check(parameter.leaf() != nullptr, "visit: {} is not a parameter", path(name));
  bool alias = false;
  for (const Entry& entry : entries_)
    alias |= entry.parameter && entry.parameter->leaf() == parameter.leaf() && entry.begin == begin && entry.end == end;
  entries_.push_back({path(name), &parameter, nullptr, begin, end, alias});
}

void Visitor::buffer(std::string_view name, Tensor& tensor) {
  entries_.push_back({path(name), nullptr, &tensor, 0, tensor.size(0), false});
}

std::vector<Entry> entries(Module& module) {
  Visitor visitor;
  module.visit(visitor);
  return std::move(visitor.entries_);
}

std::vector<Variable> parameters(Module& module) {
  std::unordered_set<const autograd::Leaf*> seen;
  std::vector<Variable> result;
  for (const Entry& entry : entries(module))
    if (entry.parameter && seen.insert(entry.parameter->leaf().get()).second) result.push_back(*entry.parameter);
  return result;
}

int64_t parameter_count(Module& module) {
  int64_t count = 0;
  for (const Entry& entry : entries(module))
    if (entry.parameter && !entry.alias) count += entry.tensor().numel();
  return count;
}

void move(Module& module, tensor::Device device) {
  for (const Entry& entry : entries(module)) {
    if (entry.buffer) {
      *entry.buffer = entry.buffer->to(device);
      continue;
    }
    autograd::Leaf& leaf = *entry.parameter->leaf();
    leaf.value = leaf.value.to(device);
    if (leaf.grad.defined()) leaf.grad = leaf.grad.to(device);
  }
}

void initialise(Module& module, uint64_t seed, double stddev) {
  tensor::RandomPosition at{.key = tensor::philox_key(seed, tensor::RandomDomain::init)};
  for (const Variable& parameter : parameters(module)) {
    Tensor value = parameter.value();
    if (value.rank() >= 2) tensor::random_normal_(value, 0, stddev, at);
    ++at.op;
  }
}

namespace {
thread_local Tap* listeners = nullptr;
}

Tap::Tap(Listener listener) : listener_(std::move(listener)), scope_(listeners, this) {}

Variable tap(const Variable& value) {
  if (!listeners) [[likely]]
    return value;
  Variable seen = value;
  for (Tap* listener = listeners; listener; listener = listener->scope_.before())
    seen = listener->listener_(tensor::trace_path(), seen, autograd::recomputing());
  return seen;
}

void throw_with_path(const base::Error& error) {
  const std::string& path = tensor::trace_path();
  const std::string_view message = error.what();
  const bool named = message.starts_with(path + ".") || message.starts_with(path + ":");  // by a child
  if (named || typeid(error) == typeid(base::NonFinite)) throw;                           // names its op's place
  base::throw_again(error, path + ": " + error.what());
}

}  // namespace nn
