#include "kilm/dump/compression/parallel_bzip2.h"

#include <bzlib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <new>
#include <string>

#include "tensor/base/threads.h"

namespace kilm::dump {

namespace {

constexpr uint64_t kBlock = 0x314159265359, kEnd = 0x177245385090;
constexpr int64_t kMarkBits = 48, kCrcBits = 32;
constexpr size_t kOutput = size_t(1) << 20;      // bytes of a block that are decoded ahead; the rest of a bomb waits
constexpr size_t kBlockBytes = size_t(1) << 20;  // of the file for each block of the window, as a bound

// Returns `count` bits, at most 57, from bit `at` of `bytes`; they are 0 beyond the end.
uint64_t bits(std::string_view bytes, int64_t at, int64_t count) {
  uint64_t word = 0;
  for (size_t i = size_t(at / 8), end = i + 8; i < end; ++i)
    word = word << 8 | (i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0);
  return word << (at % 8) >> (64 - count);
}

// Tells by its value whether a byte can be the third of a mark. That byte lies inside of the mark wherever in the first
// one it begins.
constexpr std::array<bool, 256> possible_third_bytes() {
  std::array<bool, 256> table{};
  for (int shift = 0; shift < 8; ++shift)
    for (const uint64_t mark : {kBlock, kEnd}) table[mark >> (24 + shift) & 0xff] = true;
  return table;
}

int64_t whole_bytes(int64_t bit) { return (bit + 7) / 8; }

// A short stream without its end: what must come before a block for the library to take it. Its blocks end at each of
// the eight bits of a byte. So bytes of the file follow as they are, and are counted as in the file.
struct Lead {
  std::string bytes;
  size_t output = 0;  // bytes that it decodes to
};

const std::array<Lead, 8>& leads() {
  static const std::array<Lead, 8> all = [] {
    std::array<Lead, 8> result;
    for (int missing = 8, n = 1; missing > 0; ++n) {
      std::string text = std::to_string(n * 7919), packed(1000, '\0');
      unsigned size = unsigned(packed.size());
      if (BZ2_bzBuffToBuffCompress(packed.data(), &size, text.data(), unsigned(text.size()), 1, 0, 0) != BZ_OK)
        throw std::bad_alloc();
      packed.resize(size);
      const int64_t end = bzip2_marks(packed).back();
      Lead& lead = result[size_t(end % 8)];
      if (lead.output > 0) continue;
      lead = {packed.substr(0, size_t(whole_bytes(end))), text.size()};
      if (end % 8 > 0) lead.bytes.back() = char(lead.bytes.back() & (0xff00 >> (end % 8)));
      --missing;
    }
    return result;
  }();
  return all;
}

// A part of the file, scanned for marks. Places are those in the file.
class MarkScan {
 public:
  int64_t begin() const { return begin_; }
  int64_t end() const { return begin_ + int64_t(bytes_.size()); }
  bool whole() const { return whole_; }  // up to the end of the file
  // Tells whether a mark that begins in byte `at` or before it would be known.
  bool known(int64_t at) const { return whole_ || at + 8 <= end(); }
  // Returns the first byte that may not be given to a block yet: one may end with it, unknown to us.
  int64_t usable() const { return whole_ ? end() : std::max(begin_, end() - 8); }

  std::string_view view(int64_t from, int64_t to) const {
    return std::string_view(bytes_).substr(size_t(from - begin_), size_t(to - from));
  }
  uint64_t bits_at(int64_t bit, int64_t count) const { return bits(bytes_, bit - 8 * begin_, count); }
  const std::deque<int64_t>& marks() const { return marks_; }

  void read(InputFile& input) {
    if (!input.require(1)) {
      whole_ = true;
      return;
    }
    const std::string_view next = input.available();
    const int64_t from = std::max(begin_, end() - kMarkBits / 8);  // where an unknown mark may begin
    bytes_ += next;
    input.skip(next.size());
    for (const int64_t mark : bzip2_marks(view(from, end())))
      if (marks_.empty() || 8 * from + mark > marks_.back()) marks_.push_back(8 * from + mark);
  }

  void drop_before(int64_t byte) {
    bytes_.erase(0, size_t(byte - begin_));
    begin_ = byte;
    while (!marks_.empty() && marks_.front() < 8 * byte) marks_.pop_front();
  }

 private:
  std::string bytes_;
  int64_t begin_ = 0;
  bool whole_ = false;
  std::deque<int64_t> marks_;
};

// One block in the making.
class Block {
 public:
  // Begins at its mark at bit `begin`. With level '\0' it begins at the header of a stream, of which nothing is known.
  Block(int64_t begin, char level, const MarkScan& file) : begin_(begin), level_(level), fed_(begin / 8) {
    crc_ = uint32_t(file.bits_at(begin + kMarkBits, kCrcBits));
  }
  ~Block() { BZ2_bzDecompressEnd(&stream_); }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  int64_t begin() const { return begin_; }
  int64_t end() const { return end_; }  // the mark that follows; -1 as long as it is unknown
  int64_t fed() const { return fed_; }  // bytes of the file up to here have been read
  char level() const { return level_; }
  uint32_t crc() const { return crc_; }
  bool damaged() const { return damaged_ && given_ == ahead_.size(); }  // with all of its bytes given
  bool finished() const { return ended() && given_ == ahead_.size(); }

