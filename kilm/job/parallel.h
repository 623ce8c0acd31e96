// A loop over independent pieces of work on all cores. Results go to the places of their numbers, so they do not depend
// on which core did what.
#pragma once

#include <omp.h>

#include <cstdint>
#include <exception>

namespace kilm::job {

// Calls f(i) for i in [0, n), and throws the error of the lowest i that failed.
template <class F>
void for_all(int64_t n, F&& f) {
  std::exception_ptr error;
  int64_t failed = n;
#pragma omp parallel for schedule(dynamic, 1)
  for (int64_t i = 0; i < n; ++i) {
    try {
      f(i);
    } catch (...) {
#pragma omp critical(kilm_for_all)
      if (i < failed) {
        failed = i;
        error = std::current_exception();
      }
    }
  }
  if (error) std::rethrow_exception(error);
}

}  // namespace kilm::job
