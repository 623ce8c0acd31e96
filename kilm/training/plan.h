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

  // Bytes. With bf16 weights the optimizer has an f32 copy of them beside its two moments; gradients are f32. Where a
  // step has several micro-batches, the gradient of the tied table is there twice: summed for one, then added.
  double weight_bytes = 0, gradient_bytes = 0, optimizer_bytes = 0;
  // What a micro-batch of s source and t target tokens keeps for backward, in values of the weights' type with d =
  // d_model and f = ffn: s (8 d + 2 f) for each layer of the encoder, t (12 d + 2 f) + 2 s d for each of the decoder;
  // and as much as the larger of them for the gradients on their way. With recompute "attention" s (4 d + 2 f) and
  // t (6 d + 2 f), and the larger one as before; with "layer" s d and t d, and the larger one twice. Logits are never
  // kept. Shares of s and t are those of the pass.
  double activation_bytes = 0;
  double bytes() const { return weight_bytes + gradient_bytes + optimizer_bytes + activation_bytes; }

  // Multiplications and additions of the products in the whole run: 6 for each source token and weight of the encoder
  // and each target token and weight of the decoder with the table of the vocabulary, that is 2 in forward and 4 in
  // backward; 8 for what is run again with recompute, the weights of attentions or of whole layers. Without the
  // products of attention, L / 6 d more where sequences have L tokens.
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
