#include "kilm/dataset/record_file.h"

#include <bit>
#include <cstring>
#include <filesystem>
#include <limits>
#include <span>

#include "tensor/base/format.h"

namespace kilm::dataset {

static_assert(std::endian::native == std::endian::little, "record files are little-endian");

using base::check;
using base::DamagedInput;
using base::format;

namespace {

constexpr std::string_view kMagic = "KILMDATA";
constexpr uint32_t kVersion = 1;
constexpr size_t kHeader = 16, kDigest = 32, kFooter = 3 * sizeof(uint64_t) + kDigest;

// Reads a field, which lies where the bytes before it end, aligned to nothing.
template <class T>
T load(std::string_view bytes, size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof(T));
  return value;
}

template <class T>
std::string_view raw(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof(T)};
}

}  // namespace

RecordKind record_kind(const std::string& path) {
  const base::MappedFile file(path);
  check<DamagedInput>(file.text().size() >= kHeader, "{}: byte 0: {} bytes are too few", path, file.text().size());
  return RecordKind(load<uint32_t>(file.text(), 12));
}

bool is_record_file(const std::string& path) {
  return std::filesystem::is_regular_file(path) && base::MappedFile(path).text().starts_with(kMagic);
}

RecordWriter::RecordWriter(const std::string& path, RecordKind kind) : file_(path), offsets_{kHeader} {
  write(kMagic);
  write(raw(kVersion));
  write(raw(uint32_t(kind)));
}

void RecordWriter::write(std::string_view bytes) {
  digest_.update(std::as_bytes(std::span(bytes)));
  file_.write(bytes);
}

void RecordWriter::add(std::string_view record) {
  write(record);
  offsets_.push_back(file_.size());
}

base::Digests RecordWriter::commit(std::string_view extra) {
  const uint64_t offsets_at = file_.size();
  write({reinterpret_cast<const char*>(offsets_.data()), offsets_.size() * sizeof(uint64_t)});
  const uint64_t extra_at = file_.size();
  write(extra);
  for (const uint64_t value : {uint64_t(records()), offsets_at, extra_at}) write(raw(value));
  file_.write(digest_.hex());
  return file_.commit();
}

RecordFile::RecordFile(const std::string& path, RecordKind kind) : file_(path) {
  const std::string_view all = file_.text();
  check<DamagedInput>(all.size() >= kHeader + sizeof(uint64_t) + kFooter, "{}: byte 0: {} bytes are too few", path,
                      all.size());
  check<DamagedInput>(all.starts_with(kMagic), "{}: byte 0: does not begin with {}", path, kMagic);
  check<DamagedInput>(load<uint32_t>(all, 8) == kVersion, "{}: byte 8: version {} should be {}", path,
                      load<uint32_t>(all, 8), kVersion);
  check<DamagedInput>(load<uint32_t>(all, 12) == uint32_t(kind), "{}: byte 12: kind {} should be {}", path,
                      load<uint32_t>(all, 12), uint32_t(kind));
  const uint64_t footer = all.size() - kFooter;
  const uint64_t records = load<uint64_t>(all, footer), extra_at = load<uint64_t>(all, footer + 16);
  offsets_at_ = load<uint64_t>(all, footer + 8);
  check<DamagedInput>(kHeader <= offsets_at_ && offsets_at_ <= extra_at && extra_at <= footer,
                      "{}: byte {}: offsets at {} and extra at {} should be in this order in [{}, {}]", path,
                      footer + 8, offsets_at_, extra_at, kHeader, footer);
  const uint64_t room = (extra_at - offsets_at_) / sizeof(uint64_t);
  check<DamagedInput>((extra_at - offsets_at_) % sizeof(uint64_t) == 0 && room >= 1 && records == room - 1,
                      "{}: byte {}: {} records do not fit {} bytes of offsets", path, footer, records,
                      extra_at - offsets_at_);
  records_ = int64_t(records);
  extra_ = all.substr(extra_at, footer - extra_at);
}

std::string_view RecordFile::record(int64_t i) const {
  check(i >= 0 && i < records_, "{}: record {} is not one of {}", path(), i, records_);
  const uint64_t at = offsets_at_ + uint64_t(i) * sizeof(uint64_t);
  const uint64_t begin = load<uint64_t>(file_.text(), at), end = load<uint64_t>(file_.text(), at + sizeof(uint64_t));
  check<DamagedInput>(kHeader <= begin && begin <= end && end <= offsets_at_,
                      "{}: byte {}: record {} at [{}, {}) should be in [{}, {})", path(), at, i, begin, end, kHeader,
                      offsets_at_);
  return file_.text().substr(begin, end - begin);
}

void RecordFile::verify() const {
  const std::string_view all = file_.text(), before = all.substr(0, all.size() - kDigest);
  check<DamagedInput>(base::xxh3_128_hex(std::as_bytes(std::span(before))) == all.substr(before.size()),
                      "{}: byte {}: the bytes before do not match this digest", path(), before.size());
}

void FieldWriter::u32(uint64_t value) {
  check(value <= std::numeric_limits<uint32_t>::max(), "record: {} does not fit 32 bits", value);
  bytes_ += raw(uint32_t(value));
}

void FieldWriter::u64(uint64_t value) { bytes_ += raw(value); }

void FieldWriter::text(std::string_view value) {
  u32(value.size());
  bytes_ += value;
}

std::string_view FieldReader::take(size_t n) {
  if (n > rest_.size()) damaged(format("{} bytes are wanted where {} are left", n, rest_.size()));
  const std::string_view taken = rest_.substr(0, n);
  rest_.remove_prefix(n);
  return taken;
}

uint32_t FieldReader::u32() { return load<uint32_t>(take(sizeof(uint32_t)), 0); }
uint64_t FieldReader::u64() { return load<uint64_t>(take(sizeof(uint64_t)), 0); }
std::string_view FieldReader::text() { return take(u32()); }

uint32_t FieldReader::count(size_t bytes_each) {
  const uint32_t n = u32();
  if (n > rest_.size() / bytes_each)
    damaged(format("{} entries do not fit the {} bytes that are left", n, rest_.size()));
  return n;
}

void FieldReader::end() const {
  if (!rest_.empty()) damaged(format("{} bytes at its end belong to nothing", rest_.size()));
}

void FieldReader::damaged(std::string_view reason) const { throw DamagedInput(format("{}: {}", place_, reason)); }

}  // namespace kilm::dataset
