#include "tests/tools/training_site.h"

#include <doctest/doctest.h>

#include "tests/kilm/small_dump.h"
#include "tests/kilm/vocabulary_files.h"
#include "tests/tools/process.h"

TrainingSite::TrainingSite() {
  write_small_vocabulary(*this);
  write("config.json", R"({"d_model": 16, "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 2,)"
                       R"( "decoder_attention_heads": 2, "encoder_ffn_dim": 32, "decoder_ffn_dim": 32,)"
                       R"( "max_position_embeddings": 256})");
  REQUIRE(kilm("prepare - --max-length 256 --tokenizer " + path.string() + " --out " + data, small_dump()).code == 0);
  REQUIRE(kilm("init --config " + *this / "config.json" + " --tokenizer " + path.string() + " --out " + model).code ==
          0);
}

TrainingSite& training_site() {
  static TrainingSite site;
  return site;
}
