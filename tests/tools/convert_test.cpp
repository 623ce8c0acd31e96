// `kilm convert` as a shell sees it, on the folder that Transformers saved.
#include <doctest/doctest.h>

#include "tensor/io/file.h"
#include "tensor/io/json.h"
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
    CHECK(tensor::read_file(entry.path()) == tensor::read_file(at / ("two/" + name)));
  }
  const auto before = SafetensorsFile::open(kGolden + "/model.safetensors");
  const auto after = SafetensorsFile::open(at / "one/model.safetensors");
  CHECK(before.names().size() == after.names().size());
  for (const std::string& name : before.names()) {
    INFO(name);
    REQUIRE(after.contains(name));
    CHECK(after.tensor(name).to_vector<float>() == before.tensor(name).to_vector<float>());
  }
  const tensor::Json given = tensor::read_json_file(kGolden + "/config.json");
  const tensor::Json written = tensor::read_json_file(at / "one/config.json");
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
  CHECK(tensor::read_json_file(at / "half/config.json").at("dtype").as_string() == "bfloat16");
  const Output again = kilm("convert " + kGolden + " " + at / "half");
  CHECK(again.code == 2);
  CHECK(again.err.find("half: exists already") != std::string::npos);
  CHECK(kilm("convert " + at / "nothing" + " " + at / "out").code == 1);
  CHECK(!fs::exists(at / "out"));
}

TEST_CASE("kilm convert: code that a config names is not run, and a notice says so") {
  const Folder folder;
  fs::copy(kGolden, folder / "model", fs::copy_options::recursive);
  tensor::Json config = tensor::read_json_file(folder / "model/config.json");
  tensor::Json code = tensor::Json::object();
  code.set("AutoModel", "modeling_other.OtherModel");
  config.set("auto_map", code);
  folder.write("model/config.json", config.dump());
  const Output output = kilm("convert " + folder / "model" + " " + folder / "out");
  CHECK(output.code == 0);
  CHECK(output.err.find("config.json: auto_map names code to run; it is not looked at") != std::string::npos);
}
