#include <doctest/doctest.h>

#include <sstream>

#include "tensor/base/json.h"
#include "tests/kilm/folder.h"
#include "tests/tools/model_folder.h"
#include "tests/tools/process.h"

namespace {

std::vector<base::Json> json_lines(const std::string& text) {
  std::vector<base::Json> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(base::parse_json(line, "output"));
  return lines;
}

}  // namespace

TEST_CASE("kilm describe prints an object per mention, in the order of the texts") {
  const Folder folder;
  write_model(folder / "model", 96);
  const std::string options = "describe --model " + folder / "model" + " --json --num-beams 3 ";
  const Output output = kilm(options + "--num-return-sequences 2 '[[Ann]] met [[Bob]].' -", "by [[Eve]]\n");
  REQUIRE_MESSAGE(output.code == 0, output.err);
  const std::vector<base::Json> lines = json_lines(output.out);
  REQUIRE(lines.size() == 3);
  const char* expected[][2] = {{"[[Ann]] met [[Bob]].", "Ann"}, {"[[Ann]] met [[Bob]].", "Bob"}, {"by [[Eve]]", "Eve"}};
  for (size_t i = 0; i < 3; ++i) {
    CHECK(lines[i].at("text").as_string() == expected[i][0]);
    CHECK(lines[i].at("mention").as_string() == expected[i][1]);
    const auto& hypotheses = lines[i].at("hypotheses").items();
    REQUIRE(hypotheses.size() == 2);
    CHECK(hypotheses[0].at("score").as_number() >= hypotheses[1].at("score").as_number());
    CHECK(hypotheses[0].at("title").is_string());
    CHECK(hypotheses[0].at("description").is_string());
  }
  const Output alone = kilm(options + "'by [[Eve]]'");
  CHECK(json_lines(alone.out)[0].at("hypotheses").items()[0] == lines[2].at("hypotheses").items()[0]);
  CHECK(kilm("describe --model " + folder / "model" + " 'by [[Eve]]'").out.starts_with("Eve\n  "));
  for (const char* text : {"[[Paris]]", "[see [[Paris]]]", "[[Ann, Bob]]", "{[[Paris]]}", "%% [[Paris]]"}) {
    const Output taken = kilm(options + "'" + text + "'");
    CHECK(json_lines(taken.out).at(0).at("text").as_string() == text);
  }
}

TEST_CASE("kilm describe refuses what it cannot describe") {
  const Folder folder;
  write_model(folder / "model", 96);
  const std::string model = "describe --model " + folder / "model";
  CHECK(kilm(model + " 'no one'").code == 2);
  CHECK(kilm(model + " 'by [[Eve'").code == 2);
  CHECK(kilm(model + " --num-beams 2 --num-return-sequences 3 'by [[Eve]]'").code == 2);
  CHECK(kilm(model).code == 2);
  const Output missing = kilm("describe --model " + folder / "none" + " 'by [[Eve]]'");
  CHECK(missing.code == 1);
  std::filesystem::remove(folder / "model/model.safetensors");
  const Output lacks = kilm(model + " 'by [[Eve]]'");
  CHECK(lacks.code == 3);
  CHECK(lacks.err.find("model: lacks its weights (") != std::string::npos);
  std::filesystem::remove(folder / "model/config.json");
  CHECK(kilm(model + " 'by [[Eve]]'").err.find("model: lacks its config.json, its weights (") != std::string::npos);
  std::filesystem::create_symlink("nowhere", folder / "link");
  const Output link = kilm("describe --model " + folder / "link" + " 'by [[Eve]]'");
  CHECK(link.code == 1);
  CHECK(link.err.find("no such model folder, it is a link to nowhere, which is not there") != std::string::npos);
  CHECK(missing.err.find("there is no such model folder") != std::string::npos);
  std::filesystem::create_symlink("loop", folder / "loop");
  for (const std::string command : {"describe '[[Eve]]' --model ", "inspect ", "prepare --paragraphs - "}) {
    const Output loop = kilm(command + folder / "loop");
    CHECK(loop.code == 1);
    CHECK(loop.err.find("it is a link to loop, which leads back to itself") != std::string::npos);
  }
  const Output out = kilm("convert " + folder / "model " + folder / "loop");
  CHECK(out.code == 1);
  CHECK(out.err == "kilm convert: " + folder / "loop" + ": Too many levels of symbolic links\n");
}
