#include "tensor/suggestion.h"

#include <doctest/doctest.h>

TEST_CASE("suggestion: the nearest name, unless all are far away") {
  const std::vector<std::string> names = {"labels", "input_ids", "attention_mask"};
  CHECK(tensor::suggestion("atention_mask", names) == " (did you mean attention_mask?)");
  CHECK(tensor::suggestion("input_idz", names) == " (did you mean input_ids?)");
  CHECK(tensor::suggestion("label", names) == " (did you mean labels?)");
  CHECK(tensor::suggestion("targets", names) == "");
  CHECK(tensor::suggestion("la", {"xy"}) == "");  // nothing of it would stay
  CHECK(tensor::suggestion("", names) == "");
  CHECK(tensor::suggestion("labels", {}) == "");
}
