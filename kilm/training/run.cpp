#include "kilm/training/run.h"

#include <cmath>
#include <cstdio>

#include "kilm/job/progress.h"
#include "kilm/job/stop_signal.h"
#include "kilm/job/stopwatch.h"
#include "kilm/text/quantity.h"
#include "kilm/training/batches_ahead.h"
#include "kilm/training/checkpoint_writer.h"
#include "kilm/training/infill_task.h"
#include "kilm/training/run_folder.h"
#include "kilm/training/run_log.h"
#include "kilm/training/trainer.h"
#include "tensor/base/device_failure.h"
#include "tensor/base/file.h"
#include "tensor/base/format.h"
#include "tensor/base/threads.h"

namespace kilm::training {

namespace {

// Says how many steps are made ahead, so that two micro-batches or more are ready before a step needs them.
int64_t steps_ahead(const TrainConfig& config) { return config.accumulate == 1 ? 2 : 1; }

class Run {
 public:
  Run(const TrainConfig& config, const MakeTask& make)
      : config_(config),
        checkpoints_(config.out, config.keep),
        start_(checkpoints_.newest()),
        task_(make(start_ ? *start_ + "/model" : config.model)),
        trainer_(config_of_trainer(), task_->loss(), task_->total_steps(), state_of_start()),
        log_(config.out + "/log.jsonl", state(), [this](const LogRecord& record) { remember(record); }),
        progress_(task_->command(), trainer_.total_steps(), state().step),
        writer_(checkpoints_, task_->folder(), trainer_.parameters(), state()),
        batches_([this](const batching::Cursor& begin) { return task_->next(begin); }, state().cursor,
                 trainer_.total_steps() - state().step, steps_ahead(config)) {
    if (start_) load_optimizer(*start_, trainer_.parameters());
  }

  int run() {
    std::fprintf(stderr, "%s\n", overview().c_str());
    try {
      return go_on();
    } catch (const base::DeviceFailure& failure) {
      throw base::DeviceFailure(base::format("step {}: {}; kilm {} --resume {} goes on from the last checkpoint",
                                             state().step + 1, failure.what(), task_->command(), config_.out));
    }
  }

 private:
  int go_on() {
    evaluate_if_due();  // a resumed run may owe it
    while (!finished() && !job::StopSignal::received()) {
      job::Stopwatch training;
      const StepBatch batch = batches_.next();
      trainer_.accumulate(batch);
      training.pause();
      finish_saving();  // the writer reads the weights, which the update changes
      training.go_on();
      StepReport report = trainer_.update(batch);
      report.seconds = training.seconds();
      if (report.skipped.empty()) report.spike = spikes_.add(report.loss);

      log_.add(report);
      tell(report);
      evaluate_if_due();
      save_if_due();
    }
    finish_saving();
    save();
    return !finished() || owes_evaluation() ? job::kRestartMe : 0;
  }

  TrainState& state() { return trainer_.state(); }

  // Lets the trainer know how large the micro-batches of this task are.
  TrainConfig config_of_trainer() const {
    TrainConfig config = config_;
    config.batch_tokens = task_->micro_tokens();
    return config;
  }

  TrainState state_of_start() const {
    const TrainState fresh = task_->start();
    if (!start_) return fresh;
    const TrainState state = read_train_state(*start_);
    const auto same = [&](const std::string& kind, int64_t before, int64_t now) {
      base::check<base::UsageError>(before == now, "{}: the run began with {} {}, the data have {}", config_.out,
                                    before, kind, now);
    };
    same(task_->examples(), state.windows, fresh.windows);
    same(task_->examples() + std::string(" of the plain stream"), state.plain_windows, fresh.plain_windows);
    return state;
  }

  std::string overview() {
    return base::format("{}: {:.1f} million weights, {} {}, steps {} to {}, {} micro-batch{} each", task_->command(),
                        double(nn::parameter_count(task_->loss()->module())) / 1e6, state().windows, task_->examples(),
                        state().step, trainer_.total_steps(), config_.accumulate, config_.accumulate == 1 ? "" : "es");
  }

