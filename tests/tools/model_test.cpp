// --device of the commands that compute with a model.
#include <doctest/doctest.h>

#include "tests/kilm/folder.h"
#include "tests/tools/model_folder.h"
#include "tests/tools/process.h"
#include "tests/tools/training_site.h"

namespace {

const char* const kBatch = R"({"input_ids": [[5, 9, 4, 2], [7, 8, 2]], "labels": [[2, 0, 9], [2, 5, 4]]})";

}  // namespace

TEST_CASE("--device of score, describe, generate and dump: what is no device, or not there, is refused by name") {
  const Folder folder;
  folder.write("batch.json", kBatch);
  const std::string model = " --model " + training_site().model, batch = " --batch " + folder / "batch.json";
  for (const std::string& command : std::vector<std::string>{
           "score --split seen --data " + training_site().data + model, "describe 'a [[b]]'" + model,
           "generate" + model + batch, "dump --out " + folder / "step.safetensors" + model + batch}) {
    CAPTURE(command);
    const Output other = kilm(command + " --device gpu"), absent = kilm(command + " --device cuda:1");
    CHECK(other.code == 2);
    CHECK(other.err.find("--device: gpu should be cpu, cuda or cuda:N") != std::string::npos);
    CHECK(absent.code == 2);
    CHECK(absent.err.find("this program was built without CUDA; configure with -DKILM_CUDA=ON") != std::string::npos);
    CHECK(absent.out.empty());
  }
}

TEST_CASE("--device cpu is the default") {
  const Folder folder;
  write_model(folder / "model", 96);
  const std::string command = "generate --json --batch - --max-new-tokens 4 --model " + folder / "model";
  const Output given = kilm(command + " --device cpu", kBatch);
  CHECK(given.code == 0);
  CHECK(given.out == kilm(command, kBatch).out);
  CHECK(kilm("generate --help").out.find("what computes: cpu, cuda or cuda:N (default cpu)") != std::string::npos);
}
