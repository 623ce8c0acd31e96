// A library that is opened when it is first needed: linking it would cost every start of a program, and a machine
// without it could run nothing.
#pragma once

#include <initializer_list>
#include <string>

namespace tensor::cuda {

class Library {
 public:
  // Opens the first of these files that the loader finds, or that lies in the lib64 of CUDA_HOME, /usr/local/cuda where
  // that is not set. Throws UsageError that says what was looked for, where, and what is needed. `what` is for the
  // message: "cuBLASLt, which makes matrix products". It is never closed.
  Library(const char* what, std::initializer_list<const char*> files);

  // Returns a function of type F. Throws UsageError if the library is too old to have it.
  template <class F>
  F* function(const char* name) const {
    return reinterpret_cast<F*>(address(name));
  }

  std::string path() const;  // of the file that was opened

 private:
  void* address(const char* name) const;

  void* handle_ = nullptr;
  std::string file_;  // that was opened
};

}  // namespace tensor::cuda
