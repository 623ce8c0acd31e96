#include "kilm/training/verify_resume.h"

#include <csignal>
#include <filesystem>
#include <limits>
#include <random>

#include "kilm/job/stop_signal.h"
#include "kilm/training/run.h"
#include "kilm/training/run_difference.h"
#include "tensor/base/file.h"
#include "tensor/base/threads.h"

namespace kilm::training {

namespace {

using base::Json;

// Thrown where SIGKILL would end the process: the run saves nothing more.
struct CutOff {};

// The places at which a run can be stopped, counted as it passes them: what steps read (windows,
// or batches where the task reads whole ones), and batches run by evaluations. Each function returns whether this is
// the place that was chosen.
struct StopPlaces {
  int64_t reads = 0, batches = 0;
  int64_t stop_at_read = -1, stop_at_batch = -1;

  bool pass_read() { return reads++ == stop_at_read; }
  bool pass_batch() { return batches++ == stop_at_batch; }
};

class Verifier {
 public:
  Verifier(const TrainConfig& config, const std::string& folder, const TrainWithHooks& train)
      : config_(config),
        whole_(folder + "/whole"),
        stopped_(folder + "/stopped"),
        train_(train),
        all_threads_(config.threads > 0 ? config.threads : base::threads()),
        random_(uint64_t(config.seed)) {}

  int run(int64_t stops, const std::function<void(const ResumeTrial&)>& each) {
    if (train(whole_, all_threads_, all_, [] {}) != 0) return job::kRestartMe;
    bool same = true;
    for (int64_t i = 0; i < stops; ++i) {
      ResumeTrial stop{.asked = (i & 2) == 0, .in_evaluation = (i & 1) != 0 && all_.batches > 0};
      stop.threads = {1, all_threads_};
      if (i & 4) std::swap(stop.threads[0], stop.threads[1]);
      if (!try_stop(stop)) return job::kRestartMe;
      same = same && !stop.difference;
      each(stop);
      std::filesystem::remove_all(stopped_);
    }
    return same ? 0 : 1;
  }

 private:
  // Trains in `out`, and at the place that is chosen calls `stop`, which asks the run to stop or throws CutOff.
  int train(const std::string& out, int64_t threads, StopPlaces& places, const std::function<void()>& stop) {
    config_.out = out;
    config_.threads = threads;
    const StopHooks hooks{.read =
                              [&] {
                                if (places.pass_read()) stop();
                              },
                          .batch = [&] { return places.pass_batch(); },
                          .given_up = stop};
    return train_(config_, hooks);
  }

  // Returns false if somebody else asked to stop.
  bool try_stop(ResumeTrial& stop) {
    StopPlaces places;
    if (stop.in_evaluation)
      places.stop_at_batch = int64_t(random_() % uint64_t(all_.batches));
    else
      places.stop_at_read = int64_t(random_() % uint64_t(all_.reads));
    bool stopped = false;
    const auto stop_here = [&] {
      stopped = true;
      if (!stop.asked) throw CutOff();
      std::raise(SIGTERM);
    };
    try {
      if (train(stopped_, stop.threads[0], places, stop_here) != 0 && !stopped) return false;
    } catch (const CutOff&) {
    }
    stop.after = last_step_of_log();
    const auto checkpoint = checkpoint_before(stopped_, std::numeric_limits<int64_t>::max());
    if (checkpoint) stop.resumed_from = read_train_state(*checkpoint).step;
    StopPlaces undisturbed;
    if (train(stopped_, stop.threads[1], undisturbed, [] {}) != 0) return false;
    stop.difference = first_difference(whole_, stopped_);
    return true;
  }

  int64_t last_step_of_log() const {
    const std::string path = stopped_ + "/log.jsonl";
    if (!std::filesystem::exists(path)) return 0;
    int64_t last = 0;
    for (const LogRecord& record : read_run_log(path)) std::visit([&](const auto& r) { last = r.step; }, record);
    return last;
  }

  TrainConfig config_;
  const std::string whole_, stopped_;
  const TrainWithHooks& train_;
  const int64_t all_threads_;
  std::mt19937_64 random_;
  StopPlaces all_;  // of the undisturbed run
};

// Returns evaluate(stop), where `stop` asks the hooks beside `asked`.
template <class Evaluating>
auto watch(const StopHooks& hooks, const std::function<bool()>& asked, const Evaluating& evaluate) {
  bool here = false;
  auto result = evaluate(std::function<bool()>([&] {
    here = here || hooks.batch();
    return here || asked();
  }));
  if (here) hooks.given_up();
  return result;
}

class WatchedTask final : public Task {
 public:
  WatchedTask(std::unique_ptr<Task> task, const StopHooks& hooks) : task_(std::move(task)), hooks_(hooks) {}

  const char* command() const override { return task_->command(); }
  const char* examples() const override { return task_->examples(); }
  std::shared_ptr<Loss> loss() override { return task_->loss(); }
  bart::BartFolder& folder() override { return task_->folder(); }
  TrainState start() const override { return task_->start(); }
  int64_t total_steps() const override { return task_->total_steps(); }
  int64_t micro_tokens() const override { return task_->micro_tokens(); }
  StepBatch next(const batching::Cursor& begin) const override {
    hooks_.read();
    return task_->next(begin);
  }
  std::optional<Findings> evaluate(int64_t step, const std::function<bool()>& stop) override {
    return watch(hooks_, stop, [&](const auto& asked) { return task_->evaluate(step, asked); });
  }

 private:
  std::unique_ptr<Task> task_;
  const StopHooks& hooks_;
};

}  // namespace

MakeTask with_hooks(const MakeTask& make, const StopHooks& hooks) {
  return [&](const std::string& model_folder) { return std::make_unique<WatchedTask>(make(model_folder), hooks); };
}

Json to_json(const ResumeTrial& stop) {
  Json json = Json::object();
  json.set("how", stop.asked ? "asked" : "cut_off");
  json.set("in", stop.in_evaluation ? "evaluation" : "step");
  json.set("after", stop.after);
  json.set("resumed_from", stop.resumed_from);
  json.set("threads", Json::array({stop.threads[0], stop.threads[1]}));
  json.set("difference", stop.difference ? Json(*stop.difference) : Json());
  return json;
}

int verify_resume(TrainConfig config, const std::string& folder, const TrainWithHooks& train, int64_t stops,
                  const std::function<void(const ResumeTrial&)>& each) {
  return Verifier(config, folder, train).run(stops, each);
}

int verify_resume(TrainConfig config, const std::string& folder, const dataset::TrainingWindows& windows,
                  const Evaluate& evaluate, int64_t stops, const std::function<void(const ResumeTrial&)>& each) {
  const TrainWithHooks train_watched = [&](const TrainConfig& trial, const StopHooks& hooks) {
    dataset::TrainingWindows watched = windows;
    for (dataset::WindowSet* set : {&watched.knowledge, &watched.plain})
      set->get = [&, get = set->get](int64_t i) {
        hooks.read();
        return get(i);
      };
    const Evaluate evaluate_watched = [&](const bart::Bart& model, const objective::InfillObjective& objective,
                                          int64_t step, const std::function<bool()>& asked) {
      return watch(hooks, asked, [&](const auto& stop) { return evaluate(model, objective, step, stop); });
    };
    return train(trial, watched, evaluate_watched);
  };
  return verify_resume(config, folder, train_watched, stops, each);
}

}  // namespace kilm::training
