// Learning-rate schedules: pure functions from the step to a factor on the peak rate, with the formulas of
// transformers.get_scheduler.
#pragma once

#include <cstdint>

namespace optim {

enum class ScheduleKind : uint8_t { constant, linear, cosine, inverse_sqrt };
inline constexpr ScheduleKind kScheduleKinds[] = {ScheduleKind::constant, ScheduleKind::linear, ScheduleKind::cosine,
                                                  ScheduleKind::inverse_sqrt};
const char* name(ScheduleKind kind);

struct Schedule {
  ScheduleKind kind = ScheduleKind::constant;
  int64_t warmup_steps = 0;  // the factor rises from 0 to 1 over these
  int64_t total_steps = 0;   // linear and cosine reach 0 here, and need it

  // Returns the factor for the update that follows `step` finished updates (0 for the first).
  double factor(int64_t step) const;
  // Throws UsageError where a schedule that ends has no length: it would be 0 from the second update on.
  void check() const;
};

}  // namespace optim
