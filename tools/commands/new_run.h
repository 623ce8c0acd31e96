// The folder of a new run: a run takes only one of its own, as in another it could damage what is there.
#pragma once

#include <string>

namespace tools {

// Throws UsageError unless --out is given, and names a folder that is not there, or empty, or holds what a start left
// that failed before the log: such a run has done nothing, and may be started again.
void check_new_run(const std::string& out);

}  // namespace tools
