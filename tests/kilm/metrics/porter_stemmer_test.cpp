#include "kilm/metrics/porter_stemmer.h"

#include <doctest/doctest.h>

#include "tensor/base/json_lines.h"

using kilm::metrics::porter_stem;

TEST_CASE("the steps of Porter's paper, and what nltk adds to them") {
  CHECK(porter_stem("generalizations") == "gener");
  CHECK(porter_stem("oscillators") == "oscil");
  CHECK(porter_stem("hopping") == "hop");
  CHECK(porter_stem("hoping") == "hope");
  CHECK(porter_stem("adoption") == "adopt");
  CHECK(porter_stem("controlling") == "control");
  CHECK(porter_stem("flies") == "fli");
  CHECK(porter_stem("dies") == "die");
  CHECK(porter_stem("skies") == "sky");
  CHECK(porter_stem("enjoy") == "enjoy");
  CHECK(porter_stem("geology") == "geolog");
  CHECK(porter_stem("as") == "as");
  CHECK(porter_stem("") == "");
}

TEST_CASE("characters count, not their bytes, and bytes that are none stay") {
  CHECK(porter_stem("éé") == "éé");
  CHECK(porter_stem("naïves") == "naïv");
  CHECK(porter_stem("\xff\xff\xff\xffs") == "\xff\xff\xff\xff");
}

TEST_CASE("stems are those of nltk") {
  base::JsonLines lines(KILM_SOURCE_DIR "/tests/fixtures/metrics-golden/stems.jsonl");
  int words = 0;
  while (const auto pair = lines.next([](const base::Json& json) { return json.items(); })) {
    CHECK(porter_stem((*pair)[0].as_string()) == (*pair)[1].as_string());
    ++words;
  }
  CHECK(words > 300);
}
