// Every setting of a training run: one typed struct, and one table that names, explains and parses its members for the
// command line, the environment, configuration files and resolved.json.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/base/json.h"

namespace kilm::training {

struct TrainConfig {
  std::string data, model, out;
  std::string plain_data;  // of the plain stream; empty: data
  std::string tokenizer;   // fingerprint of the one that the run began with; "" before
  // Of what the folders held then, by which they are known again elsewhere; "" before, and in runs of earlier versions.
  std::string data_digest, model_digest, plain_data_digest;
  // The recipe of the published script is the default (docs/objective.md, Default settings); there a micro-batch is 8
  // sequences of 512.
  int64_t steps = 0;  // 0: `epochs` passes over the data
  int64_t epochs = 10;
  int64_t seed = 42;
  std::string dtype = "f32";
  int64_t batch_tokens = 8192;
  int64_t accumulate = 128;
  int64_t max_length = 0;
  bool knowledge = true;
  double mask_rate = 0.3, lambda = 3.0;
  bool mask_mention = true;
  bool insert_masks = false;
  double permute_sentences = 0;
  int64_t mentions_per_window = 1;
  std::string knowledge_side = "target";  // or "source"
  double plain_ratio = 0;
  double weight_copy = 1, weight_infill = 1, weight_knowledge = 1;
  std::string normalize = "tokens";  // or "groups"
  double learning_rate = 5e-5;
  std::string schedule = "linear";
  int64_t warmup_steps = 0;
  double weight_decay = 0.01, max_grad_norm = 1.0;
  double beta1 = 0.9, beta2 = 0.999, eps = 1e-8;
  std::string recompute = "none";     // or "attention", "layer"
  std::string on_nonfinite = "stop";  // or "skip"
  int64_t save_every = 500, eval_every = 500;
  int64_t patience = 0;  // 0: train to the end
  int64_t keep = 10;     // checkpoints besides best and latest
  int64_t eval_windows = 200, eval_mentions = 100;
  int64_t threads = 0;  // 0: all cores
};

// Calls f(name with underscores, member, one line of help) for every setting but the paths data, model, out and
// plain_data, tokenizer and the digests.
template <class Config, class F>
void each_setting(Config& c, F&& f) {
  f("steps", c.steps, "updates to run; 0: --epochs passes over the data");
  f("epochs", c.epochs, "passes over the data if --steps is 0");
  f("seed", c.seed, "of data order, masks, dropout and new weights");
  f("dtype", c.dtype, "f32, or bf16 with f32 master weights");
  f("batch_tokens", c.batch_tokens, "source and target positions of a micro-batch; one window at least");
  f("accumulate", c.accumulate, "micro-batches of an update");
  f("max_length", c.max_length, "tokens of a source or target at most; 0: what data and model allow");
  f("knowledge", c.knowledge, "off: plain text infilling, without knowledge");
  f("mask_rate", c.mask_rate, "share of the text's tokens that are infilled");
  f("lambda", c.lambda, "mean length of an infilled span");
  f("mask_mention", c.mask_mention, "on: the marked mention may be infilled too");
  f("insert_masks", c.insert_masks, "on: spans of length zero put a mask where nothing is hidden, as in BART");
  f("permute_sentences", c.permute_sentences,
    "share of a window's sentences that change places in the source, from 0 to 1, as BART has it");
  f("mentions_per_window", c.mentions_per_window, "mentions of a window that are shown with knowledge, at most");
  f("knowledge_side", c.knowledge_side,
    "target: knowledge is masked in the source and asked for; source: it is given there, and not asked for");
  f("plain_ratio", c.plain_ratio, "share of windows that come from the plain stream: plain text infilling");
  f("weight_copy", c.weight_copy, "weight of copied tokens in the loss");
  f("weight_infill", c.weight_infill, "weight of infilled tokens in the loss");
  f("weight_knowledge", c.weight_knowledge, "weight of knowledge tokens in the loss");
  f("normalize", c.normalize, "divide by all tokens of the update (tokens), or each group by its own (groups)");
  f("learning_rate", c.learning_rate, "peak of the schedule");
  f("schedule", c.schedule, "constant, linear, cosine or inverse_sqrt");
  f("warmup_steps", c.warmup_steps, "updates over which the rate rises from 0");
  f("weight_decay", c.weight_decay, "of matrices; biases and norms have none");
  f("max_grad_norm", c.max_grad_norm, "global norm that gradients are clipped to; 0: off");
  f("beta1", c.beta1, "AdamW");
  f("beta2", c.beta2, "AdamW");
  f("eps", c.eps, "AdamW");
  f("recompute", c.recompute,
    "attention, layer: keep only the input of each, run it again in backward; none: keep all");
  f("on_nonfinite", c.on_nonfinite,
    "a loss or gradient that is not finite: stop, or skip the update, up to 9 in a row");
  f("save_every", c.save_every, "updates between checkpoints; 0: only the last");
  f("eval_every", c.eval_every, "updates between evaluations; 0: only at the end");
  f("patience", c.patience, "evaluations in a row without a better unseen loss that end the run; 0: off");
  f("keep", c.keep, "checkpoints to keep besides best and latest");
  f("eval_windows", c.eval_windows, "windows of a split whose loss an evaluation takes");
  f("eval_mentions", c.eval_mentions, "mentions of a split that an evaluation describes");
  f("threads", c.threads, "0: all cores; results do not depend on it");
}

// The only values of a setting, by its name with underscores; none: it may have others.
std::vector<std::string> choices(std::string_view setting);

// The settings that a run starts from: `kilm` is the recipe of the published script. Throws UsageError on another name.
TrainConfig preset(const std::string& name);

base::Json to_json(const TrainConfig& config);  // of every member
// Settings that runs of earlier versions did not have may be missing: they then are what those runs did, the default.
// Throws DamagedInput naming `place`.
TrainConfig train_config_from_json(const base::Json& json, const std::string& place);

// Throws UsageError for values that make no sense.
void check(const TrainConfig& config);

}  // namespace kilm::training
