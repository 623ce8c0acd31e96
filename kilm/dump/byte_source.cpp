#include "kilm/dump/byte_source.h"

#include "kilm/dump/compression/decoder.h"
#include "tensor/base/error.h"

namespace kilm::dump {

ByteSource::ByteSource(const std::string& path)
    : input_(std::make_unique<InputFile>(path)), decoder_(decoder_for(*input_)) {}

ByteSource::~ByteSource() = default;

size_t ByteSource::read(std::span<char> out) {
  if (damage_) std::rethrow_exception(damage_);
  size_t filled = 0;
  try {
    for (size_t before = 0; filled < out.size(); before = filled) {
      decoder_->decode(*input_, out, filled);
      if (filled == before) break;
    }
  } catch (const base::DamagedInput&) {
    if (filled == 0) throw;
    damage_ = std::current_exception();
  }
  return filled;
}

const std::string& ByteSource::name() const { return input_->name(); }
const std::string& ByteSource::warning() const { return input_->warning(); }
int64_t ByteSource::consumed() const { return input_->offset(); }
int64_t ByteSource::size() const { return input_->size(); }

}  // namespace kilm::dump
