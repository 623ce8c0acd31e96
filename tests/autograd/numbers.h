// A vector of f64 from its numbers.
#pragma once

#include <cstdint>
#include <vector>

#include "tensor/tensor.h"

inline tensor::Tensor numbers(const std::vector<double>& values) {
  return tensor::Tensor::from({int64_t(values.size())}, values);
}
