// Weights that are NaN or infinite: what a training that went astray leaves, or a narrower type than the numbers
// needed.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tensor/io/safetensors.h"

namespace kilm::bart {

struct NotFinite {
  std::string tensor;          // its name
  int64_t count = 0;           // how many of its numbers
  int64_t numbers = 0;         // of how many
  std::vector<int64_t> first;  // index of the first
};

// Returns nothing if every number of the tensor, of any dtype, is finite.
std::optional<NotFinite> not_finite(const std::string& name, const tensor::Tensor& tensor);
std::vector<NotFinite> not_finite(std::span<const tensor::NamedTensor> tensors);

// Writes "model.shared.weight: 3 of 4320 numbers are not finite, the first at [1, 7]"
std::string to_text(const NotFinite& found);

}  // namespace kilm::bart
