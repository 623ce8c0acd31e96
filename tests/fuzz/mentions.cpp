// Files of mentions in every format, and the JSON lines that are looked up beside them.
#include "kilm/evaluation/readers/mentions.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "kilm/disambiguation/contexts.h"
#include "kilm/disambiguation/knowledge.h"
#include "kilm/text/unicode.h"
#include "tests/fuzz/input.h"

namespace {

using kilm::evaluation::MentionFormat;

// A folder with the text of a document, one.txt, which goes with the process.
class Texts {
 public:
  Texts() : path_(std::filesystem::temp_directory_path() / ("kilm-fuzz-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(path_);
    std::ofstream(path_ / "one.txt") << "Anna lives in Köln. Köln, she says, is old; so is Anna & Co.";
  }
  ~Texts() { std::filesystem::remove_all(path_); }

  std::string path() const { return path_; }

 private:
  std::filesystem::path path_;
};

void read(const std::string& path, MentionFormat format) {
  static const Texts texts;
  const auto reader = kilm::evaluation::open_mentions(path, format, texts.path());
  const kilm::disambiguation::Knowledge knowledge({}, {});
  while (auto mention = reader->next()) {
    fuzz::require(!mention->surface().empty(), "a mention is not empty");
    fuzz::require(kilm::text::is_utf8(mention->surface()), "a mention cuts no character");
    fuzz::require(mention->title != "", "a title is not empty");
    const size_t before = mention->candidates.size();
    knowledge.complete(*mention);
    fuzz::require(mention->candidates.size() <= before, "candidates come from the file");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const fuzz::File input(std::string_view(reinterpret_cast<const char*>(data), size));
  const auto parse = [&](auto f) { return fuzz::parse(data, size, [&](std::string_view) { f(input.path()); }); };
  parse([](const std::string& path) { kilm::evaluation::find_mention_format(path); });
  for (const MentionFormat format : kilm::evaluation::kMentionFormats)
    parse([&](const std::string& path) { read(path, format); });
  parse([](const std::string& path) { const kilm::disambiguation::Contexts contexts(path); });
  parse([](const std::string& path) { const kilm::disambiguation::Knowledge knowledge(path, {}); });
  return parse([](const std::string& path) { const kilm::disambiguation::Knowledge knowledge({}, path); });
}
