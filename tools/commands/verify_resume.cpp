// `kilm verify-resume`: whether a run that is stopped and resumed comes to the same bits, tried on this machine.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "kilm/bart/folder.h"
#include "kilm/finetuning/task.h"
#include "kilm/job/stop_signal.h"
#include "kilm/training/run.h"
#include "kilm/training/verify_resume.h"
#include "tensor/base/file.h"
#include "tensor/base/format.h"
#include "tensor/runtime.h"
#include "tools/commands.h"
#include "tools/commands/finetune_settings.h"
#include "tools/commands/train_settings.h"

namespace tools {

namespace {

namespace fs = std::filesystem;
using base::format;
using base::Json;
using kilm::finetuning::FinetuneConfig;
using kilm::training::TrainConfig;

struct Arguments {
  TrainSettings settings;
  std::optional<std::string> run;
  int64_t stops = 8;
  bool json = false;
};

void declare_verify(Options& options, Arguments& a) {
  options.add("--stops N", a.stops, "runs that are stopped at a random place and resumed");
  options.add("--run RUN", a.run,
              "with the settings of this run of kilm train or kilm finetune, made short; no others");
  options.add("--json", a.json, "print one JSON object per stop, and one of the sum");
  declare(options, a.settings);
}

// What a run of minutes has, in which every kind of stop still has a place.
constexpr std::pair<int64_t TrainConfig::*, int64_t> kShort[] = {
    {&TrainConfig::steps, 10},       {&TrainConfig::accumulate, 2}, {&TrainConfig::save_every, 3},
    {&TrainConfig::eval_every, 4},   {&TrainConfig::keep, 1},       {&TrainConfig::eval_windows, 8},
    {&TrainConfig::eval_mentions, 2}};

// Chooses so what is not given.
TrainSettings made_short(TrainSettings settings) {
  each_given(settings.given, [&]<class T>(const kilm::training::Setting<T>& row, std::optional<T>& given) {
    if constexpr (std::is_same_v<T, int64_t>)
      for (const auto& [member, value] : kShort)
        if (row.member == member && !given) given = value;
  });
  return settings;
}

// A folder below TMPDIR that goes in the end.
class Scratch {
 public:
  Scratch() : path_(base::temporary_folder() + "/kilm-verify-resume-XXXXXX") {
    base::check(mkdtemp(path_.data()) != nullptr, "{}: cannot be created: {}", path_, std::strerror(errno));
  }
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void print(const kilm::training::ResumeTrial& stop, int64_t number) {
  const std::string line =
      format("stop {}: {} in {} after step {}, {} thread{}; resumed from step {}, {} thread{}: {}", number,
             stop.asked ? "asked to stop" : "cut off", stop.in_evaluation ? "an evaluation" : "a step", stop.after,
             stop.threads[0], stop.threads[0] == 1 ? "" : "s", stop.resumed_from, stop.threads[1],
             stop.threads[1] == 1 ? "" : "s", stop.difference.value_or("the same bits"));
  std::printf("%s\n", line.c_str());
}

void shorten(TrainConfig& config) {
  for (const auto& [member, value] : kShort) config.*member = value;
}

TrainConfig config_of(const Arguments& a) {
  if (!a.run) return config_of(made_short(a.settings));
  TrainConfig config = config_of(TrainSettings{.run = a.run});
  shorten(config);
  return config;
}

// Tells whether somebody said anything that the settings of a run say, too.
bool any_given(const TrainSettings& settings) {
  bool any = settings.data || settings.model || settings.plain_data || settings.preset != TrainSettings().preset;
  each_given(settings.given, [&](const auto&, const auto& given) { any = any || given.has_value(); });
  return any;
}

using Told = std::function<void(const kilm::training::ResumeTrial&)>;

int verify_training(const Arguments& a, const std::string& folder, const Told& tell) {
  TrainConfig config = config_of(a);
  require_data_and_model(config);
  kilm::bart::check_model_folder(config.model);
  kilm::training::check(config);
  const kilm::training::RunData data(config);
  complete_from_data(config, data);
  return kilm::training::verify_resume(config, folder, data.windows(kilm::dataset::Split::train),
                                       kilm::training::evaluation_on(data, config), a.stops, tell);
}

int verify_finetuning(const Arguments& a, FinetuneConfig config, const std::string& folder, const Told& tell) {
  kilm::finetuning::check(config);
  tensor::runtime(config.train.device);  // refused here if there is none
  kilm::bart::check_model_folder(config.train.model);
  shorten(config.train);
  const kilm::finetuning::TaskData data = open_data(config, config.train.model);
  const kilm::finetuning::EvaluationListener nobody;
  const auto train = [&](const TrainConfig& trial, const kilm::training::StopHooks& hooks) {
    FinetuneConfig of_trial = config;
    of_trial.train = trial;
    const kilm::training::MakeTask make = [&](const std::string& model_folder) {
      return std::make_unique<kilm::finetuning::FinetuneTask>(of_trial, data, nobody, model_folder);
    };
    return kilm::training::train(trial, to_json(of_trial), with_hooks(make, hooks));
  };
  return kilm::training::verify_resume(config.train, folder, train, a.stops, tell);
}

int run_verify(const Arguments& a) {
  base::check<base::UsageError>(a.stops >= 1, "stops: {} should be at least 1", a.stops);
  base::check<base::UsageError>(!a.run || !any_given(a.settings),
                                "--run: {} says what data, model and settings are; none may be given beside it",
                                a.run.value_or(""));
  const std::optional<FinetuneConfig> finetuning = a.run ? finetune_config_of_run(*a.run) : std::nullopt;
  const Scratch scratch;
  int64_t done = 0, different = 0;
  const Told tell = [&](const kilm::training::ResumeTrial& stop) {
    different += stop.difference.has_value();
    ++done;
    if (a.json)
      std::printf("%s\n", kilm::training::to_json(stop).dump().c_str());
    else
      print(stop, done);
    flush(stdout, "standard output");
  };
  const int code =
      finetuning ? verify_finetuning(a, *finetuning, scratch.path(), tell) : verify_training(a, scratch.path(), tell);
  if (code == kilm::job::kRestartMe) return code;
  if (a.json)
    std::printf("%s\n", Json::object({{"stops", done}, {"different", different}}).dump().c_str());
  else
    std::printf("%lld of %lld stopped runs came to the same bits as the run that was not stopped\n",
                static_cast<long long>(done - different), static_cast<long long>(done));
  return code;
}

}  // namespace

Command verify_resume() {
  return command<Arguments>("verify-resume",
                            "tries on this machine whether a run that is stopped and resumed comes to the same bits",
                            "kilm verify-resume --data data --model bart-base\n"
                            "kilm verify-resume --data data --model bart-base --dtype bf16 --stops 20\n"
                            "kilm verify-resume --run RUN",
                            declare_verify, run_verify);
}

}  // namespace tools
