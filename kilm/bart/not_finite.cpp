#include "kilm/bart/not_finite.h"

#include <cmath>

#include "tensor/base/format.h"

namespace kilm::bart {

namespace {

template <class T>
bool is_finite(T value) {
  if constexpr (std::is_integral_v<T>)
    return true;
  else if constexpr (std::is_same_v<T, double>)
    return std::isfinite(value);
  else
    return std::isfinite(float(value));
}

std::vector<int64_t> index_of(int64_t number, const tensor::Shape& shape) {
  std::vector<int64_t> index(size_t(shape.rank()));
  for (size_t i = index.size(); i-- > 0; number /= shape[int(i)]) index[i] = number % shape[int(i)];
  return index;
}

}  // namespace

std::optional<NotFinite> not_finite(const std::string& name, const tensor::Tensor& tensor) {
  const tensor::Tensor rows = tensor.contiguous().to(tensor::Device{});
  NotFinite found{.tensor = name, .numbers = rows.numel()};
  tensor::dispatch_all(rows.dtype(), [&]<class T>() {
    const T* values = rows.data<T>();
    for (int64_t i = 0; i < found.numbers; ++i) {
      if (is_finite(values[i])) continue;
      if (found.count++ == 0) found.first = index_of(i, rows.shape());
    }
  });
  return found.count > 0 ? std::optional(found) : std::nullopt;
}

std::vector<NotFinite> not_finite(std::span<const tensor::NamedTensor> tensors) {
  std::vector<NotFinite> all;
  for (const tensor::NamedTensor& named : tensors)
    if (std::optional<NotFinite> found = not_finite(named.name, named.tensor)) all.push_back(*std::move(found));
  return all;
}

std::string to_text(const NotFinite& found) {
  std::string index;
  for (const int64_t i : found.first) index += (index.empty() ? "" : ", ") + std::to_string(i);
  return base::format("{}: {} of {} numbers are not finite, the first at [{}]", found.tensor, found.count,
                      found.numbers, index);
}

}  // namespace kilm::bart
