// The JSON files of a model folder and of a run.
#include "kilm/bart/config.h"
#include "kilm/generation/generation_config.h"
#include "kilm/training/train_config.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return fuzz::parse(data, size, [=](std::string_view text) {
    const tensor::Json json = tensor::parse_json(text, "input");
    fuzz::require(tensor::parse_json(json.dump(2), "dump") == json, "what is written reads back equal");
    fuzz::parse(data, size, [&](std::string_view) {
      const kilm::BartConfig config = kilm::parse_bart_config(json, "config.json");
      fuzz::require(kilm::to_json(kilm::parse_bart_config(kilm::to_json(config), "again")) == kilm::to_json(config),
                    "a configuration that is written reads back equal");
    });
    fuzz::parse(data, size, [&](std::string_view) { kilm::parse_generation_config(json, "generation_config.json"); });
    fuzz::parse(data, size, [&](std::string_view) { kilm::train_config_from_json(json, "resolved.json"); });
  });
}
