// SIGTERM, SIGINT and SIGHUP ask a long job to finish what it is at, save and leave; a second one ends the process at
// once. A second SIGHUP does not: shell and system may both send one when a terminal closes. A SIGHUP that is ignored,
// as under nohup, stays ignored.
#pragma once

namespace kilm::job {

inline constexpr int kRestartMe = 75;  // exit code of a job that was asked to stop and can be resumed

struct StopRequested {};  // thrown where nothing can be finished soon

class StopSignal {
 public:
  StopSignal();  // handles signals of the process until this object goes
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  static bool received();  // since there is such an object
  static void check() {    // throws StopRequested
    if (received()) throw StopRequested();
  }
};

}  // namespace kilm::job
