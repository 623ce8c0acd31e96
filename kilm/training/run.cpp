// A run on disk: what surrounds the trainer's steps.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "kilm/job/progress.h"
#include "kilm/job/stop_signal.h"
#include "kilm/text/quantity.h"
#include "kilm/training/checkpoint_writer.h"
#include "kilm/training/trainer.h"
#include "tensor/base/file.h"
#include "tensor/base/format.h"
#include "tensor/base/threads.h"

namespace kilm::training {

namespace {

using base::Json;

// log.jsonl: one object per line, written at once. A resumed run first drops what came after its checkpoint. What finds
// no room on the disk waits for the next line.
class RunLog {
 public:
  // Calls `each` for every line that is kept.
  RunLog(const std::string& path, const TrainState& state, const std::function<void(const Json&)>& each) : path_(path) {
    const std::string before = std::filesystem::exists(path) ? base::read_file(path) : "";
    base::write_file_atomically(path, kept(before, state, each));
    do descriptor_ = base::file_system().open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC, 0);
    while (descriptor_ < 0 && errno == EINTR);
    base::check(descriptor_ >= 0, "{}: cannot be opened: {}", path, std::strerror(errno));
  }
  ~RunLog() { base::file_system().close(descriptor_); }
  RunLog(const RunLog&) = delete;
  RunLog& operator=(const RunLog&) = delete;

  void add(const Json& line) {
    waiting_ += line.dump() + "\n";
    ssize_t written;
    do {
      written = base::file_system().write(descriptor_, waiting_.data(), waiting_.size());
      if (written > 0) waiting_.erase(0, size_t(written));
    } while (!waiting_.empty() && (written >= 0 || errno == EINTR));
  }

  // A checkpoint must find its steps in the log after a power failure, too.
  void make_durable() {
    int result;
    do result = base::file_system().sync(descriptor_);
    while (result < 0 && errno == EINTR);
    if (waiting_.empty() && result == 0) return;
    base::check(result == 0 || errno == ENOSPC || errno == EDQUOT, "{}: cannot be made durable: {}", path_,
                std::strerror(errno));
    throw base::OutOfMemory(path_ + ": cannot be written, the disk may be full");
  }

 private:
  static std::string kept(std::string_view text, const TrainState& state,
                          const std::function<void(const Json&)>& each) {
    size_t end = 0;
    try {
      for (size_t next; (next = text.find('\n', end)) != std::string_view::npos; end = next + 1) {
        const Json line = base::parse_json(text.substr(end, next - end), "log.jsonl");
        if (line.at("step").as_int() > (line.find("eval") ? state.evaluated : state.step)) break;
        each(line);
      }
    } catch (const base::Error&) {  // what a failing machine was writing
    }
    return std::string(text.substr(0, end));
  }

  std::string path_;
  int descriptor_ = -1;
  std::string waiting_;
};

class Run {
 public:
  Run(const TrainConfig& config, const dataset::TrainingWindows& windows, const Evaluate& evaluate)
      : config_(config),
        evaluate_(evaluate),
        checkpoints_(config.out, config.keep),
        start_(checkpoints_.newest()),
        folder_(bart::load_bart(start_ ? *start_ + "/model" : config.model)),
        objective_(tokenizer(), infill_config(config)),
        trainer_(config, folder_.model, objective_, windows, state_of_start(windows)),
        log_(config.out + "/log.jsonl", state(), [this](const Json& line) { remember(line); }),
        progress_("train", trainer_.total_steps(), state().step),
        writer_(checkpoints_, folder_, trainer_.parameters(), state()) {
    if (start_) load_optimizer(*start_, trainer_.parameters());
  }

  int run() {
    std::fprintf(stderr, "%s\n", overview().c_str());
    evaluate_if_due();  // a resumed run may owe it
    while (!finished() && !job::StopSignal::received()) {
      StepReport report = trainer_.step([this] { finish_saving(); });
      if (report.skipped.empty()) report.spike = spikes_.add(report.loss);
      log_.add(to_json(report));
      progress_.update(report.step, note(report));
      tell(report);
      evaluate_if_due();
      if (config_.save_every > 0 && report.step % config_.save_every == 0) try_to([this] { start_to_save(); });
    }
    finish_saving();
    save();
    return !finished() || owes_evaluation() ? job::kRestartMe : 0;
  }

 private:
  TrainState& state() { return trainer_.state(); }

