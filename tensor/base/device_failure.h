// The error of a device that fails. tools/ makes exit code 75 of it.
#pragma once

#include "tensor/base/error.h"

namespace base {

// A device that failed at its work and does none any more in this process: exit code 75, for a start may help.
struct DeviceFailure : Error {
  using Error::Error;
};

}  // namespace base
