#include "tools/commands/new_run.h"

#include <filesystem>

#include "tensor/base/format.h"

namespace tools {

namespace {

namespace fs = std::filesystem;
using base::check;
using base::UsageError;

// Tells whether a run that had no time for its log leaves this in its folder.
bool is_left_by_a_start(const fs::directory_entry& entry) {
  const std::string name = entry.path().filename().string();
  if (name == "ckpt") return entry.is_directory() && fs::is_empty(entry.path());
  return name == "lock" || name == "resolved.json" || name.starts_with("resolved.json.tmp-") ||
         name.starts_with("log.jsonl.tmp-");
}

void check_free(const std::string& folder) {
  if (!fs::exists(fs::symlink_status(folder))) return;
  check<UsageError>(fs::is_directory(folder), "--out: {} is there already, and no folder", folder);
  for (const fs::directory_entry& entry : fs::directory_iterator(folder))
    check<UsageError>(is_left_by_a_start(entry), "--out: {} holds {} already; a new run needs a folder of its own",
                      folder, entry.path().filename().string());
}

}  // namespace

void check_new_run(const std::string& out) {
  check<UsageError>(!out.empty(), "--out is required");
  check<UsageError>(!fs::exists(out + "/log.jsonl"), "{}: is a run already, which --resume would continue", out);
  check_free(out);
}

}  // namespace tools
