#include "kilm/bart/folder.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>
#include <set>

#include "nn/state_dict.h"
#include "tensor/base/error.h"
#include "tensor/base/file.h"
#include "tensor/io/safetensors.h"
#include "tests/kilm/toy.h"
#include "tests/tensor/torch_archive.h"

using base::Json;
using tensor::NamedTensor;
using tensor::Tensor;

namespace {

void save(const Folder& at, kilm::bart::BartFolder& folder) {
  kilm::bart::save_bart(at.path.string(), folder.model, folder.tokenizer, folder.generation_config);
}

std::string error_of(const std::string& path) {
  try {
    kilm::bart::load_bart(path);
  } catch (const base::DamagedInput& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a model folder that is saved and loaded is the same") {
  const Folder first, second;
  kilm::bart::BartFolder folder = toy::bart(3);
  folder.generation_config.set("num_beams", 4);
  save(first, folder);
  kilm::bart::BartFolder again = kilm::bart::load_bart(first.path.string());
  CHECK(toy::bytes_of(again.model) == toy::bytes_of(folder.model));
  CHECK(again.tokenizer->fingerprint() == folder.tokenizer->fingerprint());
  CHECK(again.generation_config.at("num_beams").as_int() == 4);
  save(second, again);
  for (const char* name : {"config.json", "generation_config.json", "model.safetensors", "vocab.json", "merges.txt"})
    CHECK(base::read_file(first / name) == base::read_file(second / name));
  CHECK(kilm::bart::load_bart(first.path.string(), nn::DType::bf16).model.shared.dtype() == nn::DType::bf16);
}

TEST_CASE("a folder of a bare model loads: no prefix, no bias, any name of the table, no generation settings") {
  const Folder at;
  kilm::bart::BartFolder folder = toy::bart(4);
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
  kilm::bart::BartFolder again = kilm::bart::load_bart(at.path.string());
  CHECK(toy::bytes_of(again.model) == toy::bytes_of(folder.model));
  CHECK(kilm::bart::generation_settings(again).at("forced_bos_token_id").as_int() == 0);
  CHECK(kilm::bart::generation_settings(again).at("decoder_start_token_id").as_int() == 2);
}

TEST_CASE("weights come from safetensors, else from an index, else from a file of torch.save, in any dtype") {
  const Folder at;
  kilm::bart::BartFolder folder = toy::bart(5);
  for (const NamedTensor& entry : nn::state(folder.model)) {  // so that every dtype holds the same numbers
    Tensor value = entry.tensor;
    value.copy_from(value.cast(nn::DType::bf16).cast(nn::DType::f16));
  }
  save(at, folder);
  const auto loaded = [&] {
    kilm::bart::BartFolder from = kilm::bart::load_bart(at.path.string());
    return toy::bytes_of(from.model);
  };
  const std::string expected = toy::bytes_of(folder.model);
  CHECK(loaded() == expected);

  std::vector<std::pair<std::string, Tensor>> halves;
  std::vector<NamedTensor> shards[2];
  Json map = Json::object();
  for (const NamedTensor& entry : nn::state(folder.model)) {
    const bool second = halves.size() % 2 == 1;
    halves.emplace_back(entry.name, entry.tensor.cast(second ? nn::DType::f16 : nn::DType::bf16));
    shards[second].push_back({entry.name, entry.tensor.cast(second ? nn::DType::f64 : nn::DType::f32)});
    map.set(entry.name, second ? "model-00002-of-00002.safetensors" : "model-00001-of-00002.safetensors");
  }
  std::filesystem::remove(at / "model.safetensors");
  CHECK_THROWS_WITH_AS(loaded(),
                       (at.path.string() + ": lacks its weights (model.safetensors or pytorch_model.bin, or the "
                                           "index.json of several)")
                           .c_str(),
                       base::DamagedInput);
  at.write("pytorch_model.bin", torch_archive::state_dict(halves));
  CHECK(loaded() == expected);

  at.write("pytorch_model.bin", "not looked at any more");
  Json index = Json::object();
  index.set("weight_map", map);
  at.write("model.safetensors.index.json", index.dump());
  for (const int i : {0, 1})
    tensor::write_safetensors(at / ("model-0000" + std::to_string(i + 1) + "-of-00002.safetensors"), shards[i]);
  CHECK(loaded() == expected);
}

TEST_CASE("a classifier gives the model that it was made of, and is written as one") {
  const Folder at, out;
  kilm::bart::BartFolder folder = toy::bart(6);
  folder.model.config.others.set("architectures", Json::array({Json("BartForSequenceClassification")}));
  folder.model.config.others.set("torch_dtype", "float16");
  save(at, folder);
  std::vector<NamedTensor> state = nn::state(folder.model);
  std::erase_if(state, [](const NamedTensor& entry) { return entry.name == "final_logits_bias"; });
  state.push_back({"classification_head.dense.weight", Tensor::zeros({16, 16})});
  state.push_back({"classification_head.out_proj.bias", Tensor::zeros({3})});
  tensor::write_safetensors(at / "model.safetensors", state);
  kilm::bart::BartFolder again = kilm::bart::load_bart(at.path.string());
  CHECK(toy::bytes_of(again.model) == toy::bytes_of(folder.model));
  save(out, again);
  const Json config = base::read_json_file(out / "config.json");
  CHECK(config.at("architectures").items().at(0).as_string() == "BartForConditionalGeneration");
  CHECK(config.at("dtype").as_string() == "float32");  // what Transformers opens the weights as
  CHECK(config.find("torch_dtype") == nullptr);
}

TEST_CASE("a classifier's head is set aside in the dtype of the model, and written again by who has it") {
  const Folder at, out;
  kilm::bart::BartFolder folder = toy::bart(8);
  const std::vector<NamedTensor> head = {{"classification_head.dense.weight", Tensor::full({16, 16}, 0.5)},
                                         {"classification_head.out_proj.bias", Tensor::full({3}, 2)}};
  kilm::bart::save_bart(at.path.string(), folder.model, folder.tokenizer, folder.generation_config, head);
  kilm::bart::BartFolder again = kilm::bart::load_bart(at.path.string(), nn::DType::bf16);
  REQUIRE(again.head.size() == 2);
  kilm::bart::save_bart(out.path.string(), again.model, again.tokenizer, again.generation_config, again.head);
  const auto written = tensor::SafetensorsFile::open(out / "model.safetensors");
  for (const auto& [name, tensor] : head) {
    CHECK(written.tensor(name).dtype() == nn::DType::bf16);
    CHECK(written.tensor(name).cast(nn::DType::f32).to_vector<float>() == tensor.to_vector<float>());
  }
  save(out, again);
  CHECK(!tensor::SafetensorsFile::open(out / "model.safetensors").contains(head[0].name));
}

TEST_CASE("the first sign of a summarizer's forced beginning is understood") {
  const Folder at;
  kilm::bart::BartFolder folder = toy::bart(7);
  folder.model.config.others = Json::object();
  folder.model.config.others.set("force_bos_token_to_be_generated", true);
  save(at, folder);
  std::filesystem::remove(at / "generation_config.json");
  CHECK(kilm::bart::generation_settings(kilm::bart::load_bart(at.path.string())).at("forced_bos_token_id").as_int() ==
        0);
}

TEST_CASE("weights that do not fit are reported all at once") {
  const Folder at;
  kilm::bart::BartFolder folder = toy::bart();
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

TEST_CASE("all that a model folder lacks is named, and links and pipes in the place of files") {
  const Folder at;
  at.write("vocab.json", "{}");
  const std::string place = at.path.string() + ": ",
                    weights = "its weights (model.safetensors or pytorch_model.bin, or the index.json of several)",
                    tokenizer = "its tokenizer (tokenizer.json, or vocab.json and merges.txt)";
  CHECK(error_of(at.path.string()) == place + "lacks its config.json, " + weights + ", " + tokenizer);
  at.write("config.json", "{}");
  CHECK(error_of(at.path.string()) == place + "lacks " + weights + ", " + tokenizer);
  kilm::bart::check_model_folder(KILM_SOURCE_DIR "/tests/fixtures/bart-golden");
  CHECK_THROWS_WITH_AS(kilm::bart::check_model_folder(at.path.string(), {.weights = false}),
                       (place + "lacks " + tokenizer).c_str(), base::DamagedInput);
  at.write("merges.txt", "");
  at.write("tokenizer.json", "{}");
  CHECK(error_of(at.path.string()) == place + "lacks " + weights);
  std::filesystem::remove(at / "vocab.json");
  CHECK(error_of(at.path.string()) == place + "lacks " + weights + ", its vocab.json beside merges.txt");
  at.write("vocab.json", "{}");
  std::filesystem::remove(at / "tokenizer.json");
  CHECK_THROWS_WITH_AS(kilm::bart::load_bart(at / "vocab.json"),
                       (at / "vocab.json: is a file, and should be a model folder").c_str(), base::UsageError);
  std::filesystem::create_symlink("../blobs/12", at / "model.safetensors");
  CHECK(error_of(at.path.string()) ==
        place + "lacks " + weights + "; model.safetensors: it is a link to ../blobs/12, which is not there");
  std::filesystem::remove(at / "model.safetensors");
  REQUIRE(mkfifo((at / "model.safetensors").c_str(), 0666) == 0);
  std::filesystem::remove(at / "config.json");
  REQUIRE(mkfifo((at / "config.json").c_str(), 0666) == 0);
  CHECK(error_of(at.path.string()) == place + "config.json: is no file, model.safetensors: is no file");
}

TEST_CASE("a model folder has the same digest wherever it lies, and another when a file changes") {
  const Folder first, second;
  kilm::bart::BartFolder folder = toy::bart(3);
  save(first, folder);
  save(second, folder);
  second.write("README.md", "is no part of it");
  const std::string digest = kilm::bart::model_digest(first.path.string());
  CHECK(kilm::bart::model_digest(second.path.string()) == digest);
  second.write("generation_config.json", "{}");
  CHECK(kilm::bart::model_digest(second.path.string()) != digest);
}

TEST_CASE("a model with fewer rows than its tokenizer has tokens is one of ids, until rows are added") {
  const Folder at;
  kilm::bart::BartConfig config = toy::bart_config();
  config.vocab_size = 264;  // as bart-large-cnn: <mask>, the last token, has no row
  kilm::bart::BartFolder folder{"", kilm::bart::Bart(config), toy::tokenizer(false), Json()};
  folder.model.initialise(1);
  save(at, folder);
  const std::string before = toy::bytes_of(folder.model.table());
  kilm::bart::BartFolder again = kilm::bart::load_bart(at.path.string());
  REQUIRE(again.tokenizer);
  CHECK(again.tokenizer->mask() == 264);
  CHECK_THROWS_WITH_AS(again.text_tokenizer(),
                       (at.path.string() + ": the tokenizer has 265 tokens, the model rows for 264 of them; kilm train "
                                           "adds the rest")
                           .c_str(),
                       base::Error);
  kilm::bart::add_kilm_tokens(again, 1);
  CHECK(again.model.config.vocab_size == 270);
  CHECK(again.text_tokenizer().kilm_tokens().sep == 269);
  CHECK(toy::bytes_of(again.model.shared.value().narrow(0, 0, 264)) == before);
}

TEST_CASE("a folder without a tokenizer is a model of ids, and is written as one") {
  const Folder at, out;
  CHECK_THROWS_WITH_AS(kilm::bart::load_bart(at / "nothing"), (at / "nothing: there is no such model folder").c_str(),
                       base::Error);
  kilm::bart::BartFolder folder = toy::bart();
  folder.tokenizer.reset();
  save(at, folder);
  kilm::bart::BartFolder again = kilm::bart::load_bart(at.path.string());
  CHECK(toy::bytes_of(again.model) == toy::bytes_of(folder.model));
  const std::string message = at.path.string() + ": lacks its tokenizer (tokenizer.json, or vocab.json and merges.txt)";
  CHECK_THROWS_WITH_AS(again.text_tokenizer(), message.c_str(), base::DamagedInput);
  CHECK_THROWS_WITH_AS(kilm::bart::add_kilm_tokens(again, 1), message.c_str(), base::DamagedInput);
  save(out, again);
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(out.path)) files.insert(entry.path().filename());
  CHECK(files == std::set<std::string>{"config.json", "generation_config.json", "model.safetensors"});
}

TEST_CASE("generation_config.json wins over config.json, and what neither says is not written") {
  const Folder at, out;
  kilm::bart::BartFolder folder = toy::bart();
  save(at, folder);
  Json config = Json::object();  // what a model cannot be without
  for (const char* key :
       {"model_type", "vocab_size", "d_model", "encoder_layers", "decoder_layers", "encoder_ffn_dim", "decoder_ffn_dim",
        "encoder_attention_heads", "decoder_attention_heads", "max_position_embeddings"})
    config.set(key, kilm::bart::to_json(folder.model.config).at(key));
  const auto settings = [&] { return kilm::bart::generation_settings(kilm::bart::load_bart(at.path.string())); };
  at.write("config.json", config.dump());
  at.write("generation_config.json", R"({"bos_token_id": 5})");
  CHECK(settings().at("decoder_start_token_id").as_int() == 5);  // as Transformers falls back
  CHECK(settings().at("eos_token_id").as_int() == 2);
  CHECK(settings().find("forced_eos_token_id") == nullptr);
  at.write("generation_config.json", R"({"decoder_start_token_id": 7, "bos_token_id": 5, "eos_token_id": 9})");
  CHECK(settings().at("decoder_start_token_id").as_int() == 7);
  CHECK(settings().at("eos_token_id").as_int() == 9);
  at.write("generation_config.json", "[]");
  CHECK(error_of(at.path.string()) == at / "generation_config.json: should be a JSON object");
  std::filesystem::remove(at / "generation_config.json");
  CHECK(settings().at("decoder_start_token_id").as_int() == 2);
  CHECK(settings().at("forced_eos_token_id").as_int() == 2);  // what the class of Transformers has

  kilm::bart::BartFolder bare = kilm::bart::load_bart(at.path.string());
  save(out, bare);
  CHECK(!std::filesystem::exists(out / "generation_config.json"));
  Json written = base::read_json_file(out / "config.json");
  CHECK(written.members().size() == config.members().size() + 2);  // architectures and dtype: what the weights are
  for (const auto& [key, value] : config.members()) CHECK(written.at(key) == value);
}

TEST_CASE("a byte order mark in front of any settings is passed over") {
  const Folder at;
  kilm::bart::BartFolder folder = toy::bart();
  save(at, folder);
  for (const char* name : {"config.json", "generation_config.json", "tokenizer_config.json", "tokenizer.json",
                           "vocab.json", "merges.txt", "added_tokens.json"})
    at.write(name, "\xEF\xBB\xBF" + base::read_file(at / name));
  const kilm::bart::BartFolder again = kilm::bart::load_bart(at.path.string());
  CHECK(again.tokenizer->fingerprint() == folder.tokenizer->fingerprint());
  CHECK(again.generation_config == folder.generation_config);
}

TEST_CASE("the KILM tokens are added once, with rows of their own") {
  kilm::bart::BartConfig config = toy::bart_config();
  config.vocab_size = 265;
  kilm::bart::BartFolder folder{"", kilm::bart::Bart(config), toy::tokenizer(false), Json::object()};
  kilm::bart::add_kilm_tokens(folder, 1);
  CHECK(folder.tokenizer->kilm_tokens().sep == 269);
  CHECK(folder.model.config.vocab_size == 270);
  const std::string before = toy::bytes_of(folder.model);
  kilm::bart::add_kilm_tokens(folder, 2);
  CHECK(toy::bytes_of(folder.model) == before);
}

TEST_CASE("a new model has the tokens of KILM, and rows for them") {
  kilm::bart::BartConfig config = toy::bart_config();
  config.vocab_size = 265;  // the tokenizer without them
  CHECK(kilm::bart::new_bart(config, toy::tokenizer(false), 1).model.config.vocab_size == 270);
  config.vocab_size = 320;
  CHECK(kilm::bart::new_bart(config, toy::tokenizer(false), 1).model.config.vocab_size == 320);
  config.vocab_size = 264;
  CHECK_THROWS_WITH_AS(kilm::bart::new_bart(config, toy::tokenizer(false), 1),
                       "vocab_size: 264 should be at least 265, the tokens of the tokenizer", base::UsageError);
}

TEST_CASE("a run stands for its best checkpoint, else its latest, else nothing") {
  const Folder run;
  std::filesystem::create_directories(run / "ckpt");
  CHECK_THROWS_WITH_AS(kilm::bart::model_folder(run.path.string()),
                       (run.path.string() + ": the run has no checkpoint yet, so it holds no model").c_str(),
                       base::UsageError);
  std::filesystem::remove(run / "ckpt");
  run.write("resolved.json", "{}");
  CHECK_THROWS_AS(kilm::bart::model_folder(run.path.string()), base::UsageError);
  for (const char* step : {"step-00000003", "step-00000007"})
    std::filesystem::create_directories(run / "ckpt" + "/" + step);
  std::ofstream(run / "ckpt/latest") << "step-00000007\n";
  CHECK(kilm::bart::model_folder(run.path.string()) == run / "ckpt/step-00000007/model");
  std::ofstream(run / "ckpt/best") << "step-00000003\n";
  CHECK(kilm::bart::model_folder(run.path.string()) == run / "ckpt/step-00000003/model");
  CHECK_THROWS_WITH_AS(kilm::bart::model_folder(run / "ckpt/best"),
                       (run / "ckpt/best" + ": is a file that names a checkpoint, " + run / "ckpt/step-00000003" +
                        "; give that folder, or the run, " + run.path.string())
                           .c_str(),
                       base::UsageError);
  std::ofstream(run / "ckpt/best") << "step-00000004\n";
  CHECK_THROWS_WITH_AS(kilm::bart::model_folder(run.path.string()),
                       (run / "ckpt/best" + ": names step-00000004, which is not there").c_str(), base::DamagedInput);
  CHECK(kilm::bart::model_folder("/somewhere") == "/somewhere");
}
