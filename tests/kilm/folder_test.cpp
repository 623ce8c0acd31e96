#include "kilm/bart/folder.h"

#include <doctest/doctest.h>

#include <fstream>

#include "nn/state_dict.h"
#include "tensor/error.h"
#include "tensor/io/file.h"
#include "tensor/io/safetensors.h"
#include "tests/kilm/toy.h"

using tensor::Json;
using tensor::NamedTensor;
using tensor::Tensor;

namespace {

void save(const Folder& at, kilm::BartFolder& folder) {
  kilm::save_bart(at.path.string(), folder.model, folder.tokenizer, folder.generation_config);
}

std::string error_of(const std::string& path) {
  try {
    kilm::load_bart(path);
  } catch (const tensor::DamagedInput& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a model folder that is saved and loaded is the same") {
  const Folder first, second;
  kilm::BartFolder folder = toy::bart(3);
  folder.generation_config.set("num_beams", 4);
  save(first, folder);
  kilm::BartFolder again = kilm::load_bart(first.path.string());
  CHECK(toy::bytes_of(again.model) == toy::bytes_of(folder.model));
  CHECK(again.tokenizer.fingerprint() == folder.tokenizer.fingerprint());
  CHECK(again.generation_config.at("num_beams").as_int() == 4);
  save(second, again);
  for (const char* name : {"config.json", "generation_config.json", "model.safetensors", "vocab.json", "merges.txt"})
    CHECK(tensor::read_file(first / name) == tensor::read_file(second / name));
  CHECK(kilm::load_bart(first.path.string(), nn::DType::bf16).model.shared.dtype() == nn::DType::bf16);
}

TEST_CASE("a folder of a bare model loads: no prefix, no bias, any name of the table, no generation settings") {
  const Folder at;
  kilm::BartFolder folder = toy::bart(4);
  folder.model.config.others = Json::object();
  folder.model.config.others.set("forced_bos_token_id", 0);
  save(at, folder);
  std::vector<NamedTensor> bare;
  for (const NamedTensor& entry : nn::state(folder.model)) {
    if (entry.name == "final_logits_bias") continue;
    const bool table = entry.name == "model.shared.weight";
    bare.push_back({table ? "decoder.embed_tokens.weight" : entry.name.substr(6), entry.tensor});
  }
  bare.push_back({"encoder.version", Tensor::zeros({1})});
  tensor::write_safetensors(at / "model.safetensors", bare);
  std::filesystem::remove(at / "generation_config.json");
  kilm::BartFolder again = kilm::load_bart(at.path.string());
  CHECK(toy::bytes_of(again.model) == toy::bytes_of(folder.model));
  CHECK(again.generation_config.at("forced_bos_token_id").as_int() == 0);
  CHECK(again.generation_config.at("decoder_start_token_id").as_int() == 2);
}

TEST_CASE("weights that do not fit are reported all at once") {
  const Folder at;
  kilm::BartFolder folder = toy::bart();
  save(at, folder);
  std::vector<NamedTensor> state = nn::state(folder.model);
  std::erase_if(state, [](const NamedTensor& entry) { return entry.name == "model.encoder.layers.0.fc1.bias"; });
  for (NamedTensor& entry : state)
    if (entry.name == "model.encoder.layers.0.fc2.bias") entry.tensor = Tensor::zeros({17});
  state.push_back({"pooler.weight", Tensor::zeros({2})});
  tensor::write_safetensors(at / "model.safetensors", state);
  CHECK(error_of(at.path.string()) == at / "model.safetensors" +
                                          ": does not fit the model:"
                                          "\n  missing: model.encoder.layers.0.fc1.bias"
                                          "\n  misshapen: model.encoder.layers.0.fc2.bias is [17], the model's is [16]"
                                          "\n  unexpected: pooler.weight");
}

TEST_CASE("a folder whose parts do not fit together is refused") {
  const Folder at;
  CHECK_THROWS_WITH_AS(kilm::load_bart(at / "nothing"), (at / "nothing: there is no such model folder").c_str(),
                       tensor::Error);
  kilm::BartFolder folder = toy::bart();
  save(at, folder);
  Json config = kilm::to_json(folder.model.config);
  config.set("vocab_size", 269);
  std::ofstream(at / "config.json") << config.dump();
  CHECK(error_of(at.path.string()) == at.path.string() + ": the tokenizer has 270 tokens, the model only 269");
}

TEST_CASE("the KILM tokens are added once, with rows of their own") {
  kilm::BartConfig config = toy::bart_config();
  config.vocab_size = 265;
  kilm::BartFolder folder{"", kilm::Bart(config), toy::tokenizer(false), Json::object()};
  kilm::add_kilm_tokens(folder, 1);
  CHECK(folder.tokenizer.kilm_tokens().sep == 269);
  CHECK(folder.model.config.vocab_size == 270);
  const std::string before = toy::bytes_of(folder.model);
  kilm::add_kilm_tokens(folder, 2);
  CHECK(toy::bytes_of(folder.model) == before);
}

TEST_CASE("a new model has the tokens of KILM, and rows for them") {
  kilm::BartConfig config = toy::bart_config();
  config.vocab_size = 265;  // the tokenizer without them
  CHECK(kilm::new_bart(config, toy::tokenizer(false), 1).model.config.vocab_size == 270);
  config.vocab_size = 320;
  CHECK(kilm::new_bart(config, toy::tokenizer(false), 1).model.config.vocab_size == 320);
  config.vocab_size = 264;
  CHECK_THROWS_WITH_AS(kilm::new_bart(config, toy::tokenizer(false), 1),
                       "vocab_size: 264 should be at least 265, the tokens of the tokenizer", tensor::UsageError);
}

TEST_CASE("a run stands for its best checkpoint, else its latest, else nothing") {
  const Folder run;
  std::filesystem::create_directories(run / "ckpt");
  CHECK_THROWS_WITH_AS(kilm::model_folder(run.path.string()),
                       (run.path.string() + ": the run has no checkpoint yet").c_str(), tensor::Error);
  std::ofstream(run / "ckpt/latest") << "step-00000007\n";
  CHECK(kilm::model_folder(run.path.string()) == run / "ckpt/step-00000007/model");
  std::ofstream(run / "ckpt/best") << "step-00000003\n";
  CHECK(kilm::model_folder(run.path.string()) == run / "ckpt/step-00000003/model");
  CHECK(kilm::model_folder("/somewhere") == "/somewhere");
}
