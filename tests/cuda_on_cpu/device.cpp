// Makes the emulated CUDA device one of those that this program's op cases run on. Unless it is said otherwise, every
// tensor is a buffer of its own, so that a write beside it shows and what it held before is nan.
#include <cstdlib>

#include "tensor/cuda/backend.h"
#include "tests/cuda_emulation/emulation.h"
#include "tests/test_device.h"

namespace {

using cuda_emulation::Options;
using cuda_emulation::Order;

// Sets one of two orders beside that of KILM_EMULATION (1 and 2), or goes back to it.
void run_in_order(int way) {
  static const Options usual = cuda_emulation::options();
  Options& options = cuda_emulation::options();
  options = usual;
  if (way == 1) options.order = usual.order == Order::reverse ? Order::forward : Order::reverse;
  if (way == 2) {
    options.order = Order::greedy;
    options.seed = usual.seed + 1;
  }
}

const bool registered = [] {
  setenv("KILM_ALLOCATOR", "raw", 0);
  tensor::register_backend(tensor::DeviceType::cuda, tensor::cuda::backend);
  tests::add_test_device({{tensor::DeviceType::cuda, 0}, run_in_order});
  return true;
}();

}  // namespace
