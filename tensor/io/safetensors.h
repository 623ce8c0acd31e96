// safetensors files: 8 bytes with the length of a JSON header, the header, the bytes of all tensors end to end.
// Reading maps the file and checks every number of the header before one byte of data is used; tensors are views of
// the mapping. Writing streams, so it needs no memory beyond the header. Format: the README of huggingface/safetensors.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/base/digest.h"
#include "tensor/tensor.h"

namespace base {
class MappedFile;
}

namespace tensor {

struct NamedTensor {
  std::string name;
  Tensor tensor;
};

class SafetensorsFile {
 public:
  // Throws Error when the file cannot be opened, DamagedInput with file, offset and reason when it is not well formed.
  static SafetensorsFile open(const std::string& path);

  const std::string& path() const;
  const std::vector<std::string>& names() const { return names_; }  // in the order of the data
  bool contains(std::string_view name) const { return entries_.find(name) != entries_.end(); }
  // Returns a tensor on the CPU, for reading only. Its bytes are those of the file, which stays mapped as long as a
  // tensor lives. They are copied if their offset is no multiple of the element size. BOOL comes as u8. Throws Error if
  // absent.
  Tensor tensor(std::string_view name) const;
  const std::map<std::string, std::string>& metadata() const { return metadata_; }

 private:
  struct Entry {
    DType dtype;
    Shape shape;
    size_t offset;  // from the start of the file
    size_t bytes;
  };

  SafetensorsFile() = default;
  void check_layout(size_t data_start);

  std::shared_ptr<const base::MappedFile> file_;
  std::map<std::string, Entry, std::less<>> entries_;
  std::vector<std::string> names_;
  std::map<std::string, std::string> metadata_;
};

// Writes the tensors, made row-major, in the order given; the data starts at a multiple of 64 bytes. Equal arguments
// give equal files. Throws Error on an unusable name or one that appears twice, and what AtomicFile throws.
base::Digests write_safetensors(const std::string& path, std::span<const NamedTensor> tensors,
                                const std::map<std::string, std::string>& metadata = {});

}  // namespace tensor
