// Files of mentions, read whole and written in one line each, for tests.
#pragma once

#include <string>
#include <vector>

#include "kilm/evaluation/readers/mentions.h"
#include "tensor/base/error.h"

namespace tests {

// Returns "ID DOCUMENT left[surface]right -> gold {candidate: description (count)}".
inline std::string line_of(const kilm::evaluation::MentionItem& item) {
  std::string line = item.id.dump() + " " + item.document + " " + item.text->substr(0, size_t(item.start)) + "[" +
                     std::string(item.surface()) + "]" + item.text->substr(size_t(item.end)) + " -> " +
                     item.title.value_or("null");
  for (const auto& candidate : item.candidates) {
    line += " {" + candidate.title;
    if (candidate.description) line += ": " + *candidate.description;
    if (candidate.count) line += " (" + base::Json(*candidate.count).dump() + ")";
    line += "}";
  }
  return line;
}

inline std::vector<std::string> read_mentions(const std::string& path, kilm::evaluation::MentionFormat format,
                                              const std::string& texts = "") {
  std::vector<std::string> lines;
  const auto reader = kilm::evaluation::open_mentions(path, format, texts);
  while (const auto item = reader->next()) lines.push_back(line_of(*item));
  return lines;
}

// Returns what is wrong with the file.
inline std::string damage_of(const std::string& path, kilm::evaluation::MentionFormat format) {
  try {
    read_mentions(path, format);
  } catch (const base::DamagedInput& damage) {
    return damage.what();
  }
  return "nothing";
}

}  // namespace tests
