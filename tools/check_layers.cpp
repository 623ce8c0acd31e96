// Holds the source tree to its layers: check_layers ROOT prints every rule that a file breaks and exits 1 if one does.
//   tensor <- autograd <- nn <- optim <- kilm <- tools: a folder includes itself and folders to its left only;
//   headers of CUDA, cuBLAS and NCCL stay in tensor/cuda, tensor/comm/nccl.cpp and tests/cuda_emulation;
//   .cu and .cuh files lie in tensor/cuda;
//   a test file mirrors a source of the same name.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace fs = std::filesystem;

namespace {

const std::vector<std::string> kLayers = {"tensor", "autograd", "nn", "optim", "kilm", "tools"};

int layer_of(const std::string& path) {
  const auto it = std::find(kLayers.begin(), kLayers.end(), path.substr(0, path.find('/')));
  return it == kLayers.end() ? -1 : int(it - kLayers.begin());
}

bool starts_with_any(const std::string& text, const std::vector<std::string>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](const std::string& p) { return text.rfind(p, 0) == 0; });
}

// The name in an include line, or "".
std::string included(const std::string& line) {
  const size_t hash = line.find_first_not_of(" \t");
  if (hash == std::string::npos || line[hash] != '#') return "";
  const size_t word = line.find("include", hash), open = line.find_first_of("\"<", hash);
  if (word == std::string::npos || open == std::string::npos || open < word) return "";
  const size_t close = line.find_first_of("\">", open + 1);
  return close == std::string::npos ? "" : line.substr(open + 1, close - open - 1);
}

// Includes that `file` may not have.
int check_includes(const fs::path& root, const std::string& file) {
  int broken = 0;
  const bool device_code = starts_with_any(file, {"tensor/cuda/", "tensor/comm/nccl.cpp", "tests/cuda_emulation/"});
  std::ifstream in(root / file);
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    const std::string name = included(line);
    if (name.empty()) continue;
    if (layer_of(file) >= 0 && layer_of(name) > layer_of(file)) {
      std::printf("%s:%d: includes %s, a layer above its own\n", file.c_str(), number, name.c_str());
      ++broken;
    }
    if (!device_code && starts_with_any(name, {"cuda", "cublas", "nccl"})) {
      std::printf("%s:%d: includes %s outside of the CUDA backend\n", file.c_str(), number, name.c_str());
      ++broken;
    }
  }
  return broken;
}

// tests/kilm/x_test.cpp tests kilm/x.h, kilm/x.cpp, or one of that name further down; tests/ops tests tensor and
// autograd.
bool has_source(const fs::path& root, const std::string& test) {
  const fs::path path(test);
  const std::string stem = path.stem().string();
  const std::string name = stem.substr(0, stem.size() - std::string("_test").size());
  const std::string folder = path.parent_path().filename().string();
  std::vector<std::string> searched = {folder};
  if (folder == "ops") searched = {"tensor/ops", "autograd/ops"};
  for (const std::string& place : searched)
    for (const auto& entry : fs::recursive_directory_iterator(root / place))
      if (entry.path().stem() == name) return true;
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: check_layers ROOT\n"), 2;
  const fs::path root = argv[1];
  int broken = 0, files = 0;
  std::vector<std::string> folders = kLayers;
  folders.push_back("tests");
  for (const std::string& folder : folders) {
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      const std::string extension = entry.path().extension(), file = fs::relative(entry.path(), root).generic_string();
      const bool cuda = extension == ".cu" || extension == ".cuh";
      if (!cuda && extension != ".cpp" && extension != ".h") continue;
      ++files;
      broken += check_includes(root, file);
      if (cuda && !starts_with_any(file, {"tensor/cuda/"})) {
        std::printf("%s: CUDA code belongs into tensor/cuda\n", file.c_str());
        ++broken;
      }
      if (file.ends_with("_test.cpp") && !has_source(root, file)) {
        std::printf("%s: no source of that name\n", file.c_str());
        ++broken;
      }
    }
  }
  std::printf("%d files, %d rules broken\n", files, broken);
  return broken > 0 || files == 0;
}
