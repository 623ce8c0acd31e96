// How often the host asks something of a device: launches of kernels, copies of bytes, and waits. In a wait the host
// stands still until it has a number. Tests hold with it that a step of training reads nothing back. While nobody
// counts, each event costs one branch that is always predicted.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>

namespace tensor {

struct Work {
  int64_t launches = 0;
  int64_t copies = 0;  // between host and device, or inside of a device
  int64_t waits = 0;   // for a number, a stream or an event; a number that lies on the CPU counts, too
};

// Counts the work of all threads while it lives, also beside another one.
class WorkCount {
 public:
  WorkCount();
  ~WorkCount();
  WorkCount(const WorkCount&) = delete;
  WorkCount& operator=(const WorkCount&) = delete;

  Work total() const;
  std::map<std::string, Work> by_op() const;  // by the innermost trace scope, "other" outside of all
  void reset();

  // Adds one of `kind` for the innermost trace scope of this thread.
  static void add(int64_t Work::*kind) {
    if (counting_.load(std::memory_order_relaxed)) [[unlikely]]
      add_to_all(kind);
  }

 private:
  static void add_to_all(int64_t Work::*kind);

  static inline constinit std::atomic<bool> counting_ = false;

  std::map<std::string, Work> by_op_;
};

}  // namespace tensor
