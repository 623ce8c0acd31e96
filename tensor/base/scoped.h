// A variable that has another value for the length of a scope.
#pragma once

#include <utility>

namespace base {

// Sets `variable`, and puts back what it held before when the scope ends, also by an exception. The variable must
// outlive it.
template <class T>
class Scoped {
 public:
  Scoped(T& variable, T value) : variable_(variable), before_(std::exchange(variable, std::move(value))) {}
  ~Scoped() { variable_ = std::move(before_); }
  Scoped(const Scoped&) = delete;
  Scoped& operator=(const Scoped&) = delete;

  const T& before() const { return before_; }

 private:
  T& variable_;
  T before_;
};

}  // namespace base
