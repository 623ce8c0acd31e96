// `kilm train`: continued pre-training on prepared data, from a model folder or from a run's last checkpoint.
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>
#include <tuple>

#include "kilm/corpus/prepared.h"
#include "kilm/evaluate.h"
#include "kilm/stop_signal.h"
#include "kilm/trainer.h"
#include "tensor/format.h"
#include "tools/commands.h"

namespace tools {

namespace {

namespace fs = std::filesystem;
using kilm::Split;
using kilm::TrainConfig;
using tensor::check;
using tensor::Json;
using tensor::UsageError;

// What the command line, the environment or a configuration file says of the settings; the rest comes from the preset.
template <class T>
using Given = std::map<std::string, std::optional<T>>;

struct TrainArguments {
  std::optional<std::string> data, model, out, resume;
  std::string preset = "kilm";
  bool print_config = false;
  std::tuple<Given<int64_t>, Given<double>, Given<bool>, Given<std::string>> given;
};

// The option of a setting: "--batch-tokens N".
std::string option_of(std::string name, const char* value) {
  std::replace(name.begin(), name.end(), '_', '-');
  return "--" + name + " " + value;
}
const char* placeholder(int64_t) { return "N"; }
const char* placeholder(double) { return "X"; }
const char* placeholder(bool) { return "on|off"; }
const char* placeholder(const std::string&) { return "NAME"; }
std::string text_of(bool value) { return value ? "on" : "off"; }
template <class T>
std::string text_of(const T& value) {
  return tensor::format("{}", value);
}

void declare_train(Options& options, TrainArguments& arguments) {
  options.add("--data DIR", arguments.data, "folder made by kilm prepare");
  options.add("--model DIR", arguments.model, "model folder to start from");
  options.add("-o,--out RUN", arguments.out, "new folder for checkpoints and log");
  options.add("--resume RUN", arguments.resume, "go on from the last checkpoint of this run, with its settings");
  options.add("--preset NAME", arguments.preset, "settings that are not given; kilm: those of the published script")
      .choices({"kilm"});
  options.add("--print-config", arguments.print_config, "print every setting as JSON and do nothing else");
  const TrainConfig defaults = kilm::preset("kilm");
  kilm::each_setting(defaults, [&]<class T>(const char* name, const T& value, const char* help) {
    options.add(option_of(name, placeholder(value)), std::get<Given<T>>(arguments.given)[name],
                tensor::format("{} (default {})", help, text_of(value)));
  });
  options.config_file();
}

// A resumed run keeps its settings; to say them again is no error. Threads change no result.
template <class T>
void apply(const std::optional<T>& given, const char* name, T& setting, bool resumed) {
  if (!given) return;
  check<UsageError>(!resumed || *given == setting || name == std::string("threads"),
                    "{}: {} is not the {} that the run began with", name, text_of(*given), text_of(setting));
  setting = *given;
}

std::optional<std::string> absolute(const std::optional<std::string>& path) {
  if (!path) return path;
  return fs::absolute(*path).lexically_normal().string();
}

TrainConfig config_of(const TrainArguments& arguments) {
  const bool resumed = arguments.resume.has_value();
  TrainConfig config = kilm::preset(arguments.preset);
  if (resumed) {
    const std::string path = *arguments.resume + "/resolved.json";
    check<UsageError>(fs::exists(path), "{}: is no run, it has no resolved.json", *arguments.resume);
    config = kilm::train_config_from_json(tensor::read_json_file(path), path);
    config.out = *absolute(arguments.resume);  // wherever it was moved
  }
  apply(absolute(arguments.data), "data", config.data, resumed);
  apply(absolute(arguments.model), "model", config.model, resumed);
  apply(absolute(arguments.out), "out", config.out, resumed);
  kilm::each_setting(config, [&]<class T>(const char* name, T& setting, const char*) {
    apply(std::get<Given<T>>(arguments.given).at(name), name, setting, resumed);
  });
  return config;
}

void check_new(const TrainConfig& config) {
  for (const auto& [option, value] : {std::pair("data", config.data), {"model", config.model}, {"out", config.out}})
    check<UsageError>(!value.empty(), "--{} is required", option);
  // Before its log, a run has done nothing: a start that failed may be made again.
  check<UsageError>(!fs::exists(config.out + "/log.jsonl"), "{}: is a run already, which --resume would continue",
                    config.out);
}

// Thrown in the middle of an evaluation.
struct Stopped {};

nn::Variable stop_if_asked(const std::string&, const nn::Variable& value) {
  if (kilm::StopSignal::received()) throw Stopped();
  return value;
}

// The unseen paragraphs decide which checkpoint is best: by the loss that training minimises, with groups of one size.
double loss_of(const kilm::Score& score, const TrainConfig& config) {
  double loss = config.weight_copy * score.copy_loss + config.weight_infill * score.infill_loss;
  if (config.knowledge) loss += config.weight_knowledge * score.knowledge_loss;
  return loss;
}

kilm::Evaluate evaluation_on(const kilm::PreparedData& data, const TrainConfig& config) {
  return [&data, &config](const kilm::Bart& model, const kilm::InfillObjective& objective,
                          int64_t step) -> std::optional<kilm::Evaluation> {
    kilm::Evaluation evaluation;
    const kilm::EvaluateOptions options{.seed = uint64_t(config.seed),
                                        .windows = config.eval_windows,
                                        .mentions = config.eval_mentions,
                                        .batch_tokens = config.batch_tokens,
                                        .num_beams = 1};
    for (const Split split : {Split::seen, Split::unseen, Split::held_out}) {
      const kilm::WindowSet windows = data.windows(split);
      if (windows.count == 0) continue;
      try {
        const nn::Tap stop(stop_if_asked);  // in any layer
        const kilm::Score score = kilm::evaluate(model, objective, windows, options);
        Json line = Json::object();
        line.set("step", step);
        line.set("eval", kilm::name(split));
        const Json fields = kilm::to_json(score);
        for (const auto& [key, value] : fields.members()) line.set(key, value);
        evaluation.lines.push_back(std::move(line));
        if (split == Split::unseen) evaluation.loss = loss_of(score, config);
      } catch (const Stopped&) {
        return std::nullopt;
      }
    }
    return evaluation;
  };
}

// What can be settled only with the data and the model at hand.
void settle(TrainConfig& config, const kilm::PreparedData& data) {
  data.check_tokenizer(kilm::Tokenizer::load(config.model));
  if (config.max_length > 0) return;
  const int64_t positions = kilm::read_bart_config(config.model + "/config.json").max_position_embeddings;
  config.max_length = std::min(data.max_length(), positions);
  if (positions < data.max_length())
    std::fprintf(stderr, "windows of up to %lld tokens are cut to %lld, the positions of the model\n",
                 static_cast<long long>(data.max_length()), static_cast<long long>(positions));
}

int run_train(const TrainArguments& arguments) {
  TrainConfig config = config_of(arguments);
  if (arguments.print_config) {
    std::printf("%s\n", kilm::to_json(config).dump(2).c_str());
    return 0;
  }
  if (!arguments.resume) check_new(config);
  check(config);
  const kilm::PreparedData data(config.data);
  if (!arguments.resume) settle(config, data);
  const int code = kilm::train(config, data.windows(Split::train), evaluation_on(data, config));
  if (code == 0) std::printf("%s\n", kilm::model_folder(config.out).c_str());
  return code;
}

}  // namespace

Command train() {
  return command<TrainArguments>("train", "trains a model on prepared data",
                                 "kilm train --data data --model bart-base --out run\n"
                                 "kilm train --data data --model bart-base --out twin --knowledge off --steps 1000\n"
                                 "kilm train --resume run",
                                 declare_train, run_train);
}

}  // namespace tools
