#include "kilm/training/run_data.h"

#include <doctest/doctest.h>

#include "tensor/base/error.h"
#include "tests/kilm/small_data.h"
#include "tests/kilm/toy.h"

using kilm::training::RunData;
using kilm::training::TrainConfig;

namespace {

// Prepared data, and a model folder beside them.
struct Place {
  SmallData data;
  TrainConfig config;
  Place() {
    kilm::bart::BartFolder start = toy::bart();
    std::filesystem::create_directories(data.folder / "model");
    kilm::bart::save_bart(data.folder / "model", start.model, start.tokenizer, start.generation_config);
    config.data = data.data;
    config.model = data.folder / "model";
  }
  std::string refusal() {
    try {
      complete_from_data(config, RunData(config));
    } catch (const base::UsageError& error) {
      return error.what();
    }
    return "none";
  }
};

}  // namespace

TEST_CASE("data complete the settings of a run, which then is bound to them") {
  Place place;
  const RunData data(place.config);
  complete_from_data(place.config, data);
  CHECK(place.config.tokenizer == toy::tokenizer().fingerprint());
  CHECK(place.config.data_digest == data.knowledge().digest());
  CHECK(place.config.plain_data_digest.empty());
  CHECK(place.config.max_length == 96);  // positions of the model; the data have windows of up to 512
  const TrainConfig before = place.config;
  CHECK(place.refusal() == "none");
  CHECK(kilm::training::to_json(place.config) == kilm::training::to_json(before));

  place.config.data_digest = std::string(64, 'a');
  CHECK(place.refusal() == "data: " + place.config.data + " has the digest " + data.knowledge().digest().substr(0, 12) +
                               " now, the run began with aaaaaaaaaaaa");
  place.config = before;
  place.config.tokenizer = std::string(64, 'b');
  CHECK(place.refusal().find("bbbbbbbbbbbb") != std::string::npos);
}

TEST_CASE("the plain stream has data of its own, or else those of the run") {
  Place place;
  const RunData one(place.config);
  CHECK(&one.plain() == &one.knowledge());
  place.config.plain_data = place.data.copy();
  const RunData two(place.config);
  CHECK(&two.plain() != &two.knowledge());
  const auto windows = two.windows(kilm::dataset::Split::train);
  CHECK(windows.knowledge.count > 0);
  CHECK(windows.plain.count == windows.knowledge.count);
  complete_from_data(place.config, two);
  CHECK(place.config.plain_data_digest == two.plain().digest());
}
