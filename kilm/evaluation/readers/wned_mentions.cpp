// Mentions in the XML of WNED (Guo and Barbosa 2018), in which MSNBC, AQUAINT, ACE2004, CWEB and others come:
//   <ROOT><document docName="NAME"><annotation><mention/><wikiName/><offset/><length/></annotation>…</document>…</ROOT>
// The text of a document is the file NAME in a folder beside it. Offsets, in characters, are off here and there, so a
// mention is looked for near its place. A document type is refused: no entity can be defined, and none can expand.
#include <expat.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <deque>
#include <exception>
#include <filesystem>
#include <fstream>
#include <map>

#include "kilm/evaluation/readers/mention_readers.h"
#include "kilm/text/unicode.h"
#include "tensor/base/file.h"
#include "tensor/base/format.h"
#include "tensor/base/json_lines.h"

namespace kilm::evaluation {

namespace {

using base::check;
using base::DamagedInput;

constexpr size_t kChunk = 64 << 10;
constexpr size_t kMaxField = size_t(1) << 20;  // bytes of a tag or of a field's text
constexpr size_t kMaxDepth = 32;
constexpr int64_t kReach = 100;  // characters between where a mention should stand and where it does

struct Annotation {
  std::string mention, title;
  int64_t offset = 0;  // characters
  std::string place;
};

struct Document {
  std::string name, place;
  std::vector<Annotation> annotations;
};

// The documents of a file, one after another as its bytes arrive. expat is C: an exception of a handler waits in
// `failure_` until expat has returned.
class DocumentReader {
 public:
  explicit DocumentReader(const std::string& path)
      : source_(path == "-" ? "standard input" : path),
        file_(path == "-" ? "/dev/stdin" : path, std::ios::binary),
        parser_(XML_ParserCreate(nullptr), XML_ParserFree) {
    check(file_.is_open(), "{}: cannot be opened", path);
    if (parser_ == nullptr) throw std::bad_alloc();
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(
        parser_.get(),
        [](void* self, const char* name, const char** attributes) {
          static_cast<DocumentReader*>(self)->guarded([&](DocumentReader& r) { r.start(name, attributes); });
        },
        [](void* self, const char*) {
          static_cast<DocumentReader*>(self)->guarded([](DocumentReader& r) { r.end(); });
        });
    XML_SetCharacterDataHandler(parser_.get(), [](void* self, const char* text, int size) {
      static_cast<DocumentReader*>(self)->guarded([&](DocumentReader& r) { r.characters({text, size_t(size)}); });
    });
    XML_SetStartDoctypeDeclHandler(parser_.get(), [](void* self, const char*, const char*, const char*, int) {
      static_cast<DocumentReader*>(self)->guarded(
          [](DocumentReader& r) { r.damaged("declares a document type, which this format has no use for"); });
    });
  }

  bool next(Document& document) {
    while (documents_.empty() && !at_end_) read_chunk();
    if (documents_.empty()) return false;
    document = std::move(documents_.front());
    documents_.pop_front();
    return true;
  }

 private:
  template <class F>
  void guarded(F&& f) {
    if (failure_) return;
    try {
      f(*this);
    } catch (...) {
      failure_ = std::current_exception();
      XML_StopParser(parser_.get(), XML_FALSE);
    }
  }

  std::string place() const { return base::format("{}: line {}", source_, XML_GetCurrentLineNumber(parser_.get())); }
  [[noreturn]] void damaged(std::string_view reason) const {
    throw DamagedInput(base::format("{}: {}", place(), reason));
  }

