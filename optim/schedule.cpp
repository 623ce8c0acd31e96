#include "optim/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "tensor/format.h"

namespace optim {

const char* name(ScheduleKind kind) {
  switch (kind) {
    case ScheduleKind::constant: return "constant";
    case ScheduleKind::linear: return "linear";
    case ScheduleKind::cosine: return "cosine";
    case ScheduleKind::inverse_sqrt: return "inverse_sqrt";
  }
  base::fail("schedule: no such value");
}

void Schedule::check() const {
  const bool ends = kind == ScheduleKind::linear || kind == ScheduleKind::cosine;
  base::check<base::UsageError>(!ends || total_steps > 0,
                                "schedule: {} over {} steps ends before it begins; total_steps should say how many "
                                "updates there are",
                                name(kind), total_steps);
}

double Schedule::factor(int64_t step) const {
  check();
  if (step < warmup_steps) return double(step) / double(std::max<int64_t>(1, warmup_steps));
  const double left = double(std::max<int64_t>(1, total_steps - warmup_steps));
  const double done = std::min(1.0, double(step - warmup_steps) / left);
  switch (kind) {
    case ScheduleKind::constant: return 1;
    case ScheduleKind::linear: return 1 - done;
    case ScheduleKind::cosine: return 0.5 * (1 + std::cos(std::numbers::pi * done));
    case ScheduleKind::inverse_sqrt: {
      // transformers takes 10,000 as the time scale when there is no warm-up
      const double scale = warmup_steps > 0 ? double(warmup_steps) : 10000;
      return 1 / std::sqrt((double(step - warmup_steps) + scale) / scale);
    }
  }
  return 1;
}

}  // namespace optim
