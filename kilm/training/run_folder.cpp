#include "kilm/training/run_folder.h"

#include <filesystem>

namespace kilm::training {

namespace {

const std::string& created(const std::string& path) {
  std::filesystem::create_directories(path);
  return path;
}

}  // namespace

RunFolder::RunFolder(const std::string& path)
    : path_(path),
      keep_(std::filesystem::exists(path)),
      lock_(created(path) + "/lock", path + ": another process is training this run") {}

RunFolder::~RunFolder() {
  std::error_code ignored;
  if (!keep_) std::filesystem::remove_all(path_, ignored);
}

}  // namespace kilm::training
