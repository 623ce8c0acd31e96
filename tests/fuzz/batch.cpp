#include "kilm/exchange/padded_batch.h"

#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return fuzz::parse(data, size, [=](std::string_view text) {
    const base::Json json = base::parse_json(text, "input");
    kilm::bart::BartConfig config;
    config.vocab_size = 100;
    config.max_position_embeddings = 16;
    for (const bool reference : {false, true})
      fuzz::parse(data, size,
                  [&](std::string_view) { kilm::exchange::parse_requests(json, config, reference, "batch"); });
    const kilm::exchange::Batch batch = kilm::exchange::parse_batch(json, config, "batch");
    fuzz::require(int64_t(batch.source.cells.size()) <= batch.source.rows * batch.source.width,
                  "tokens are cells of a row");
  });
}
