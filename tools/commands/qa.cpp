// `kilm qa`: how well a model answers questions.
#include <cstdio>
#include <deque>

#include "kilm/answering/prompt.h"
#include "kilm/answering/question_scores.h"
#include "kilm/answering/shots.h"
#include "kilm/job/progress.h"
#include "tensor/base/format.h"
#include "tensor/base/json_lines.h"
#include "tools/commands.h"
#include "tools/commands/batch_output.h"
#include "tools/commands/generation_options.h"
#include "tools/commands/model.h"
#include "tools/commands/output.h"
#include "tools/commands/predictions.h"

namespace tools {

namespace {

using base::check;
using base::format;
using base::UsageError;
using kilm::answering::Method;
using kilm::answering::Normalization;
using kilm::evaluation::Question;
using kilm::evaluation::QuestionFormat;
using kilm::generation::GenerateRequest;

struct Arguments {
  std::string data;
  std::optional<std::string> model, answers, shots_from, prompts, predictions;
  std::optional<QuestionFormat> format;
  std::optional<Method> method;
  std::optional<bool> prefix_space;
  int64_t shots = 0;
  std::optional<int64_t> shots_random;
  std::optional<Normalization> normalize;
  GenerationOptions generation;
  std::optional<int64_t> seed;
  int64_t batch_tokens = 8192;
  tensor::Device device = {};
  bool compat = false, force = false, json = false;
};

void declare(Options& options, Arguments& a) {
  options.add("--model DIR", a.model, "a model folder, or a run folder: its best checkpoint");
  options.add("--answers FILE", a.answers, "instead of a model: its answers as JSON lines {\"prediction\"}");
  options.add("--data FILE", a.data, "questions with their answers, packed or not; - is standard input").required();
  options.add("--format FORMAT", a.format, kilm::evaluation::kQuestionFormats, "of the data, else found from them");
  options.add("--method N", a.method, kilm::answering::kMethods, "how question and answer are announced (default 1)");
  options.add("--prefix-space on|off", a.prefix_space,
              "whether a text begins with a space; on if the model knows KILM's tokens");
  options.add("--shots K", a.shots, "questions with answers before each question");
  options.add("--shots-from FILE", a.shots_from,
              "a file of questions, or an index of kilm index; the most similar are shots");
  options.add("--shots-random SEED", a.shots_random, "shots are drawn instead, the same for all questions");
  options.add("--normalize HOW", a.normalize, kilm::answering::kNormalizations,
              "what makes answers the same; triviaqa for that format, regex for curated, else squad");
  options.add("--prompts FILE", a.prompts, "write what the model is given there, as a batch for kilm generate");
  declare_predictions(options, a.predictions);
  declare_force(options, a.force);
  declare(options, a.generation);
  options.add("--seed N", a.seed, "names the draws (default 0)");
  options.add("--compat", a.compat, "search as Transformers 4.12 did");
  options.add("--batch-tokens N", a.batch_tokens, "tokens that are decoded together; results do not depend on it");
  declare_device(options, a.device);
  options.add("--json", a.json, "print one JSON object");
}

// Checks that at most one input is standard input.
void check_inputs(const Arguments& a) {
  const std::pair<std::string, std::optional<std::string>> inputs[] = {
      {"--data", a.data}, {"--answers", a.answers}, {"--shots-from", a.shots_from}};
  std::string taken;
  for (const auto& [option, path] : inputs) {
    if (path != "-") continue;
    check<UsageError>(taken.empty(), "{} and {} should not both be standard input", taken, option);
    taken = option;
  }
}

// Refuses what tells how a model answers. --device and --batch-tokens, which often stand in the environment for all
// commands, may stay: no result depends on them.
void check_without_model(const Arguments& a) {
  const std::string generation = given_option(a.generation);
  const std::pair<std::string, bool> options[] = {{"--method", a.method.has_value()},
                                                  {"--prefix-space", a.prefix_space.has_value()},
                                                  {generation, !generation.empty()},
                                                  {"--seed", a.seed.has_value()},
                                                  {"--compat", a.compat}};
  for (const auto& [option, given] : options)
    check<UsageError>(!given, "{}: is for a model, it should stand without --answers", option);
}

void check_arguments(const Arguments& a) {
  check<UsageError>(a.model.has_value() != a.answers.has_value(), "one of --model and --answers should be given");
  check<UsageError>(!a.prompts || a.model, "--prompts: there are none without --model");
  check_inputs(a);
  if (a.answers) check_without_model(a);
  check<UsageError>(a.shots >= 0, "shots: {} should be at least 0", a.shots);
  check<UsageError>((a.shots > 0) == a.shots_from.has_value(), "--shots and --shots-from should be given together");
  check<UsageError>(!a.shots_random || a.shots_from, "--shots-random: should stand with --shots-from");
  std::vector<NamedOutput> outputs;
  if (a.prompts) outputs.push_back({"--prompts", *a.prompts});
  if (a.predictions) outputs.push_back({"--predictions", *a.predictions});
  check_outputs_apart(outputs);
}

// A question that waits for its answer.
struct Asked {
  Question question;
  std::vector<Question> shots;
};

// Where answers come from. They come in the order of the questions, those of several at once.
class Answers {
 public:
  virtual ~Answers() = default;
  // Takes the next question, and returns the answers to some that were taken.
  virtual std::vector<std::string> add(const Asked& asked) = 0;
  virtual std::vector<std::string> finish() = 0;  // returns the others; nothing more is asked
  virtual void commit() {}                        // keeps what was asked, when all answers are scored
};

class FileAnswers final : public Answers {
 public:
  explicit FileAnswers(const std::string& path) : lines_(path) {}