  void read_chunk() {
    auto* const buffer = static_cast<char*>(XML_GetBuffer(parser_.get(), int(kChunk)));
    if (buffer == nullptr) throw std::bad_alloc();
    file_.read(buffer, std::streamsize(kChunk));
    const auto size = size_t(file_.gcount());
    check(!file_.bad(), "{}: cannot be read", source_);
    at_end_ = size == 0;
    fed_ += size;
    const XML_Status status = XML_ParseBuffer(parser_.get(), int(size), at_end_);
    if (failure_) std::rethrow_exception(failure_);
    if (status != XML_STATUS_OK) fail();
    const XML_Index seen = XML_GetCurrentByteIndex(parser_.get());
    if (seen >= 0 && fed_ - size_t(seen) > kMaxField) damaged("a tag does not end within 1 MiB");
  }

  [[noreturn]] void fail() const {
    const XML_Error code = XML_GetErrorCode(parser_.get());
    if (code == XML_ERROR_NO_MEMORY) throw std::bad_alloc();
    if (at_end_ && !path_.empty()) damaged(base::format("the file ends before </{}>", path_.front()));
    damaged(base::format("not well-formed XML: {}", XML_ErrorString(code)));
  }

  // Tells whether the innermost element is a field of an annotation.
  bool in_field() const {
    return path_.size() == 4 && path_[1] == "document" && path_[2] == "annotation" &&
           (path_[3] == "mention" || path_[3] == "wikiName" || path_[3] == "offset");
  }

  void start(std::string_view name, const char** attributes) {
    if (path_.size() >= kMaxDepth) damaged("elements are nested deeper than 32 levels");
    if (in_field()) damaged(base::format("<{}> in the text of <{}>", name, path_.back()));
    path_.emplace_back(name);
    characters_.clear();
    if (path_.size() == 2 && name == "document") start_document(attributes);
    if (path_.size() == 3 && path_[1] == "document" && name == "annotation") fields_.clear();
  }

  void start_document(const char** attributes) {
    document_ = {};
    for (; *attributes != nullptr; attributes += 2)
      if (std::string_view(*attributes) == "docName") document_.name = attributes[1];
    if (document_.name.empty()) damaged("a <document> without docName");
    document_.place = base::format("{}: document {}", source_, document_.name);
  }

  void end() {
    if (in_field() && !fields_.emplace(path_.back(), characters_).second)
      damaged(base::format("a second <{}> in an annotation", path_.back()));
    if (path_.size() == 3 && path_[1] == "document" && path_[2] == "annotation") add_annotation();
    if (path_.size() == 2 && path_[1] == "document") documents_.push_back(std::move(document_));
    path_.pop_back();
  }

  void characters(std::string_view text) {
    if (!in_field()) return;
    if (characters_.size() + text.size() > kMaxField) damaged(base::format("<{}> has more than 1 MiB", path_.back()));
    characters_ += text;
  }

  const std::string& field(const std::string& name) const {
    const auto found = fields_.find(name);
    if (found == fields_.end()) damaged(base::format("an annotation without <{}>", name));
    return found->second;
  }

  void add_annotation() {
    const std::vector<std::string_view> words = text::split_at_white_space(field("offset"));
    const std::string_view digits = words.size() == 1 ? words[0] : "";
    int64_t offset = -1;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), offset);
    if (error != std::errc() || end != digits.data() + digits.size() || offset < 0)
      damaged(base::format("<offset> should be a number of characters and is \"{}\"", field("offset").substr(0, 32)));
    if (field("mention").empty()) damaged("<mention> should not be empty");
    document_.annotations.push_back({field("mention"), field("wikiName"), offset, place()});
  }

  std::string source_;
  std::ifstream file_;
  std::unique_ptr<XML_ParserStruct, void (*)(XML_Parser)> parser_;
  size_t fed_ = 0;
  bool at_end_ = false;
  std::vector<std::string> path_;              // names of the open elements
  std::string characters_;                     // of the innermost one
  std::map<std::string, std::string> fields_;  // of the open annotation
  Document document_;                          // the open one
  std::deque<Document> documents_;             // that are whole
  std::exception_ptr failure_;
};

// A text in which places are counted in characters.
class CountedText {
 public:
  explicit CountedText(const std::string& text) : text_(text) {}

