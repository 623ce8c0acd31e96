// Names of pages: namespaces and redirect words of a wiki in any language. Links, redirects and pages meet under one
// form of a title, which is made here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace kilm::languages {

// The namespaces of a wiki. Always knows the English names and those of files and categories in every language; a
// dump's <siteinfo> adds its own, which come first.
class Namespaces {
 public:
  static constexpr int kArticle = 0, kFile = 6, kCategory = 14;

  void add(int key, std::string_view name);
  // Adds all names that wikis of a language know. The first part of its code stands for the language.
  void add_language(std::string_view language);
  // Returns the namespace that `prefix`, the part of a title before its first colon, names; in any case, _ and spaces
  // alike.
  std::optional<int> find(std::string_view prefix) const;

 private:
  using Keys = std::unordered_map<std::string, int>;  // by name in lower case
  static const Keys& known_everywhere();

  Keys keys_;
};

// What a wiki does with the first letter of a title. Where it is as written, march and March are two pages.
enum class FirstLetter : uint8_t { upper, upper_turkic, as_written };  // turkic: i becomes İ

// Returns the rule of wikis in a language, given by the first part of its code.
FirstLetter first_letter_of(std::string_view language);

// Returns the form that MediaWiki stores. Entities and percent codes are decoded, _ and runs of white space are one
// space, the ends trimmed, the first letter in upper case. A fragment stays.
std::string normalise_title(std::string_view raw, FirstLetter rule = FirstLetter::upper);

// Puts the first letter in upper case, as MediaWiki has it.
std::string upper_first(std::string text, FirstLetter rule = FirstLetter::upper);

// Returns the page that a redirect leads to, without fragment; nothing if the text is no redirect. Redirect words of
// all languages count on every wiki.
std::optional<std::string> redirect_target(std::string_view wikitext, FirstLetter rule = FirstLetter::upper);

}  // namespace kilm::languages
