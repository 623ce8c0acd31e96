// Whether two runs came to the same: the bits of their last checkpoints, and their logs without what the clock decides.
#pragma once

#include <optional>
#include <string>

namespace kilm::training {

// Returns what differs first, naming file and tensor, setting or line; nothing if nothing does. Throws DamagedInput for
// a checkpoint or log that cannot be read.
std::optional<std::string> first_difference(const std::string& run, const std::string& other);

}  // namespace kilm::training
