#include <lzma.h>

#include <new>

#include "kilm/dump/compression/decoder.h"
#include "tensor/base/format.h"

namespace kilm::dump {

namespace {

constexpr uint64_t kMemory = uint64_t(256) << 20;  // bytes; the largest preset, xz -9, needs 65 MiB

class Xz : public StreamDecoder {
 public:
  Xz() : StreamDecoder("xz") {}
  ~Xz() override { lzma_end(&stream_); }

 private:
  bool begins(std::string_view head) const override { return begins_xz(head); }

  size_t padding(std::string_view bytes) const override {
    return bytes.starts_with(std::string_view("\0\0\0\0", 4)) ? 4 : 0;
  }

  void begin() override {
    if (lzma_stream_decoder(&stream_, kMemory, 0) != LZMA_OK) throw std::bad_alloc();
  }

  Outcome step(std::string_view& from, std::span<char>& to) override {
    stream_.next_in = reinterpret_cast<const uint8_t*>(from.data());
    stream_.avail_in = from.size();
    stream_.next_out = reinterpret_cast<uint8_t*>(to.data());
    stream_.avail_out = to.size();
    const lzma_ret result = lzma_code(&stream_, LZMA_RUN);
    from = from.substr(from.size() - stream_.avail_in);
    to = to.last(stream_.avail_out);
    if (result == LZMA_MEM_ERROR) throw std::bad_alloc();
    if (result == LZMA_STREAM_END) return {.ended = true};
    if (result == LZMA_OK || result == LZMA_BUF_ERROR) return {};
    if (result == LZMA_MEMLIMIT_ERROR)
      return {.damage = base::format("the xz stream wants {} MiB of memory, more than the {} it may have",
                                     lzma_memusage(&stream_) >> 20, kMemory >> 20)};
    return {.damage = damaged()};
  }

  lzma_stream stream_ = LZMA_STREAM_INIT;
};

}  // namespace

bool begins_xz(std::string_view head) {
  return begins_with(head, {"\xfd"
                            "7zXZ",
                            6});
}
std::unique_ptr<Decoder> xz_decoder() { return std::make_unique<Xz>(); }

}  // namespace kilm::dump
