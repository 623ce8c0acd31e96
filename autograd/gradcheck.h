// The numeric gradient check: compares what backward gives with central differences. Public, so that users can check
// functions of their own.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "autograd/variable.h"

namespace autograd {

using Function = std::function<std::vector<Variable>(std::span<const Variable>)>;

struct GradCheckOptions {
  double step = 1e-6, rtol = 1e-3, atol = 1e-5;  // the numbers of torch.autograd.gradcheck
  int64_t full_limit = 10000;                    // inputs with more numbers are checked along random directions
  int directions = 8;
  uint64_t seed = 1;  // of the random cotangent and of the directions
};

// Checks f at `inputs`. Floating inputs must be f64 and are differentiated, others are passed on as they are. The
// checked scalar is the sum of all outputs times a random cotangent, so that no symmetry hides an error. f must be
// deterministic; the random stream stands at the same place for every call. Returns an empty string, or the worst
// mismatch in words: "input 1 [5], element 3: backward gives 0.5, differences give 0.25".
std::string gradient_mismatch(const Function& f, std::vector<Tensor> inputs, const GradCheckOptions& options = {});

}  // namespace autograd
