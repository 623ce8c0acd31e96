#include "tensor/io/torch_file.h"

#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return fuzz::parse(data, size, [](std::string_view bytes) {
    const fuzz::File input(bytes);
    const auto file = tensor::TorchFile::open(input.path());
    for (const std::string& name : file.names())
      fuzz::require(file.tensor(name).contiguous().bytes() <= bytes.size(), "a tensor is a part of the file");
  });
}
