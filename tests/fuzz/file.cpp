#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/input.h"

namespace fuzz {

File::File(std::string_view bytes)
    : descriptor_(memfd_create("input", MFD_CLOEXEC)), path_("/proc/self/fd/" + std::to_string(descriptor_)) {
  require(descriptor_ >= 0 && write(descriptor_, bytes.data(), bytes.size()) == ssize_t(bytes.size()),
          "an input becomes a file");
}

File::~File() { close(descriptor_); }

}  // namespace fuzz
