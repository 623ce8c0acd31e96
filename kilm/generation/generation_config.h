// generation_config.json, the defaults of a model folder for generation, typed and checked.
#pragma once

#include <string>

#include "kilm/generation/generate.h"
#include "tensor/base/json.h"

namespace kilm::generation {

// Returns what Transformers' generate would do with this object. A key that is absent or null has the default of
// Transformers. n-grams count the prefix, and without a length a result gets up to 20 new tokens. Throws DamagedInput
// naming `place` and key for a value of another type. It throws the same for a key that we do not have where its value
// would change a result.
GenerateOptions parse_generation_config(const base::Json& json, const std::string& place);

// Reads [[3, 4], [5]]. Throws Error for anything else.
std::vector<std::vector<int32_t>> parse_bad_words(const base::Json& json);

}  // namespace kilm::generation
