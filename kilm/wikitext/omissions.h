// What of a page did not become prose, counted by kind, and prose that has markup in it.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace kilm::wikitext {

enum class Omission : uint8_t {
  comment,
  reference,
  template_,  // known to carry no words, or outside of prose
  table,
  image,  // with its caption
  gallery,
  category,
  interwiki,  // links to other languages and to pages about the project
  url,        // external links without a label
  formula,    // mathematics that is more than letters and signs
  code,
  list_item,
  indented,  // lines that begin with a colon, and preformatted ones
  tail,      // paragraphs of references, see also and their like
  sentence,  // around a formula or a template that may have been a word, or that leans on a block that is left out
  tag,       // HTML that we do not know, and readings of characters in <ruby>
  magic_word,
  stray,     // brackets without partner, rows of a table without table
  too_much,  // beyond the depth or the work allowed to a page
  missed     // left in a paragraph that is kept: markup, or what looks like it
};
inline constexpr int kOmissions = int(Omission::missed) + 1;
const char* name(Omission omission);

struct Omissions {
  std::array<int64_t, kOmissions> count{};
  std::map<std::string, int64_t, std::less<>> templates;  // inside of prose and not in our table, by name

  void add(Omission omission) { ++count[size_t(omission)]; }
  int64_t operator[](Omission omission) const { return count[size_t(omission)]; }
};

// The omissions of many pages, with the title of the first page of each kind.
struct OmissionSum {
  struct Kind {
    int64_t count = 0;
    std::string page;

    void add(int64_t n, const std::string& title);
  };
  std::array<Kind, kOmissions> kinds;
  std::map<std::string, Kind, std::less<>> templates;

  void add(const Omissions& omissions, const std::string& title);
};

}  // namespace kilm::wikitext
