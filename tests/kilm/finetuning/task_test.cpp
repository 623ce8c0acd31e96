#include "kilm/finetuning/task.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "kilm/job/stop_signal.h"
#include "kilm/training/run.h"
#include "kilm/training/run_difference.h"
#include "kilm/training/verify_resume.h"
#include "tensor/base/error.h"
#include "tests/kilm/folder.h"
#include "tests/kilm/toy.h"

using kilm::finetuning::FinetuneConfig;
using kilm::finetuning::FinetuneTask;
using kilm::finetuning::TaskData;
using kilm::finetuning::TaskKind;

namespace {

// Eleven rows for each task, a model of thousands of weights, and a run of eight updates.
struct Site {
  Folder folder;
  FinetuneConfig config;
  kilm::finetuning::EvaluationListener listener;

  explicit Site(TaskKind task) {
    kilm::bart::BartFolder start = toy::bart();
    config.train.model = folder / "model";
    std::filesystem::create_directories(config.train.model);
    kilm::bart::save_bart(config.train.model, start.model, start.tokenizer, start.generation_config);
    std::string rows;
    for (int i = 0; i < 11; ++i) {
      const std::string number = std::to_string(i);
      if (task == TaskKind::seq2seq)
        rows += R"({"source": "say )" + number + R"(", "target": ")" + number + number + "\"}\n";
      else
        rows += R"({"text": "it is )" + number + R"(", "label": )" + std::to_string(i % 2) + "}\n";
    }
    folder.write("rows", rows);
    config.task = task;
    config.train.data = config.eval = folder / "rows";
    config.train.out = folder / "run";
    config.train.steps = 8;
    config.train.learning_rate = 1e-2;
    config.train.save_every = 3;
    config.train.eval_every = 2;
    config.train.threads = 1;
    config.batch_size = 2;
    config.label_smoothing = task == TaskKind::regression ? 0 : 0.1;
    if (task == TaskKind::seq2seq) config.generation.set("max_new_tokens", 6);
  }

  int train(const TaskData& data) {
    return kilm::training::train(config.train, to_json(config), [&](const std::string& model) {
      return std::make_unique<FinetuneTask>(config, data, listener, model);
    });
  }
};

}  // namespace

TEST_CASE("a run that fine-tunes learns its examples, and its log and checkpoints are those of a run") {
  Site site(TaskKind::classification);
  site.config.train.steps = 60;
  const TaskData data = open_data(site.config, site.config.train.model);
  REQUIRE(site.train(data) == 0);
  std::vector<kilm::training::ExamplesRecord> evaluations;
  std::vector<kilm::training::StepReport> steps;
  for (const kilm::training::LogRecord& record : kilm::training::read_run_log(site.folder / "run/log.jsonl"))
    if (const auto* evaluation = std::get_if<kilm::training::ExamplesRecord>(&record))
      evaluations.push_back(*evaluation);
    else
      steps.push_back(std::get<kilm::training::StepReport>(record));
  REQUIRE(steps.size() == 60);
  CHECK(steps[0].sequences == 2);
  CHECK(steps[0].tokens_target == steps[0].tokens_source);
  CHECK(std::isnan(steps[0].group_loss[0]));
  CHECK(steps.back().epoch == doctest::Approx(120.0 / 11));
  REQUIRE(evaluations.size() == 30);
  CHECK(evaluations.back().examples == 11);
  CHECK(evaluations.back().loss < evaluations.front().loss);
  CHECK(evaluations.back().measures.at("accuracy").as_number() == 1);
  const kilm::finetuning::TaskModel best(kilm::bart::model_folder(site.folder / "run"), site.config);
  CHECK(best.classes() == 2);
}

TEST_CASE("runs of each task that are stopped anywhere come to the same bits") {
  for (const TaskKind kind : kilm::finetuning::kTaskKinds) {
    CAPTURE(name(kind));
    Site site(kind);
    const TaskData data = open_data(site.config, site.config.train.model);
    const auto train = [&](const kilm::training::TrainConfig& trial, const kilm::training::StopHooks& hooks) {
      const kilm::training::MakeTask make = [&](const std::string& model) {
        return std::make_unique<FinetuneTask>(site.config, data, site.listener, model);
      };
      return kilm::training::train(trial, to_json(site.config), with_hooks(make, hooks));
    };
    int64_t stops = 0, in_evaluations = 0;
    const int code = kilm::training::verify_resume(site.config.train, site.folder.path.string(), train, 4,
                                                   [&](const kilm::training::ResumeTrial& stop) {
                                                     CHECK(stop.difference.value_or("") == "");
                                                     in_evaluations += stop.in_evaluation;
                                                     ++stops;
                                                   });
    CHECK(code == 0);
    CHECK(stops == 4);
    CHECK(in_evaluations == 2);
  }
}

TEST_CASE("each pass has every example once, in an order of its own or in that of the file") {
  Site site(TaskKind::classification);
  site.config.batch_size = 11;
  const TaskData data = open_data(site.config, site.config.train.model);
  const auto sources = [&](bool shuffle) {
    site.config.shuffle = shuffle;
    const FinetuneTask task(site.config, data, site.listener, site.config.train.model);
    std::vector<std::vector<int32_t>> passes;
    kilm::batching::Cursor cursor;
    for (int pass = 0; pass < 2; ++pass) {
      const kilm::training::StepBatch batch = task.next(cursor);
      passes.push_back(batch.micros[0].source.ids.tensor().to_vector<int32_t>());
      cursor = batch.end;
      CHECK(cursor == kilm::batching::Cursor{pass + 1, 0});
      CHECK(batch.epoch == pass + 1);
    }
    return passes;
  };
  const auto in_order = sources(false), drawn = sources(true);
  CHECK(in_order[0] == in_order[1]);
  CHECK(drawn[0] != in_order[0]);
  CHECK(drawn[0] != drawn[1]);
  for (const std::vector<int32_t>& pass : drawn) {
    std::vector<int32_t> sorted = pass, all = in_order[0];
    std::sort(sorted.begin(), sorted.end());
    std::sort(all.begin(), all.end());
    CHECK(sorted == all);
  }
}

