// The pointer that git-lfs leaves in the place of a large file that it did not fetch. It must not be read as the file.
#pragma once

#include <string>
#include <string_view>

#include "tensor/base/format.h"

namespace base {

// Throws DamagedInput if the bytes that `path` begins with are those of a pointer.
inline void refuse_lfs_pointer(const std::string& path, std::string_view beginning) {
  check<DamagedInput>(!beginning.starts_with("version https://git-lfs.github.com/spec/"),
                      "{}: is a git-lfs pointer to the file, not the file; git lfs pull fetches it", path);
}

}  // namespace base
