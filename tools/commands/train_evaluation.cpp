#include "tools/commands/train_evaluation.h"

#include "kilm/evaluation/evaluate.h"
#include "kilm/job/stop_signal.h"

namespace tools {

namespace {

using base::Json;
using kilm::dataset::Split;
using kilm::training::TrainConfig;

// Thrown in the middle of an evaluation.
struct Stopped {};

nn::Variable stop_if_asked(const std::string&, const nn::Variable& value) {
  if (kilm::job::StopSignal::received()) throw Stopped();
  return value;
}

// The unseen paragraphs decide which checkpoint is best: by the loss that training minimises, with groups of one size.
double loss_of(const kilm::evaluation::Score& score, const std::optional<kilm::evaluation::PlainScore>& plain,
               const TrainConfig& config) {
  const auto text_loss = [&](const auto& s) {
    return config.weight_copy * s.copy_loss + config.weight_infill * s.infill_loss;
  };
  double loss = text_loss(score);
  if (config.knowledge && config.knowledge_side == kilm::objective::KnowledgeSide::target)
    loss += config.weight_knowledge * score.knowledge_loss;
  return plain ? (1 - config.plain_ratio) * loss + config.plain_ratio * text_loss(*plain) : loss;
}

}  // namespace

kilm::training::Evaluate evaluation_on(const RunData& data, const TrainConfig& config) {
  return [&data, &config](const kilm::bart::Bart& model, const kilm::objective::InfillObjective& objective,
                          int64_t step) -> std::optional<kilm::training::Evaluation> {
    kilm::training::Evaluation evaluation;
    const kilm::evaluation::EvaluateOptions options{.seed = uint64_t(config.seed),
                                                    .windows = config.eval_windows,
                                                    .mentions = config.eval_mentions,
                                                    .batch_tokens = config.batch_tokens,
                                                    .num_beams = 1};
    for (const Split split : {Split::seen, Split::unseen, Split::held_out}) {
      const kilm::dataset::WindowSet windows = data.knowledge().windows(split), plain = data.plain().windows(split);
      if (windows.count == 0) continue;
      try {
        const nn::Tap stop(stop_if_asked);  // in any layer
        const kilm::evaluation::Score score = kilm::evaluation::evaluate(model, objective, windows, options);
        Json line = Json::object();
        line.set("step", step);
        line.set("eval", kilm::dataset::name(split));
        const Json fields = kilm::evaluation::to_json(score);
        for (const auto& [key, value] : fields.members()) line.set(key, value);
        std::optional<kilm::evaluation::PlainScore> kept;
        if (config.plain_ratio > 0 && plain.count > 0) {
          kept = kilm::evaluation::evaluate_plain(model, objective, plain, options);
          line.set("plain_infill_loss", kept->infill_loss);
          line.set("plain_copy_loss", kept->copy_loss);
        }
        Json said = Json::array();
        for (const kilm::evaluation::Said& one : score.said) said.push_back(kilm::evaluation::to_json(one));
        line.set("said", std::move(said));
        evaluation.lines.push_back(std::move(line));
        if (split == Split::unseen) evaluation.loss = loss_of(score, kept, config);
      } catch (const Stopped&) {
        return std::nullopt;
      }
    }
    return evaluation;
  };
}

}  // namespace tools
