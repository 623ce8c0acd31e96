// A temporary folder that goes with the test.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

struct Folder {
  Folder() {
    static int count = 0;
    const std::filesystem::path memory = "/dev/shm";  // making a file durable costs nothing there
    path = (std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path()) /
           ("kilm-test-" + std::to_string(getpid()) + "-" + std::to_string(count++));
    std::filesystem::create_directories(path);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  void write(const std::string& name, std::string_view text) const {
    std::ofstream(path / name, std::ios::binary) << text;
  }
  std::string operator/(const std::string& name) const { return (path / name).string(); }

  std::filesystem::path path;
};
