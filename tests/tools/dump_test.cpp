// `kilm dump` as a shell sees it. The numbers are the business of tests/kilm/exchange/forward_tensors_test.cpp.
#include <doctest/doctest.h>

#include "tensor/io/safetensors.h"
#include "tests/kilm/folder.h"
#include "tests/tools/process.h"

TEST_CASE("kilm dump: a batch from a file or standard input gives a safetensors file of what was asked for") {
  const Folder at;
  const std::string model = KILM_SOURCE_DIR "/tests/fixtures/bart-golden";
  const std::string batch = R"({"input_ids": [[0, 68, 2], [0, 2]], "labels": [[0, 2], [5, 2]]})";
  at.write("batch.json", batch);
  const std::string command = "dump --model " + model + " --out " + at / "step.safetensors" + " --batch ";
  CHECK(kilm(command + at / "batch.json").code == 0);
  auto file = tensor::SafetensorsFile::open(at / "step.safetensors");
  CHECK(file.names() == std::vector<std::string>{"logits", "token_loss", "loss"});
  CHECK(file.tensor("logits").shape() == tensor::Shape{2, 2, 272});
  CHECK(kilm(command + "- --grads --taps 'model.encoder.layers.?' --dtype f64", batch).code == 0);
  file = tensor::SafetensorsFile::open(at / "step.safetensors");
  CHECK(file.tensor("logits").dtype() == tensor::DType::f64);
  CHECK(file.contains("grad.model.shared.weight"));
  CHECK(!file.contains("grad.lm_head.weight"));
  CHECK(file.tensor("tap.model.encoder.layers.1").shape() == tensor::Shape{2, 3, 16});
  CHECK(!file.contains("tap.model.encoder.layers.1.self_attn"));
  CHECK(kilm(command + "- --taps nothing", batch).code == 2);
  const std::string elsewhere = "dump --model " + model + " --batch " + at / "batch.json" + " --out ";
  std::filesystem::copy(model + "/model.safetensors", at / "model.safetensors");
  for (const char* file : {"model.safetensors", "batch.json"}) {
    const Output refused = kilm(elsewhere + at / file);
    CHECK(refused.code == 2);
    CHECK(refused.err.find("--out: " + at / file + " is there already, and not made by this command; --force") !=
          std::string::npos);
  }
  CHECK(!tensor::SafetensorsFile::open(at / "model.safetensors").contains("logits"));
  CHECK(kilm(elsewhere + at / "model.safetensors" + " --force").code == 0);
  CHECK(tensor::SafetensorsFile::open(at / "model.safetensors").contains("logits"));
  CHECK(kilm(elsewhere + "/dev/null --force").code == 2);
  const Output wrong = kilm(command + "-", R"({"input_ids": [[1000]]})");
  CHECK(wrong.code == 3);
  CHECK(wrong.err.find("standard input: input_ids: row 0, column 0 is 1000") != std::string::npos);
}
