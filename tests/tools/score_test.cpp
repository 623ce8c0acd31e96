#include <doctest/doctest.h>

#include "tensor/base/json.h"
#include "tests/kilm/folder.h"
#include "tests/kilm/small_dump.h"
#include "tests/tools/model_folder.h"
#include "tests/tools/process.h"

TEST_CASE("kilm score prints the scores of a split, the same whatever is computed together") {
  const Folder folder;
  write_model(folder / "model", 256);
  folder.write("dump.xml", small_dump());
  const Output prepared = kilm("prepare " + folder / "dump.xml" + " --tokenizer " + folder / "model" + " --out " +
                               folder / "data" + " --max-length 256 --unseen 10 --held-out-entities 3");
  REQUIRE_MESSAGE(prepared.code == 0, prepared.err);
  const std::string options =
      "score --model " + folder / "model" + " --data " + folder / "data" + " --windows 6 --mentions 9";
  const Output output = kilm(options + " --split unseen --json");
  REQUIRE_MESSAGE(output.code == 0, output.err);
  const base::Json score = base::parse_json(output.out, "output");
  CHECK(score.members().size() == 7);
  CHECK(score.at("mentions").as_int() > 0);
  CHECK(score.at("mentions").as_int() <= 9);
  CHECK(score.at("title_em").as_number() == 0);
  for (const char* loss : {"knowledge_loss", "infill_loss", "copy_loss"}) CHECK(score.at(loss).as_number() > 0);
  CHECK(kilm(options + " --split unseen --json --batch-tokens 300").out == output.out);
  CHECK(kilm(options + " --split held_out").out.find("knowledge loss") != std::string::npos);
  CHECK(kilm(options + " --split other").code == 2);
  for (const char* option : {" --windows -1", " --mentions -1", " --batch-tokens -1", " --batch-tokens 0"})
    CHECK(kilm(options + " --split unseen" + option).code == 2);
}
