#include "tensor/base/digest.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>

using base::Sha256;
using base::sha256_hex;
using base::Xxh3;
using base::xxh3_128_hex;

namespace {

std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

}  // namespace

TEST_CASE("sha256: the vectors of the standard") {
  CHECK(sha256_hex({}) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256_hex(bytes("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_hex(bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")) ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(sha256_hex(bytes(std::string(1000000, 'a'))) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("sha256: with the processor's instructions for it and without them") {
  std::string text;
  for (int i = 0; i < 10000; ++i) text += char(i * i >> 3);
  for (const size_t size : {0, 1, 63, 64, 65, 4096, 10000}) {
    Sha256 with, without(false);
    with.update(bytes(text).first(size));
    without.update(bytes(text).first(size));
    CHECK(with.hex() == without.hex());
  }
}

TEST_CASE("xxh3: the digests of nothing and of a word") {
  CHECK(xxh3_128_hex({}) == "99aa06d3014798d86001c324468d497f");
  CHECK(xxh3_128_hex(bytes("abc")) == "06b05ab6733a618578af5f94892f3950");
}

TEST_CASE("digests: pieces of any size give the digest of the whole") {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += char(i * 31);
  for (const size_t piece : {1, 3, 55, 63, 64, 65, 129, 999}) {
    Sha256 sha256;
    Xxh3 xxh3;
    for (size_t at = 0; at < text.size(); at += piece) {
      sha256.update(bytes(text).subspan(at, std::min(piece, text.size() - at)));
      xxh3.update(bytes(text).subspan(at, std::min(piece, text.size() - at)));
      sha256.hex();  // looking does not disturb the stream
    }
    CHECK(sha256.hex() == sha256_hex(bytes(text)));
    CHECK(xxh3.hex() == xxh3_128_hex(bytes(text)));
  }
}
