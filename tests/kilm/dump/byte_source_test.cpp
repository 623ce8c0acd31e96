#include "kilm/dump/byte_source.h"

#include <doctest/doctest.h>

#include <vector>

#include "tensor/base/error.h"
#include "tests/kilm/compressed.h"
#include "tests/kilm/folder.h"

using base::DamagedInput;
using kilm::dump::ByteSource;

namespace {

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

// Returns what comes out before the error, and the error.
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

TEST_CASE("byte source: plain and every compression give the same bytes, in steps of any size") {
  const Folder folder;
  const std::string text = some_text(1 << 20), half = text.substr(0, 300001), rest = text.substr(300001);
  std::vector<std::string> names = {"plain"};
  folder.write("plain", text);
  for (const Format& format : kFormats) {
    const std::string name = format.name;
    folder.write(names.emplace_back(name), format.pack(text));
    folder.write(names.emplace_back(name + " streams"), format.pack(half) + format.pack("") + format.pack(rest));
  }
  const std::string zeros(8, '\0');
  folder.write(names.emplace_back("padded xz"), xz(half) + zeros + xz(rest) + zeros);
  const std::string index("\x5e\x2a\x4d\x18\x03\0\0\0abc", 11);  // a frame that is to be skipped
  folder.write(names.emplace_back("indexed zstd"), index + zstd(text) + index);
  for (const std::string& name : names)
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
  for (const Format& format : kFormats) folder.write(format.name, format.pack(""));
  for (const char* name : {"empty", "bzip2", "gzip", "xz", "zstd"}) {
    ByteSource source(folder / name);
    CHECK(read_all(source, 10) == "");
  }
}

TEST_CASE("byte source: a file that cannot be opened is named") {
  CHECK_THROWS_WITH_AS(ByteSource("/nowhere/dump.xml"),
                       "/nowhere/dump.xml: cannot be opened: No such file or directory", base::Error);
}

TEST_CASE("byte source: a cut stream gives what came before the cut, then says where it is") {
  const Folder folder;
  const std::string text = some_text(800000);
  for (const Format& format : kFormats) {
    const std::string packed = format.pack(text), path = folder / "cut";
    for (const size_t left : {packed.size() - 1, packed.size() / 2, size_t(20), size_t(6)}) {
      INFO(format.name);
      folder.write("cut", packed.substr(0, left));
      const auto [before, error] = read_damaged(path);
      CHECK(text.starts_with(before));
      if (left == packed.size() / 2) CHECK(before.size() > 100000);
      CHECK(error == path + ": byte " + std::to_string(left) + ": the file ends in the middle of the " + format.name +
                         " stream");
    }
  }
}

TEST_CASE("byte source: a small stream may be cut at any byte, or any byte of it be wrong") {
  const Folder folder;
  const std::string text = some_text(600);
  for (const Format& format : kFormats) {
    const std::string packed = format.pack(text);
    for (size_t at = 6; at < packed.size(); ++at) {  // before, it is another format
      INFO(format.name << " byte " << at);
      folder.write("bad", packed.substr(0, at));
      const auto [before, cut] = read_damaged(folder / "bad");
      REQUIRE(text.starts_with(before));
      REQUIRE(cut.ends_with("byte " + std::to_string(at) + ": the file ends in the middle of the " + format.name +
                            " stream"));
      for (const char flip : {'\x01', '\x10', '\xff'}) {
        std::string flipped = packed;
        flipped[at] = char(flipped[at] ^ flip);
        folder.write("bad", flipped);
        const auto [read, error] = read_damaged(folder / "bad");
        if (error == "whole") REQUIRE(read == text);
      }
    }
  }
}

TEST_CASE("byte source: damage inside of a stream and a stream behind it that is cut are refused") {
  const Folder folder;
  const std::string text = some_text(300000), path = folder / "bad";
  const auto error_of = [&](const std::string& bytes) {
    folder.write("bad", bytes);
    return read_damaged(path).second;
  };
  for (const Format& format : kFormats) {
    const std::string packed = format.pack(text), name = format.name;
    std::string flipped = packed;
    flipped[packed.size() / 2] ^= 1;
    CHECK(error_of(flipped).ends_with("the " + name + " stream is damaged"));
    const std::string cut = format.pack(text).substr(0, packed.size() / 2);
    CHECK(error_of(packed + cut).ends_with("the file ends in the middle of the " + name + " stream"));
  }
  CHECK_THROWS_WITH_AS(error_of("version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 557\n"),
                       (path + ": is a git-lfs pointer to the file, not the file; git lfs pull fetches it").c_str(),
                       DamagedInput);
  CHECK_THROWS_WITH_AS(error_of("7z\xbc\xaf\x27\x1c"),
                       doctest::Contains("byte 0: the compression is not one of those that are read"), DamagedInput);
}

TEST_CASE("byte source: what follows a whole stream and begins no other one is a warning") {
  const Folder folder;
  const std::string text = some_text(300000), zeros(3000, '\0');
  for (const Format& format : kFormats) {
    const std::string packed = format.pack(text), name = format.name, path = folder / "tail";
    for (const std::string& tail :
         {std::string("?"), std::string("\n"), std::string("garbage\n"), some_text(400000), "\x01" + packed}) {
      folder.write("tail", packed + packed + tail);
      ByteSource source(path);
      CHECK(read_all(source, 1000) == text + text);
      CHECK(source.warning() == path + ": byte " + std::to_string(2 * packed.size()) + ": what follows the " + name +
                                    " stream is not another one, and is ignored");
      char more[1];
      CHECK(source.read(more) == 0);
    }
    folder.write("tail", packed);
    ByteSource source(path);
    CHECK(read_all(source, 1000) == text);
    CHECK(source.warning() == "");
  }
  for (const auto& pack : {gzip(text), xz(text)}) {
    folder.write("padded", pack + zeros + pack + zeros);
    ByteSource padded(folder / "padded");
    CHECK(read_all(padded, 1000) == text + text);
    CHECK(padded.warning() == "");
  }
  for (const auto& pack : {bzip2(text), zstd(text)}) {  // in these formats zeros stand for nothing
    folder.write("zeros", pack + zeros);
    ByteSource source(folder / "zeros");
    CHECK(read_all(source, 1000) == text);
    CHECK(source.warning().ends_with(" stream is not another one, and is ignored"));
  }
}

TEST_CASE("byte source: a stream that wants more memory than any dump does is refused") {
  const Folder folder;
  folder.write("xz", xz("text", uint32_t(272) << 20));
  CHECK(read_damaged(folder / "xz").second.ends_with("MiB of memory, more than the 256 it may have"));
  folder.write("zstd", zstd("text", 28));
  CHECK(read_damaged(folder / "zstd").second.ends_with("the zstd stream wants a window of more than 128 MiB"));
  folder.write("zstd", zstd("text", 27));
  CHECK(read_damaged(folder / "zstd").first == "text");
}

TEST_CASE("byte source: a bomb costs no memory") {
  const Folder folder;
  for (const Format& format : kFormats) {
    folder.write("bomb", format.pack(std::string(16 << 20, '\0')));
    ByteSource source(folder / "bomb");
    std::string piece(1 << 16, '\0');
    size_t total = 0;
    while (const size_t n = source.read(piece)) total += n;
    CHECK(source.size() < 20000);
    CHECK(total == 16 << 20);
  }
}
