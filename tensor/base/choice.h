// Choices: values of an enumeration that users name, on the command line and in files. Beside the enumeration stands
// `const char* name(E)`; `values` are those that may be chosen.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace base {

template <class E>
std::vector<std::string> names_of(std::span<const E> values) {
  std::vector<std::string> names;
  for (const E value : values) names.emplace_back(name(value));
  return names;
}

// Writes names as a sentence lists them: "f32, f64 or bf16".
std::string alternatives(const std::vector<std::string>& names);

// Finds the place of `text` among `names`. Throws UsageError "f16 should be f32 or bf16".
size_t place_of(std::string_view text, const std::vector<std::string>& names);

// Returns the value that `text` names. Throws as place_of does.
template <class E>
E parse_choice(std::string_view text, std::span<const E> values) {
  return values[place_of(text, names_of(values))];
}

}  // namespace base