TEST_CASE("a loss does not depend on how an update is cut into micro-batches") {
  Site site(TaskKind::seq2seq);
  const TaskData data = open_data(site.config, site.config.train.model);
  const auto loss = [&](int64_t batch_size, int64_t accumulate) {
    site.config.batch_size = batch_size;
    site.config.train.accumulate = accumulate;
    FinetuneTask task(site.config, data, site.listener, site.config.train.model);
    double sum = 0;
    const auto model = std::static_pointer_cast<kilm::finetuning::TaskModel>(task.loss());
    for (const kilm::batching::MicroBatch& micro : task.next({}).micros) sum += model->text_loss(micro);
    return sum;
  };
  CHECK(loss(8, 1) == doctest::Approx(loss(2, 4)).epsilon(1e-6));
}

TEST_CASE("evaluations say the same for any batch, and give up when they are asked to") {
  for (const TaskKind kind : kilm::finetuning::kTaskKinds) {
    CAPTURE(name(kind));
    Site site(kind);
    const TaskData data = open_data(site.config, site.config.train.model);
    const auto say = [&](int64_t batch_size, int64_t batch_tokens) {
      site.config.batch_size = batch_size;
      const kilm::finetuning::TaskModel model(site.config.train.model, site.config);
      const kilm::finetuning::Encoder encoder(model.tokenizer(), model.model().config, site.config);
      std::string said;
      const auto result = kilm::finetuning::evaluate(
          model, encoder, *data.eval, batch_tokens,
          {.each = [&](const auto& row) { said += to_json(row).dump() + "\n"; }, .progress = {}, .stop = {}});
      CHECK(result->examples == 11);
      CHECK(!kilm::finetuning::evaluate(model, encoder, *data.eval, 10,
                                        {.each = {}, .progress = {}, .stop = [] { return true; }}));
      return said;
    };
    CHECK(say(1, 1) == say(11, 8192));
  }
}

TEST_CASE("a run has as many updates that every row is seen in each of its passes") {
  Site site(TaskKind::classification);
  const TaskData data = open_data(site.config, site.config.train.model);
  const auto steps = [&](int64_t epochs, int64_t batch_size, int64_t accumulate) {
    site.config.train.steps = 0;
    site.config.train.epochs = epochs;
    site.config.batch_size = batch_size;
    site.config.train.accumulate = accumulate;
    return FinetuneTask(site.config, data, site.listener, site.config.train.model).total_steps();
  };
  CHECK(steps(1, 10, 1) == 2);
  CHECK(steps(1, 11, 1) == 1);
  CHECK(steps(3, 4, 2) == 5);
  site.config.train.steps = 7;
  CHECK(FinetuneTask(site.config, data, site.listener, site.config.train.model).total_steps() == 7);
}

TEST_CASE("how large a micro-batch can be follows from its rows and their lengths") {
  for (const TaskKind kind : kilm::finetuning::kTaskKinds) {
    Site site(kind);
    site.config.max_source_length = 20;
    if (kind == TaskKind::seq2seq) site.config.max_target_length = 9;
    const TaskData data = open_data(site.config, site.config.train.model);
    const FinetuneTask task(site.config, data, site.listener, site.config.train.model);
    CHECK(task.micro_tokens() == 2 * (20 + (kind == TaskKind::seq2seq ? 9 : 20)));
  }
}

TEST_CASE("options that a model cannot generate with are refused before a run begins") {
  Site site(TaskKind::seq2seq);
  site.config.generation.set("no_repeat_ngram_size", -1);
  const TaskData data = open_data(site.config, site.config.train.model);
  CHECK_THROWS_AS(site.train(data), base::UsageError);
  CHECK(!std::filesystem::exists(site.folder / "run"));
}

TEST_CASE("rows of one text have draws of their own, however far they are apart") {
  Site site(TaskKind::seq2seq);
  std::string rows;
  for (int i = 0; i < 272; ++i) rows += "{\"source\": \"say\", \"target\": \"a\"}\n";
  site.folder.write("rows", rows);
  site.config.generation.set("do_sample", true);
  site.config.generation.set("top_k", 0);
  const TaskData data = open_data(site.config, site.config.train.model);
  const kilm::finetuning::TaskModel model(site.config.train.model, site.config);
  const kilm::finetuning::Encoder encoder(model.tokenizer(), model.model().config, site.config);
  std::vector<std::string> said;
  kilm::finetuning::evaluate(
      model, encoder, *data.eval, 8192,
      {.each = [&](const auto& row) { said.push_back(to_json(row).dump()); }, .progress = {}, .stop = {}});
  REQUIRE(said.size() == 272);
  CHECK(!std::equal(said.begin(), said.begin() + 16, said.begin() + 256));
}

TEST_CASE("data that changed are refused when a run goes on") {
  Site site(TaskKind::classification);
  site.config.train.steps = 2;
  REQUIRE(site.train(open_data(site.config, site.config.train.model)) == 0);
  CHECK(!site.config.train.data_digest.empty());
  CHECK(site.config.labels == 2);
  site.folder.write("rows", "{\"text\": \"it is 0\", \"label\": 1}\n");
  CHECK_THROWS_WITH_AS(open_data(site.config, site.config.train.model), doctest::Contains("the run began with"),
                       base::UsageError);
}
