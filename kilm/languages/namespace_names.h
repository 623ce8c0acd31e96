// What namespaces are called in each language.
#pragma once

#include <cstddef>
#include <string_view>

namespace kilm::languages {

// Names are separated by commas. Those of the language itself come first; old ones, forms of the other gender and those
// of the language that stands in for it follow. ~ marks a name that is an ordinary word or a shortening: it is one on
// wikis of that language only.
struct NamespaceNames {
  std::string_view language;  // the first part of its code; empty for languages that are not told apart
  struct {
    std::string_view file, category, user, talk, template_, help, special, media;
  } names;
};

extern const NamespaceNames kNamespaceNames[];
extern const size_t kNamespaceLanguages;

}  // namespace kilm::languages
