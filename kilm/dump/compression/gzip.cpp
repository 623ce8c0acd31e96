#include <zlib.h>

#include <algorithm>
#include <new>

#include "kilm/dump/compression/decoder.h"

namespace kilm::dump {

namespace {

class Gzip : public StreamDecoder {
 public:
  Gzip() : StreamDecoder("gzip") {
    if (inflateInit2(&stream_, 15 + 16) != Z_OK) throw std::bad_alloc();
  }
  ~Gzip() override { inflateEnd(&stream_); }

 private:
  bool begins(std::string_view head) const override { return begins_gzip(head); }

  size_t padding(std::string_view bytes) const override {
    return std::min(bytes.find_first_not_of('\0'), bytes.size());
  }
  void begin() override { inflateReset(&stream_); }

  Outcome step(std::string_view& from, std::span<char>& to) override {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(from.data()));
    stream_.avail_in = unsigned(from.size());
    stream_.next_out = reinterpret_cast<Bytef*>(to.data());
    stream_.avail_out = unsigned(to.size());
    const int result = inflate(&stream_, Z_NO_FLUSH);
    from = from.substr(from.size() - stream_.avail_in);
    to = to.last(stream_.avail_out);
    if (result == Z_MEM_ERROR) throw std::bad_alloc();
    if (result == Z_STREAM_END) return {.ended = true};
    if (result == Z_OK || result == Z_BUF_ERROR) return {};
    return {.damage = damaged()};
  }

  z_stream stream_{};
};

}  // namespace

bool begins_gzip(std::string_view head) { return begins_with(head, "\x1f\x8b"); }
std::unique_ptr<Decoder> gzip_decoder() { return std::make_unique<Gzip>(); }

}  // namespace kilm::dump
