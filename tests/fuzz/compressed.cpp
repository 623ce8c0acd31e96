#include <array>

#include "kilm/dump/byte_source.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return fuzz::parse(data, size, [](std::string_view bytes) {
    const fuzz::File input(bytes);
    kilm::dump::ByteSource source(input.path());
    std::array<char, 1 << 16> piece;
    for (int64_t left = 8 << 20; left > 0;) {  // a bomb need not be read to its end
      const size_t n = source.read(piece);
      if (n == 0) {
        fuzz::require(source.consumed() == source.size() || !source.warning().empty(),
                      "the end is the end of the file, or something is said of the rest");
        return;
      }
      left -= int64_t(n);
    }
  });
}
