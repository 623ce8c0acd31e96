#include "kilm/evaluation/evaluate.h"

#include <array>
#include <cmath>
#include <limits>

#include "kilm/batching/packing.h"
#include "kilm/evaluation/describe.h"
#include "kilm/metrics/rouge.h"
#include "tensor/base/json_number.h"
#include "tensor/ops/loss.h"

namespace kilm::evaluation {

namespace {

constexpr int64_t kMentionsOfWindow = 10;
constexpr int64_t kSaid = 8;

// Returns `wanted` of the numbers below `count`, evenly spread: all of them if `wanted` is 0, or `count` or more.
std::vector<int64_t> spread(int64_t count, int64_t wanted) {
  const int64_t n = wanted == 0 ? count : std::min(wanted, count);
  std::vector<int64_t> result;
  for (int64_t i = 0; i < n; ++i) result.push_back(i * count / n);
  return result;
}

// Sums of losses per group, over packed batches of examples.
class GroupLosses {
 public:
  GroupLosses(const bart::Bart& model, const tokenizer::Tokenizer& tokenizer, const EvaluateOptions& options)
      : model_(model), tokenizer_(tokenizer), options_(options) {}

  // Returns false if it was asked to stop.
  bool add(objective::Example example) {
    const int64_t more = int64_t(example.source.size() + example.target.size());
    if (tokens_ + more > options_.batch_tokens && !flush()) return false;
    tokens_ += more;
    examples_.push_back(std::move(example));
    return true;
  }

  // Takes the losses of the examples that are still to be done. Returns false if it was asked to stop.
  bool flush() {
    if (examples_.empty()) return true;
    if (options_.stop && options_.stop()) return false;
    const autograd::NoGrad no_grad;
    batching::MicroBatch batch = batching::MicroBatch::of(examples_, tokenizer_, model_.device());
    batch.move_to(model_.device());
    const tensor::Tensor hidden = model_.forward(batch.source, batch.target, nn::Mode::evaluation).value();
    const tensor::Tensor loss =
        tensor::linear_cross_entropy(hidden, model_.shared.value(), model_.final_logits_bias, batch.labels).loss;
    const std::vector<double> losses = loss.to(tensor::Device{}).cast(tensor::DType::f64).to_vector<double>();
    for (size_t i = 0; i < batch.groups.size(); ++i) {
      sums_[size_t(batch.groups[i])] += losses[i];
      ++counts_[size_t(batch.groups[i])];
    }
    examples_.clear();
    tokens_ = 0;
    return true;
  }

  double mean(objective::Group group) const {
    const int64_t n = counts_[size_t(group)];
    return n == 0 ? std::nan("") : sums_[size_t(group)] / double(n);
  }

