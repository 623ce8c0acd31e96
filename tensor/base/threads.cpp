#include "tensor/base/threads.h"

#include <omp.h>

#include <exception>
#include <mutex>

namespace base {

int processors() { return omp_get_num_procs(); }
int threads() { return omp_get_max_threads(); }
void set_threads(int n) { omp_set_num_threads(n); }

void run_pieces(int64_t n, void (*piece)(void* context, int64_t i, int worker), void* context) {
  if (n <= 1 || omp_in_parallel() || omp_get_max_threads() == 1) {
    for (int64_t i = 0; i < n; ++i) piece(context, i, 0);
    return;
  }
#pragma omp parallel for schedule(dynamic, 1)
  for (int64_t i = 0; i < n; ++i) piece(context, i, omp_get_thread_num());
}

void for_all(int64_t n, const std::function<void(int64_t)>& f) {
  std::exception_ptr error;
  int64_t failed = n;
  std::mutex mutex;
  parallel_for(n, 1, [&](int64_t i, int64_t) {
    try {
      f(i);
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (i < failed) {
        failed = i;
        error = std::current_exception();
      }
    }
  });
  if (error) std::rethrow_exception(error);
}

}  // namespace base
