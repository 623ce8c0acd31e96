// What a training run will take, before it is begun: updates, memory, arithmetic, and time on a given machine.
#pragma once

#include <optional>
#include <string>

#include "kilm/bart/config.h"
#include "kilm/training/step_batch.h"
#include "tensor/base/json.h"

namespace kilm::training {

// A pass over the data.
struct Pass {
  double windows = 0;  // 0: unknown
  double micros = 0;   // micro-batches of batch_tokens
  double tokens_source = 0, tokens_target = 0;
};
Pass pass_of(const StepLoader& loader);                  // as the first thousand windows tell
Pass pass_of(double tokens, const TrainConfig& config);  // of source and target, half of them each

struct Plan {
  int64_t weights = 0;
  Pass pass;
  int64_t steps = 0, accumulate = 0, batch_tokens = 0, warmup_steps = 0;

  // Bytes. With bf16 weights the optimizer has an f32 copy of them beside its two moments; gradients are f32. That of
  // the tied table is there twice, since the loss makes a part of it in forward. Where a step has several
  // micro-batches, it is there a third time: summed for one, then added.
  double weight_bytes = 0, gradient_bytes = 0, optimizer_bytes = 0;
  // What a micro-batch of s source and t target tokens keeps for backward, in values of the weights' type, with d =
  // d_model and f = ffn. A layer of the encoder keeps s (8 d + 2 f), one of the decoder t (12 d + 2 f) + 2 s d.
  // Gradients on their way take as much as the larger of them. With recompute "attention" layers keep s (4 d + 2 f) and
  // t (6 d + 2 f), and gradients the larger one as before. With "layer" they keep s d and t d, and gradients the larger
  // one twice. Logits are never kept. Shares of s and t are those of the pass.
  double activation_bytes = 0;
  double bytes() const { return weight_bytes + gradient_bytes + optimizer_bytes + activation_bytes; }

  // Multiplications and additions of the products in the whole run: 6 for each token and weight, 2 in forward and 4 in
  // backward. Source tokens meet the weights of the encoder, target tokens those of the decoder and of the table of the
  // vocabulary. What is run again with recompute, attentions or whole layers, counts 8. Without the products of
  // attention, L / 6 d more where sequences have L tokens.
  double operations = 0;
};
Plan plan(const bart::BartConfig& config, const TrainConfig& train, const Pass& pass);

int64_t weights_of(const bart::BartConfig& config);

// A micro-batch that was really run.
struct Measurement {
  double seconds = 0;     // forward, backward and update
  double peak_bytes = 0;  // everything that was live at once
};

// What is known of a machine and of the run on it.
struct Verdict {
  std::optional<double> seconds;  // of the whole run
  std::optional<Measurement> measured;
  double memory = 0;  // bytes; 0: unknown
};
base::Json to_json(const Plan& plan, const Verdict& verdict);
std::string to_text(const Plan& plan, const Verdict& verdict);

}  // namespace kilm::training
