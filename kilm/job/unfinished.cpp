#include "kilm/job/unfinished.h"

#include <algorithm>
#include <filesystem>

#include "tensor/base/file.h"
#include "tensor/base/format.h"

namespace kilm::job {

namespace fs = std::filesystem;
using base::check;
using base::Json;
using base::UsageError;

namespace {

constexpr const char* kState = "state.json";

// Tells whether a folder holds only what a process leaves that was killed before its first save.
bool is_new(const std::string& folder) {
  return std::all_of(fs::directory_iterator(folder), fs::directory_iterator(), [](const fs::directory_entry& entry) {
    return entry.path().filename().string().starts_with(std::string(kState) + ".tmp-");
  });
}

}  // namespace

UnfinishedFolder::UnfinishedFolder(std::string path, const Json& made_with)
    : path_(std::move(path)), made_with_(made_with) {
  try {
    open();
  } catch (...) {
    std::error_code ignored;
    fs::remove(path_, ignored);  // if it is empty
    throw;
  }
}

void UnfinishedFolder::open() {
  std::error_code error;
  fs::create_directory(path_, error);
  check(!error, "{}: cannot be made: {}", path_, error.message());
  lock_.emplace(path_, path_ + ": another process is at work there");
  if (fs::exists(path_ + "/" + kState)) {
    const Json before = base::read_json_file(path_ + "/" + kState);
    check_made_with(before.at("made_with"));
    state_ = before.at("state");
  } else {
    check<UsageError>(is_new(path_), "{}: is there already, and no unfinished preparation", path_);
    write(state_);
  }
  base::remove_unfinished(path_);
}

void UnfinishedFolder::check_made_with(const Json& before) const {
  for (const auto& [key, value] : made_with_.members())
    check<UsageError>(before.at(key) == value,
                      "{}: was begun with {} {}, now it is {}; finish it as it was begun, or delete it", path_, key,
                      before.at(key).dump(), value.dump());
}

UnfinishedFolder::~UnfinishedFolder() {
  if (state_.is_null()) remove();
}

void UnfinishedFolder::save(const Json& state) {
  write(state);
  state_ = state;
}

void UnfinishedFolder::write(const Json& state) const {
  const Json all = Json::object({{"made_with", made_with_}, {"state", state}});
  base::write_file_atomically(path_ + "/" + kState, all.dump() + "\n");
}

void UnfinishedFolder::remove() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace kilm::job
