// What a file or folder of ours holds, and whether it is whole.
#pragma once

#include <string>

#include "tensor/base/json.h"

namespace kilm::inspection {

// An object with "kind" and "path": of a model folder, checkpoint, run, tokenizer or data folder; or of a shard, table
// of entities, trie, safetensors file or file of torch.save. Everything that has a digest is verified. Throws
// DamagedInput naming the file, UsageError if it is nothing of these.
base::Json inspect(const std::string& path);

}  // namespace kilm::inspection
