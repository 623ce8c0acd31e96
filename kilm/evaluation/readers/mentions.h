// Mentions to disambiguate, read one after another out of files in the forms of the field. A file of any size takes the
// memory of one line, or of one document where a document is more than a line.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/base/json.h"

namespace kilm::evaluation {

// An entity that a mention may mean. Titles are in the one form of languages/title.h.
struct MentionCandidate {
  std::string title;
  std::optional<std::string> description = {};
  std::optional<double> count = {};  // how often the mention means it, in any unit
};

struct MentionItem {
  base::Json id = {};         // text or integer; the mention's number from 0 where the file has none
  std::string document = {};  // its name
  bool own_document = false;  // whether nothing else is of that document: then the file does not name it
  std::shared_ptr<const std::string> text = {};   // of the document, UTF-8
  int64_t start = 0, end = 0;                     // of the mention, bytes of the text
  std::optional<std::string> title = {};          // gold; nothing: not in the knowledge base, or not known
  std::vector<MentionCandidate> candidates = {};  // as the file has them
  std::string place = {};                         // "FILE: line 7", for errors

  std::string_view surface() const { return std::string_view(*text).substr(size_t(start), size_t(end - start)); }
};

// Mentions that do not stand in their text.
struct SkippedMentions {
  int64_t count = 0;
  std::string first;  // file, document and mention of the first
};

class MentionReader {
 public:
  virtual ~MentionReader() = default;

  // Returns the next mention, or nothing behind the last one. Throws DamagedInput that names file and line, or
  // document.
  virtual std::optional<MentionItem> next() = 0;
  virtual SkippedMentions skipped() const { return {}; }
};

enum class MentionFormat : uint8_t {
  jsonl,       // {"text", "start", "end", "title", "document"}, {"left", "mention", "right", "gold_title", "doc"}, or
               // {"sentence", "span", "doc_title"} with a span of words
  paragraphs,  // links of {"title", "text", "links": [{"start", "end", "title"}]}, as `kilm prepare` prints paragraphs
  kilt,        // KILT's and GENRE's lines: meta.left_context, meta.mention, meta.right_context, output[0].answer
  wned,        // XML of documents and annotations, with the texts beside it (Guo and Barbosa 2018)
  conll,       // AIDA's and KORE50's columns: token, B or I, mention, YAGO title, address
};
inline constexpr MentionFormat kMentionFormats[] = {MentionFormat::jsonl, MentionFormat::paragraphs,
                                                    MentionFormat::kilt, MentionFormat::wned, MentionFormat::conll};
const char* name(MentionFormat format);

// Tells the format of a file by its beginning. Throws DamagedInput if it has none of them, and UsageError for what can
// be read only once.
MentionFormat find_mention_format(const std::string& path);

// Opens a file, "-" for standard input. `texts` is the folder of wned's texts; empty: RawText beside the file. Throws
// Error if the file cannot be opened.
std::unique_ptr<MentionReader> open_mentions(const std::string& path, MentionFormat format,
                                             const std::string& texts = {});

}  // namespace kilm::evaluation
