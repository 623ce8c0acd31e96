// Ways in which the emulated device may work, of which none may change a bit of a result.
#pragma once

#include <cstdlib>
#include <vector>

#include "tensor/cuda/backend.h"
#include "tensor/runtime.h"
#include "tests/cuda_on_cpu/on_device.h"

namespace tests {

inline constexpr tensor::Device kCuda{tensor::DeviceType::cuda, 0};

// While it lives, memory that was let go of is given out again with what it holds, as in a real run.
class ReusedMemory {
 public:
  ReusedMemory() {
    setenv("KILM_ALLOCATOR", "caching", 1);
    tensor::register_backend(tensor::DeviceType::cuda, backend);
    tensor::allocator_of(kCuda);
    setenv("KILM_ALLOCATOR", "raw", 1);
  }
  ~ReusedMemory() { tensor::register_backend(tensor::DeviceType::cuda, tensor::cuda::backend); }
  ReusedMemory(const ReusedMemory&) = delete;
  ReusedMemory& operator=(const ReusedMemory&) = delete;

 private:
  // Returns another table, which is another device to the runtime, with an allocator of its own.
  static const tensor::Backend& backend() {
    static const tensor::RuntimeKernels runtime = *tensor::cuda::backend().runtime;
    static const tensor::Backend tables = [] {
      tensor::Backend copy = tensor::cuda::backend();
      copy.runtime = &runtime;
      return copy;
    }();
    return tables;
  }
};

struct Way {
  const char* name;
  Options options;
  bool reuse = false;
};

inline std::vector<Way> all_ways() {
  return {{"reverse", {.order = Order::reverse}},
          {"greedy", {.order = Order::greedy, .seed = 1}},
          {"late streams", {.order = Order::greedy, .seed = 2, .deferred = true}},
          {"reused memory", {.order = Order::forward}, true},
          {"reused memory and late streams", {.order = Order::reverse, .deferred = true}, true}};
}

// Runs `work` in that way. What protects memory stays: a buffer that is kept meanwhile would not learn of the change.
template <class F>
auto in_way(const Way& way, F&& work) {
  Options options = way.options;
  options.protect = cuda_emulation::options().protect;
  const WithOptions with(options);
  if (!way.reuse) return work();
  const ReusedMemory reused;
  return work();
}

}  // namespace tests
