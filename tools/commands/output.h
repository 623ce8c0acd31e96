// What a command may write over: an empty file and what it made itself; anything else only with --force.
#pragma once

#include <string>
#include <vector>

#include "tensor/base/json.h"
#include "tools/command_line.h"

namespace tools {

// Adds the flag --force.
void declare_force(Options& options, bool& force);

// Throws UsageError naming `option` if there is something at `path` that may not be written over; even with `force` if
// that is a folder, pipe or device. `is_own` tells whether the command made the file; a tensor::Error from it means no.
void check_output_file(const char* option, const std::string& path, bool force,
                       bool (*is_own)(const std::string& path));

// Whether the keys of an object are exactly these, in this order.
bool has_keys(const base::Json& json, const std::vector<std::string>& keys);

// Whether a file holds JSON lines of which the first is an object with exactly these keys.
bool holds_lines_of(const std::string& path, const std::vector<std::string>& keys);

}  // namespace tools
