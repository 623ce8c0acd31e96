#include "kilm/dump/compression/parallel_bzip2.h"

#include <bzlib.h>
#include <doctest/doctest.h>

#include <random>

#include "tensor/base/error.h"
#include "tests/kilm/folder.h"

namespace {

std::string bzip2(const std::string& text, int level = 1) {
  std::string out(text.size() + text.size() / 50 + 600, '\0');
  unsigned size = unsigned(out.size());
  REQUIRE(BZ2_bzBuffToBuffCompress(out.data(), &size, const_cast<char*>(text.data()), unsigned(text.size()), level, 0,
                                   0) == BZ_OK);
  return out.substr(0, size);
}

using Generator = std::mt19937;

std::string noise(Generator& random, size_t size) {
  std::string text(size, '\0');
  for (char& c : text) c = char(random());
  return text;
}

std::string words(Generator& random, size_t size) {
  std::string text;
  while (text.size() < size) text += std::string("the ") + std::to_string(random() % 1000) + "\n";
  return text;
}

// Returns a text of some kind: of blocks, of few bytes, of long runs, of bytes that do not compress.
std::string some_text(Generator& random) {
  const size_t size = random() % 250000;
  switch (random() % 5) {
    case 0: return noise(random, size);
    case 1: return words(random, size);
    case 2: return std::string(10 * size, char(random()));
    case 3: return noise(random, random() % 4);
    default: return words(random, size / 2) + std::string(size, 'x') + noise(random, size / 2);
  }
}

// All that a decoder gives of a file, and its error at the end.
struct Reading {
  std::string text, error, warning;
  bool operator==(const Reading&) const = default;
};

Reading read(kilm::dump::Decoder& decoder, const std::string& path, size_t step) {
  Reading reading;
  kilm::dump::InputFile input(path);
  std::string piece(step, '\0');
  size_t filled = 0;
  try {
    do {
      filled = 0;
      decoder.decode(input, piece, filled);
      reading.text.append(piece, 0, filled);
    } while (filled > 0);
  } catch (const base::DamagedInput& error) {
    reading.text.append(piece, 0, filled);
    reading.error = error.what();
  }
  reading.warning = input.warning();
  return reading;
}

class SameAsSerial {
 public:
  // Runs both decoders on `packed`, in steps that differ.
  Reading check(const std::string& packed) {
    folder_.write("file", packed);
    const Reading serial = read(*kilm::dump::bzip2_decoder(), folder_ / "file", 1 << 16);
    const size_t steps[] = {1000, 1 << 16, 1 << 20};
    const Reading parallel = read(*kilm::dump::parallel_bzip2_decoder(1 + n_ % 5), folder_ / "file", steps[n_ % 3]);
    ++n_;
    CHECK(parallel.error == serial.error);
    CHECK(parallel.warning == serial.warning);
    CHECK((parallel.text == serial.text));
    return serial;
  }

 private:
  Folder folder_;
  size_t n_ = 0;
};

const std::string kBlock = "\x31\x41\x59\x26\x53\x59";

void write_bits(std::string& bytes, size_t at, uint32_t value) {
  for (size_t i = 0; i < 32; ++i) {
    const int mask = 0x80 >> (at + i) % 8;
    char& byte = bytes[(at + i) / 8];
    byte = char(value >> (31 - i) & 1 ? byte | mask : byte & ~mask);
  }
}

// Returns the checksum of a block, as bzip2 takes it: the highest bit first.
uint32_t checksum(const std::string& text) {
  uint32_t crc = 0xffffffff;
  for (const char c : text) {
    crc ^= uint32_t(static_cast<unsigned char>(c)) << 24;
    for (int i = 0; i < 8; ++i) crc = crc << 1 ^ (crc >> 31) * 0x04c11db7;
  }
  return ~crc;
}

void flip(std::string& bytes, size_t bit) { bytes[bit / 8] = char(bytes[bit / 8] ^ (0x80 >> bit % 8)); }

}  // namespace

