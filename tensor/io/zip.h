// The directory of a zip archive whose members are stored as they are, which is how torch writes its files. Members
// are views of the mapped archive; nothing is ever unpacked, so a member's name is only a name.
// Format: PKWARE APPNOTE 6.3, sections 4.3 and 4.5.3 (zip64).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tensor/base/file.h"

namespace tensor {

struct ZipMember {
  std::string name;
  size_t offset = 0, bytes = 0;  // of its data in the archive
  uint32_t crc = 0;
};

// Returns the members in the order of their data. Throws DamagedInput with file, offset and reason for whatever does
// not add up: members outside of the archive, overlapping, twice, compressed or encrypted.
std::vector<ZipMember> read_zip_directory(const base::MappedFile& archive);

// Throws DamagedInput unless the bytes of the member have the checksum that the directory says.
void check_crc(const base::MappedFile& archive, const ZipMember& member);

}  // namespace tensor
