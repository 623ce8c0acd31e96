// A run on disk: what surrounds the trainer's steps.
#include <omp.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "kilm/progress.h"
#include "kilm/stop_signal.h"
#include "kilm/trainer.h"
#include "tensor/format.h"
#include "tensor/io/file.h"

namespace kilm {

namespace {

using tensor::Json;

// log.jsonl: one object per line, flushed as it is written. A resumed run first drops what came after its checkpoint.
class RunLog {
 public:
  RunLog(const std::string& path, int64_t step) {
    if (std::filesystem::exists(path)) tensor::write_file_atomically(path, kept(path, step));
    file_ = std::fopen(path.c_str(), "a");
    tensor::check(file_ != nullptr, "{}: cannot be opened", path);
  }
  ~RunLog() { std::fclose(file_); }
  RunLog(const RunLog&) = delete;
  RunLog& operator=(const RunLog&) = delete;

  void add(const Json& line) {
    std::fprintf(file_, "%s\n", line.dump().c_str());
    std::fflush(file_);
  }

 private:
  static std::string kept(const std::string& path, int64_t step) {
    std::ifstream file(path);
    std::string text;
    for (std::string line; std::getline(file, line);) {
      try {
        if (tensor::parse_json(line, path).at("step").as_int() <= step) text += line + "\n";
      } catch (const tensor::Error&) {
        break;  // the line that a killed process was writing
      }
    }
    return text;
  }

  std::FILE* file_;
};

class Run {
 public:
  Run(const TrainConfig& config, const WindowSet& windows, const Evaluate& evaluate)
      : config_(config),
        evaluate_(evaluate),
        checkpoints_(config.out, config.keep),
        start_(checkpoints_.newest()),
        folder_(
            load_bart(start_ ? *start_ + "/model" : config.model, config.dtype == "bf16" ? DType::bf16 : DType::f32)),
        objective_(with_kilm_tokens(folder_, config), {.mask_rate = config.mask_rate,
                                                       .lambda = config.lambda,
                                                       .mask_mention = config.mask_mention,
                                                       .max_length = config.max_length}),
        trainer_(config, folder_.model, objective_, windows, start_ ? read_train_state(*start_) : TrainState{}),
        log_(config.out + "/log.jsonl", trainer_.state().step) {
    if (start_) load_optimizer(*start_, trainer_.parameters());
  }

  int run() {
    StopSignal signal;
    Progress progress("train", trainer_.total_steps(), trainer_.state().step);
    while (trainer_.state().step < trainer_.total_steps()) {
      const StepReport report = trainer_.step();
      log_.add(to_json(report));
      progress.update(report.step, note(report));
      after_step(report.step);
      if (StopSignal::received()) {
        save_last();
        return kRestartMe;
      }
    }
    save_last();
    return 0;
  }

 private:
  static const Tokenizer& with_kilm_tokens(BartFolder& folder, const TrainConfig& config) {
    add_kilm_tokens(folder, uint64_t(config.seed));
    return folder.tokenizer;
  }

  static std::string note(const StepReport& r) {
    return tensor::format("loss {:.3f}  knowledge {:.3f}  {:.0f} tokens/s", r.loss,
                          r.group_loss[size_t(Group::knowledge)],
                          double(r.tokens_source + r.tokens_target) / std::max(r.seconds, 1e-9));
  }

  bool due(int64_t every, int64_t step) const {
    return (every > 0 && step % every == 0) || step == trainer_.total_steps();
  }

  void after_step(int64_t step) {
    if (due(config_.eval_every, step)) evaluate(step);
    if (config_.save_every > 0 && step % config_.save_every == 0) save();
  }

  void evaluate(int64_t step) {
    const Evaluation evaluation = evaluate_(folder_.model, step);
    for (const Json& line : evaluation.lines) log_.add(line);
    TrainState& state = trainer_.state();
    if (state.best_step < 0 || evaluation.loss < state.best_loss) {
      state.best_step = step;
      state.best_loss = evaluation.loss;
      save();  // the best must exist on disk to be one
    }
  }

  // A full disk does not end training: the checkpoints before are whole, and the next save may find room.
  void save() {
    if (saved_ == trainer_.state().step) return;
    try {
      checkpoints_.save(folder_, trainer_.parameters(), trainer_.state());
      saved_ = trainer_.state().step;
    } catch (const tensor::OutOfMemory& error) {
      std::fprintf(stderr, "\n%s; training goes on without this checkpoint\n", error.what());
    }
  }

  void save_last() {
    if (saved_ == trainer_.state().step) return;
    checkpoints_.save(folder_, trainer_.parameters(), trainer_.state());
    saved_ = trainer_.state().step;
  }

  const TrainConfig& config_;
  const Evaluate& evaluate_;
  Checkpoints checkpoints_;
  std::optional<std::string> start_;
  BartFolder folder_;
  InfillObjective objective_;
  Trainer trainer_;
  RunLog log_;
  int64_t saved_ = -1;
};

}  // namespace

int train(const TrainConfig& config, const WindowSet& windows, const Evaluate& evaluate) {
  check(config);
  if (config.threads > 0) omp_set_num_threads(int(config.threads));
  std::filesystem::create_directories(config.out);
  tensor::write_file_atomically(config.out + "/resolved.json", to_json(config).dump(2) + "\n");
  return Run(config, windows, evaluate).run();
}

}  // namespace kilm
