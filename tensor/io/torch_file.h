// Files written by torch.save that hold named tensors: pytorch_model.bin and its like. They are zip archives (torch 1.6
// and newer) or have the format before that. The pickle inside is read, never run. Tensors are views of the mapped
// file, with the strides they were saved with.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/tensor.h"

namespace tensor {

class TorchFile {
 public:
  // Throws Error when the file cannot be opened. Throws DamagedInput with file, offset and reason when it is not well
  // formed or wants more than a dict of tensors needs.
  static TorchFile open(const std::string& path);

  const std::string& path() const { return path_; }
  // Names the tensors, "outer.inner" for dicts within the dict. What is no tensor (epochs, options) has no name here.
  const std::vector<std::string>& names() const { return names_; }
  bool contains(std::string_view name) const { return tensors_.find(name) != tensors_.end(); }
  // Returns a tensor on the CPU, for reading only. Tensors that shared memory when they were saved share it. Throws
  // Error if absent.
  Tensor tensor(std::string_view name) const;

 private:
  friend class TorchReader;
  std::string path_;
  std::map<std::string, Tensor, std::less<>> tensors_;
  std::vector<std::string> names_;
};

}  // namespace tensor