TEST_CASE("parallel bzip2: the same bytes as the serial decoder, whatever the text, in one stream and in many") {
  Generator random(1);
  SameAsSerial same;
  for (int i = 0; i < 12; ++i) {
    std::string text, packed;
    for (size_t streams = 1 + random() % 3; streams > 0; --streams) {
      const std::string part = some_text(random);
      text += part;
      packed += bzip2(part, 1 + int(random() % 9));
    }
    const Reading reading = same.check(packed);
    CHECK((reading.text == text));
    CHECK(reading.error == "");
  }
  same.check("");
}

TEST_CASE("parallel bzip2: a flipped bit, a cut, and bytes behind the end are found at the same place") {
  Generator random(2);
  SameAsSerial same;
  for (int i = 0; i < 3; ++i) {
    const std::string packed = bzip2(some_text(random) + words(random, 250000)) + bzip2(words(random, 30000), 3);
    for (int k = 0; k < 8; ++k) {
      std::string bad = packed;
      flip(bad, random() % (8 * bad.size()));
      same.check(bad);
      same.check(packed.substr(0, random() % packed.size()));
      same.check(packed + noise(random, 1 + random() % 20));
    }
  }
}

TEST_CASE("parallel bzip2: every bit of what stands between blocks and streams may be wrong, or be the last") {
  Generator random(3);
  SameAsSerial same;
  const std::string packed = bzip2(words(random, 130000)) + bzip2("two") + bzip2("") + bzip2(words(random, 10));
  for (const int64_t mark : kilm::dump::bzip2_marks(packed))
    for (int64_t bit = mark - 40; bit < mark + 96; bit += 1 + int64_t(random() % 19)) {
      INFO("mark " << mark << " bit " << bit - mark << " of " << packed.size());
      if (bit >= 8 * int64_t(packed.size()) || (mark == 32 && bit < 24)) continue;
      std::string bad = packed;
      flip(bad, size_t(bit));
      same.check(bad);
      same.check(packed.substr(0, size_t(bit / 8)));
    }
}

TEST_CASE("parallel bzip2: a mark that occurs by chance inside of a block breaks nothing") {
  Generator random(4);
  SameAsSerial same;
  // Bytes that do not compress have a code for nearly every row of bits. A mark written over some of them makes another
  // text of the block. With the checksum of that text it is whole again.
  const std::string packed = bzip2(noise(random, 20000)), good = bzip2(words(random, 150000));
  int whole = 0;
  for (int i = 0; i < 20; ++i) {
    std::string made = packed;
    for (int marks = 1 + i % 3; marks > 0; --marks)
      made.replace(1000 + random() % 18000, 6, i % 2 == 0 ? kBlock : "\x17\x72\x45\x38\x50\x90");
    const uint32_t crc = checksum(same.check(made).text);
    write_bits(made, 32 + 48, crc);
    write_bits(made, size_t(kilm::dump::bzip2_marks(made).back()) + 48, crc);
    whole += same.check(made).error.empty();
    same.check(good + made + good);
  }
  CHECK(whole >= 5);
}

TEST_CASE("parallel bzip2: marks are found at any bit") {
  for (size_t shift = 0; shift < 8; ++shift) {
    std::string bytes(10, '\0');
    for (size_t i = 0; i < 48; ++i)
      if (kBlock[i / 8] >> (7 - i % 8) & 1) flip(bytes, 8 + shift + i);
    CHECK(kilm::dump::bzip2_marks(bytes) == std::vector<int64_t>{8 + int64_t(shift)});
    CHECK(kilm::dump::bzip2_marks(bytes.substr(0, 7 + (shift > 0))).size() == 1);
    CHECK(kilm::dump::bzip2_marks(bytes.substr(0, 6 + (shift > 0))).empty());
  }
}
