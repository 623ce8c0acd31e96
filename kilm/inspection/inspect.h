// What a file or folder of ours holds, and whether it is whole.
#pragma once

#include <string>

#include "tensor/base/json.h"

namespace kilm::inspection {

// Returns an object with "kind" and "path". It knows folders (model, checkpoint, run, tokenizer, data) and files
// (shard, table of entities, trie, index, safetensors, torch.save). Everything that has a digest is verified. Throws
// DamagedInput naming the file, UsageError if it is nothing of these.
base::Json inspect(const std::string& path);

}  // namespace kilm::inspection
