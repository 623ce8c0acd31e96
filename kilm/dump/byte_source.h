// A stream of bytes from a file or from standard input, decompressed on the way. Plain bytes, bzip2, gzip, xz and zstd
// are told apart by their first bytes, never by the name. Memory stays the same however long the stream is and however
// much it expands.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <string>

namespace kilm::dump {

class Decoder;
class InputFile;

class ByteSource {
 public:
  // Opens a file; "-" is standard input. Throws Error if that fails, DamagedInput for another compressed format.
  explicit ByteSource(const std::string& path);
  ~ByteSource();
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  // Fills `out` as far as the stream goes and returns the number of bytes, 0 at its end. What was decoded before a
  // damaged place is returned first; the next call throws DamagedInput with the offset in the file.
  size_t read(std::span<char> out);

  const std::string& name() const;     // the path, or "standard input"
  const std::string& warning() const;  // at the end: that bytes behind a whole stream were not read; or empty
  int64_t consumed() const;            // bytes of the file that were read so far, compressed as they are
  int64_t size() const;                // bytes of the file; 0 if it has no size (a pipe)

 private:
  std::unique_ptr<InputFile> input_;
  std::unique_ptr<Decoder> decoder_;
  std::exception_ptr damage_;  // found behind bytes that were returned
};

}  // namespace kilm::dump
