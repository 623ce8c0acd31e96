// JSON lines that are looked up by texts in them: a file of any size, of which memory holds 16 bytes for each text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/base/file.h"
#include "tensor/base/json.h"

namespace kilm::evaluation {

class KeyedLines {
 public:
  // Returns the texts by which a line is found. The first names it: where another line has the same text only as one of
  // its others, the named one is found. May throw Error.
  using Keys = std::vector<std::string> (*)(const base::Json& line);

  // Maps a file and reads each line of it. Throws Error if it is no regular file, DamagedInput that names the line for
  // what is no JSON and for an Error of `keys`, and that names the file if it has no line.
  KeyedLines(const std::string& path, Keys keys);

  // Returns the line that has the key; the first of several.
  std::optional<base::Json> find(std::string_view key) const;

 private:
  struct Entry {
    uint64_t hash, begin;
    auto operator<=>(const Entry&) const = default;
  };
  base::Json line_at(size_t begin, const std::string& place) const;

  base::MappedFile file_;
  Keys keys_;
  std::vector<Entry> entries_;  // ascending
};

}  // namespace kilm::evaluation
