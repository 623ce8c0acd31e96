#include "tensor/io/zip.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>

#include "tensor/format.h"

namespace tensor {

namespace {

constexpr uint32_t kEnd = 0x06054b50, kEnd64 = 0x06064b50, kLocator64 = 0x07064b50;
constexpr uint32_t kDirectoryEntry = 0x02014b50, kLocalHeader = 0x04034b50;
constexpr size_t kEndBytes = 22, kEnd64Bytes = 56, kLocator64Bytes = 20, kEntryBytes = 46, kLocalBytes = 30;
constexpr size_t kMaxMembers = 100'000;  // torch writes one for each tensor

// Little-endian numbers at absolute offsets; a read outside of the file is an error that names the place.
class Bytes {
 public:
  explicit Bytes(const base::MappedFile& file) : file_(file) {}

  void require(size_t at, size_t count, const char* what) const {
    base::check<base::DamagedInput>(at <= file_.size() && count <= file_.size() - at,
                                    "{}: offset {}: {} does not fit a file of {}", file_.path(), at, what,
                                    file_.size());
  }
  uint64_t number(size_t at, size_t width) const {
    require(at, width, "a number");
    uint64_t value = 0;
    std::memcpy(&value, file_.bytes().data() + at, width);
    return value;
  }
  std::string_view text(size_t at, size_t count, const char* what) const {
    require(at, count, what);
    return file_.text().substr(at, count);
  }
  void signature(size_t at, uint32_t expected, const char* what) const {
    base::check<base::DamagedInput>(number(at, 4) == expected, "{}: offset {}: this should be {}", file_.path(), at,
                                    what);
  }

