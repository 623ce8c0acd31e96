#include "tensor/ids.h"

#include <algorithm>
#include <limits>
#include <mutex>
#include <optional>

#include "tensor/format.h"
#include "tensor/ops/index.h"

namespace tensor {

namespace {

struct Range {
  int64_t low = 0, high = -1;  // the lowest and the highest; of no ids, a range that lies in every other
};

Range range_of(std::span<const int32_t> ids) {
  if (ids.empty()) return {};
  const auto [low, high] = std::minmax_element(ids.begin(), ids.end());
  return {*low, *high};
}

}  // namespace

// What holds of one version of the tensor.
struct Ids::Known {
  std::mutex mutex;
  uint32_t version;
  std::optional<Range> range;
  Tensor order;

  explicit Known(uint32_t version, std::optional<Range> range = {}) : version(version), range(range) {}

  void forget_older(uint32_t current) {
    if (version == current) return;
    version = current;
    range.reset();
    order = Tensor();
  }
};

Ids::Ids(const Tensor& ids) : tensor_(ids) {
  if (ids.defined()) known_ = std::make_shared<Known>(ids.version());
}

Ids Ids::from(const Shape& shape, std::span<const int32_t> values, Device device) {
  Ids ids(Tensor::from(shape, values, device));
  ids.known_->range = range_of(values);
  return ids;
}

Ids Ids::from(std::span<const int32_t> values, Device device) { return from({int64_t(values.size())}, values, device); }

Ids Ids::at(const Tensor& tensor, const Tensor& order) const {
  base::check(tensor.shape() == shape() && tensor.dtype() == tensor_.dtype(), "ids: {} {} cannot lie in {} {}",
              tensor_.dtype(), shape(), tensor.dtype(), tensor.shape());
  Ids ids(tensor);
  const std::lock_guard lock(known_->mutex);
  if (known_->version == tensor_.version()) ids.known_->range = known_->range;
  ids.known_->order = order;
  return ids;
}

Tensor Ids::flat() const { return tensor_.reshape({tensor_.numel()}); }

void Ids::check(const char* op, int64_t n) const {
  check_i32(op, "id");
  check_range(op, "id", 0, n);
}

void Ids::check_targets(const char* op, int64_t n) const {
  check_i32(op, "target");
  check_range(op, "target", std::numeric_limits<int32_t>::min(), n);
}

void Ids::check_i32(const char* op, const char* noun) const {
  base::check(tensor_.dtype() == DType::i32, "{}: {}s are {}; they should be i32", op, noun, tensor_.dtype());
}

void Ids::check_range(const char* op, const char* noun, int64_t low, int64_t n) const {
  const std::lock_guard lock(known_->mutex);
  known_->forget_older(tensor_.version());
  std::optional<Range>& range = known_->range;
  if (!range) range = range_of(tensor_.to_vector<int32_t>());
  if (low <= range->low && range->high < n) return;
  const std::vector<int32_t> ids = tensor_.to_vector<int32_t>();
  const auto outside = std::find_if(ids.begin(), ids.end(), [&](int32_t id) { return id < low || id >= n; });
  base::fail(
      base::format("{}: {} {} at position {} is outside of [0, {})", op, noun, *outside, outside - ids.begin(), n));
}

Tensor Ids::order() const {
  const std::lock_guard lock(known_->mutex);
  known_->forget_older(tensor_.version());
  if (!known_->order.defined()) known_->order = sort_ids(tensor_);
  return known_->order;
}

}  // namespace tensor