  std::vector<std::string> add(const Asked& asked) override {
    const auto answer = lines_.next([](const base::Json& line) { return base::string_at(line, "prediction"); });
    check<base::DamagedInput>(answer.has_value(), "{}: ends before the answer to question {}", lines_.source(),
                              asked.question.id.dump());
    return {*answer};
  }

  std::vector<std::string> finish() override {
    const bool any = lines_.next([](const base::Json&) { return true; }).has_value();
    check<base::DamagedInput>(!any, "{}: there is no question for it", lines_.place());
    return {};
  }

 private:
  base::JsonLines lines_;
};

class ModelAnswers final : public Answers {
 public:
  explicit ModelAnswers(const Arguments& a)
      : prompts_(a.prompts, a.force), folder_(load_model(*a.model, a.device)), few_shot_(a.shots > 0) {
    GenerationOptions given = a.generation;
    if (!given.max_length && !given.max_new_tokens) given.max_new_tokens = kNewTokens;
    generation_ = generate_options(given, folder_);
    generation_.num_return_sequences = 1;
    generation_.seed = uint64_t(a.seed.value_or(0));
    generation_.reference_search = a.compat;
    generation_.batch_tokens = a.batch_tokens;
    prompt_ = {.method = a.method.value_or(Method::first),
               .prefix_space = a.prefix_space.value_or(tokenizer().has_kilm_tokens()),
               .longest = kilm::answering::longest_prompt(folder_.model.config)};
    check<UsageError>(prompt_.longest >= 8, "--model: {} positions leave no room for a question",
                      folder_.model.config.max_position_embeddings);
  }

  std::vector<std::string> add(const Asked& asked) override {
    GenerateRequest request = prompt(asked);
    prompts_.write(request);
    const int64_t tokens = int64_t(request.source.size() + request.prefix.size());
    std::vector<std::string> answers;
    if (waiting_.size() == kMostWaiting || tokens_ + tokens > generation_.batch_tokens) answers = answer();
    waiting_.push_back(std::move(request));
    tokens_ += tokens;
    return answers;
  }

  std::vector<std::string> finish() override { return answer(); }
  void commit() override { prompts_.commit(); }

 private:
  static constexpr int64_t kNewTokens = 50;  // of an answer, where nothing else is said
  static constexpr size_t kMostWaiting = 256;

  const kilm::tokenizer::Tokenizer& tokenizer() const { return folder_.text_tokenizer(); }

  GenerateRequest prompt(const Asked& asked) const {
    if (!few_shot_) return zero_shot_prompt(tokenizer(), asked.question.question, prompt_);
    std::vector<kilm::answering::Shot> shots;
    for (const Question& shot : asked.shots) shots.push_back({shot.question, shot.answers[0]});
    return few_shot_prompt(tokenizer(), shots, asked.question.question, prompt_);
  }

  // Answers all that wait. Where nothing may follow a prompt, the answer is empty.
  std::vector<std::string> answer() {
    std::vector<std::string> answers;
    for (const auto& results : kilm::generation::generate(folder_.model, waiting_, generation_)) {
      answers.emplace_back();
      if (results.empty()) continue;
      const auto generated = std::span(results[0].ids).subspan(size_t(results[0].prefix));
      answers.back() = kilm::answering::answer_in(tokenizer(), generated, prompt_.method);
    }
    generation_.first_number += int64_t(waiting_.size());
    waiting_.clear();
    tokens_ = 0;
    return answers;
  }

