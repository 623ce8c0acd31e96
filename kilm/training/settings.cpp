#include "kilm/training/settings.h"

#include "tensor/base/format.h"

namespace kilm::training {

namespace {

template <class Number>
std::string objection_to(Number value, const Limits& limits) {
  using Form = Limits::Form;
  const double number = double(value), low = limits.low, high = limits.high;
  switch (limits.form) {
    case Form::between:
      if (number > high) return base::format("{} should be at most {}", value, high);
      [[fallthrough]];
    case Form::at_least: return number >= low ? "" : base::format("{} should be at least {}", value, low);
    case Form::closed:
      return number >= low && number <= high ? "" : base::format("{} should be in [{}, {}]", value, low, high);
    case Form::half_open:
      return number >= low && number < high ? "" : base::format("{} should be in [{}, {})", value, low, high);
    case Form::above: return number > low ? "" : base::format("{} should be above {}", value, low);
  }
  base::fail("limits: no such form");
}

}  // namespace

std::string Limits::objection(int64_t value) const { return objection_to(value, *this); }
std::string Limits::objection(double value) const { return objection_to(value, *this); }

}  // namespace kilm::training
