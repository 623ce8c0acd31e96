#include "kilm/inspection/inspect.h"

#include <doctest/doctest.h>

#include <cmath>

#include "kilm/prepare/prepare.h"
#include "kilm/training/checkpoint.h"
#include "tensor/base/error.h"
#include "tensor/base/file.h"
#include "tensor/io/safetensors.h"
#include "tests/kilm/small_dump.h"
#include "tests/kilm/toy.h"
#include "tests/kilm/vocabulary_files.h"
#include "tests/tensor/torch_archive.h"

namespace fs = std::filesystem;
using base::Json;
using tensor::NamedTensor;
using tensor::Tensor;

namespace {

void save(const std::string& at, kilm::bart::BartFolder& folder) {
  kilm::bart::save_bart(at, folder.model, folder.tokenizer, folder.generation_config);
}

// Returns all warnings, one a line.
std::string warnings(const std::string& path) {
  std::string lines;
  const Json json = kilm::inspection::inspect(path);
  for (const Json& line : json.at("warnings").items()) lines += line.as_string() + "\n";
  return lines;
}

void flip(const std::string& path) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(-3, std::ios::end);
  const char c = char(file.get() ^ 1);
  file.seekp(-3, std::ios::end);
  file.put(c);
}

}  // namespace

TEST_CASE("inspect: a model folder is told by its sizes, dtypes, ties and special ids, and a good one has no warning") {
  const Folder at;
  kilm::bart::BartFolder folder = toy::bart();
  save(at.path, folder);
  const Json json = kilm::inspection::inspect(at.path);
  CHECK(json.at("kind").as_string() == "model");
  CHECK(json.at("weights").as_string() == "model.safetensors");
  CHECK(json.at("parameters").as_int() == nn::parameter_count(folder.model));
  CHECK(json.at("dtypes").at("f32").as_int() == nn::parameter_count(folder.model) + 270);  // final_logits_bias
  CHECK(json.at("tied").at("lm_head.weight").as_string() == "model.shared.weight");
  CHECK(json.at("tied").members().size() == 3);
  CHECK(json.at("special_ids").at("<mask>").as_int() == 264);
  CHECK(json.at("special_ids").at("<sep>").as_int() == 269);
  CHECK(json.at("tokens").as_int() == 270);
  CHECK(warnings(at.path) == "");
}

TEST_CASE("inspect: known traps of special ids, tokenizers and tied weights are warned of") {
  const Folder at;
  kilm::bart::BartFolder folder = toy::bart();
  folder.model.config.decoder_start_token_id = 0;
  folder.model.resize_vocabulary(280, 1);
  folder.generation_config.set("eos_token_id", 3);
  save(at.path, folder);
  std::vector<NamedTensor> state = nn::state(folder.model);
  state[0].name = "lm_head.weight";
  tensor::write_safetensors(at / "model.safetensors", state);
  at.write("tokenizer_config.json", R"({"add_prefix_space": true})");
  CHECK(warnings(at.path) ==
        "tokenizer.json: add_prefix_space is false, but true by tokenizer_config.json, which decides\n"
        "config.json: decoder_start_token_id is 0, but the tokenizer's </s> is 2\n"
        "config.json: vocab_size is 280, but the tokenizer has 270 tokens; the rest can be generated\n"
        "generation_config.json: eos_token_id is 3, but 2 in config.json\n"
        "generation_config.json: decoder_start_token_id is 2, but 0 in config.json\n" +
            at / "model.safetensors" + ": model.shared.weight is stored as lm_head.weight only\n");
  state[0].name = "decoder.embed_tokens.weight";
  tensor::write_safetensors(at / "model.safetensors", state);
  CHECK(warnings(at.path).ends_with(": model.shared.weight is stored as model.decoder.embed_tokens.weight only\n"));
}

TEST_CASE("inspect: a mask that leaves the white space before it is warned of") {
  const Folder at;
  kilm::bart::BartFolder folder = toy::bart();
  save(at.path, folder);
  std::string files = base::read_json_file(at / "tokenizer.json").dump();
  const std::string taking = R"("lstrip": true)";
  const size_t found = files.find(taking);
  REQUIRE(found != std::string::npos);
  at.write("tokenizer.json", files.replace(found, taking.size(), R"("lstrip": false)"));
  CHECK(warnings(at.path) ==
        "tokenizer.json: <mask> does not take the white space before it, as it does for BART (lstrip)\n");
}