  // Returns the first byte of the occurrence of `mention` that begins nearest to the character `offset`, the earlier of
  // two; nothing if none begins within kReach.
  std::optional<size_t> nearest(std::string_view mention, int64_t offset) {
    if (offset > int64_t(text_.size()) + kReach) return std::nullopt;
    go_to(std::max<int64_t>(0, offset - kReach));
    std::optional<size_t> best;
    int64_t distance = 0;
    size_t byte = byte_;
    for (int64_t at = character_; at <= offset + kReach && byte < text_.size(); ++at) {
      const bool nearer = !best || std::abs(at - offset) < distance;
      if (nearer && std::string_view(text_).substr(byte).starts_with(mention)) {
        best = byte;
        distance = std::abs(at - offset);
      }
      byte += length(byte);
    }
    return best;
  }

 private:
  size_t length(size_t byte) const { return text::utf8_length(static_cast<unsigned char>(text_[byte])); }

  // Goes to a character; mentions mostly come in the order of the text, so from where it is.
  void go_to(int64_t character) {
    if (character < character_) character_ = int64_t(byte_ = 0);
    for (; character_ < character && byte_ < text_.size(); ++character_) byte_ += length(byte_);
  }

  const std::string& text_;
  int64_t character_ = 0;
  size_t byte_ = 0;
};

class WnedMentions final : public MentionReader {
 public:
  WnedMentions(const std::string& path, const std::string& texts)
      : documents_(path),
        texts_(texts.empty() ? (std::filesystem::path(path).parent_path() / "RawText").string() : texts) {}

  std::optional<MentionItem> next() override {
    while (mentions_.empty()) {
      Document document;
      if (!documents_.next(document)) return std::nullopt;
      locate(document);
    }
    MentionItem item = std::move(mentions_.front());
    mentions_.pop_front();
    return item;
  }

  SkippedMentions skipped() const override { return skipped_; }

 private:
  std::string read_text(const std::string& name) const {
    check(name.find('/') == name.npos && name != "." && name != "..",
          "the document's name should be that of a file in {}", texts_);
    const base::MappedFile file(texts_ + "/" + name);
    check(file.size() <= kMaxMentionText, "{}: has {} bytes; it should be at most 64 MiB", file.path(), file.size());
    check(text::is_utf8(file.text()), "{}: is not UTF-8", file.path());
    return std::string(file.text());
  }

  // Puts the mentions of a document where they stand in its text.
  void locate(const Document& document) {
    if (document.annotations.empty()) return;
    const auto text =
        std::make_shared<const std::string>(base::read_at(document.place, [&] { return read_text(document.name); }));
    CountedText counted(*text);
    for (const Annotation& annotation : document.annotations) {
      const int64_t number = number_++;
      const std::optional<size_t> start = counted.nearest(annotation.mention, annotation.offset);
      if (!start) {
        skip(document, annotation);
        continue;
      }
      MentionItem item{.id = number, .document = document.name, .text = text, .place = annotation.place};
      item.start = int64_t(*start);
      item.end = item.start + int64_t(annotation.mention.size());
      if (!annotation.title.empty() && annotation.title != "NIL")
        item.title = base::read_at(annotation.place, [&] { return title_of(annotation.title); });
      mentions_.push_back(std::move(item));
    }
  }

  void skip(const Document& document, const Annotation& annotation) {
    if (skipped_.count++ == 0)
      skipped_.first = base::format("{}: \"{}\" does not stand near character {} of its text", document.place,
                                    annotation.mention, annotation.offset);
  }

  DocumentReader documents_;
  std::string texts_;
  std::deque<MentionItem> mentions_;  // of the document that was read last
  int64_t number_ = 0;                // of the next annotation
  SkippedMentions skipped_;
};

}  // namespace

std::unique_ptr<MentionReader> read_wned_mentions(const std::string& path, const std::string& texts) {
  return std::make_unique<WnedMentions>(path, texts);
}

}  // namespace kilm::evaluation
