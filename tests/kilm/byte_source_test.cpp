#include "kilm/corpus/byte_source.h"

#include <bzlib.h>
#include <doctest/doctest.h>
#include <zlib.h>

#include "tensor/error.h"
#include "tests/kilm/folder.h"

using kilm::ByteSource;
using tensor::DamagedInput;

namespace {

std::string bzip2(const std::string& text) {
  std::string out(text.size() + text.size() / 100 + 600, '\0');
  unsigned size = unsigned(out.size());
  REQUIRE(BZ2_bzBuffToBuffCompress(out.data(), &size, const_cast<char*>(text.data()), unsigned(text.size()), 1, 0, 0) ==
          BZ_OK);
  return out.substr(0, size);
}

std::string gzip(const std::string& text) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = unsigned(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = unsigned(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string some_text(size_t size) {
  std::string text;
  for (uint32_t x = 1; text.size() < size; x = x * 1664525 + 1013904223) text += "<p>" + std::to_string(x >> 12);
  return text.substr(0, size);
}

std::string read_all(ByteSource& source, size_t step) {
  std::string text, piece(step, '\0');
  while (const size_t n = source.read(piece)) text.append(piece, 0, n);
  return text;
}

// What comes out before the error, and the error.
std::pair<std::string, std::string> read_damaged(const std::string& path) {
  ByteSource source(path);
  std::string text, piece(1000, '\0');
  try {
    while (const size_t n = source.read(piece)) text.append(piece, 0, n);
  } catch (const DamagedInput& error) {
    return {text, error.what()};
  }
  return {text, "whole"};
}

}  // namespace

TEST_CASE("byte source: plain, bzip2 and gzip give the same bytes, in steps of any size") {
  const Folder folder;
  const std::string text = some_text(1 << 20), half = text.substr(0, 300001), rest = text.substr(300001);
  folder.write("plain", text);
  folder.write("bzip2", bzip2(text));
  folder.write("multistream", bzip2(half) + bzip2("") + bzip2(rest));
  folder.write("gzip", gzip(text));
  folder.write("members", gzip(half) + gzip(rest));
  for (const char* name : {"plain", "bzip2", "multistream", "gzip", "members"})
    for (const size_t step : {size_t(1000), size_t(1) << 18, size_t(1) << 21}) {
      INFO(name);
      ByteSource source(folder / name);
      CHECK(read_all(source, step) == text);
      CHECK(source.consumed() == source.size());
      char more[1];
      CHECK(source.read(more) == 0);
    }
}

TEST_CASE("byte source: an empty file and an empty stream have no bytes") {
  const Folder folder;
  folder.write("empty", "");
  folder.write("bzip2", bzip2(""));
  folder.write("gzip", gzip(""));
  for (const char* name : {"empty", "bzip2", "gzip"}) {
    ByteSource source(folder / name);
    CHECK(read_all(source, 10) == "");
  }
}

TEST_CASE("byte source: a file that cannot be opened is named") {
  CHECK_THROWS_WITH_AS(ByteSource("/nowhere/dump.xml"),
                       "/nowhere/dump.xml: cannot be opened: No such file or directory", tensor::Error);
}

TEST_CASE("byte source: a cut stream gives what came before the cut, then says where it is") {
  const Folder folder;
  const std::string text = some_text(500000);
  for (const std::string& packed : {bzip2(text), gzip(text)}) {
    const bool is_bzip2 = packed.starts_with("BZh");
    const std::string path = folder / "cut";
    for (const size_t left : {packed.size() - 1, packed.size() / 2, size_t(20), size_t(4)}) {
      folder.write("cut", packed.substr(0, left));
      const auto [before, error] = read_damaged(path);
      CHECK(text.starts_with(before));
      if (left == packed.size() / 2) CHECK(before.size() > 100000);
      CHECK(error == path + ": byte " + std::to_string(left) + ": the file ends in the middle of a " +
                         (is_bzip2 ? "bzip2" : "gzip") + " stream");
    }
  }
}

TEST_CASE("byte source: damage inside of a stream and behind it is refused") {
  const Folder folder;
  const std::string text = some_text(300000);
  const auto error_of = [&](const std::string& bytes) {
    folder.write("bad", bytes);
    const auto [before, error] = read_damaged(folder / "bad");
    return error;
  };
  std::string flipped = bzip2(text);
  flipped[flipped.size() / 2] ^= 1;
  CHECK(error_of(flipped).ends_with("the bzip2 stream is damaged"));
  CHECK(error_of(bzip2(text) + "garbage").ends_with("what follows a bzip2 stream is not another one"));
  flipped = gzip(text);
  flipped[flipped.size() - 6] ^= 1;  // of the checksum
  CHECK(error_of(flipped).ends_with("the gzip stream is damaged"));
  CHECK(error_of(gzip(text) + "garbage").ends_with("the gzip stream is damaged"));
  CHECK_THROWS_WITH_AS(error_of(std::string("\xfd"
                                            "7zXZ\0",
                                            6)),
                       doctest::Contains("byte 0: the compression is not one of those that are read"), DamagedInput);
}

TEST_CASE("byte source: a bomb costs no memory") {
  const Folder folder;
  folder.write("bomb", bzip2(std::string(16 << 20, '\0')));  // 16 MiB in less than 500 bytes
  ByteSource source(folder / "bomb");
  std::string piece(1 << 16, '\0');
  size_t total = 0;
  while (const size_t n = source.read(piece)) total += n;
  CHECK(source.size() < 500);
  CHECK(total == 16 << 20);
}
