// `kilm init` as a shell sees it.
#include <doctest/doctest.h>

#include "tensor/base/file.h"
#include "tensor/base/json.h"
#include "tensor/io/safetensors.h"
#include "tests/kilm/vocabulary_files.h"
#include "tests/tools/process.h"

TEST_CASE("kilm init: a new model folder loads, and the seed decides its weights") {
  const Folder folder;
  write_small_vocabulary(folder);
  folder.write("small.json",
               R"({"d_model": 16, "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 2,)"
               R"( "decoder_attention_heads": 2, "encoder_ffn_dim": 32, "decoder_ffn_dim": 32})");
  const std::string command = "init --config " + folder / "small.json" + " --tokenizer " + folder.path.string();
  const Output output = kilm(command + " --out " + folder / "model");
  CHECK(output.code == 0);
  CHECK(output.out.ends_with("weights, 270 tokens\n"));
  CHECK(base::read_json_file(folder / "model/config.json").at("vocab_size").as_int() == 270);
  const auto file = tensor::SafetensorsFile::open(folder / "model/model.safetensors");
  CHECK(file.tensor("model.shared.weight").shape() == tensor::Shape{270, 16});
  for (const char* name : {"config.json", "generation_config.json", "model.safetensors", "vocab.json", "merges.txt",
                           "tokenizer_config.json", "special_tokens_map.json"})
    CHECK(std::filesystem::exists(folder / "model/" + name));

  CHECK(kilm(command + " --out " + folder / "same" + " --seed 42").code == 0);
  CHECK(kilm(command + " --out " + folder / "other" + " --seed 43").code == 0);
  const std::string weights = base::read_file(folder / "model/model.safetensors");
  CHECK(base::read_file(folder / "same/model.safetensors") == weights);
  CHECK(base::read_file(folder / "other/model.safetensors") != weights);

  CHECK(kilm(command + " --out " + folder / "model").code == 2);
  folder.write("empty", "");
  CHECK(kilm(command + " --out " + folder / "empty").code == 2);
  CHECK(std::filesystem::is_regular_file(folder / "empty"));
  folder.write("small.json", R"({"d_model": 16})");
  const Output broken = kilm(command + " --out " + folder / "broken");
  CHECK(broken.code == 3);
  CHECK(broken.err.find("small.json: encoder_layers is missing") != std::string::npos);
  CHECK(!std::filesystem::exists(folder / "broken"));
}
