// What a command may write over: an empty file and what it made itself; anything else only with --force.
#pragma once

#include <string>
#include <vector>

#include "tensor/base/json.h"
#include "tools/command_line.h"

namespace tools {

// Adds the flag --force.
void declare_force(Options& options, bool& force);

// Throws UsageError naming `option` if there is something at `path` that may not be written over. A folder, pipe or
// device may not even with `force`. `is_own` tells whether the command made the file; a tensor::Error from it means no.
void check_output_file(const char* option, const std::string& path, bool force,
                       bool (*is_own)(const std::string& path));

// Checks the same of a folder in which files are to be written. Without `force`, one that holds anything which the
// command did not make is refused. `foreign` gives the name of such a thing, or nothing.
void check_output_folder(const char* option, const std::string& path, bool force,
                         std::string (*foreign)(const std::string& folder));

// An option and the file that it names.
struct NamedOutput {
  std::string option, path;
};

// Throws UsageError if two outputs of a command are one file, or one lies inside of the other: one would be lost.
void check_outputs_apart(const std::vector<NamedOutput>& outputs);

// Tells whether the keys of an object are exactly these, in this order.
bool has_keys(const base::Json& json, const std::vector<std::string>& keys);

// Tells whether the first of a file's JSON lines is as `is_own` wants it. Throws DamagedInput if it is no JSON.
bool first_line_is(const std::string& path, bool (*is_own)(const base::Json& line));

// Tells whether a file holds JSON lines of which the first is an object with exactly these keys.
bool holds_lines_of(const std::string& path, const std::vector<std::string>& keys);

}  // namespace tools