  BatchOutput prompts_;
  kilm::bart::BartFolder folder_;
  kilm::generation::GenerateOptions generation_;
  kilm::answering::PromptOptions prompt_;
  bool few_shot_;
  std::vector<GenerateRequest> waiting_;
  int64_t tokens_ = 0;  // of those
};

std::unique_ptr<Answers> answers_of(const Arguments& a) {
  if (a.answers) return std::make_unique<FileAnswers>(*a.answers);
  return std::make_unique<ModelAnswers>(a);
}

Normalization normalization_of(const Arguments& a, QuestionFormat format) {
  if (a.normalize) return *a.normalize;
  return format == QuestionFormat::triviaqa  ? Normalization::triviaqa
         : format == QuestionFormat::curated ? Normalization::regex
                                             : Normalization::squad;
}

// Scores answers as they come, and writes them.
class Scoring {
 public:
  Scoring(const Arguments& a, const kilm::evaluation::QuestionFile& file)
      : predictions_(a.predictions, a.force),
        normalization_(normalization_of(a, file.format())),
        source_(file.source().name()),
        shots_(a.shots) {}

  void add(const Asked& asked, std::string answer) {
    const Question& question = asked.question;
    const kilm::answering::AnswerScore score = base::read_at(format("{}: line {}", source_, question.line), [&] {
      return kilm::answering::score_answer(answer, question.answers, normalization_);
    });
    kilm::predictions::Question row{.id = question.id,
                                    .question = question.question,
                                    .prediction = std::move(answer),
                                    .answers = question.answers,
                                    .exact_match = score.exact_match,
                                    .f1 = score.f1,
                                    .shots = {}};
    std::vector<std::string> shots;
    for (const Question& shot : asked.shots) {
      row.shots.push_back(shot.id);
      shots.push_back(shot.question);
    }
    counts_.add(row, shots, shots_);
    predictions_.write(row);
  }

  const kilm::answering::QuestionCounts& counts() const { return counts_; }
  void commit() { predictions_.commit(); }

 private:
  PredictionOutput predictions_;
  Normalization normalization_;
  std::string source_;
  int64_t shots_;
  kilm::answering::QuestionCounts counts_;
};

std::string table(const base::Json& json) {
  std::string out;
  for (const auto& [key, value] : json.members())
    out += format("{:<16}{:>10}\n", key,
                  value.is_null()  ? "-"
                  : value.is_int() ? value.dump()
                                   : format("{:.4f}", value.as_number()));
  return out;
}

int run(const Arguments& a) {
  check_arguments(a);
  kilm::evaluation::QuestionFile file(a.data, a.format);
  Scoring scoring(a, file);
  std::optional<kilm::answering::Shots> shots;
  if (a.shots_from) shots.emplace(*a.shots_from, a.shots, a.shots_random);
  const std::unique_ptr<Answers> answers = answers_of(a);
  kilm::job::Progress progress("answer", file.source().size());
  std::deque<Asked> waiting;
  const auto take = [&](std::vector<std::string> answered) {
    for (std::string& answer : answered) {
      scoring.add(waiting.front(), std::move(answer));
      waiting.pop_front();
    }
    progress.update(file.source().taken(), format("{} questions", scoring.counts().questions));
  };
  while (std::optional<Question> question = file.next()) {
    std::vector<Question> of_question = shots ? shots->of(question->question) : std::vector<Question>{};
    waiting.push_back({std::move(*question), std::move(of_question)});
    take(answers->add(waiting.back()));
  }
  take(answers->finish());
  answers->commit();
  scoring.commit();
  const base::Json json = scoring.counts().to_json();
  const std::string out = a.json ? json.dump() + "\n" : table(json);
  std::fwrite(out.data(), 1, out.size(), stdout);
  return 0;
}

}  // namespace

Command qa() {
  return command<Arguments>(
      "qa", "scores how a model answers questions",
      "kilm qa --model RUN --data NQ-open.dev.jsonl --json\n"
      "kilm qa --model RUN --data nq.tsv --shots 8 --shots-from nq.kdt --predictions answers.jsonl\n"
      "kilm qa --answers answers.jsonl --data nq.tsv --json",
      declare, run);
}

}  // namespace tools