TEST_CASE("inspect: a folder is told that lacks tokens, rows or a tokenizer") {
  const Folder at;
  kilm::bart::BartConfig config = toy::bart_config();
  config.vocab_size = 264;
  kilm::bart::BartFolder folder{"", kilm::bart::Bart(config), toy::tokenizer(false), Json()};
  save(at.path, folder);
  CHECK(
      warnings(at.path) ==
      "config.json: vocab_size is 264, but the tokenizer has 265 tokens; training adds rows, one of them for <mask>\n");
  CHECK(kilm::inspection::inspect(at.path).at("special_ids").find("forced_eos_token_id") ==
        nullptr);  // nobody has set it
  at.write("added_tokens.json", R"({"<ent>": 265})");
  fs::remove(at / "tokenizer.json");
  CHECK(warnings(at.path).starts_with("tokenizer: has 1 of the five KILM tokens; training adds the rest\n"));
  CHECK(kilm::inspection::inspect(at.path).at("special_ids").at("<ent>").as_int() == 265);
  for (const char* name : {"vocab.json", "merges.txt", "added_tokens.json"}) fs::remove(at / name);
  CHECK(warnings(at.path) == at.path.string() + ": has no tokenizer, and is good for ids alone\n");
  CHECK(kilm::inspection::inspect(at.path).at("special_ids").at("decoder_start").as_int() == 2);
}

TEST_CASE("inspect: a model folder without its config.json is told so, and is no tokenizer") {
  const Folder at;
  kilm::bart::BartFolder folder = toy::bart();
  save(at.path, folder);
  fs::remove(at / "config.json");
  const auto error = [&] {
    try {
      kilm::inspection::inspect(at.path);
    } catch (const base::DamagedInput& damage) {
      return std::string(damage.what());
    }
    return std::string();
  };
  CHECK(error() == at.path.string() + ": lacks its config.json");
  fs::create_symlink("nowhere", at / "config.json");
  CHECK(error() ==
        at.path.string() + ": lacks its config.json; config.json: it is a link to nowhere, which is not there");
  fs::remove(at / "model.safetensors");
  CHECK(error().starts_with(at.path.string() + ": lacks its config.json, its weights ("));
  fs::remove(at / "config.json");
  CHECK(kilm::inspection::inspect(at.path).at("kind").as_string() == "tokenizer");
}

TEST_CASE("inspect: numbers that are not finite are counted and found, in every dtype") {
  const Folder at;
  Tensor halves = Tensor::zeros({2, 3}), doubles = Tensor::zeros({4}, nn::DType::f64);
  halves.narrow(0, 1, 1).narrow(1, 2, 1).fill(HUGE_VAL);
  doubles.fill(std::nan(""));
  tensor::write_safetensors(at / "x.safetensors", std::vector<NamedTensor>{{"fine", Tensor::full({3}, 1e38)},
                                                                           {"f16", halves.cast(nn::DType::f16)},
                                                                           {"bf16", halves.cast(nn::DType::bf16)},
                                                                           {"f64", doubles}});
  CHECK(kilm::inspection::inspect(at / "x.safetensors").at("not_finite").dump() ==
        R"([{"tensor": "f16", "count": 1, "first": [1, 2]}, {"tensor": "bf16", "count": 1, "first": [1, 2]}, )"
        R"({"tensor": "f64", "count": 4, "first": [0]}])");
}

TEST_CASE("inspect: one file is told by its tensors") {
  const Folder at;
  const std::vector<NamedTensor> tensors = {{"a", Tensor::zeros({2, 3})}, {"b", Tensor::zeros({4}, nn::DType::bf16)}};
  tensor::write_safetensors(at / "x.safetensors", tensors);
  at.write("x.bin", torch_archive::state_dict({{"a", tensors[0].tensor}, {"b", tensors[1].tensor}}));
  for (const char* file : {"x.safetensors", "x.bin"}) {
    const Json json = kilm::inspection::inspect(at / file);
    CHECK(json.at("tensors").as_int() == 2);
    CHECK(json.at("numbers").as_int() == 10);
    CHECK(json.at("dtypes").at("bf16").as_int() == 4);
  }
  fs::resize_file(at / "x.safetensors", 70);
  CHECK_THROWS_WITH_AS(kilm::inspection::inspect(at / "x.safetensors"), doctest::Contains("x.safetensors"),
                       base::DamagedInput);
  at.write("x.txt", "");
  CHECK_THROWS_AS(kilm::inspection::inspect(at / "x.txt"), base::UsageError);
  CHECK_THROWS_AS(kilm::inspection::inspect(at.path), base::UsageError);
  CHECK_THROWS_WITH_AS(kilm::inspection::inspect("/nothing"), "/nothing: is not there", base::Error);
}

