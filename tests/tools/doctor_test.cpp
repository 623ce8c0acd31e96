// `kilm doctor` as a shell sees it, in a build without CUDA. What it finds of CUDA: tests/cuda_on_cpu/survey_test.cpp.
#include <doctest/doctest.h>

#include "tensor/base/json.h"
#include "tests/tools/process.h"

TEST_CASE("kilm doctor: exits with 0 only if training would start on the device that is asked for") {
  const std::string without = "this program was built without CUDA; configure with -DKILM_CUDA=ON";
  for (const char* const device : {"", " --device cuda:1"}) {
    const Output json = kilm(std::string("doctor --json") + device);
    CHECK(json.code == 2);
    const base::Json found = base::parse_json(json.out, "output");
    CHECK_FALSE(found.at("ok").as_bool());
    CHECK(found.at("driver").is_null());
    CHECK(found.at("cublaslt").is_null());
    CHECK(found.at("devices").items().empty());
    REQUIRE(found.at("problems").items().size() == 1);
    CHECK(found.at("problems").items()[0].as_string() == without);
  }
  const Output text = kilm("doctor");
  CHECK(text.code == 2);
  CHECK(text.out.find("problem   " + without + "\nTraining on cuda:0 would not start.\n") != std::string::npos);

  const Output cpu = kilm("doctor --device cpu --json");
  CHECK(cpu.code == 0);
  CHECK(base::parse_json(cpu.out, "output").at("ok").as_bool());
  CHECK(kilm("doctor --device cpu").out.find("Training on cpu would start.\n") != std::string::npos);
}
