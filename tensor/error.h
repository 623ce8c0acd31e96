// The error types of the whole project. Plain C++, no formatting: safe for headers that CUDA files see.
// tools/ maps each type to an exit code, so what a user's shell sees is decided where the error is thrown.
#pragma once

#include <stdexcept>
#include <string>

namespace tensor {

// Something could not be done: exit code 1. Messages read `op: what is, with shapes, and what it should be`.
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A wrong option or configuration: exit code 2.
struct UsageError : Error {
  using Error::Error;
};

// A file that is broken, truncated or contradictory: exit code 3. The message names file, place and reason.
struct DamagedInput : Error {
  using Error::Error;
};

// A loss, activation or gradient that is not finite: exit code 4.
struct NonFinite : Error {
  using Error::Error;
};

// No memory or no disk space: exit code 5.
struct OutOfMemory : Error {
  using Error::Error;
};

[[noreturn]] inline void fail(const std::string& message) { throw Error(message); }

}  // namespace tensor
