// Names of pages: namespaces and redirect words of a wiki in any language, and the one form of a title under which
// links, redirects and pages meet.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace kilm {

// The namespaces of a wiki. Always knows the English names and the usual names of files and categories in other
// languages; a dump's <siteinfo> adds its own.
class Namespaces {
 public:
  static constexpr int kArticle = 0, kFile = 6, kCategory = 14;

  Namespaces();
  void add(int key, std::string_view name);
  // The namespace that `prefix`, the part of a title before its first colon, names; in any case, _ and spaces alike.
  std::optional<int> find(std::string_view prefix) const;

 private:
  std::unordered_map<std::string, int> keys_;  // by name in lower case
};

// The form that MediaWiki stores: entities and percent codes decoded, _ and runs of white space as one space, trimmed,
// first letter in upper case. A fragment stays.
std::string normalise_title(std::string_view raw);

// The first letter in upper case, as MediaWiki has it.
std::string upper_first(std::string text);

// The page that a redirect leads to, without fragment; nothing if the text is no redirect. Redirect words of all
// languages count on every wiki.
std::optional<std::string> redirect_target(std::string_view wikitext);

// Whether a title says of itself that it only tells pages of one name apart: Mercury (disambiguation).
bool is_disambiguation_title(std::string_view title);

// Lower case by Unicode's simple mapping; bytes that are not UTF-8 stay.
std::string lower_case(std::string_view text);

}  // namespace kilm
