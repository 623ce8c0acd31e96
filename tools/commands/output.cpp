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

}  // namespace

void declare_force(Options& options, bool& force) {
  options.add("--force", force, "write over a file that is not empty and that this command did not make");
}

void check_output_file(const char* option, const std::string& path, bool force,
                       bool (*is_own)(const std::string& path)) {
  if (!fs::exists(fs::symlink_status(path))) return;
  const bool leads_nowhere = !fs::exists(path);
  check<UsageError>(leads_nowhere || fs::is_regular_file(path), "{}: {} is there already, and no file", option, path);
  check<UsageError>(force || may_be_replaced(path, is_own),
                    "{}: {} is there already, and not made by this command; --force writes over it", option, path);
}

bool has_keys(const base::Json& json, const std::vector<std::string>& keys) {
  return json.is_object() && std::equal(json.members().begin(), json.members().end(), keys.begin(), keys.end(),
                                        [](const auto& member, const std::string& key) { return member.first == key; });
}

bool holds_lines_of(const std::string& path, const std::vector<std::string>& keys) {
  const base::MappedFile file(path);
  return has_keys(base::parse_json(file.text().substr(0, file.text().find('\n')), path), keys);
}

}  // namespace tools
