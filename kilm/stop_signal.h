// SIGTERM and SIGINT ask a long job to finish what it is at, save and leave; a second one ends the process at once.
#pragma once

namespace kilm {

inline constexpr int kRestartMe = 75;  // exit code of a job that was asked to stop and can be resumed

class StopSignal {
 public:
  StopSignal();  // handlers of the process until this object goes
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  static bool received();
};

}  // namespace kilm
