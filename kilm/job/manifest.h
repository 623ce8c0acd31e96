// manifest.json: the sizes and digests of every file in a folder, and of itself, so that damage is found before use.
#pragma once

#include <map>
#include <string>

#include "tensor/base/digest.h"
#include "tensor/base/json.h"

namespace kilm::job {

// Writes FOLDER/manifest.json: the members of `head`, and "files": {path: {bytes, sha256, xxh3_128}} for every file
// below the folder. Its "self" is the SHA-256 of the manifest without that member. `known` spares reading files again
// whose digests are at hand.
void write_manifest(const std::string& folder, base::Json head, const std::map<std::string, base::Digests>& known = {});

// Returns the manifest, after its own digest and, with `files`, size and XXH3 of every file have been verified. Throws
// DamagedInput naming the file.
base::Json verify_manifest(const std::string& folder, bool files = true);

// Does the same for those files alone whose path begins with `beginning`.
void verify_part(const std::string& folder, const std::string& beginning);

}  // namespace kilm::job
