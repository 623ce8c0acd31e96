#include "tensor/io/safetensors.h"

#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return fuzz::parse(data, size, [](std::string_view bytes) {
    const fuzz::File input(bytes);
    const auto file = tensor::SafetensorsFile::open(input.path());
    size_t total = 0;
    for (const std::string& name : file.names()) {
      const tensor::Tensor tensor = file.tensor(name);
      total += std::string(reinterpret_cast<const char*>(tensor.bytes_data()), tensor.bytes()).size();
    }
    fuzz::require(total <= bytes.size(), "tensors are parts of the file");
  });
}