  // Decodes as far as the next mark, or to kOutput bytes, which wait in `ahead`.
  void decode_ahead(const MarkScan& file) {
    std::string output(kOutput, '\0');
    std::span<char> to(output);
    const auto& marks = file.marks();
    const int64_t next = *std::upper_bound(marks.begin(), marks.end(), begin_);
    while (!damaged_ && !ended() && !to.empty() && (produced_ || fed_ <= (next - 1) / 8) && advance(file, to)) {
    }
    output.resize(output.size() - to.size());
    ahead_ = std::move(output);
    if (ended()) BZ2_bzDecompressEnd(&stream_);  // and its memory
  }

  // Gives bytes to `to` and reads what it must for them; false if it needs more of the file.
  bool advance(const MarkScan& file, std::span<char>& to) {
    if (given_ < ahead_.size()) {
      const size_t n = std::min(to.size(), ahead_.size() - given_);
      std::memcpy(to.data(), ahead_.data() + given_, n);
      given_ += n;
      to = to.subspan(n);
      return true;
    }
    if (damaged_) return true;
    if (!open_) open(file);
    const size_t room = to.size();
    if (produced_ && !drained_) {
      step({}, to);
      drained_ = to.size() == room;
      return true;
    }
    const int64_t mark = next_mark(file), last = mark < 0 ? file.usable() : (mark - 1) / 8;
    const int64_t stop = std::min(file.usable(), last == fed_ && mark >= 0 ? fed_ + 1 : last);
    if (stop <= fed_) return false;
    fed_ += int64_t(step(file.view(fed_, stop), to));
    if (!produced_ && to.size() < room) {
      produced_ = true;
      if (mark >= 0 && fed_ == last + 1) end_ = mark;
    }
    return true;
  }

 private:
  bool ended() const { return end_ >= 0 && drained_; }

  // Returns the first mark that may be the end of the block: none before is as far as the bytes that have been read.
  int64_t next_mark(const MarkScan& file) const {
    const auto& marks = file.marks();
    const auto mark = std::upper_bound(marks.begin(), marks.end(), std::max(begin_, 8 * fed_));
    return mark == marks.end() ? -1 : *mark;
  }

  void open(const MarkScan& file) {
    open_ = true;
    if (BZ2_bzDecompressInit(&stream_, 0, 0) != BZ_OK) throw std::bad_alloc();
    if (level_ == '\0') return;
    const int64_t shift = begin_ % 8;
    Lead lead = leads()[size_t(shift)];
    lead.bytes[3] = level_;
    if (shift > 0) {  // its last byte is the block's first one
      const auto first = static_cast<unsigned char>(file.view(fed_, fed_ + 1)[0]);
      lead.bytes.back() = char(lead.bytes.back() | (first & (0xff >> shift)));
      ++fed_;
    }
    std::string output(lead.output + 1, '\0');
    std::span<char> to(output);
    step(lead.bytes, to);
  }

  // Returns how many bytes of `from` were taken, and cuts from `to` what was given.
  size_t step(std::string_view from, std::span<char>& to) {
    stream_.next_in = const_cast<char*>(from.data());
    stream_.avail_in = unsigned(from.size());
    stream_.next_out = to.data();
    stream_.avail_out = unsigned(to.size());
    int result = BZ_OK;
    bool moves = true;
    while (result == BZ_OK && moves) {
      const unsigned in = stream_.avail_in, out = stream_.avail_out;
      result = BZ2_bzDecompress(&stream_);
      moves = in != stream_.avail_in || out != stream_.avail_out;
    }
    if (result == BZ_MEM_ERROR) throw std::bad_alloc();
    damaged_ = result != BZ_OK;
    to = to.last(stream_.avail_out);
    return from.size() - stream_.avail_in;
  }

  const int64_t begin_;
  const char level_;
  uint32_t crc_ = 0;
  int64_t fed_, end_ = -1;
  bz_stream stream_{};
  bool open_ = false, produced_ = false, drained_ = false, damaged_ = false;
  std::string ahead_;
  size_t given_ = 0;  // of ahead_
};

class ParallelBzip2 : public Decoder {
 public:
  explicit ParallelBzip2(size_t window) : window_(window) {}

  void decode(InputFile& input, std::span<char> out, size_t& filled) override {
    while (filled < out.size() && !ended_) {
      if (!block_ && !next_block(input)) return;
      std::span<char> to = out.subspan(filled);
      const bool goes_on = block_->advance(file_, to);
      filled = out.size() - to.size();
      if (block_->damaged()) input.damaged(block_->fed(), kDamaged);
      if (block_->finished()) {
        at_ = block_->end();
        crc_ = (crc_ << 1 | crc_ >> 31) ^ block_->crc();
        block_.reset();
      } else if (!goes_on) {
        more(input, block_->fed());
      }
    }
  }

