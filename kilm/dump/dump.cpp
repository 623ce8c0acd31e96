#include "kilm/dump/dump.h"

#include <expat.h>

#include <bitset>
#include <charconv>
#include <exception>
#include <memory>
#include <string_view>

#include "kilm/text/unicode.h"
#include "tensor/base/format.h"

namespace kilm::dump {

namespace {

using base::DamagedInput;

constexpr size_t kChunk = 64 << 10;
constexpr size_t kMaxDepth = 32;               // an export has 6 levels
constexpr size_t kMaxText = size_t(8) << 20;   // bytes; MediaWiki stops at 2 MiB, where it is not told otherwise
constexpr size_t kMaxToken = size_t(1) << 20;  // bytes of one tag or one run of text that expat must hold

enum class Element : uint8_t {
  other,
  root,
  siteinfo,
  namespaces,
  page,
  revision,
  redirect,
  name_of_namespace,  // from here on they have text that counts
  sitename,
  database,
  base,
  site_case,
  title,
  ns,
  id,
  model,
  format,
  text
};

// What an element is depends on where it stands: <id> of a page is not <id> of a revision.
struct Rule {
  Element parent;
  std::string_view name;
  Element element;
};

constexpr Rule kRules[] = {
    {Element::root, "page", Element::page},
    {Element::root, "siteinfo", Element::siteinfo},
    {Element::siteinfo, "sitename", Element::sitename},
    {Element::siteinfo, "dbname", Element::database},
    {Element::siteinfo, "base", Element::base},
    {Element::siteinfo, "case", Element::site_case},
    {Element::siteinfo, "namespaces", Element::namespaces},
    {Element::namespaces, "namespace", Element::name_of_namespace},
    {Element::page, "title", Element::title},
    {Element::page, "ns", Element::ns},
    {Element::page, "id", Element::id},
    {Element::page, "redirect", Element::redirect},
    {Element::page, "revision", Element::revision},
    {Element::revision, "model", Element::model},
    {Element::revision, "format", Element::format},
    {Element::revision, "text", Element::text},
};

// Tells whether a second element of this kind, beside the first, would take its place.
constexpr bool occurs_once(Element element) {
  return element >= Element::siteinfo && element != Element::page && element != Element::revision &&
         element != Element::name_of_namespace;
}

// Tells whether an element holds text that is read, and no elements.
constexpr bool holds_text(Element element) { return element >= Element::name_of_namespace; }

const char* attribute(const char** attributes, std::string_view name) {
  for (; *attributes != nullptr; attributes += 2)
    if (*attributes == name) return attributes[1];
  return nullptr;
}

bool is_case_sensitive(std::string_view rule) { return rule == "case-sensitive"; }

// expat is C: an exception of a handler waits in `failure_` until expat has returned.
class DumpReader {
 public:
  DumpReader(ByteSource& source, const DumpHandlers& handlers, TextPieces pieces)
      : source_(source), handlers_(handlers), pieces_(pieces), parser_(XML_ParserCreate(nullptr), XML_ParserFree) {
    if (parser_ == nullptr) throw std::bad_alloc();
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(
        parser_.get(),
        [](void* self, const char* name, const char** attributes) {
          static_cast<DumpReader*>(self)->guarded([&](DumpReader& r) { r.start(name, attributes); });
        },
        [](void* self, const char*) { static_cast<DumpReader*>(self)->guarded([](DumpReader& r) { r.end(); }); });
    XML_SetCharacterDataHandler(parser_.get(), [](void* self, const char* text, int size) {
      static_cast<DumpReader*>(self)->guarded([&](DumpReader& r) { r.characters({text, size_t(size)}); });
    });
    XML_SetProcessingInstructionHandler(parser_.get(), [](void* self, const char* target, const char*) {
      static_cast<DumpReader*>(self)->guarded([&](DumpReader& r) { r.check_no_text(base::format("<?{}?>", target)); });
    });
    XML_SetStartDoctypeDeclHandler(parser_.get(), [](void* self, const char*, const char*, const char*, int) {
      static_cast<DumpReader*>(self)->guarded(
          [](DumpReader& r) { r.damaged("declares a document type, which no MediaWiki export does"); });
    });
  }

  void run() {
    size_t fed = 0, size;
    do {
      void* buffer = XML_GetBuffer(parser_.get(), int(kChunk));
      if (buffer == nullptr) throw std::bad_alloc();
      size = source_.read({static_cast<char*>(buffer), kChunk});
      fed += size;
      const XML_Status status = XML_ParseBuffer(parser_.get(), int(size), size == 0);
      if (failure_) std::rethrow_exception(failure_);
      if (stopped_) return;
      if (status != XML_STATUS_OK) fail(size == 0);
      const XML_Index seen = XML_GetCurrentByteIndex(parser_.get());
      if (seen >= 0 && fed - size_t(seen) > kMaxToken) damaged("a tag does not end within 1 MiB");
    } while (size > 0);
  }

 private:
  template <class F>
  void guarded(F&& f) {
    if (failure_ || stopped_) return;
    try {
      f(*this);
    } catch (...) {
      failure_ = std::current_exception();
    }
    if (failure_ || stopped_) XML_StopParser(parser_.get(), XML_FALSE);
  }

  [[noreturn]] void damaged(std::string_view reason) const {
    throw DamagedInput(
        base::format("{}: line {}: {}", source_.name(), XML_GetCurrentLineNumber(parser_.get()), reason));
  }

  [[noreturn]] void fail(bool at_end) const {
    const XML_Error code = XML_GetErrorCode(parser_.get());
    if (code == XML_ERROR_NO_MEMORY) throw std::bad_alloc();
    if (at_end && !path_.empty()) damaged("the file ends before </mediawiki>");
    damaged(base::format("not well-formed XML: {}", XML_ErrorString(code)));
  }

