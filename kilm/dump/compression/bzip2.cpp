#include <bzlib.h>

#include <new>

#include "kilm/dump/compression/decoder.h"

namespace kilm::dump {

namespace {

class Bzip2 : public StreamDecoder {
 public:
  Bzip2() : StreamDecoder("bzip2") {}
  ~Bzip2() override { BZ2_bzDecompressEnd(&stream_); }

 private:
  bool begins(std::string_view head) const override { return begins_bzip2(head); }

  void begin() override {
    BZ2_bzDecompressEnd(&stream_);
    stream_ = {};
    if (BZ2_bzDecompressInit(&stream_, 0, 0) != BZ_OK) throw std::bad_alloc();
  }

  Outcome step(std::string_view& from, std::span<char>& to) override {
    stream_.next_in = const_cast<char*>(from.data());
    stream_.avail_in = unsigned(from.size());
    stream_.next_out = to.data();
    stream_.avail_out = unsigned(to.size());
    const int result = BZ2_bzDecompress(&stream_);
    from = from.substr(from.size() - stream_.avail_in);
    to = to.last(stream_.avail_out);
    if (result == BZ_MEM_ERROR) throw std::bad_alloc();
    if (result == BZ_OK || result == BZ_STREAM_END) return {.ended = result == BZ_STREAM_END};
    return {.damage = damaged()};
  }

  bz_stream stream_{};
};

}  // namespace

bool begins_bzip2(std::string_view head) { return begins_with(head, "BZh"); }
std::unique_ptr<Decoder> bzip2_decoder() { return std::make_unique<Bzip2>(); }

}  // namespace kilm::dump