 private:
  static constexpr const char* kDamaged = "the bzip2 stream is damaged";

  // Reads on; `byte` is the first that is still needed.
  void more(InputFile& input, int64_t byte) {
    if (file_.whole()) input.damaged(file_.end(), "the file ends in the middle of the bzip2 stream");
    file_.drop_before(byte);
    file_.read(input);
  }

  // Passes ends and headers of streams up to the next block; false at the end of the file.
  bool next_block(InputFile& input) {
    while (true) {
      while (!file_.known(at_ / 8 + (kMarkBits + kCrcBits) / 8)) more(input, at_ / 8);
      if (level_ == '\0') {
        if (at_ / 8 == file_.end()) return false;
        begin_stream(input);
        if (ended_) return false;
        if (block_) return true;
      } else if (file_.bits_at(at_, kMarkBits) == kBlock) {
        take_block(input);
        return true;
      } else {
        end_stream(input);
      }
    }
  }

  void begin_stream(InputFile& input) {
    const std::string_view head = file_.view(at_ / 8, std::min(file_.end(), at_ / 8 + 10));
    ended_ = !begins_bzip2(head);
    if (ended_) return input.warn(at_ / 8, rest_ignored("bzip2"));
    if (head.size() == 10 && head[3] >= '1' && head[3] <= '9' && is_mark(at_ + 32)) {
      level_ = head[3];
      crc_ = 0;
      at_ += 32;
    } else {
      block_ = std::make_unique<Block>(at_, '\0', file_);  // finds out what is wrong
    }
  }

  void end_stream(InputFile& input) {
    const int64_t end = at_ + kMarkBits + kCrcBits;
    if (end > 8 * file_.end()) more(input, at_ / 8);
    if (file_.bits_at(at_ + kMarkBits, kCrcBits) != crc_) input.damaged(whole_bytes(end), kDamaged);
    at_ = 8 * whole_bytes(end);
    level_ = '\0';
  }

  bool is_mark(int64_t bit) const { return std::binary_search(file_.marks().begin(), file_.marks().end(), bit); }

  void take_block(InputFile& input) {
    while (!ahead_.empty() && ahead_.front()->begin() < at_) ahead_.pop_front();
    if (ahead_.empty()) decode_ahead(input);
    if (!ahead_.empty() && ahead_.front()->begin() == at_ && ahead_.front()->level() == level_) {
      block_ = std::move(ahead_.front());
      ahead_.pop_front();
    } else {
      block_ = std::make_unique<Block>(at_, level_, file_);
    }
  }

  // Decodes what seems to be the next blocks, of this stream and those behind it.
  void decode_ahead(InputFile& input) {
    file_.drop_before(at_ / 8);
    const size_t limit = window_ * kBlockBytes;
    while (!file_.whole() && file_.marks().size() <= window_ && size_t(file_.end() - file_.begin()) < limit)
      file_.read(input);
    const auto& marks = file_.marks();
    char level = level_;
    for (size_t i = 0; i + 1 < marks.size() && ahead_.size() < window_; ++i) {
      if (marks[i] < at_) continue;
      if (file_.bits_at(marks[i], kMarkBits) == kBlock) {
        ahead_.push_back(std::make_unique<Block>(marks[i], level, file_));
      } else {
        const int64_t next = 8 * whole_bytes(marks[i] + kMarkBits + kCrcBits);
        if (file_.bits_at(next, 24) == 0x425a68) level = char(file_.bits_at(next + 24, 8));  // BZh
      }
    }
    base::for_all(int64_t(ahead_.size()), [&](int64_t i) { ahead_[size_t(i)]->decode_ahead(file_); });
  }

  const size_t window_;
  MarkScan file_;
  int64_t at_ = 0;                            // bit of the file that everything before has been given out
  char level_ = '\0';                         // of the stream; '\0' between streams
  uint32_t crc_ = 0;                          // of its blocks so far
  bool ended_ = false;                        // no stream follows
  std::unique_ptr<Block> block_;              // that is being given out
  std::deque<std::unique_ptr<Block>> ahead_;  // behind it
};

}  // namespace

std::vector<int64_t> bzip2_marks(std::string_view bytes) {
  static constexpr std::array<bool, 256> kPossible = possible_third_bytes();
  std::vector<int64_t> marks;
  for (size_t i = 0; i + 6 <= bytes.size(); ++i) {
    if (!kPossible[static_cast<unsigned char>(bytes[i + 2])]) continue;
    for (int64_t shift = 0; shift < 8; ++shift) {
      const int64_t at = int64_t(i) * 8 + shift;
      const uint64_t found = bits(bytes, at, kMarkBits);
      if ((found == kBlock || found == kEnd) && at + kMarkBits <= 8 * int64_t(bytes.size())) marks.push_back(at);
    }
  }
  return marks;
}

std::unique_ptr<Decoder> parallel_bzip2_decoder(size_t window) { return std::make_unique<ParallelBzip2>(window); }

}  // namespace kilm::dump
