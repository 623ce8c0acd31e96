#include "kilm/finetuning/task_model.h"

#include <doctest/doctest.h>

#include <cmath>

#include "kilm/finetuning/task.h"
#include "kilm/training/trainer.h"
#include "tensor/base/choice.h"
#include "tensor/base/json_lines.h"
#include "tests/kilm/folder.h"
#include "tests/kilm/toy.h"

using base::Json;
using doctest::Approx;
using kilm::finetuning::EncodedRow;
using kilm::finetuning::Encoder;
using kilm::finetuning::FinetuneConfig;
using kilm::finetuning::FinetuneTask;
using kilm::finetuning::TaskKind;
using kilm::finetuning::TaskModel;

namespace {

constexpr const char* kFixtures = KILM_SOURCE_DIR "/tests/fixtures/";

// Makes the weights of a new head as tests/oracle/make_finetuning_golden.py does.
void fill_with_waves(kilm::bart::ClassificationHead& head) {
  double phase = 0;
  for (const nn::Variable& parameter : nn::parameters(head)) {
    nn::Tensor values = parameter.value();
    float* numbers = values.mutable_data<float>();
    for (int64_t i = 0; i < values.numel(); ++i) numbers[i] = float(0.5 * std::sin(3.7 * double(i) + phase));
    ++phase;
  }
}

// A task of the fixture: its rows in a file, the model that it starts from in a folder.
struct Golden {
  Folder folder;
  FinetuneConfig config;

  explicit Golden(const Json& line) {
    config.task = base::parse_choice<TaskKind>(line.at("task").as_string(), kilm::finetuning::kTaskKinds);
    config.label_smoothing = line.at("label_smoothing").as_number();
    config.batch_size = 3;
    config.shuffle = false;
    config.train.accumulate = 2;
    config.train.steps = 6;
    config.train.warmup_steps = 2;
    config.train.learning_rate = 5e-3;
    config.train.weight_decay = 0.1;
    std::string rows;
    for (const Json& row : line.at("rows").items()) rows += row.dump() + "\n";
    folder.write("rows", rows);
    config.train.data = folder / "rows";
    config.train.model = folder / "model";
    std::filesystem::create_directories(config.train.model);
    kilm::bart::BartFolder start = kilm::bart::load_bart(std::string(kFixtures) + "bart-other-golden");
    kilm::bart::ClassificationHead head(start.model.config, config.task == TaskKind::regression ? 1 : 3);
    fill_with_waves(head);
    if (config.task != TaskKind::seq2seq) start.head = named_tensors(head);
    kilm::bart::save_bart(config.train.model, start.model, start.tokenizer, start.generation_config, start.head);
  }
};

double relative(double given, double expected) { return std::abs(given - expected) / std::abs(expected); }

}  // namespace

TEST_CASE("six updates of each task are those of PyTorch in double precision") {
  base::JsonLines lines(std::string(kFixtures) + "finetuning-golden/steps.jsonl");
  int64_t tasks = 0;
  while (const std::optional<Json> line = lines.next([](const Json& json) { return json; })) {
    CAPTURE(line->at("task").as_string());
    CAPTURE(line->at("label_smoothing").as_number());
    Golden golden(*line);
    const kilm::finetuning::TaskData data = open_data(golden.config, golden.config.train.model);
    const kilm::finetuning::EvaluationListener nobody;
    FinetuneTask task(golden.config, data, nobody, golden.config.train.model);
    REQUIRE(task.total_steps() == 6);
    kilm::training::Trainer trainer(golden.config.train, task.loss(), 6, task.start());
    for (size_t i = 0; i < 6; ++i) {
      CAPTURE(i);
      const kilm::training::StepBatch batch = task.next(trainer.state().cursor);
      trainer.accumulate(batch);
      const kilm::training::StepReport report = trainer.update(batch);
      CHECK(relative(report.loss, line->at("losses").items()[i].as_number()) < 1e-4);
      CHECK(relative(report.grad_norm, line->at("grad_norms").items()[i].as_number()) < 1e-4);
    }
    kilm::bart::BartFolder& end = task.folder();
    const std::string trained = golden.folder / "trained";
    std::filesystem::create_directories(trained);
    kilm::bart::save_bart(trained, end.model, end.tokenizer, end.generation_config, end.head);
    const TaskModel model(trained, golden.config);
    const Encoder encoder(model.tokenizer(), model.model().config, golden.config);
    std::vector<kilm::predictions::Example> said;
    const auto result = kilm::finetuning::evaluate(
        model, encoder, *data.train, 100,
        {.each = [&](const auto& row) { said.push_back(std::get<kilm::predictions::Example>(row)); },
         .progress = {},
         .stop = {}});
    CHECK(relative(result->loss, line->at("loss_after").as_number()) < 1e-4);
    const Json::Array& logits = line->at("logits_after").items();
    REQUIRE(said.size() == line->at("rows").items().size());
    for (size_t i = 0; i < logits.size(); ++i)
      for (size_t c = 0; c < logits[i].items().size(); ++c)
        CHECK((*said[i].logits)[c] == Approx(logits[i].items()[c].as_number()).epsilon(1e-3));
    ++tasks;
  }
  CHECK(tasks == 5);
}

TEST_CASE("a new head has the classes that are wanted, and one of a folder must have them") {
  FinetuneConfig config;
  CHECK(kilm::finetuning::classes_of(std::nullopt, config) == 2);
  CHECK(kilm::finetuning::classes_of(5, config) == 5);
  config.format = kilm::evaluation::GlueTask::mnli;
  CHECK(kilm::finetuning::classes_of(std::nullopt, config) == 3);
  config.labels = 4;
  CHECK(kilm::finetuning::classes_of(std::nullopt, config) == 4);
  CHECK_THROWS_WITH_AS(kilm::finetuning::classes_of(3, config), "labels: 4 should be 3, the classes of the head",
                       base::UsageError);
  CHECK_THROWS_AS(kilm::finetuning::classes_of(1, config), base::UsageError);
  config = {};
  config.task = TaskKind::regression;
  CHECK(kilm::finetuning::classes_of(std::nullopt, config) == 1);
  CHECK_THROWS_AS(kilm::finetuning::classes_of(3, config), base::UsageError);
  config.task = TaskKind::seq2seq;
  CHECK(kilm::finetuning::classes_of(3, config) == 0);
}

TEST_CASE("a head reads the last </s> of rows of unequal length") {
  const Folder at;
  kilm::bart::BartFolder start = toy::bart();
  kilm::bart::save_bart(at.path.string(), start.model, start.tokenizer, start.generation_config);
  const TaskModel model(at.path.string(), {});
  const std::vector<EncodedRow> rows = {{.source = {0, 9, 2, 2, 8, 2}, .decoder_input = {2, 0, 9, 2, 2, 8}},
                                        {.source = {0, 9, 2, 2, 2}, .decoder_input = {2, 0, 9, 2, 2}},
                                        {.source = {0, 2, 5}, .decoder_input = {2, 0, 2}}};
  CHECK(model.batch(rows, 1).rows.tensor().to_vector<int32_t>() == std::vector<int32_t>{5, 10, 12});
}