TEST_CASE("inspect: a run and its checkpoints are verified file by file") {
  const Folder run;
  kilm::bart::BartFolder folder = toy::bart();
  const optim::FlatParameters parameters(folder.model);
  kilm::training::Checkpoints checkpoints(run.path, 3);
  for (const int64_t step : {2, 4}) {
    kilm::training::TrainState state;
    state.step = step;
    checkpoints.write(folder, parameters, state);
    checkpoints.refer(state);
  }
  const Json json = kilm::inspection::inspect(run.path);
  CHECK(json.at("kind").as_string() == "run");
  CHECK(json.at("checkpoints").items().size() == 2);
  CHECK(json.at("model").at("path").as_string() == run / "ckpt/step-00000004/model");
  CHECK(kilm::bart::model_folder(run / "ckpt/step-00000002") == run / "ckpt/step-00000002/model");

  const std::string checkpoint = run / "ckpt/step-00000002";
  CHECK(kilm::inspection::inspect(checkpoint).at("step").as_int() == 2);
  for (const char* file : {"manifest.json", "state.json", "optim-rank0.safetensors", "model/model.safetensors",
                           "model/vocab.json", "model/config.json"}) {
    INFO(file);
    const std::string whole = base::read_file(checkpoint + "/" + file);
    flip(checkpoint + "/" + file);
    CHECK_THROWS_WITH_AS(kilm::inspection::inspect(checkpoint), doctest::Contains(file), base::DamagedInput);
    CHECK_THROWS_WITH_AS(kilm::inspection::inspect(run.path), doctest::Contains(file), base::DamagedInput);
    const std::string model = checkpoint + "/model";
    for (const std::string& path : {checkpoint, model, model + "/"})
      if (std::string(file).starts_with("m"))
        CHECK_THROWS_WITH_AS(kilm::bart::verified_model_folder(path), doctest::Contains(file), base::DamagedInput);
      else
        CHECK(kilm::bart::verified_model_folder(path).starts_with(model));
    std::ofstream(checkpoint + "/" + file, std::ios::binary) << whole;
  }
  fs::remove(checkpoint + "/manifest.json");
  CHECK_THROWS_WITH_AS(kilm::inspection::inspect(checkpoint), doctest::Contains("manifest.json"), base::DamagedInput);
}

TEST_CASE("inspect: prepared data, their shards and their tokenizer") {
  const Folder at;
  at.write("dump.xml", small_dump());
  write_small_vocabulary(at);
  kilm::prepare::prepare({.collect = {.dumps = {at / "dump.xml"}}}, {.data = at / "data", .tokenizer = at.path});
  const Json json = kilm::inspection::inspect(at / "data");
  CHECK(json.at("kind").as_string() == "data");
  CHECK(json.at("splits").at("train").at("paragraphs").as_int() > 0);
  CHECK(json.at("entities").as_int() == kilm::inspection::inspect(at / "data/entities.kdt").at("entities").as_int());
  int64_t paragraphs = 0, in_shards = 0;
  for (const auto& [split, row] : json.at("splits").members()) paragraphs += row.at("paragraphs").as_int();
  for (const auto& entry : fs::directory_iterator(at / "data")) {
    if (entry.path().extension() != ".kds") continue;
    in_shards += kilm::inspection::inspect(entry.path()).at("paragraphs").as_int();
    flip(entry.path());
    CHECK_THROWS_WITH_AS(kilm::inspection::inspect(entry.path()), doctest::Contains("shard-"), base::DamagedInput);
    CHECK_THROWS_WITH_AS(kilm::inspection::inspect(at / "data"), doctest::Contains("shard-"), base::DamagedInput);
    flip(entry.path());
  }
  CHECK(in_shards == paragraphs);
  fs::remove(at / "dump.xml");
  CHECK(kilm::inspection::inspect(at.path).at("kind").as_string() == "tokenizer");
  CHECK(kilm::inspection::inspect(at.path).at("tokens").as_int() == 265);
}