  // Takes the losses of the steps before the checkpoint.
  void remember(const LogRecord& record) {
    const auto* report = std::get_if<StepReport>(&record);
    if (report && report->skipped.empty() && std::isfinite(report->loss)) spikes_.add(report->loss);
  }

  void tell(const StepReport& r) {
    progress_.update(r.step, note(r));
    if (!r.skipped.empty()) progress_.say(base::format("step {} is skipped: {}", r.step, r.skipped));
    if (r.spike)
      progress_.say(base::format("step {}: the loss {:.3f} is far above {:.3f}, the median of the 100 before it",
                                 r.step, r.loss, r.spike->median));
  }

  static std::string note(const StepReport& r) {
    const double knowledge = r.group_loss[size_t(objective::Group::knowledge)];
    return base::format("loss {:.3f}{}  {} tokens/s", r.loss,
                        std::isnan(knowledge) ? "" : base::format("  knowledge {:.3f}", knowledge),
                        text::grouped(tokens_per_second(r)));
  }

  bool out_of_patience() { return config_.patience > 0 && state().stale >= config_.patience; }
  bool finished() { return state().step >= trainer_.total_steps() || out_of_patience(); }

  bool owes_evaluation() {
    const int64_t step = state().step;
    const bool due = (config_.eval_every > 0 && step % config_.eval_every == 0) || step == trainer_.total_steps();
    return due && state().evaluated < step;
  }

  void evaluate_if_due() {
    if (!owes_evaluation()) return;
    const std::optional<Findings> found = task_->evaluate(state().step, job::StopSignal::received);
    if (!found) return;
    for (const LogRecord& record : found->records) log_.add(record);
    state().evaluated = state().step;
    ++state().stale;
    if (!(found->loss < state().best_loss)) {
      if (out_of_patience())
        progress_.say(base::format("step {}: the run ends, its last {} evaluation{} brought no better unseen loss",
                                   state().step, state().stale, state().stale == 1 ? "" : "s"));
      return;
    }
    state().stale = 0;
    const TrainState before = state();
    state().best_step = state().step;
    state().best_loss = found->loss;
    if (!try_to([this] { save(); })) state() = before;  // the best must exist on disk to be one
  }

  // Saves while the next step goes on.
  void save_if_due() {
    if (config_.save_every > 0 && state().step % config_.save_every == 0) try_to([this] { start_to_save(); });
  }

  void start_to_save() {
    log_.make_durable();
    writer_.start(state());
  }

  void finish_saving() {
    try_to([this] { writer_.wait(); });
  }

  void save() {
    start_to_save();
    writer_.wait();
  }

  // Returns false on a full disk, which does not end training: the checkpoints before are whole, and the next save may
  // find room.
  template <class Action>
  bool try_to(Action action) {
    try {
      action();
      return true;
    } catch (const base::OutOfMemory& error) {
      progress_.say(std::string(error.what()) + "; training goes on without this checkpoint");
      return false;
    }
  }

  const TrainConfig& config_;
  Checkpoints checkpoints_;
  std::optional<std::string> start_;
  std::unique_ptr<Task> task_;
  Trainer trainer_;
  LossSpikes spikes_;
  RunLog log_;
  job::Progress progress_;
  CheckpointWriter writer_;
  BatchesAhead batches_;
};

}  // namespace

int train(const TrainConfig& config, const base::Json& resolved, const MakeTask& make) {
  check(config);
  RunFolder folder(config.out);
  base::remove_unfinished(config.out);
  job::StopSignal signal;
  if (config.threads > 0) base::set_threads(int(config.threads));
  base::write_file_atomically(config.out + "/resolved.json", resolved.dump(2) + "\n");
  Run run(config, make);
  folder.keep();
  return run.run();
}

int train(const TrainConfig& config, const dataset::TrainingWindows& windows, const Evaluate& evaluate) {
  return train(config, to_json(config), [&](const std::string& model_folder) {
    return std::make_unique<InfillTask>(config, windows, evaluate, model_folder);
  });
}

}  // namespace kilm::training
