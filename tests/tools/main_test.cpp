// What the program does around its commands.
#include <doctest/doctest.h>

#include "tensor/base/file.h"
#include "tensor/base/json.h"
#include "tests/kilm/vocabulary_files.h"
#include "tests/tools/process.h"

TEST_CASE("kilm: KILM_TRACE names the file that a command is traced to, and a table goes to standard error") {
  const Folder folder;
  write_small_vocabulary(folder);
  folder.write("small.json",
               R"({"d_model": 16, "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 2,)"
               R"( "decoder_attention_heads": 2, "encoder_ffn_dim": 32, "decoder_ffn_dim": 32})");
  const std::string init =
      "init --config " + folder / "small.json" + " --tokenizer " + folder.path.string() + " --out ";
  const Output traced = kilm(init + folder / "traced", "", "KILM_TRACE=" + folder / "trace.json");
  CHECK(traced.code == 0);
  CHECK(traced.err.find("self ms") != std::string::npos);
  CHECK(traced.err.find("random_normal") != std::string::npos);
  const base::Json events = base::read_json_file(folder / "trace.json").at("traceEvents");
  REQUIRE(!events.items().empty());
  for (const base::Json& event : events.items()) CHECK(event.at("ph").as_string() == "X");

  const Output plain = kilm(init + folder / "plain");
  CHECK(plain.code == 0);
  CHECK(plain.err.find("self ms") == std::string::npos);

  // The command's answer stands where the trace cannot be written.
  const Output lost = kilm(init + folder / "lost", "", "KILM_TRACE=" + folder / "nowhere/trace.json");
  CHECK(lost.code == 0);
  CHECK(lost.err.find("trace: " + folder / "nowhere/trace.json") != std::string::npos);
}
