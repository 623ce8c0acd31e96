// `kilm selftest` as a shell sees it.
#include <doctest/doctest.h>

#include <set>
#include <sstream>

#include "tensor/base/json.h"
#include "tests/tools/process.h"

TEST_CASE("kilm selftest: a line per case and dtype, and 0 if all are right") {
  const Output output = kilm("selftest --device cpu --family norm --quick --json");
  CHECK(output.code == 0);
  CHECK(output.err == "6 cases, 0 failed\n");
  std::istringstream lines(output.out);
  std::set<std::string> cases;
  for (std::string line; std::getline(lines, line);) {
    const base::Json found = base::parse_json(line, "output");
    cases.insert(found.at("case").as_string() + " " + found.at("dtype").as_string());
    CHECK(found.at("ok").as_bool());
    CHECK(found.at("largest_error").as_number() <= found.at("tolerance").as_number());
  }
  CHECK(cases == std::set<std::string>{"layer_norm f32", "layer_norm bf16", "layer_norm f64",
                                       "dropout_add_layer_norm f32", "dropout_add_layer_norm bf16",
                                       "dropout_add_layer_norm f64"});
  const Output text = kilm("selftest --device cpu --case layer_norm");
  CHECK(text.code == 0);
  CHECK(text.out.starts_with("ok     norm         layer_norm "));
}

TEST_CASE("kilm selftest: a device that there is not, and a case that there is not, are refused") {
  const Output device = kilm("selftest");
  CHECK(device.code == 2);
  CHECK(device.err.find("this program was built without CUDA; configure with -DKILM_CUDA=ON") != std::string::npos);
  const Output none = kilm("selftest --device cpu --case nothing");
  CHECK(none.code == 2);
  CHECK(none.err.find("no case has a family like * and a name like nothing") != std::string::npos);
}
