// shard-NNNNN.kds: the paragraphs of one split, and the windows of text that they are cut into for the model. A record
// file whose extra bytes are the split, u32, and the windows, u32[windows, 3]: paragraph, begin, end.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kilm/dataset/record_file.h"
#include "kilm/dataset/split.h"

namespace kilm::dataset {

inline constexpr uint32_t kNoEntity = 0xffffffff;

// A link of a paragraph's text, in bytes.
struct StoredLink {
  uint32_t begin = 0, end = 0;
  uint32_t entity = kNoEntity;  // number in the table of entities
  std::string_view title;       // target, after redirects where they are known
  std::string_view redirect;    // the title as it was written, if that was a redirect
};

struct StoredParagraph {
  uint64_t page = 0;    // id
  uint32_t number = 0;  // in the article
  std::string_view article, section, text;
  std::vector<StoredLink> links;  // in the order of the text
};

std::string to_record(const StoredParagraph& paragraph);
// Throws DamagedInput where a number points outside.
StoredParagraph parse_paragraph(std::string_view record, const std::string& place);
// Returns the paragraph as docs/formats.md shows it, in one line.
std::string to_json_line(const StoredParagraph& paragraph, std::optional<Split> split = {});

struct TextRange {
  uint32_t begin, end;  // bytes
};

class ShardWriter {
 public:
  ShardWriter(const std::string& path, Split split) : file_(path, RecordKind::paragraphs), split_(split) {}

  void add(std::string_view paragraph_record, std::span<const TextRange> windows);
  int64_t paragraphs() const { return file_.records(); }
  int64_t windows() const { return int64_t(windows_.size()) / 3; }
  size_t bytes() const { return file_.bytes(); }
  base::Digests commit();

 private:
  RecordWriter file_;
  Split split_;
  std::vector<uint32_t> windows_;
};

struct StoredWindow {
  int64_t paragraph;
  TextRange range;
};

class Shard {
 public:
  explicit Shard(const std::string& path);  // DamagedInput

  Split split() const { return split_; }
  int64_t paragraphs() const { return file_.records(); }
  int64_t windows() const { return windows_; }
  StoredParagraph paragraph(int64_t i) const;
  StoredWindow window(int64_t i) const;  // its range is not checked against the text
  void verify() const { file_.verify(); }
  const std::string& path() const { return file_.path(); }

 private:
  RecordFile file_;
  Split split_;
  int64_t windows_;
};

}  // namespace kilm::dataset
