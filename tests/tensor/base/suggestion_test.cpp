#include "tensor/base/suggestion.h"

#include <doctest/doctest.h>

TEST_CASE("suggestion: the nearest name, unless all are far away") {
  const std::vector<std::string> names = {"labels", "input_ids", "attention_mask"};
  CHECK(base::suggestion("atention_mask", names) == " (did you mean attention_mask?)");
  CHECK(base::suggestion("input_idz", names) == " (did you mean input_ids?)");
  CHECK(base::suggestion("label", names) == " (did you mean labels?)");
  CHECK(base::suggestion("targets", names) == "");
  CHECK(base::suggestion("la", {"xy"}) == "");  // nothing of it would stay
  CHECK(base::suggestion("", names) == "");
  CHECK(base::suggestion("labels", {}) == "");
}
