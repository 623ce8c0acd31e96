#include "tensor/base/choice.h"

#include <algorithm>

#include "tensor/base/format.h"

namespace base {

std::string alternatives(const std::vector<std::string>& names) {
  std::string list;
  for (size_t i = 0; i < names.size(); ++i) list += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + names[i];
  return list;
}

size_t place_of(std::string_view text, const std::vector<std::string>& names) {
  const auto found = std::find(names.begin(), names.end(), text);
  if (found == names.end()) throw UsageError(format("{} should be {}", text, alternatives(names)));
  return size_t(found - names.begin());
}

}  // namespace base
