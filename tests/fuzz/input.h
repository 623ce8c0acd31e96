// What the fuzz targets share. A target is a file with one LLVMFuzzerTestOneInput, which gives its bytes to a parser.
// libFuzzer runs it in the build of preset `fuzz`; main.cpp runs all of them over stored inputs in every other one.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "tensor/base/error.h"

namespace fuzz {

// The input as a file that takes no disk.
class File {
 public:
  explicit File(std::string_view bytes);
  ~File();
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  const std::string& path() const { return path_; }

 private:
  int descriptor_;
  std::string path_;
};

// Throws if an input has broken this promise of the parser.
inline void require(bool kept, const char* promise) {
  if (!kept) throw std::logic_error(promise);
}

// Parses an input. Damage is what a parser may find in it; anything else that comes out of it is a mistake of ours.
template <class Parse>
int parse(const uint8_t* data, size_t size, Parse parse) {
  try {
    parse(std::string_view(reinterpret_cast<const char*>(data), size));
  } catch (const base::DamagedInput&) {
  }
  return 0;
}

}  // namespace fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
