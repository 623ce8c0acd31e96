// The JSON files of a model folder and of a run.
#include "kilm/bart/config.h"
#include "kilm/generation/generation_config.h"
#include "kilm/training/train_config.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return fuzz::parse(data, size, [=](std::string_view text) {
    const base::Json json = base::parse_json(text, "input");
    fuzz::require(base::parse_json(json.dump(2), "dump") == json, "what is written reads back equal");
    fuzz::parse(data, size, [&](std::string_view) {
      const kilm::bart::BartConfig config = kilm::bart::parse_bart_config(json, "config.json");
      fuzz::require(kilm::bart::to_json(kilm::bart::parse_bart_config(kilm::bart::to_json(config), "again")) ==
                        kilm::bart::to_json(config),
                    "a configuration that is written reads back equal");
    });
    fuzz::parse(data, size,
                [&](std::string_view) { kilm::generation::parse_generation_config(json, "generation_config.json"); });
    fuzz::parse(data, size, [&](std::string_view) { kilm::training::train_config_from_json(json, "resolved.json"); });
  });
}
