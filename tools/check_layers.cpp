// Holds the source tree to its layers: check_layers ROOT prints every rule that a file breaks and exits 1 if one does.
//   tensor <- autograd <- nn <- optim <- kilm <- tools: a folder includes itself and folders to its left only;
//   the rooms of kilm/ stand in one order, too: kRooms below, lowest first;
//   a file of tensor/base or of a room of kilm/ declares its names in the namespace of that folder;
//   OpenMP is named in tensor/base/threads.{h,cpp} alone;
//   headers of CUDA, cuBLAS and NCCL stay in tensor/cuda, tensor/comm/nccl.cpp and tests/cuda_emulation;
//   .cu and .cuh files lie in tensor/cuda, and twins of them in tests/cuda_emulation;
//   a test file mirrors a source file of the same name.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace fs = std::filesystem;

namespace {

using Names = std::vector<std::string>;

const Names kLayers = {"tensor", "autograd", "nn", "optim", "kilm", "tools"};

// The way of the data through kilm/: what is on one line does not know of each other, but for what stands to its left.
// clang-format off
const Names kRooms = {
    "text",        "job",        "metrics",     // characters and sentences; progress, signals, locks; measures
    "predictions", "tokenizer",                 // what a model said of each item
    "dataset",     "languages",  "wikitext",    // what training reads; what wikis call things; pages as prose
    "retrieval",                                // texts by their words
    "bart",        "dump",       "objective",   //
    "prepare",     "batching",   "generation",  //
    "evaluation",  "training",   "exchange",    // a run evaluates what it trains
    "answering",   "disambiguation",            // what a model knows
    "report",      "inspection",
};
// clang-format on

int index_in(const Names& names, const std::string& name) {
  const auto it = std::find(names.begin(), names.end(), name);
  return it == names.end() ? -1 : int(it - names.begin());
}

// Returns the n-th folder of a path: folder("kilm/text/utf8.h", 1) is "text". "" where the path has no such folder.
std::string folder(const std::string& path, int n) {
  const fs::path parts = fs::path(path).parent_path();
  for (const fs::path& part : parts)
    if (n-- == 0) return part.string();
  return "";
}

bool starts_with_any(const std::string& text, const Names& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](const std::string& p) { return text.rfind(p, 0) == 0; });
}

int complain(const std::string& file, int line, const std::string& what) {
  std::printf("%s:%d: %s\n", file.c_str(), line, what.c_str());
  return 1;
}

// Returns the name in an include line, or "".
std::string included(const std::string& line) {
  const size_t hash = line.find_first_not_of(" \t");
  if (hash == std::string::npos || line[hash] != '#') return "";
  const size_t word = line.find("include", hash), open = line.find_first_of("\"<", hash);
  if (word == std::string::npos || open == std::string::npos || open < word) return "";
  const size_t close = line.find_first_of("\">", open + 1);
  return close == std::string::npos ? "" : line.substr(open + 1, close - open - 1);
}

// Counts includes of `file` that it may not have.
int check_include(const std::string& file, int line, const std::string& name) {
  const int layer = index_in(kLayers, folder(file, 0)), other = index_in(kLayers, folder(name, 0));
  if (layer >= 0 && other > layer) return complain(file, line, "includes " + name + ", a layer above its own");
  if (starts_with_any(file, {"tensor/base/"}) && folder(name, 0) == "tensor" && folder(name, 1) != "base")
    return complain(file, line, "includes " + name + "; tensor/base includes nothing else of this project");
  if (folder(file, 0) == "kilm" && folder(name, 0) == "kilm") {
    const int room = index_in(kRooms, folder(file, 1)), below = index_in(kRooms, folder(name, 1));
    if (below < 0) return complain(file, line, "includes " + name + ", which is in no room of kilm/");
    if (below > room) return complain(file, line, "includes " + name + ", a room above its own");
  }
  const bool device_code = starts_with_any(file, {"tensor/cuda/", "tensor/comm/nccl.cpp", "tests/cuda_emulation/"});
  if (!device_code && starts_with_any(name, {"cuda", "cublas", "nccl"}))
    return complain(file, line, "includes " + name + " outside of the CUDA backend");
  return 0;
}

