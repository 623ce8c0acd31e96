#include "tools/commands/output.h"

#include <algorithm>
#include <filesystem>

#include "tensor/base/file.h"
#include "tensor/base/format.h"

namespace tools {

namespace fs = std::filesystem;
using base::check;
using base::UsageError;

namespace {

bool may_be_replaced(const std::string& path, bool (*is_own)(const std::string& path)) {
  if (!fs::is_regular_file(path)) return false;
  try {
    return fs::is_empty(path) || is_own(path);
  } catch (const base::Error&) {
    return false;
  }
}

// Returns the name that a file takes when it is renamed to `path`: a link there is replaced, links on the way are
// followed.
fs::path place_of(const std::string& path) {
  std::error_code error;
  const fs::path whole = fs::absolute(path).lexically_normal();
  const fs::path file = whole.has_filename() ? whole : whole.parent_path();
  const fs::path folder = fs::weakly_canonical(file.parent_path(), error);
  return error ? file : folder / file.filename();
}

bool is_at_or_inside(const fs::path& path, const fs::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first == folder.end();
}

}  // namespace

void declare_force(Options& options, bool& force) {
  options.add("--force", force, "write over a file that is not empty and that this command did not make");
}

void check_output_file(const char* option, const std::string& path, bool force,
                       bool (*is_own)(const std::string& path)) {
  if (!fs::exists(fs::symlink_status(path))) return;
  std::error_code ignored;
  const bool leads_nowhere = !fs::exists(path, ignored);
  check<UsageError>(leads_nowhere || fs::is_regular_file(path), "{}: {} is there already, and no file", option, path);
  check<UsageError>(force || may_be_replaced(path, is_own),
                    "{}: {} is there already, and not made by this command; --force writes over it", option, path);
}

void check_output_folder(const char* option, const std::string& path, bool force,
                         std::string (*foreign)(const std::string& folder)) {
  if (!fs::exists(fs::symlink_status(path))) return;
  std::error_code ignored;
  check<UsageError>(fs::is_directory(path, ignored), "{}: {} is there already, and no folder", option, path);
  const std::string found = force ? "" : foreign(path);
  check<UsageError>(found.empty(), "{}: {} holds {} already, not made by this command; --force writes there", option,
                    path, found);
}

void check_outputs_apart(const std::vector<NamedOutput>& outputs) {
  for (const NamedOutput& one : outputs)
    for (const NamedOutput& other : outputs)
      check<UsageError>(&one == &other || !is_at_or_inside(place_of(one.path), place_of(other.path)),
                        "{} {} and {} {} should be two places, none inside of the other", other.option, other.path,
                        one.option, one.path);
}

bool has_keys(const base::Json& json, const std::vector<std::string>& keys) {
  return json.is_object() && std::equal(json.members().begin(), json.members().end(), keys.begin(), keys.end(),
                                        [](const auto& member, const std::string& key) { return member.first == key; });
}

namespace {

base::Json first_line(const std::string& path) {
  const base::MappedFile file(path);
  return base::parse_json(file.text().substr(0, file.text().find('\n')), path);
}

}  // namespace

bool first_line_is(const std::string& path, bool (*is_own)(const base::Json& line)) { return is_own(first_line(path)); }

bool holds_lines_of(const std::string& path, const std::vector<std::string>& keys) {
  return has_keys(first_line(path), keys);
}

}  // namespace tools
