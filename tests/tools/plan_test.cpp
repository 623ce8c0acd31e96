// `kilm plan` as a shell sees it. What is planned is the business of tests/kilm/training/plan_test.cpp.
#include <doctest/doctest.h>

#include "tensor/base/json.h"
#include "tests/kilm/folder.h"
#include "tests/tools/process.h"

TEST_CASE("kilm plan: needs a configuration and a number of tokens, no weights and no data") {
  const Folder at;
  at.write("config.json",
           R"({"vocab_size": 50265, "d_model": 768, "encoder_layers": 6, "decoder_layers": 6, "encoder_ffn_dim": 3072,)"
           R"( "decoder_ffn_dim": 3072, "encoder_attention_heads": 12, "decoder_attention_heads": 12})");
  const std::string model = "plan --model " + at / "config.json";
  const Output json = kilm(model + " --tokens 1048576e3 --epochs 2 --flops 1e13 --memory 80 --json");
  REQUIRE_MESSAGE(json.code == 0, json.err);
  const base::Json plan = base::parse_json(json.out, "output");
  CHECK(plan.at("weights").as_int() == 139420416);
  CHECK(plan.at("steps").as_int() == 2000);
  CHECK(plan.at("seconds").as_number() == doctest::Approx(plan.at("operations").as_number() / 1e13));
  CHECK(plan.at("fits").as_bool());
  CHECK(kilm("plan --model " + at.path.string() + " --tokens 1e9").out.find("million weights") != std::string::npos);
  CHECK(kilm(model).code == 2);
  CHECK(kilm(model + " --tokens 0").code == 2);
  CHECK(kilm(model + " --tokens 1e9 --data x").code == 2);
  CHECK(kilm(model + " --tokens 1e9 --flops -1").code == 2);
  CHECK(kilm("plan --tokens 1e9").code == 2);
}
