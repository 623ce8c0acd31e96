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

// The places at which a run can be stopped, counted as it passes them: windows read by steps, batches run by
// evaluations. Each function returns whether this is the place that was chosen.
struct StopPlaces {
  int64_t windows = 0, batches = 0;
  int64_t stop_at_window = -1, stop_at_batch = -1;

  bool pass_window() { return windows++ == stop_at_window; }
  bool pass_batch() { return batches++ == stop_at_batch; }
};

class Verifier {
 public:
  Verifier(const TrainConfig& config, const std::string& folder, const dataset::TrainingWindows& windows,
           const Evaluate& evaluate)
      : config_(config),
        whole_(folder + "/whole"),
        stopped_(folder + "/stopped"),
        windows_(windows),
        evaluate_(evaluate),
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
    dataset::TrainingWindows windows = windows_;
    for (dataset::WindowSet* set : {&windows.knowledge, &windows.plain})
      set->get = [&, get = set->get](int64_t i) {
        if (places.pass_window()) stop();
        return get(i);
      };
    const Evaluate evaluate = [&](const bart::Bart& model, const objective::InfillObjective& objective, int64_t step,
                                  const std::function<bool()>& asked) {
      bool here = false;
      std::optional<Evaluation> evaluation = evaluate_(model, objective, step, [&] {
        here = here || places.pass_batch();
        return here || asked();
      });
      if (here) stop();
      return evaluation;
    };
    return training::train(config_, windows, evaluate);
  }

  // Returns false if somebody else asked to stop.
  bool try_stop(ResumeTrial& stop) {
    StopPlaces places;
    if (stop.in_evaluation)
      places.stop_at_batch = int64_t(random_() % uint64_t(all_.batches));
    else
      places.stop_at_window = int64_t(random_() % uint64_t(all_.windows));
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
  const dataset::TrainingWindows& windows_;
  const Evaluate& evaluate_;
  const int64_t all_threads_;
  std::mt19937_64 random_;
  StopPlaces all_;  // of the undisturbed run
};

}  // namespace

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

int verify_resume(TrainConfig config, const std::string& folder, const dataset::TrainingWindows& windows,
                  const Evaluate& evaluate, int64_t stops, const std::function<void(const ResumeTrial&)>& each) {
  return Verifier(config, folder, windows, evaluate).run(stops, each);
}

}  // namespace kilm::training
