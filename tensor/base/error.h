// The error types of the whole project. Plain C++, no formatting: safe for headers that CUDA files see.
// tools/ maps each type to an exit code, so what a user's shell sees is decided where the error is thrown.
#pragma once

#include <stdexcept>
#include <string>
#include <typeinfo>

namespace base {

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

// No memory of a device: exit code 5, too. Less work at a time may help, which is for the program to say.
struct OutOfDeviceMemory : OutOfMemory {
  using OutOfMemory::OutOfMemory;
};

// Throws, in a handler of `error`, one of the same type that says `message`. A type of somebody else's goes on as it
// is.
[[noreturn]] inline void throw_again(const Error& error, const std::string& message) {
  const std::type_info& type = typeid(error);
  if (type == typeid(Error)) throw Error(message);
  if (type == typeid(UsageError)) throw UsageError(message);
  if (type == typeid(DamagedInput)) throw DamagedInput(message);
  if (type == typeid(NonFinite)) throw NonFinite(message);
  if (type == typeid(OutOfMemory)) throw OutOfMemory(message);
  if (type == typeid(OutOfDeviceMemory)) throw OutOfDeviceMemory(message);
  throw;
}

[[noreturn]] inline void fail(const std::string& message) { throw Error(message); }

}  // namespace base
