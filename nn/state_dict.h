// Loading and saving modules by name. A source is any set of named tensors. Nothing is loaded or left out in silence:
// one error lists all that is missing, unexpected or misshapen.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "nn/module.h"
#include "tensor/io/safetensors.h"

namespace nn {

// Named tensors that can be read one at a time (a mapped file, several of them, a map in memory).
struct StateSource {
  std::string place;  // for messages: a path
  std::vector<std::string> names;
  std::function<Tensor(const std::string& name)> tensor;
};

StateSource safetensors_source(const std::string& path);
// Opens model.safetensors.index.json or pytorch_model.bin.index.json, whose weight_map says which of the files beside
// it holds a name. Throws DamagedInput listing all names that the map and the files do not agree about.
StateSource sharded_source(const std::string& index_path);
StateSource torch_source(const std::string& path);  // pytorch_model.bin

struct LoadOptions {
  // Names that are looked for with and without this prefix ("model."), on either side.
  std::string optional_prefix;
  std::set<std::string> optional;  // entries that keep their values when the source lacks them
  std::set<std::string> ignored;   // names of the source that mean nothing to us
};

// Fills every entry of the module, converting floating dtypes. A tied entry is taken from whichever of its names the
// source has; several must agree. Throws DamagedInput listing all missing, unexpected and misshapen names.
void load(Module& module, const StateSource& source, const LoadOptions& options = {});

// Returns the entries under their names, each tied tensor once under its first name.
std::vector<tensor::NamedTensor> state(Module& module);

// Returns "alias" -> "name it is stored under": written into the metadata of a file.
std::map<std::string, std::string> aliases(Module& module);

}  // namespace nn
