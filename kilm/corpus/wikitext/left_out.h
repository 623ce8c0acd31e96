// What of a page did not become prose, counted by kind.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace kilm {

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
  sentence,  // around a formula or a template that may have been a word
  tag,       // HTML that we do not know
  magic_word,
  stray,    // brackets without partner, rows of a table without table
  too_much  // beyond the depth or the work allowed to a page
};
inline constexpr int kOmissions = int(Omission::too_much) + 1;
const char* name(Omission omission);

struct LeftOut {
  std::array<int64_t, kOmissions> count{};
  std::map<std::string, int64_t, std::less<>> templates;  // inside of prose and not in our table, by name

  void add(Omission omission) { ++count[size_t(omission)]; }
  int64_t operator[](Omission omission) const { return count[size_t(omission)]; }
  LeftOut& operator+=(const LeftOut& other);
};

}  // namespace kilm
