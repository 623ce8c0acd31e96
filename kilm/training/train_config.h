// Every setting of a training run: one typed struct. settings.h says of each member what there is to say.
#pragma once

#include <cstdint>
#include <string>

#include "kilm/objective/infill.h"
#include "nn/transformer.h"
#include "optim/schedule.h"
#include "tensor/base/json.h"
#include "tensor/device.h"
#include "tensor/dtype.h"

namespace kilm::training {

// What the loss of a token is divided by: the tokens of the update, or those of its group.
enum class Normalize : uint8_t { tokens, groups };
inline constexpr Normalize kNormalizes[] = {Normalize::tokens, Normalize::groups};
const char* name(Normalize normalize);

// What becomes of an update whose loss or gradient is not finite: it ends training, or is skipped.
enum class OnNonfinite : uint8_t { stop, skip };
inline constexpr OnNonfinite kOnNonfinites[] = {OnNonfinite::stop, OnNonfinite::skip};
const char* name(OnNonfinite on_nonfinite);

// Whether the kernels of a micro-batch are recorded once for its size and then replayed, on devices of cuda.
enum class Graphs : uint8_t { automatic, on, off };
inline constexpr Graphs kGraphs[] = {Graphs::automatic, Graphs::on, Graphs::off};
const char* name(Graphs graphs);
// `automatic` records micro-batches of up to so many tokens. It is an estimate, no card was measured: a micro-step of
// BART-base is about 700 kernels, which take the host some 5 ms to launch. A card that trains 780 thousand tokens a
// second needs 21 ms for so many tokens, enough to hide that behind, also with a host of a quarter of the speed.
inline constexpr int64_t kRecordedTokens = 16384;

struct TrainConfig {
  std::string data, model, out;
  std::string plain_data;  // of the plain stream; empty: data
  std::string tokenizer;   // fingerprint of the one that the run began with; "" before
  // Digests of what the folders held then, by which they are known again elsewhere; "" before, and in runs of earlier
  // versions.
  std::string data_digest, model_digest, plain_data_digest;
  // The recipe of the published script is the default (docs/objective.md, Default settings); there a micro-batch is 8
  // sequences of 512.
  int64_t steps = 0;  // 0: `epochs` passes over the data
  int64_t epochs = 10;
  int64_t seed = 42;
  tensor::DType dtype = tensor::DType::f32;
  int64_t batch_tokens = 8192;
  int64_t accumulate = 128;
  int64_t max_length = 0;
  bool knowledge = true;
  double mask_rate = 0.3, lambda = 3.0;
  bool mask_mention = true;
  bool insert_masks = false;
  double permute_sentences = 0;
  int64_t mentions_per_window = 1;
  objective::KnowledgeSide knowledge_side = objective::KnowledgeSide::target;
  double plain_ratio = 0;
  double weight_copy = 1, weight_infill = 1, weight_knowledge = 1;
  Normalize normalize = Normalize::tokens;
  double learning_rate = 5e-5;
  optim::ScheduleKind schedule = optim::ScheduleKind::linear;
  int64_t warmup_steps = 0;
  double weight_decay = 0.01, max_grad_norm = 1.0;
  double beta1 = 0.9, beta2 = 0.999, eps = 1e-8;
  nn::Recompute recompute = nn::Recompute::none;
  OnNonfinite on_nonfinite = OnNonfinite::stop;
  int64_t save_every = 500, eval_every = 500;
  int64_t patience = 0;  // 0: train to the end
  int64_t keep = 10;     // checkpoints besides best and latest
  int64_t eval_windows = 200, eval_mentions = 100;
  tensor::Device device = {};
  Graphs graphs = Graphs::automatic;
  int64_t threads = 0;  // 0: all cores
};

// Returns the settings that a run starts from: `kilm` is the recipe of the published script. Throws UsageError on
// another name.
TrainConfig preset(const std::string& name);

base::Json to_json(const TrainConfig& config);  // of every member
// Reads a config. Settings that runs of earlier versions did not have may be missing: they then have their default,
// which gives the numbers that those runs had. Throws DamagedInput naming `place`.
TrainConfig train_config_from_json(const base::Json& json, const std::string& place);

bool uses_graphs(const TrainConfig& config);

// Throws UsageError for values that make no sense, alone or together.
void check(const TrainConfig& config);

}  // namespace kilm::training
