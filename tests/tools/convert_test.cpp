// `kilm convert` as a shell sees it, on the folder that Transformers saved.
#include <doctest/doctest.h>

#include <cmath>

#include "tensor/base/file.h"
#include "tensor/base/json.h"
#include "tensor/io/safetensors.h"
#include "tests/kilm/folder.h"
#include "tests/tools/process.h"

namespace fs = std::filesystem;
using tensor::SafetensorsFile;
using tensor::Tensor;

namespace {

const std::string kGolden = KILM_SOURCE_DIR "/tests/fixtures/bart-golden";

}  // namespace

TEST_CASE("kilm convert: what comes out holds the same weights, and converts to the same files again") {
  const Folder at;
  REQUIRE(kilm("convert " + kGolden + " " + at / "one").code == 0);
  REQUIRE(kilm("convert " + at / "one" + " " + at / "two").code == 0);
  for (const auto& entry : fs::directory_iterator(at / "one")) {
    const std::string name = entry.path().filename().string();
    INFO(name);
    CHECK(base::read_file(entry.path()) == base::read_file(at / ("two/" + name)));
  }
  const auto before = SafetensorsFile::open(kGolden + "/model.safetensors");
  const auto after = SafetensorsFile::open(at / "one/model.safetensors");
  CHECK(before.names().size() == after.names().size());
  for (const std::string& name : before.names()) {
    INFO(name);
    REQUIRE(after.contains(name));
    CHECK(after.tensor(name).to_vector<float>() == before.tensor(name).to_vector<float>());
  }
  const base::Json given = base::read_json_file(kGolden + "/config.json");
  const base::Json written = base::read_json_file(at / "one/config.json");
  for (const auto& [key, value] : given.members()) {
    INFO(key);
    REQUIRE(written.find(key));
    CHECK(written.at(key) == value);
  }
}

TEST_CASE("kilm convert: half the bytes on demand, and nothing is overwritten") {
  const Folder at;
  REQUIRE(kilm("convert " + kGolden + " " + at / "half --dtype bf16").code == 0);
  CHECK(SafetensorsFile::open(at / "half/model.safetensors").tensor("model.shared.weight").dtype() ==
        tensor::DType::bf16);
  CHECK(base::read_json_file(at / "half/config.json").at("dtype").as_string() == "bfloat16");
  const Output again = kilm("convert " + kGolden + " " + at / "half");
  CHECK(again.code == 2);
  CHECK(again.err.find("half: exists already") != std::string::npos);
  CHECK(kilm("convert " + at / "nothing" + " " + at / "out").code == 1);
  CHECK(!fs::exists(at / "out"));
}

TEST_CASE("kilm convert: weights that are not finite are told and written") {
  const Folder at;
  REQUIRE(kilm("convert " + kGolden + " " + at / "bad").code == 0);
  std::vector<tensor::NamedTensor> state;
  const auto file = SafetensorsFile::open(kGolden + "/model.safetensors");
  for (const std::string& name : file.names()) state.push_back({name, file.tensor(name).clone()});
  state[0].tensor.fill(HUGE_VAL);
  tensor::write_safetensors(at / "bad/model.safetensors", state);
  const Output output = kilm("convert " + at / "bad" + " " + at / "out");
  CHECK(output.code == 0);
  const std::string n = std::to_string(state[0].tensor.numel());
  CHECK(output.err == "kilm convert: " + at / "bad" + ": " + state[0].name + ": " + n + " of " + n +
                          " numbers are not finite, the first at [0" + (state[0].tensor.rank() == 2 ? ", 0" : "") +
                          "]\n");
}

TEST_CASE("kilm convert: a text's space in front stays, with settings and without a tokenizer") {
  const Folder at;
  fs::copy(kGolden, at / "model", fs::copy_options::recursive);
  at.write("model/tokenizer_config.json", R"({"add_prefix_space": true})");
  REQUIRE(kilm("convert " + at / "model" + " " + at / "out").code == 0);
  for (const char* folder : {"model", "out"}) {
    const Output plain = kilm("tokenizer encode " + at / folder, "the\n");
    CHECK(plain.out == kilm("tokenizer encode --prefix-space " + at / folder, "the\n").out);
    CHECK(plain.out == kilm("tokenizer encode " + kGolden, " the\n").out);
  }
  for (const char* file : {"tokenizer.json", "tokenizer_config.json"}) fs::remove(at / (std::string("model/") + file));
  REQUIRE(kilm("convert " + at / "model" + " " + at / "ids").code == 0);
  CHECK(!fs::exists(at / "ids/vocab.json"));
}

TEST_CASE("kilm convert: code that a config names is not run, and a notice says so") {
  const Folder folder;
  fs::copy(kGolden, folder / "model", fs::copy_options::recursive);
  base::Json config = base::read_json_file(folder / "model/config.json");
  base::Json code = base::Json::object();
  code.set("AutoModel", "modeling_other.OtherModel");
  config.set("auto_map", code);
  folder.write("model/config.json", config.dump());
  const Output output = kilm("convert " + folder / "model" + " " + folder / "out");
  CHECK(output.code == 0);
  CHECK(output.err.find("config.json: auto_map names code to run; it is not looked at") != std::string::npos);
}
