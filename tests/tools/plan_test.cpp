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
  CHECK(kilm(model + " --tokens 1e9", "", "KILM_DEVICE=cuda").code == 0);
  CHECK(kilm(model + " --tokens 1e9 --device v100").code == 2);
}

TEST_CASE("kilm plan: on a card it tells a step of the published models, or of one's own, without data") {
  const Folder at;
  at.write("config.json", R"({"vocab_size": 1000, "d_model": 64, "encoder_layers": 1, "decoder_layers": 1,)"
                          R"( "encoder_ffn_dim": 128, "decoder_ffn_dim": 128, "encoder_attention_heads": 2,)"
                          R"( "decoder_attention_heads": 2})");
  const Output both = kilm("plan --device h200");
  REQUIRE_MESSAGE(both.code == 0, both.err);
  for (const char* part : {"bart-base", "bart-large", "64 sequences of 512", "attention_backward", "141 GB is enough"})
    CHECK_MESSAGE(both.out.find(part) != std::string::npos, part);
  const std::string own = "plan --device a100 --model " + at / "config.json";
  const Output json = kilm(own + " --batch-tokens 1024 --length 64 --accumulate 2 --json");
  REQUIRE_MESSAGE(json.code == 0, json.err);
  const base::Json plan = base::parse_json(json.out, "output");
  CHECK(plan.at("device").as_string() == "a100");
  CHECK(plan.at("dtype").as_string() == "bf16");
  CHECK(plan.at("sequences").as_int() == 8);
  CHECK(plan.at("accumulate").as_int() == 2);
  CHECK(plan.at("ops").items().size() > 15);
  CHECK(plan.at("fits").as_bool());
  for (const char* wrong : {" --tokens 1e9", " --data x", " --flops 1e12", " --memory 80", " --length 0",
                            " --length 2000", " --batch-tokens 1000", " --recompute layer"})
    CHECK_MESSAGE(kilm(own + wrong).code == 2, wrong);
}