// Tells whether the line includes OpenMP's header or is one of its pragmas.
bool names_openmp(const std::string& line) {
  const size_t first = line.find_first_not_of(" \t");
  return included(line) == "omp.h" || (first != std::string::npos && line.compare(first, 11, "#pragma omp") == 0);
}

// Returns the namespace that a file of this folder must open, or "" where any will do.
std::string namespace_of(const std::string& file) {
  if (starts_with_any(file, {"tensor/base/"})) return "base";
  return folder(file, 0) == "kilm" ? "kilm::" + folder(file, 1) : "";
}

int check_lines(const fs::path& root, const std::string& file) {
  const std::string wanted = namespace_of(file);
  std::ifstream in(root / file);
  int broken = 0, number = 0;
  bool opened = wanted.empty();
  for (std::string line; std::getline(in, line);) {
    ++number;
    opened |= line.rfind("namespace " + wanted, 0) == 0;
    const std::string name = included(line);
    if (!name.empty()) broken += check_include(file, number, name);
    if (names_openmp(line) && !starts_with_any(file, {"tensor/base/threads."}))
      broken += complain(file, number, "names OpenMP outside of tensor/base/threads");
  }
  if (!opened) broken += complain(file, number, "does not open the namespace of its folder, " + wanted);
  return broken;
}

// Tells whether a file with the name that `test` has without "_test" lies in the folder that it mirrors, or further
// down. tests/ops tests tensor/ops and autograd/ops, tests/ops/tensor the former alone; tests/cuda_on_cpu tests CUDA's
// backend and the emulation that it runs on.
bool has_source(const fs::path& root, const std::string& test) {
  const fs::path path = fs::path(test).lexically_relative("tests");
  const std::string stem = path.stem().string();
  const std::string name = stem.substr(0, stem.size() - std::string("_test").size());
  Names searched = {path.parent_path().string()};
  if (searched[0] == "ops") searched = {"tensor/ops", "autograd/ops"};
  if (searched[0] == "ops/tensor") searched = {"tensor/ops"};
  if (searched[0] == "cuda_on_cpu") searched = {"tensor/cuda", "tests/cuda_emulation"};
  for (const std::string& place : searched) {
    if (!fs::exists(root / place)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root / place))
      if (entry.is_regular_file() && entry.path().stem() == name) return true;
  }
  return false;
}

int check_file(const fs::path& root, const std::string& file) {
  int broken = check_lines(root, file);
  const std::string extension = fs::path(file).extension();
  if ((extension == ".cu" || extension == ".cuh") &&
      !starts_with_any(file, {"tensor/cuda/", "tests/cuda_emulation/tensor/cuda/"}))
    broken += complain(file, 1, "CUDA code belongs into tensor/cuda");
  if (folder(file, 0) == "kilm" && index_in(kRooms, folder(file, 1)) < 0)
    broken += complain(file, 1, "lies in no room of kilm/ that this program knows");
  if (file.ends_with("_test.cpp") && !has_source(root, file)) broken += complain(file, 1, "no source of that name");
  return broken;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: check_layers ROOT\n"), 2;
  const fs::path root = argv[1];
  int broken = 0, files = 0;
  Names folders = kLayers;
  folders.push_back("tests");
  for (const std::string& name : folders) {
    for (const auto& entry : fs::recursive_directory_iterator(root / name)) {
      const std::string extension = entry.path().extension();
      if (extension != ".cpp" && extension != ".h" && extension != ".cu" && extension != ".cuh") continue;
      ++files;
      broken += check_file(root, fs::relative(entry.path(), root).generic_string());
    }
  }
  std::printf("%d files, %d rules broken\n", files, broken);
  return broken > 0 || files == 0;
}
