#include "kilm/corpus/byte_source.h"

#include <bzlib.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>
#include <vector>

#include "tensor/format.h"

namespace kilm {

using tensor::check;
using tensor::DamagedInput;

// The bytes of the file as they are, through one buffer.
class ByteSource::Input {
 public:
  explicit Input(const std::string& path) : name_(path == "-" ? "standard input" : path), buffer_(256 << 10) {
    descriptor_ = path == "-" ? dup(STDIN_FILENO) : open(path.c_str(), O_RDONLY | O_CLOEXEC);
    check(descriptor_ >= 0, "{}: cannot be opened: {}", name_, std::strerror(errno));
    struct stat status;
    if (fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode)) size_ = status.st_size;
  }
  ~Input() { close(descriptor_); }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  // Reads until at least `wanted` bytes are in the buffer or the file ends; whether that many are.
  bool require(size_t wanted) {
    if (end_ - begin_ >= wanted) return true;
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= std::exchange(begin_, 0);
    while (end_ < wanted) {
      const ssize_t n = ::read(descriptor_, buffer_.data() + end_, buffer_.size() - end_);
      if (n < 0 && errno == EINTR) continue;
      check(n >= 0, "{}: cannot be read: {}", name_, std::strerror(errno));
      if (n == 0) return false;
      end_ += size_t(n);
    }
    return true;
  }

  std::span<char> available() { return {buffer_.data() + begin_, end_ - begin_}; }
  void skip(size_t n) {
    begin_ += n;
    offset_ += int64_t(n);
  }

  [[noreturn]] void damaged(const char* reason) const {
    throw DamagedInput(tensor::format("{}: byte {}: {}", name_, offset_, reason));
  }

  const std::string& name() const { return name_; }
  int64_t offset() const { return offset_; }
  int64_t size() const { return size_; }

 private:
  std::string name_;
  std::vector<char> buffer_;
  size_t begin_ = 0, end_ = 0;  // of what is in the buffer
  int64_t offset_ = 0;          // of begin_ in the file
  int64_t size_ = 0;
  int descriptor_ = -1;
};

class ByteSource::Decoder {
 public:
  virtual ~Decoder() = default;
  // Appends to `out` from `filled` on and counts there, also what came before a throw. Leaves it as it is at the end.
  virtual void decode(Input& input, std::span<char> out, size_t& filled) = 0;
};

namespace {

using Input = ByteSource::Input;

class Plain : public ByteSource::Decoder {
 public:
  void decode(Input& input, std::span<char> out, size_t& filled) override {
    if (!input.require(1)) return;
    const size_t n = std::min(out.size() - filled, input.available().size());
    std::memcpy(out.data() + filled, input.available().data(), n);
    input.skip(n);
    filled += n;
  }
};

class Bzip2 : public ByteSource::Decoder {
 public:
  ~Bzip2() override {
    if (inside_) BZ2_bzDecompressEnd(&stream_);
  }

  void decode(Input& input, std::span<char> out, size_t& filled) override {
    while (filled < out.size()) {
      const bool more = input.require(1);
      if (!inside_) {
        if (!more) return;
        begin();
      }
      const std::span<char> from = input.available();
      stream_.next_in = from.data();
      stream_.avail_in = unsigned(from.size());
      stream_.next_out = out.data() + filled;
      stream_.avail_out = unsigned(out.size() - filled);
      const int result = BZ2_bzDecompress(&stream_);
      const size_t taken = from.size() - stream_.avail_in, before = filled;
      filled = out.size() - stream_.avail_out;
      input.skip(taken);
      if (result == BZ_STREAM_END)
        end();
      else if (result == BZ_MEM_ERROR)
        throw std::bad_alloc();
      else if (result == BZ_DATA_ERROR_MAGIC)
        input.damaged("what follows a bzip2 stream is not another one");
      else if (result != BZ_OK)
        input.damaged("the bzip2 stream is damaged");
      else if (!more && filled == before)
        input.damaged("the file ends in the middle of a bzip2 stream");
    }
  }

 private:
  void begin() {
    stream_ = {};
    if (BZ2_bzDecompressInit(&stream_, 0, 0) != BZ_OK) throw std::bad_alloc();
    inside_ = true;
  }
  void end() {
    BZ2_bzDecompressEnd(&stream_);
    inside_ = false;
  }

  bz_stream stream_{};
  bool inside_ = false;  // of a stream
};

class Gzip : public ByteSource::Decoder {
 public:
  Gzip() {
    if (inflateInit2(&stream_, 15 + 16) != Z_OK) throw std::bad_alloc();
  }
  ~Gzip() override { inflateEnd(&stream_); }

  void decode(Input& input, std::span<char> out, size_t& filled) override {
    while (filled < out.size()) {
      const bool more = input.require(1);
      if (!more && !inside_) return;
      inside_ = true;
      const std::span<char> from = input.available();
      stream_.next_in = reinterpret_cast<Bytef*>(from.data());
      stream_.avail_in = unsigned(from.size());
      stream_.next_out = reinterpret_cast<Bytef*>(out.data() + filled);
      stream_.avail_out = unsigned(out.size() - filled);
      const int result = inflate(&stream_, Z_NO_FLUSH);
      const size_t taken = from.size() - stream_.avail_in, before = filled;
      filled = out.size() - stream_.avail_out;
      input.skip(taken);
      if (result == Z_STREAM_END) {
        inside_ = false;
        inflateReset(&stream_);
      } else if (result == Z_MEM_ERROR) {
        throw std::bad_alloc();
      } else if (result != Z_OK && result != Z_BUF_ERROR) {
        input.damaged("the gzip stream is damaged");
      } else if (!more && filled == before) {
        input.damaged("the file ends in the middle of a gzip stream");
      }
    }
  }

 private:
  z_stream stream_{};
  bool inside_ = false;  // of a member
};

std::unique_ptr<ByteSource::Decoder> decoder_for(Input& input) {
  input.require(6);
  const std::string_view head(input.available().data(), std::min<size_t>(input.available().size(), 6));
  if (head.starts_with("BZh")) return std::make_unique<Bzip2>();
  if (head.starts_with("\x1f\x8b")) return std::make_unique<Gzip>();
  const bool packed = head.starts_with(
                          "\xfd"
                          "7zXZ") ||
                      head.starts_with("\x28\xb5\x2f\xfd") || head.starts_with("7z\xbc\xaf") ||
                      head.starts_with("PK\x03\x04");
  if (packed) input.damaged("the compression is not one of those that are read: none, bzip2, gzip");
  return std::make_unique<Plain>();
}

}  // namespace

ByteSource::ByteSource(const std::string& path)
    : input_(std::make_unique<Input>(path)), decoder_(decoder_for(*input_)) {}

ByteSource::~ByteSource() = default;

size_t ByteSource::read(std::span<char> out) {
  if (damage_) std::rethrow_exception(damage_);
  size_t filled = 0;
  try {
    for (size_t before = 0; filled < out.size(); before = filled) {
      decoder_->decode(*input_, out, filled);
      if (filled == before) break;
    }
  } catch (const DamagedInput&) {
    if (filled == 0) throw;
    damage_ = std::current_exception();
  }
  return filled;
}

const std::string& ByteSource::name() const { return input_->name(); }
int64_t ByteSource::consumed() const { return input_->offset(); }
int64_t ByteSource::size() const { return input_->size(); }

}  // namespace kilm
