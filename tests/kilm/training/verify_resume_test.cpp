#include "kilm/training/verify_resume.h"

#include <doctest/doctest.h>

#include <csignal>
#include <memory>
#include <utility>

#include "kilm/job/stop_signal.h"
#include "tensor/base/threads.h"
#include "tests/kilm/toy.h"

namespace fs = std::filesystem;

namespace {

struct Place {
  Folder folder;
  kilm::training::TrainConfig config = toy::train_config();
  int threads = base::threads();
  std::vector<kilm::training::Stop> stops;

  Place() {
    kilm::bart::BartFolder start = toy::bart();
    fs::create_directories(folder / "model");
    kilm::bart::save_bart(folder / "model", start.model, start.tokenizer, start.generation_config);
    config.model = folder / "model";
    config.save_every = 2;
    config.threads = 2;
  }
  ~Place() { base::set_threads(threads); }

  int verify(const kilm::dataset::TrainingWindows& windows, int64_t count) {
    return kilm::training::verify_resume(
        config, folder.path.string(), windows,
        [](const kilm::bart::Bart&, const kilm::objective::InfillObjective&, int64_t, const std::function<bool()>&) {
          return kilm::training::Evaluation();
        },
        count, [&](const kilm::training::Stop& stop) { stops.push_back(stop); });
  }
};

}  // namespace

TEST_CASE("stopped runs come to the same bits, and where they went on is told") {
  Place place;
  CHECK(place.verify(toy::windows(), 4) == 0);
  REQUIRE(place.stops.size() == 4);
  for (const kilm::training::Stop& stop : place.stops) {
    CHECK(!stop.difference);
    CHECK(!stop.in_evaluation);  // these evaluations have no middle
    CHECK(stop.resumed_from == (stop.asked ? stop.after : stop.after / 2 * 2));
  }
}

TEST_CASE("runs with every option of the objective and a plain stream come to the same bits") {
  Place place;
  place.config.insert_masks = true;
  place.config.permute_sentences = 1;
  place.config.mentions_per_window = 2;
  place.config.plain_ratio = 0.5;
  CHECK(place.verify({toy::windows(), toy::windows(5)}, 4) == 0);
  REQUIRE(place.stops.size() == 4);
  for (const kilm::training::Stop& stop : place.stops) CHECK(!stop.difference);
}

TEST_CASE("data that are not the same in every process are found out") {
  Place place;
  kilm::dataset::WindowSet windows = toy::windows();
  const auto reads = std::make_shared<int64_t>(0);
  windows.get = [reads, get = windows.get](int64_t i) { return get((i + (*reads)++ / 20) % 12); };
  CHECK(place.verify(windows, 2) == 1);
  REQUIRE(place.stops.size() == 2);
  const std::string difference = place.stops[0].difference.value_or("none");
  CHECK_MESSAGE(difference == "model/model.safetensors: model.shared.weight differs", difference);
}

TEST_CASE("a signal from outside ends the proof") {
  Place place;
  kilm::dataset::WindowSet windows = toy::windows();
  windows.get = [get = windows.get, raised = false](int64_t i) mutable {
    if (!std::exchange(raised, true)) std::raise(SIGTERM);  // a second one would end this process
    return get(i);
  };
  CHECK(place.verify(windows, 2) == kilm::job::kRestartMe);
  CHECK(place.stops.empty());
}

TEST_CASE("evaluations are stopped between their batches, and cut off there") {
  Place place;
  place.config.eval_every = 1;
  int64_t given_up = 0;
  const int code = kilm::training::verify_resume(
      place.config, place.folder.path.string(), toy::windows(),
      [&](const kilm::bart::Bart&, const kilm::objective::InfillObjective&, int64_t step,
          const std::function<bool()>& stop) -> std::optional<kilm::training::Evaluation> {
        for (int batch = 0; batch < 3; ++batch)
          if (stop()) return ++given_up, std::nullopt;
        return kilm::training::Evaluation{.records = {{.step = step}}, .loss = 1.0 / double(step)};
      },
      4, [&](const kilm::training::Stop& stop) { place.stops.push_back(stop); });
  CHECK(code == 0);
  CHECK(given_up >= 2);  // those two
  CHECK(given_up <= 3);  // and the one, if any, during which a batch made ahead asked to stop
  REQUIRE(place.stops.size() == 4);
  for (size_t i = 0; i < 4; ++i) {
    CHECK(!place.stops[i].difference);
    CHECK(place.stops[i].in_evaluation == (i % 2 == 1));
  }
  CHECK(place.stops[1].asked);
  CHECK(!place.stops[3].asked);
  CHECK(place.stops[1].resumed_from == place.stops[1].after);
}
