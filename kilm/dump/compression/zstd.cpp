#include <zstd.h>
#include <zstd_errors.h>

#include <memory>
#include <new>

#include "kilm/dump/compression/decoder.h"
#include "tensor/base/format.h"

namespace kilm::dump {

namespace {

constexpr int kWindowLog = 27;  // 128 MiB; more is only written where zstd was told to, with --long

class Zstd : public StreamDecoder {
 public:
  Zstd() : StreamDecoder("zstd"), context_(ZSTD_createDCtx(), ZSTD_freeDCtx) {
    if (context_ == nullptr) throw std::bad_alloc();
    ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, kWindowLog);
  }

 private:
  bool begins(std::string_view head) const override { return begins_zstd(head); }
  void begin() override { ZSTD_DCtx_reset(context_.get(), ZSTD_reset_session_only); }

  Outcome step(std::string_view& from, std::span<char>& to) override {
    ZSTD_inBuffer input{from.data(), from.size(), 0};
    ZSTD_outBuffer output{to.data(), to.size(), 0};
    const size_t result = ZSTD_decompressStream(context_.get(), &output, &input);
    from = from.substr(input.pos);
    to = to.subspan(output.pos);
    if (!ZSTD_isError(result)) return {.ended = result == 0};
    switch (ZSTD_getErrorCode(result)) {
      case ZSTD_error_memory_allocation: throw std::bad_alloc();
      case ZSTD_error_frameParameter_windowTooLarge:
        return {.damage = base::format("the zstd stream wants a window of more than {} MiB", 1 << kWindowLog >> 20)};
      case ZSTD_error_noForwardProgress_destFull:
      case ZSTD_error_noForwardProgress_inputEmpty: return {};
      default: return {.damage = damaged()};
    }
  }

  std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> context_;
};

}  // namespace

// Tells whether `head` begins a frame of data, or one that is to be skipped: some programs keep an index in those.
bool begins_zstd(std::string_view head) {
  const bool skippable = !head.empty() && (head[0] & 0xf0) == 0x50 && begins_with(head.substr(1), "\x2a\x4d\x18");
  return begins_with(head, "\x28\xb5\x2f\xfd") || skippable;
}
std::unique_ptr<Decoder> zstd_decoder() { return std::make_unique<Zstd>(); }

}  // namespace kilm::dump
