// What tests may ask of the emulation and tell it. README.md says how it works.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace cuda_emulation {

// In which order the threads of a block and the blocks of a grid run; results may not depend on it. Greedy: warps have
// random priorities, and the first one that can run goes on until it waits.
enum class Order : uint8_t { forward, reverse, random, greedy };

struct Options {
  Order order = Order::forward;
  uint64_t seed = 1;
  bool deferred = false;  // nothing runs before somebody waits for it; then streams take turns at random
  bool protect = false;   // device memory is out of reach of the host, and of other devices
  bool isolate = false;   // a block sees nothing that another block of its launch wrote: two writers of one byte show
  int devices = 1;
  int capability = 90;                     // 10 times major, plus minor
  int driver = 13000;                      // the newest CUDA that the driver knows; 0: there is none
  size_t device_memory = size_t(4) << 30;  // bytes per device
  bool cublaslt = true;                    // whether the library is there
  int failing_launch = 0;                  // the n-th kernel from now on fails, and every call after it; 0: none does
  int failure = 719;                       // the error of all of these calls
  bool failed = false;                     // whether they have begun
};

// Returns those in force: of KILM_EMULATION at first, "" where it is not set.
Options& options();
// Reads order[:seed][,deferred][,protect][,isolate], as in "greedy:17,deferred". Throws Error.
Options parse_options(std::string_view text);

// What was wrong in a kernel, or in the use of streams. It is thrown to whoever waits for the work.
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Counters {
  uint64_t launches = 0, blocks = 0, threads = 0, switches = 0, barriers = 0, exchanges = 0, products = 0;
};
Counters& counters();
void count_product();  // by a CUDA thread

}  // namespace cuda_emulation
