#include "kilm/evaluation/readers/mentions.h"

#include <filesystem>
#include <fstream>

#include "kilm/evaluation/readers/mention_readers.h"
#include "kilm/languages/title.h"
#include "tensor/base/format.h"
#include "tensor/base/json_lines.h"

namespace kilm::evaluation {

namespace {

using base::check;
using base::Json;

class MentionLines final : public MentionReader {
 public:
  MentionLines(const std::string& path, ReadMention read) : lines_(path), read_(read) {}

  std::optional<MentionItem> next() override {
    std::optional<MentionItem> item = lines_.next([&](const Json& line) {
      MentionItem read = read_(line);
      check_mention(read);
      return read;
    });
    if (!item) return item;
    if (item->id.is_null()) item->id = number_;
    ++number_;
    item->place = lines_.place();
    item->own_document = item->document.empty();
    if (item->own_document) item->document = base::format("line {}", number_);
    return item;
  }

 private:
  base::JsonLines lines_;
  ReadMention read_;
  int64_t number_ = 0;
};

MentionCandidate candidate_of(const Json& entry) {
  if (entry.is_string()) return {.title = title_of(entry.as_string())};
  MentionCandidate candidate{
      .title = base::entry_at(entry, "title", [](const Json& title) { return title_of(title.as_string()); })};
  if (const Json* description = entry.find("description"); description && !description->is_null())
    candidate.description = base::string_at(entry, "description");
  if (const Json* count = entry.find("count"); count && !count->is_null())
    candidate.count = base::number_at(entry, "count");
  return candidate;
}

// Tells whether `byte` is the first of a character, or the end of the text.
bool begins_character(std::string_view text, int64_t byte) {
  return byte == int64_t(text.size()) || (static_cast<unsigned char>(text[size_t(byte)]) & 0xC0) != 0x80;
}

// Returns the first bytes of a file that are no white space.
std::string beginning_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  check(file.is_open(), "{}: cannot be opened", path);
  std::string text(64, '\0');
  file >> std::ws;
  file.read(text.data(), std::streamsize(text.size()));
  text.resize(size_t(file.gcount()));
  return text;
}

}  // namespace

const char* name(MentionFormat format) {
  switch (format) {
    case MentionFormat::jsonl: return "jsonl";
    case MentionFormat::paragraphs: return "paragraphs";
    case MentionFormat::kilt: return "kilt";
    case MentionFormat::wned: return "wned";
    case MentionFormat::conll: return "conll";
  }
  base::fail("format of mentions: no such value");
}

MentionFormat find_mention_format(const std::string& path) {
  std::error_code error;
  check<base::UsageError>(
      path != "-" && (!std::filesystem::exists(path, error) || std::filesystem::is_regular_file(path)),
      "{} can be read only once, so --format should say what it is", path);
  const std::string beginning = beginning_of(path);
  check<base::DamagedInput>(!beginning.empty(), "{}: holds no mention", path);
  if (beginning[0] == '<') return MentionFormat::wned;
  if (beginning.starts_with("-DOCSTART-")) return MentionFormat::conll;
  check<base::DamagedInput>(beginning[0] == '{',
                            "{}: line 1: should begin with a JSON object, an XML element or -DOCSTART-", path);
  base::JsonLines lines(path);
  return *lines.next([](const Json& line) {
    if (line.find("meta") || line.find("output")) return MentionFormat::kilt;
    return line.find("links") ? MentionFormat::paragraphs : MentionFormat::jsonl;
  });
}

std::unique_ptr<MentionReader> open_mentions(const std::string& path, MentionFormat format, const std::string& texts) {
  switch (format) {
    case MentionFormat::jsonl: return read_jsonl_mentions(path);
    case MentionFormat::paragraphs: return read_paragraph_mentions(path);
    case MentionFormat::kilt: return read_kilt_mentions(path);
    case MentionFormat::wned: return read_wned_mentions(path, texts);
    case MentionFormat::conll: return read_conll_mentions(path);
  }
  base::fail("format of mentions: no such value");
}

std::unique_ptr<MentionReader> read_mention_lines(const std::string& path, ReadMention read) {
  return std::make_unique<MentionLines>(path, read);
}

std::string title_of(std::string_view written) {
  std::string title = languages::normalise_title(written);
  check(!title.empty(), "a title should not be empty");
  return title;
}

std::vector<MentionCandidate> candidates_of(const Json& line) {
  std::vector<MentionCandidate> candidates;
  const Json* list = line.find("candidates");
  if (!list || list->is_null()) return candidates;
  for (const Json& entry : base::items_at(line, "candidates")) {
    const size_t number = candidates.size() + 1;
    candidates.push_back(base::read_at(base::format("candidate {}", number), [&] { return candidate_of(entry); }));
  }
  return candidates;
}

void set_text(MentionItem& item, const std::string& left, const std::string& mention, const std::string& right) {
  check(!mention.empty(), "mention: should not be empty");
  item.start = int64_t(left.size());
  item.end = item.start + int64_t(mention.size());
  item.text = std::make_shared<const std::string>(left + mention + right);
}

void check_mention(const MentionItem& item) {
  const auto size = int64_t(item.text->size());
  check(item.start >= 0 && item.end <= size && item.start <= item.end,
        "mention: start {} and end {} should lie in its text of {} bytes, in this order", item.start, item.end, size);
  check(item.start < item.end, "mention: start and end are {}, so it is empty", item.start);
  for (const int64_t byte : {item.start, item.end})
    check(begins_character(*item.text, byte), "mention: byte {} is inside of a character", byte);
}

}  // namespace kilm::evaluation
