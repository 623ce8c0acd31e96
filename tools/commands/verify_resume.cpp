// `kilm verify-resume`: whether a run that is stopped and resumed comes to the same bits, tried on this machine.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "kilm/bart/folder.h"
#include "kilm/job/stop_signal.h"
#include "kilm/training/verify_resume.h"
#include "tensor/base/file.h"
#include "tensor/base/format.h"
#include "tools/commands.h"
#include "tools/commands/train_settings.h"

namespace tools {

namespace {

namespace fs = std::filesystem;
using base::format;
using base::Json;
using kilm::training::TrainConfig;

struct Arguments {
  TrainSettings settings;
  int64_t stops = 8;
  bool json = false;
};

void declare_verify(Options& options, Arguments& a) {
  options.add("--stops N", a.stops, "runs that are stopped at a random place and resumed");
  options.add("--json", a.json, "print one JSON object per stop, and one of the sum");
  declare(options, a.settings);
}

// Chooses what is not given for a run of minutes, in which every kind of stop still has a place.
TrainSettings made_short(TrainSettings settings) {
  constexpr std::pair<int64_t TrainConfig::*, int64_t> kShort[] = {
      {&TrainConfig::steps, 10},       {&TrainConfig::accumulate, 2}, {&TrainConfig::save_every, 3},
      {&TrainConfig::eval_every, 4},   {&TrainConfig::keep, 1},       {&TrainConfig::eval_windows, 8},
      {&TrainConfig::eval_mentions, 2}};
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

int run_verify(const Arguments& a) {
  base::check<base::UsageError>(a.stops >= 1, "stops: {} should be at least 1", a.stops);
  TrainConfig config = config_of(made_short(a.settings));
  require_data_and_model(config);
  kilm::bart::check_model_folder(config.model);
  kilm::training::check(config);
  const kilm::training::RunData data(config);
  complete_from_data(config, data);
  const Scratch scratch;
  int64_t done = 0, different = 0;
  const int code = kilm::training::verify_resume(config, scratch.path(), data.windows(kilm::dataset::Split::train),
                                                 kilm::training::evaluation_on(data, config), a.stops,
                                                 [&](const kilm::training::ResumeTrial& stop) {
                                                   different += stop.difference.has_value();
                                                   ++done;
                                                   if (a.json)
                                                     std::printf("%s\n", kilm::training::to_json(stop).dump().c_str());
                                                   else
                                                     print(stop, done);
                                                   flush(stdout, "standard output");
                                                 });
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
                            "kilm verify-resume --data data --model bart-base --dtype bf16 --stops 20",
                            declare_verify, run_verify);
}

}  // namespace tools
