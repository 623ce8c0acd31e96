#include "kilm/retrieval/stop_words.h"

#include <doctest/doctest.h>

using kilm::retrieval::is_stop_word;

TEST_CASE("stop words are those of DrQA, in lower case") {
  for (const char* word : {"''", "a", "yourselves", "ain", "wouldn", "n't", "``"}) CHECK(is_stop_word(word));
  for (const char* word : {"", "The", "first", "would", "ours ", "'", "zebra"}) CHECK(!is_stop_word(word));
}