  TrainState state_of_start(const dataset::TrainingWindows& windows) const {
    const TrainState fresh{.windows = windows.knowledge.count,
                           .plain_windows = config_.plain_ratio > 0 ? windows.plain.count : 0};
    if (!start_) return fresh;
    const TrainState state = read_train_state(*start_);
    const auto same = [&](const char* kind, int64_t before, int64_t now) {
      base::check<base::UsageError>(before == now, "{}: the run began with {} {}, the data have {}", config_.out,
                                    before, kind, now);
    };
    same("windows", state.windows, fresh.windows);
    same("windows of the plain stream", state.plain_windows, fresh.plain_windows);
    return state;
  }

  const tokenizer::Tokenizer& tokenizer() {
    bart::add_kilm_tokens(folder_, uint64_t(config_.seed));
    const tokenizer::Tokenizer& tokenizer = folder_.text_tokenizer();
    const std::string found = config_.tokenizer.empty() ? "" : tokenizer.fingerprint();
    base::check<base::UsageError>(found == config_.tokenizer,
                                  "{}: the tokenizer is {:.12}, not the {:.12} that {}/resolved.json says the run "
                                  "began with",
                                  folder_.path, found, config_.tokenizer, config_.out);
    const int64_t positions = folder_.model.config.max_position_embeddings;
    base::check<base::UsageError>(config_.max_length <= positions,
                                  "max length: {} should be at most {}, the positions of the model", config_.max_length,
                                  positions);
    return tokenizer;
  }

  std::string overview() {
    return base::format("train: {:.1f} million weights, {} windows, steps {} to {}, {} micro-batch{} each",
                        double(nn::parameter_count(folder_.model)) / 1e6, state().windows, state().step,
                        trainer_.total_steps(), config_.accumulate, config_.accumulate == 1 ? "" : "es");
  }

  // The losses of the steps before the checkpoint.
  void remember(const Json& line) {
    const Json* loss = line.find("loss");
    if (loss && loss->is_number() && !line.find("eval") && !line.find("skipped")) spikes_.add(loss->as_number());
  }

  void tell(const StepReport& r) {
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
    const std::optional<Evaluation> evaluation = evaluate_(folder_.model, objective_, state().step);
    if (!evaluation) return;
    for (const Json& line : evaluation->lines) log_.add(line);
    state().evaluated = state().step;
    ++state().stale;
    if (!(evaluation->loss < state().best_loss)) {
      if (out_of_patience())
        progress_.say(base::format("step {}: the run ends, its last {} evaluation{} brought no better unseen loss",
                                   state().step, state().stale, state().stale == 1 ? "" : "s"));
      return;
    }
    state().stale = 0;
    const TrainState before = state();
    state().best_step = state().step;
    state().best_loss = evaluation->loss;
    if (!try_to([this] { save(); })) state() = before;  // the best must exist on disk to be one
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

  // False on a full disk, which does not end training: the checkpoints before are whole, and the next save may find
  // room.
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
  const Evaluate& evaluate_;
  Checkpoints checkpoints_;
  std::optional<std::string> start_;
  bart::BartFolder folder_;
  objective::InfillObjective objective_;
  Trainer trainer_;
  LossSpikes spikes_;
  RunLog log_;
  job::Progress progress_;
  CheckpointWriter writer_;
};

// One process at a time writes a run; the system lets go of its lock however the process ends.
class RunLock {
 public:
  explicit RunLock(const std::string& run) {
    const std::string path = run + "/lock";
    descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    base::check(descriptor_ >= 0, "{}: cannot be opened: {}", path, std::strerror(errno));
    // A file system without locks cannot tell, and is trusted.
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
    ::close(descriptor_);
    throw base::UsageError(run + ": another process is training this run");
  }
  ~RunLock() { ::close(descriptor_); }
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

 private:
  int descriptor_;
};

// The folder of a run, locked. A new one goes again if the run cannot start in it.
class RunFolder {
 public:
  explicit RunFolder(const std::string& path)
      : path_(path), keep_(std::filesystem::exists(path)), lock_(created(path)) {}
  ~RunFolder() {
    std::error_code ignored;
    if (!keep_) std::filesystem::remove_all(path_, ignored);
  }
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  void keep() { keep_ = true; }

 private:
  static const std::string& created(const std::string& path) {
    std::filesystem::create_directories(path);
    return path;
  }

  std::string path_;
  bool keep_;
  RunLock lock_;
};

}  // namespace

int train(const TrainConfig& config, const dataset::TrainingWindows& windows, const Evaluate& evaluate) {
  check(config);
  RunFolder folder(config.out);
  base::remove_unfinished(config.out);
  job::StopSignal signal;
  if (config.threads > 0) base::set_threads(int(config.threads));
  base::write_file_atomically(config.out + "/resolved.json", to_json(config).dump(2) + "\n");
  Run run(config, windows, evaluate);
  folder.keep();
  return run.run();
}

}  // namespace kilm::training
