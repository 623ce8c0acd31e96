#include "optim/schedule.h"

#include <doctest/doctest.h>

#include <cmath>

#include "tensor/base/choice.h"
#include "tensor/base/error.h"

using namespace optim;

TEST_CASE("every schedule rises over the warm-up and then goes its own way") {
  for (const ScheduleKind kind : kScheduleKinds) {
    CAPTURE(name(kind));
    const Schedule schedule{kind, 10, 110};
    for (int64_t step = 1; step < 10; ++step) CHECK(schedule.factor(step) > schedule.factor(step - 1));
    CHECK(schedule.factor(10) == doctest::Approx(1));
    CHECK(base::parse_choice<ScheduleKind>(name(kind), kScheduleKinds) == kind);
  }
  CHECK(Schedule{ScheduleKind::constant, 10, 110}.factor(109) == 1);
  CHECK(Schedule{ScheduleKind::linear, 10, 110}.factor(60) == doctest::Approx(0.5));
  CHECK(Schedule{ScheduleKind::linear, 10, 110}.factor(110) == 0);
  CHECK(Schedule{ScheduleKind::cosine, 10, 110}.factor(60) == doctest::Approx(0.5));
  CHECK(Schedule{ScheduleKind::cosine, 10, 110}.factor(110) == doctest::Approx(0));
  CHECK(Schedule{ScheduleKind::inverse_sqrt, 10, 110}.factor(40) == doctest::Approx(0.5));
}

TEST_CASE("without a word of it the rate is constant, and a schedule that ends has to be told where") {
  for (const int64_t step : {0, 1, 1000000}) CHECK(Schedule{}.factor(step) == 1);
  for (const ScheduleKind kind : {ScheduleKind::linear, ScheduleKind::cosine})
    CHECK_THROWS_AS((Schedule{kind, 10, 0}.factor(0)), base::UsageError);
  CHECK_THROWS_WITH_AS(
      (Schedule{.kind = ScheduleKind::linear}.check()),
      "schedule: linear over 0 steps ends before it begins; total_steps should say how many updates there are",
      base::UsageError);
  CHECK(Schedule{ScheduleKind::inverse_sqrt, 10, 0}.factor(10) == 1);
}
