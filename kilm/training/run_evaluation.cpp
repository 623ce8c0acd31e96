#include "kilm/training/run_evaluation.h"

namespace kilm::training {

namespace {

using dataset::Split;

// Returns what decides which checkpoint is best, on the unseen paragraphs: by the loss that training minimises, with
// groups of one size.
double loss_of(const EvaluationRecord& record, const TrainConfig& config) {
  const auto text_loss = [&](const auto& s) {
    return config.weight_copy * s.copy_loss + config.weight_infill * s.infill_loss;
  };
  double loss = text_loss(record.score);
  if (config.knowledge && config.knowledge_side == objective::KnowledgeSide::target)
    loss += config.weight_knowledge * record.score.knowledge_loss;
  return record.plain ? (1 - config.plain_ratio) * loss + config.plain_ratio * text_loss(*record.plain) : loss;
}

}  // namespace

Evaluate evaluation_on(const RunData& data, const TrainConfig& config) {
  return [&data, &config](const bart::Bart& model, const objective::InfillObjective& objective, int64_t step,
                          const std::function<bool()>& stop) -> std::optional<Evaluation> {
    const evaluation::EvaluateOptions options{.seed = uint64_t(config.seed),
                                              .windows = config.eval_windows,
                                              .mentions = config.eval_mentions,
                                              .batch_tokens = config.batch_tokens,
                                              .num_beams = 1,
                                              .stop = stop};
    Evaluation result;
    for (const Split split : {Split::seen, Split::unseen, Split::held_out}) {
      const dataset::WindowSet windows = data.knowledge().windows(split), plain = data.plain().windows(split);
      if (windows.count == 0) continue;
      std::optional<evaluation::Score> score = evaluation::evaluate(model, objective, windows, options);
      if (!score) return std::nullopt;
      EvaluationRecord record{.step = step, .split = split, .score = *std::move(score)};
      if (config.plain_ratio > 0 && plain.count > 0) {
        record.plain = evaluation::evaluate_plain(model, objective, plain, options);
        if (!record.plain) return std::nullopt;
      }
      if (split == Split::unseen) result.loss = loss_of(record, config);
      result.records.push_back(std::move(record));
    }
    return result;
  };
}

}  // namespace kilm::training
