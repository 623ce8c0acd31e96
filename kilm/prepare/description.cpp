#include "kilm/prepare/description.h"

#include <algorithm>
#include <iterator>

#include "kilm/text/characters.h"
#include "kilm/text/unicode.h"

namespace kilm::prepare {

namespace {

// Recognises REDIRECT x, "redirect to x" and "redirect: x". Sentences that begin with the word are no notices.
bool is_redirect_notice(std::string_view text) {
  constexpr std::string_view kWord = "redirect";
  if (text::lower_case(text.substr(0, kWord.size())) != kWord) return false;
  const std::string_view rest = text.substr(kWord.size());
  if (rest.empty() || rest[0] == ':' || rest.starts_with(" [[")) return true;
  return rest[0] == ' ' && (text.starts_with("REDIRECT") || (rest.starts_with(" to ") && !text.ends_with('.')));
}

// Tells whether a name like File:Mill.jpg begins at `at`. A title like Self-Image: A Study is none.
bool is_file_name(std::string_view text, size_t at) {
  constexpr size_t kLongest = 256;
  constexpr std::string_view kEndings[] = {".jpg", ".jpeg", ".png", ".gif", ".svg",  ".tif", ".webp", ".pdf",
                                           ".ogg", ".oga",  ".ogv", ".mp3", ".webm", ".wav", ".flac", ".djvu"};
  if (at > 0 && (text::is_letter(text[at - 1]) || text::is_beyond_ascii(text[at - 1]) || text[at - 1] == '-'))
    return false;
  const std::string name = text::lower_case(text.substr(at, kLongest));
  return std::any_of(std::begin(kEndings), std::end(kEndings), [&](auto end) { return name.find(end) != text::kNone; });
}

bool has_address(std::string_view text) {
  for (size_t at = text.find("://"); at != text::kNone; at = text.find("://", at + 3)) {
    const std::string_view before = text.substr(0, at);
    if ((before.ends_with("http") || before.ends_with("https")) && at + 3 < text.size() && text[at + 3] != ' ')
      return true;
  }
  return false;
}

bool has_file_name(std::string_view text) {
  for (const std::string_view prefix : {"File:", "Image:"})
    for (size_t at = text.find(prefix); at != text::kNone; at = text.find(prefix, at + 1))
      if (is_file_name(text, at)) return true;
  return false;
}

}  // namespace

bool says_something(std::string_view description) {
  const std::string lower = text::lower_case(description);
  return !description.empty() && description.find("may refer to:") == text::kNone && !is_redirect_notice(description) &&
         lower != "thumb" && lower != "right" && lower != "wikipedia list article";
}

bool keep_paragraph(std::string_view text) {
  return !text.empty() && !is_redirect_notice(text) && !has_address(text) && !has_file_name(text);
}

}  // namespace kilm::prepare
