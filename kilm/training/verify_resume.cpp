#include "kilm/training/verify_resume.h"

#include <csignal>
#include <filesystem>
#include <limits>
#include <random>

#include "kilm/job/stop_signal.h"
#include "kilm/training/run_difference.h"
#include "nn/module.h"
#include "tensor/base/file.h"
#include "tensor/base/threads.h"

namespace kilm::training {

namespace {

using base::Json;

struct CutOff {};

// The places at which a run can be stopped, counted as it passes them: windows read by steps, modules run by
// evaluations. At the one that is chosen it stops.
struct Places {
  int64_t windows = 0, modules = 0;
  std::function<void()> stop;
  int64_t stop_at_window = -1, stop_at_module = -1;

  void pass_window() {
    if (windows++ == stop_at_window) stop();
  }
  void pass_module() {
    if (modules++ == stop_at_module) stop();
  }
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

  int run(int64_t stops, const std::function<void(const Stop&)>& each) {
    if (train(whole_, all_threads_, all_) != 0) return job::kRestartMe;
    bool same = true;
    for (int64_t i = 0; i < stops; ++i) {
      Stop stop{.asked = (i & 2) == 0, .in_evaluation = (i & 1) != 0 && all_.modules > 0};
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
  int train(const std::string& out, int64_t threads, Places& places) {
    config_.out = out;
    config_.threads = threads;
    dataset::TrainingWindows windows = windows_;
    for (dataset::WindowSet* set : {&windows.knowledge, &windows.plain})
      set->get = [&places, get = set->get](int64_t i) {
        places.pass_window();
        return get(i);
      };
    return kilm::training::train(
        config_, windows, [&](const bart::Bart& model, const objective::InfillObjective& objective, int64_t step) {
          const nn::Tap tap([&](const std::string&, const nn::Variable& value) {
            places.pass_module();
            return value;
          });
          return evaluate_(model, objective, step);
        });
  }

  // False if somebody else asked to stop.
  bool try_stop(Stop& stop) {
    Places places;
    if (stop.in_evaluation)
      places.stop_at_module = int64_t(random_() % uint64_t(all_.modules));
    else
      places.stop_at_window = int64_t(random_() % uint64_t(all_.windows));
    bool stopped = false;
    places.stop = [&] {
      stopped = true;
      if (!stop.asked) throw CutOff();
      std::raise(SIGTERM);
    };
    try {
      if (train(stopped_, stop.threads[0], places) != 0 && !stopped) return false;
    } catch (const CutOff&) {
    }
    stop.after = last_step_of_log();
    const auto checkpoint = checkpoint_before(stopped_, std::numeric_limits<int64_t>::max());
    if (checkpoint) stop.resumed_from = read_train_state(*checkpoint).step;
    Places undisturbed;
    if (train(stopped_, stop.threads[1], undisturbed) != 0) return false;
    stop.difference = first_difference(whole_, stopped_);
    return true;
  }

  int64_t last_step_of_log() const {
    const std::string path = stopped_ + "/log.jsonl";
    const std::string text = std::filesystem::exists(path) ? base::read_file(path) : "";
    if (text.empty()) return 0;
    const size_t end = text.rfind('\n', text.size() - 2);
    return base::parse_json(text.substr(end == std::string::npos ? 0 : end + 1), path).at("step").as_int();
  }

  TrainConfig config_;
  const std::string whole_, stopped_;
  const dataset::TrainingWindows& windows_;
  const Evaluate& evaluate_;
  const int64_t all_threads_;
  std::mt19937_64 random_;
  Places all_;  // of the undisturbed run
};

}  // namespace

Json to_json(const Stop& stop) {
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
                  const Evaluate& evaluate, int64_t stops, const std::function<void(const Stop&)>& each) {
  return Verifier(config, folder, windows, evaluate).run(stops, each);
}

}  // namespace kilm::training
