#include "kilm/dump/compression/decoder.h"

#include <algorithm>
#include <cstring>

#include "kilm/dump/compression/parallel_bzip2.h"
#include "tensor/base/format.h"
#include "tensor/base/git_lfs.h"
#include "tensor/base/threads.h"

namespace kilm::dump {

namespace {

constexpr size_t kLongestMagic = 6;
constexpr size_t kBeginning = 64;  // bytes that tell what a file is that should not be read
constexpr int kMostThreads = 16;   // that decode bzip2: more are faster than the XML is read

class Plain : public Decoder {
 public:
  void decode(InputFile& input, std::span<char> out, size_t& filled) override {
    if (!input.require(1)) return;
    const size_t n = std::min(out.size() - filled, input.available().size());
    std::memcpy(out.data() + filled, input.available().data(), n);
    input.skip(n);
    filled += n;
  }
};

}  // namespace

void StreamDecoder::decode(InputFile& input, std::span<char> out, size_t& filled) {
  while (filled < out.size() && !ended_) {
    const bool more = input.require(kLongestMagic);
    if (!inside_) {
      if (input.available().empty()) return;
      if (const size_t n = padding(input.available()); n > 0) {
        input.skip(n);
        continue;
      }
      if (!begins(input.available())) {
        input.warn(input.offset(), rest_ignored(format_));
        ended_ = true;
        return;
      }
      begin();
      inside_ = true;
    }
    std::string_view from = input.available();
    std::span<char> to = out.subspan(filled);
    const Outcome outcome = step(from, to);
    const size_t taken = input.available().size() - from.size(), given = out.size() - filled - to.size();
    input.skip(taken);
    filled += given;
    if (!outcome.damage.empty()) input.damaged(outcome.damage);
    inside_ = !outcome.ended;
    if (inside_ && taken == 0 && given == 0)
      input.damaged(more ? damaged() : base::format("the file ends in the middle of the {} stream", format_));
  }
}

std::string rest_ignored(std::string_view format) {
  return base::format("what follows the {} stream is not another one, and is ignored", format);
}

std::string StreamDecoder::damaged() const { return base::format("the {} stream is damaged", format_); }

std::unique_ptr<Decoder> decoder_for(InputFile& input) {
  input.require(kBeginning);
  base::refuse_lfs_pointer(input.name(), input.available());
  const std::string_view head = input.available().substr(0, kLongestMagic);
  if (head.starts_with("BZh")) {
    const size_t threads = size_t(std::min(base::threads(), kMostThreads));
    return threads > 1 ? parallel_bzip2_decoder(2 * threads) : bzip2_decoder();
  }
  const auto is = [&](bool (*begins)(std::string_view)) { return head.size() >= 2 && begins(head); };
  if (is(begins_gzip)) return gzip_decoder();
  if (is(begins_xz)) return xz_decoder();
  if (is(begins_zstd)) return zstd_decoder();
  if (head.starts_with("7z\xbc\xaf") || head.starts_with("PK\x03\x04"))
    input.damaged("the compression is not one of those that are read: none, bzip2, gzip, xz, zstd");
  return std::make_unique<Plain>();
}

}  // namespace kilm::dump
