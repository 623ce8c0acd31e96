#include "kilm/corpus/spool.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "tensor/format.h"

namespace kilm {

Spool::Spool(const std::string& folder) : folder_(folder) {
  std::string path = folder + "/spool.tmp-XXXXXX";
  const int descriptor = mkstemp(path.data());
  if (descriptor < 0) fail("no temporary file can be made here");
  unlink(path.c_str());
  file_ = fdopen(descriptor, "w+b");
  std::setvbuf(file_, nullptr, _IOFBF, 1 << 20);
}

Spool::~Spool() { std::fclose(file_); }

void Spool::fail(const char* what) const {
  const int error = errno;
  const std::string message = tensor::format("{}: {}: {}", folder_, what, std::strerror(error));
  if (error == ENOSPC || error == EDQUOT) throw tensor::OutOfMemory(message);
  throw tensor::Error(message);
}

void Spool::add(std::string_view record) {
  const uint64_t size = record.size();
  const bool written = std::fwrite(&size, sizeof(size), 1, file_) == 1 &&
                       std::fwrite(record.data(), 1, record.size(), file_) == record.size();
  if (!written) fail("the temporary file cannot be written");
  ++records_;
}

void Spool::rewind() {
  if (std::fseek(file_, 0, SEEK_SET) != 0) fail("the temporary file cannot be written");
  read_ = 0;
}

bool Spool::next(std::string& record) {
  if (read_ == records_) return false;
  uint64_t size;
  bool whole = std::fread(&size, sizeof(size), 1, file_) == 1;
  if (whole) {
    record.resize(size);
    whole = std::fread(record.data(), 1, size, file_) == size;
  }
  if (!whole) fail("the temporary file cannot be read");
  ++read_;
  return true;
}

}  // namespace kilm