 private:
  const base::MappedFile& file_;
};

struct Directory {
  size_t offset, bytes, members;
};

// Finds the record that ends the archive. It stands before a comment of at most 64 KiB whose length it names.
size_t find_end(const base::MappedFile& file, const Bytes& bytes) {
  base::check<base::DamagedInput>(file.size() >= kEndBytes, "{}: offset 0: {} bytes are too few for a zip archive",
                                  file.path(), file.size());
  const size_t last = file.size() - kEndBytes;
  for (size_t back = 0; back <= std::min<size_t>(last, 0xffff); ++back) {
    const size_t at = last - back;
    if (bytes.number(at, 4) == kEnd && bytes.number(at + 20, 2) == back) return at;
  }
  throw base::DamagedInput(base::format("{}: offset {}: the end of a zip archive should be here", file.path(), last));
}

Directory find_directory(const base::MappedFile& file, const Bytes& bytes) {
  const size_t end = find_end(file, bytes);
  Directory directory{bytes.number(end + 16, 4), bytes.number(end + 12, 4), bytes.number(end + 10, 2)};
  size_t limit = end;
  if (end >= kLocator64Bytes && bytes.number(end - kLocator64Bytes, 4) == kLocator64) {
    limit = bytes.number(end - kLocator64Bytes + 8, 8);
    bytes.require(limit, kEnd64Bytes, "the zip64 end of the archive");
    bytes.signature(limit, kEnd64, "the zip64 end of the archive");
    directory = {bytes.number(limit + 48, 8), bytes.number(limit + 40, 8), bytes.number(limit + 32, 8)};
  }
  base::check<base::DamagedInput>(directory.offset <= limit && directory.bytes <= limit - directory.offset,
                                  "{}: offset {}: the directory, {} bytes from {}, does not end before it", file.path(),
                                  limit, directory.bytes, directory.offset);
  base::check<base::DamagedInput>(directory.members <= kMaxMembers, "{}: offset {}: {} members are more than {}",
                                  file.path(), directory.offset, directory.members, kMaxMembers);
  base::check<base::DamagedInput>(directory.members <= directory.bytes / kEntryBytes,
                                  "{}: offset {}: a directory of {} bytes cannot hold {} members", file.path(),
                                  directory.offset, directory.bytes, directory.members);
  return directory;
}

// Reads sizes and offset that do not fit 32 bits from the extra field 1. It has them in this order, and no others.
void read_zip64(const Bytes& bytes, size_t at, size_t end, std::initializer_list<uint64_t*> values) {
  while (at + 4 <= end) {
    const uint64_t id = bytes.number(at, 2), size = bytes.number(at + 2, 2);
    size_t field = at + 4;
    at = field + size;
    if (id != 1) continue;
    for (uint64_t* value : values) {
      if (*value != 0xffffffff || field + 8 > std::min(at, end)) continue;
      *value = bytes.number(field, 8);
      field += 8;
    }
  }
}

// Tells whether a name is usable. Nothing is unpacked, so a name leads nowhere; one that tries to is no work of torch.
bool usable_member_name(std::string_view name) {
  return !name.empty() && name[0] != '/' && name.find("..") == std::string_view::npos &&
         name.find('\\') == std::string_view::npos &&
         std::none_of(name.begin(), name.end(), [](char c) { return uint8_t(c) < 0x20; });
}

// Reads the entry at `at` and moves behind it.
ZipMember read_entry(const base::MappedFile& file, const Bytes& bytes, const Directory& directory, size_t& at) {
  const size_t start = at;
  bytes.signature(at, kDirectoryEntry, "an entry of the directory");
  const size_t name_bytes = bytes.number(at + 28, 2), extra = bytes.number(at + 30, 2);
  ZipMember member{.name = std::string(bytes.text(at + kEntryBytes, name_bytes, "a member's name")),
                   .crc = uint32_t(bytes.number(at + 16, 4))};
  const bool link = bytes.number(at + 38, 4) >> 28 == 0xa;  // as Unix systems write the kind of a file
  base::check<base::DamagedInput>(usable_member_name(member.name) && !link,
                                  "{}: offset {}: a member is a link, or its name leads out of the archive",
                                  file.path(), start);
  uint64_t stored = bytes.number(at + 20, 4), size = bytes.number(at + 24, 4), local = bytes.number(at + 42, 4);
  read_zip64(bytes, at + kEntryBytes + name_bytes, at + kEntryBytes + name_bytes + extra, {&size, &stored, &local});
  base::check<base::DamagedInput>(bytes.number(at + 10, 2) == 0 && stored == size && bytes.number(at + 8, 2) % 2 == 0,
                                  "{}: offset {}: member {} is compressed or encrypted; it should be stored as it is",
                                  file.path(), start, member.name);
  at += kEntryBytes + name_bytes + extra + bytes.number(at + 32, 2);
  base::check<base::DamagedInput>(local < directory.offset, "{}: offset {}: member {} begins at {}, behind all members",
                                  file.path(), start, member.name, local);
  bytes.signature(local, kLocalHeader, "the header of a member");
  const size_t local_name = bytes.number(local + 26, 2);
  base::check<base::DamagedInput>(bytes.text(local + kLocalBytes, local_name, "a member's name") == member.name,
                                  "{}: offset {}: the header's name is not {}, as the directory says", file.path(),
                                  local, member.name);
  member.offset = local + kLocalBytes + local_name + bytes.number(local + 28, 2);
  member.bytes = size;
  base::check<base::DamagedInput>(member.offset <= directory.offset && member.bytes <= directory.offset - member.offset,
                                  "{}: offset {}: member {} of {} bytes reaches into the directory", file.path(),
                                  member.offset, member.name, member.bytes);
  return member;
}

}  // namespace

std::vector<ZipMember> read_zip_directory(const base::MappedFile& archive) {
  const Bytes bytes(archive);
  const Directory directory = find_directory(archive, bytes);
  std::vector<ZipMember> members;
  size_t at = directory.offset;
  for (size_t i = 0; i < directory.members; ++i) members.push_back(read_entry(archive, bytes, directory, at));
  std::sort(members.begin(), members.end(), [](const ZipMember& a, const ZipMember& b) { return a.name < b.name; });
  for (size_t i = 1; i < members.size(); ++i)
    base::check<base::DamagedInput>(members[i].name != members[i - 1].name, "{}: offset {}: member {} is there twice",
                                    archive.path(), members[i].offset, members[i].name);
  std::sort(members.begin(), members.end(), [](const ZipMember& a, const ZipMember& b) { return a.offset < b.offset; });
  for (size_t i = 1; i < members.size(); ++i)
    base::check<base::DamagedInput>(members[i].offset >= members[i - 1].offset + members[i - 1].bytes,
                                    "{}: offset {}: member {} overlaps member {}", archive.path(), members[i].offset,
                                    members[i].name, members[i - 1].name);
  return members;
}

void check_crc(const base::MappedFile& archive, const ZipMember& member) {
  const auto* data = reinterpret_cast<const Bytef*>(archive.bytes().data() + member.offset);
  base::check<base::DamagedInput>(uint32_t(crc32_z(0, data, member.bytes)) == member.crc,
                                  "{}: offset {}: the bytes of member {} do not match their checksum", archive.path(),
                                  member.offset, member.name);
}

}  // namespace tensor
