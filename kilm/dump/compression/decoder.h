// Turns the bytes of a file into those they stand for. A compressed file may hold many streams one after another, which
// together are one text. What follows a whole stream and begins no other one is not read, with a warning.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "kilm/dump/compression/input_file.h"

namespace kilm::dump {

class Decoder {
 public:
  virtual ~Decoder() = default;
  // Appends to `out` from `filled` on and counts there, also what came before a throw. Leaves it as it is at the end.
  // Throws DamagedInput.
  virtual void decode(InputFile& input, std::span<char> out, size_t& filled) = 0;
};

// Chooses by the first bytes of the file. Throws DamagedInput for a compression that is not read.
std::unique_ptr<Decoder> decoder_for(InputFile& input);

std::unique_ptr<Decoder> bzip2_decoder();
std::unique_ptr<Decoder> gzip_decoder();
std::unique_ptr<Decoder> xz_decoder();
std::unique_ptr<Decoder> zstd_decoder();

bool begins_bzip2(std::string_view head);
bool begins_gzip(std::string_view head);
bool begins_xz(std::string_view head);
bool begins_zstd(std::string_view head);

// Tells whether `head` begins with `magic`, as far as it goes: at the end of a cut file it may be shorter.
inline bool begins_with(std::string_view head, std::string_view magic) {
  return !head.empty() && head.substr(0, magic.size()) == magic.substr(0, head.size());
}

// Returns what the warning of bytes that begin no stream says.
std::string rest_ignored(std::string_view format);

// The part that formats share whose library reads one stream from its begin to its end.
class StreamDecoder : public Decoder {
 public:
  explicit StreamDecoder(std::string format) : format_(std::move(format)) {}
  void decode(InputFile& input, std::span<char> out, size_t& filled) final;

 protected:
  struct Outcome {
    bool ended = false;       // the stream, with nothing left to give
    std::string damage = {};  // a reason; empty is none
  };
  virtual bool begins(std::string_view head) const = 0;         // whether `head` begins a stream
  virtual size_t padding(std::string_view) const { return 0; }  // bytes at the front that may stand between streams
  virtual void begin() = 0;
  // Cuts from the front of both what was taken and what was given.
  virtual Outcome step(std::string_view& from, std::span<char>& to) = 0;
  std::string damaged() const;

 private:
  std::string format_;
  bool inside_ = false;  // of a stream
  bool ended_ = false;   // no stream follows
};

}  // namespace kilm::dump