 private:
  const bart::Bart& model_;
  const tokenizer::Tokenizer& tokenizer_;
  const EvaluateOptions& options_;
  int64_t tokens_ = 0;
  std::vector<objective::Example> examples_;
  std::array<double, objective::kGroups> sums_{};
  std::array<int64_t, objective::kGroups> counts_{};
};

// Returns the losses of the windows with these numbers. Each has the knowledge of the mentions that the objective
// chooses, or none. Returns nothing if it was asked to stop.
std::optional<GroupLosses> losses_of(const bart::Bart& model, const objective::InfillObjective& objective,
                                     const dataset::WindowSet& windows, const std::vector<int64_t>& numbers,
                                     const EvaluateOptions& options, bool knowledge) {
  GroupLosses losses(model, objective.tokenizer(), options);
  for (const int64_t number : numbers) {
    const objective::SampleId id{options.seed, uint32_t(number), 0};
    const dataset::Window window = windows.get(number);
    const std::vector<dataset::Mention> mentions =
        knowledge ? objective.choose(window.mentions, id) : std::vector<dataset::Mention>();
    if (!losses.add(objective.make(window.text, mentions, id))) return std::nullopt;
  }
  if (!losses.flush()) return std::nullopt;
  return losses;
}

struct Questions {
  std::vector<MentionQuery> queries;
  std::vector<dataset::Mention> answers;
};

Questions ask(const dataset::WindowSet& windows, const std::vector<int64_t>& numbers, int64_t wanted) {
  Questions all;
  for (const int64_t number : numbers) {
    const dataset::Window window = windows.get(number);
    const int64_t n = std::min(kMentionsOfWindow, int64_t(window.mentions.size()));
    for (const dataset::Mention& mention : std::span(window.mentions).first(size_t(n))) {
      all.queries.push_back({window.text, mention.begin, mention.end});
      all.answers.push_back(mention);
    }
  }
  Questions asked;
  for (const int64_t i : spread(int64_t(all.queries.size()), wanted)) {
    asked.queries.push_back(all.queries[size_t(i)]);
    asked.answers.push_back(all.answers[size_t(i)]);
  }
  return asked;
}

// Scores the descriptions that the model generates. Returns false if it was asked to stop.
bool score_descriptions(Score& score, const bart::Bart& model, const objective::InfillObjective& objective,
                        const Questions& asked, const EvaluateOptions& options) {
  generation::GenerateOptions search = describe_options(objective.tokenizer(), model.config);
  search.num_beams = options.num_beams;
  search.batch_tokens = options.batch_tokens;
  search.stop = options.stop;
  const auto described = describe(model, objective, asked.queries, search);
  if (described.size() < asked.queries.size()) return false;
  for (size_t i = 0; i < described.size(); ++i) {
    const Description& best = described[i].front();
    score.title_em += best.title == asked.answers[i].title;
    score.description_em += best.description == asked.answers[i].description;
    score.description_rouge_l +=
        metrics::rouge_l(best.description, asked.answers[i].description, metrics::Stemming::none);
  }
  score.mentions = int64_t(described.size());
  for (const int64_t i : spread(score.mentions, kSaid)) {
    const MentionQuery& query = asked.queries[size_t(i)];
    const Description& best = described[size_t(i)].front();
    const dataset::Mention& answer = asked.answers[size_t(i)];
    const std::string_view mention = query.text.substr(size_t(query.begin), size_t(query.end - query.begin));
    score.said.push_back({std::string(mention), best.title, best.description, std::string(answer.title),
                          std::string(answer.description)});
  }
  for (double* share : {&score.title_em, &score.description_em, &score.description_rouge_l})
    *share /= double(score.mentions);
  return true;
}

}  // namespace

std::optional<Score> evaluate(const bart::Bart& model, const objective::InfillObjective& objective,
                              const dataset::WindowSet& windows, const EvaluateOptions& options) {
  Score score;
  const std::vector<int64_t> numbers = spread(windows.count, options.windows);
  const std::optional<GroupLosses> losses = losses_of(model, objective, windows, numbers, options, true);
  if (!losses) return std::nullopt;
  score.knowledge_loss = losses->mean(objective::Group::knowledge);
  score.infill_loss = losses->mean(objective::Group::infill);
  score.copy_loss = losses->mean(objective::Group::copy);
  if (!score_descriptions(score, model, objective, ask(windows, numbers, options.mentions), options))
    return std::nullopt;
  return score;
}

std::optional<PlainScore> evaluate_plain(const bart::Bart& model, const objective::InfillObjective& objective,
                                         const dataset::WindowSet& windows, const EvaluateOptions& options) {
  const std::vector<int64_t> numbers = spread(windows.count, options.windows);
  const std::optional<GroupLosses> losses = losses_of(model, objective, windows, numbers, options, false);
  if (!losses) return std::nullopt;
  return PlainScore{losses->mean(objective::Group::infill), losses->mean(objective::Group::copy)};
}

base::Json to_json(const Score& score) {
  base::Json json = base::Json::object();
  json.set("mentions", score.mentions);
  json.set("title_em", score.title_em);
  json.set("description_em", score.description_em);
  json.set("description_rouge_l", score.description_rouge_l);
  json.set("knowledge_loss", score.knowledge_loss);
  json.set("infill_loss", score.infill_loss);
  json.set("copy_loss", score.copy_loss);
  return json;
}

base::Json to_json(const ExampleAnswer& said) {
  return base::Json::object({{"mention", said.mention},
                             {"title", said.title},
                             {"description", said.description},
                             {"gold_title", said.gold_title},
                             {"gold_description", said.gold_description}});
}

Score score_from_json(const base::Json& json) {
  return {.mentions = json.at("mentions").as_int(),
          .title_em = base::number_or_nan(json.at("title_em")),
          .description_em = base::number_or_nan(json.at("description_em")),
          .description_rouge_l = base::number_or_nan(json.at("description_rouge_l")),
          .knowledge_loss = base::number_or_nan(json.at("knowledge_loss")),
          .infill_loss = base::number_or_nan(json.at("infill_loss")),
          .copy_loss = base::number_or_nan(json.at("copy_loss"))};
}

ExampleAnswer example_answer_from_json(const base::Json& json) {
  return {.mention = json.at("mention").as_string(),
          .title = json.at("title").as_string(),
          .description = json.at("description").as_string(),
          .gold_title = json.at("gold_title").as_string(),
          .gold_description = json.at("gold_description").as_string()};
}

}  // namespace kilm::evaluation