  void start(std::string_view name, const char** attributes) {
    if (path_.size() >= kMaxDepth) damaged("elements are nested deeper than 32 levels");
    if (path_.empty()) return start_root(name, attributes);
    check_no_text(base::format("<{}>", name));
    Element element = Element::other;
    for (const Rule& rule : kRules)
      if (rule.parent == path_.back() && rule.name == name) element = rule.element;
    check_first(element, name);
    path_.push_back(element);
    characters_.clear();
    too_long_ = false;
    if (element == Element::page) {
      hand_over_site();
      page_ = {};
    } else if (element == Element::redirect) {
      const char* title = attribute(attributes, "title");
      page_.redirect = title != nullptr ? title : "";
    } else if (element == Element::revision) {
      page_.wikitext = true;
    } else if (element == Element::name_of_namespace) {
      const char* key = attribute(attributes, "key");
      site_.namespaces.emplace_back(number(key != nullptr ? key : "", "the key of a <namespace>"), "");
      const char* rule = attribute(attributes, "case");
      if (site_.namespaces.back().first == 0 && rule != nullptr) site_.case_sensitive = is_case_sensitive(rule);
    }
  }

  // Refuses what stands where only text may: without it, the text would not be whole.
  void check_no_text(const std::string& found) const {
    if (!path_.empty() && holds_text(path_.back()))
      damaged(base::format("{} in the text of an element, where < should be written &lt;", found));
  }

  // Refuses a second element where the first one would be lost; what is inside of a new one is new.
  void check_first(Element element, std::string_view name) {
    if (occurs_once(element) && seen_[size_t(element)]) damaged(base::format("a second <{}> beside the first", name));
    seen_[size_t(element)] = true;
    for (const Rule& rule : kRules)
      if (rule.parent == element) seen_[size_t(rule.element)] = false;
  }

  void start_root(std::string_view name, const char** attributes) {
    if (name != "mediawiki") damaged(base::format("is no MediaWiki export: its root is <{}>", name));
    if (const char* language = attribute(attributes, "xml:lang")) site_.language = language;
    path_.push_back(Element::root);
  }

  void end() {
    const Element element = path_.back();
    path_.pop_back();
    switch (element) {
      case Element::name_of_namespace: site_.namespaces.back().second = std::move(characters_); break;
      case Element::sitename: site_.name = std::move(characters_); break;
      case Element::database: site_.database = std::move(characters_); break;
      case Element::base: site_.base = std::move(characters_); break;
      case Element::site_case: site_.case_sensitive = is_case_sensitive(characters_); break;
      case Element::title: page_.title = std::move(characters_); break;
      case Element::ns: page_.ns = number(characters_, "<ns>"); break;
      case Element::id: page_.id = number(characters_, "<id>"); break;
      case Element::model: page_.wikitext &= characters_.empty() || characters_ == "wikitext"; break;
      case Element::format: page_.wikitext &= characters_.empty() || characters_ == "text/x-wiki"; break;
      case Element::text:
        page_.text = std::move(characters_);
        page_.too_long = too_long_;
        break;
      case Element::page: hand_over_page(); break;
      case Element::root: hand_over_site(); break;
      default: break;
    }
    characters_.clear();
  }

  void characters(std::string_view text) {
    if (!holds_text(path_.back())) return;
    if (too_long_) return;
    if (characters_.size() + text.size() > kMaxText) return overflow();
    if (pieces_ == TextPieces::spaced) separate(text);
    characters_ += text;
  }

  void overflow() {
    if (path_.back() != Element::text) damaged("an element holds more than 8 MiB of text");
    too_long_ = true;
    characters_.clear();
  }

  // Puts a space between pieces of text, but not between two of plain text: a buffer's end has cut one in two.
  void separate(std::string_view text) {
    const auto bytes = size_t(XML_GetCurrentByteCount(parser_.get()));  // in the file, 4 for &lt;
    const bool is_entity =
        bytes >= 4 && text.size() < bytes && text.size() == text::utf8_length(static_cast<unsigned char>(text[0]));
    const bool is_plain = !is_entity && text != "\n";
    if (!characters_.empty() && !(is_plain && after_plain_)) characters_ += ' ';
    after_plain_ = is_plain;
  }

  int64_t number(std::string_view text, const char* what) const {
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
      damaged(base::format("{} should be a number and is \"{}\"", what, text.substr(0, 32)));
    return value;
  }

  void hand_over_site() {
    if (!site_known_ && handlers_.site) handlers_.site(site_);
    site_known_ = true;
  }

  void hand_over_page() {
    if (page_.title.empty()) damaged("a page has no title");
    stopped_ = !handlers_.page(std::move(page_));
  }

  ByteSource& source_;
  const DumpHandlers& handlers_;
  TextPieces pieces_;
  std::unique_ptr<XML_ParserStruct, void (*)(XML_Parser)> parser_;
  std::vector<Element> path_;                    // the open elements
  std::bitset<size_t(Element::text) + 1> seen_;  // inside of the open elements
  std::string characters_;    // of the innermost one; expat gives them in pieces that belong together
  bool too_long_ = false;     // the text of the innermost one is, and is let go
  bool after_plain_ = false;  // the last piece was neither a line end nor an entity
  languages::SiteInfo site_;
  Page page_;
  bool site_known_ = false, stopped_ = false;
  std::exception_ptr failure_;
};

}  // namespace

void read_dump(ByteSource& source, const DumpHandlers& handlers, TextPieces pieces) {
  DumpReader(source, handlers, pieces).run();
}

}  // namespace kilm::dump
