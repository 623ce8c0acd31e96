#include "kilm/training/plan.h"

#include <algorithm>
#include <cmath>

#include "kilm/bart/model.h"
#include "kilm/text/quantity.h"
#include "tensor/base/format.h"

namespace kilm::training {

namespace {

using base::format;
using base::Json;

double attention_weights(double d) { return 4 * (d * d + d); }
// Counts weights and biases of a layer with `attentions` attentions and as many norms, and one norm more behind fc2.
double layer_weights(double d, double ffn, double attentions) {
  return attentions * (attention_weights(d) + 2 * d) + 2 * d * ffn + ffn + d + 2 * d;
}
double encoder_weights(const bart::BartConfig& c) {
  return double(c.encoder_layers) * layer_weights(double(c.d_model), double(c.encoder_ffn_dim), 1);
}
double decoder_weights(const bart::BartConfig& c) {
  return double(c.decoder_layers) * layer_weights(double(c.d_model), double(c.decoder_ffn_dim), 2);
}

double activation_values(const bart::BartConfig& c, const TrainConfig& train, const Pass& pass) {
  const double s = double(train.batch_tokens) * pass.tokens_source / (pass.tokens_source + pass.tokens_target);
  const double t = double(train.batch_tokens) - s, d = double(c.d_model);
  const double encoder = s * (8 * d + 2 * double(c.encoder_ffn_dim));
  const double decoder = t * (12 * d + 2 * double(c.decoder_ffn_dim)) + 2 * s * d;
  const double encoders = double(c.encoder_layers), decoders = double(c.decoder_layers),
               one = std::max(encoder, decoder);
  if (train.recompute == nn::Recompute::attention)
    return encoders * (encoder - 4 * s * d) + decoders * (decoder - 6 * t * d - 2 * s * d) + one;
  if (train.recompute == nn::Recompute::layer) return encoders * s * d + decoders * t * d + 2 * one;
  return encoders * encoder + decoders * decoder + one;
}

double operations_of_pass(const bart::BartConfig& c, const TrainConfig& train, const Pass& pass) {
  const double table = double(c.d_model) * double(c.vocab_size);
  double encoder_again = 0, decoder_again = 0;  // weights that forward meets twice
  if (train.recompute == nn::Recompute::layer) {
    encoder_again = encoder_weights(c);
    decoder_again = decoder_weights(c);
  } else if (train.recompute == nn::Recompute::attention) {
    encoder_again = double(c.encoder_layers) * attention_weights(double(c.d_model));
    decoder_again = 2 * double(c.decoder_layers) * attention_weights(double(c.d_model));
  }
  return pass.tokens_source * (6 * encoder_weights(c) + 2 * encoder_again) +
         pass.tokens_target * (6 * (decoder_weights(c) + table) + 2 * decoder_again);
}

std::string giga(double bytes) { return format("{:9.3f} GB", bytes / 1e9); }

}  // namespace

Pass pass_of(const StepLoader& loader) {
  const Sample sample = loader.sample();
  const auto whole = [&](int64_t part) { return double(part) / double(sample.examples) * loader.examples(); };
  return {double(loader.windows()), whole(sample.micros), whole(sample.tokens_source), whole(sample.tokens_target)};
}

Pass pass_of(double tokens, const TrainConfig& config) {
  return {0, tokens / double(config.batch_tokens), tokens / 2, tokens / 2};
}

int64_t weights_of(const bart::BartConfig& c) {
  const double tables = double(c.vocab_size) + 2 * double(c.max_position_embeddings + bart::kFirstPosition);
  return int64_t(double(c.d_model) * (tables + 4) + encoder_weights(c) + decoder_weights(c));
}

Plan plan(const bart::BartConfig& config, const TrainConfig& train, const Pass& pass) {
  Plan plan{.weights = weights_of(config),
            .pass = pass,
            .steps = updates_of(pass.micros, train),
            .accumulate = train.accumulate,
            .batch_tokens = train.batch_tokens,
            .warmup_steps = train.warmup_steps};
  const double size = double(tensor::size_of(train.dtype)), weights = double(plan.weights);
  plan.weight_bytes = size * weights;
  const double table = double(config.d_model) * double(config.vocab_size);
  plan.gradient_bytes = 4 * (weights + (train.accumulate > 1 ? 2 : 1) * table);
  plan.optimizer_bytes = (size == 2 ? 12 : 8) * weights;
  plan.activation_bytes = size * activation_values(config, train, pass);
  const double passes = double(plan.steps) * double(train.accumulate) / std::max(pass.micros, 1e-9);
  plan.operations = passes * operations_of_pass(config, train, pass);
  return plan;
}

Json to_json(const Plan& plan, const Verdict& verdict) {
  Json json = Json::object({{"weights", plan.weights}});
  json.set("windows", plan.pass.windows > 0 ? Json(int64_t(plan.pass.windows)) : Json());
  json.set("tokens_source", int64_t(std::llround(plan.pass.tokens_source)));
  json.set("tokens_target", int64_t(std::llround(plan.pass.tokens_target)));
  json.set("steps", plan.steps);
  json.set("accumulate", plan.accumulate);
  json.set("batch_tokens", plan.batch_tokens);
  json.set("warmup_steps", plan.warmup_steps);
  json.set("weight_bytes", plan.weight_bytes);
  json.set("gradient_bytes", plan.gradient_bytes);
  json.set("optimizer_bytes", plan.optimizer_bytes);
  json.set("activation_bytes", plan.activation_bytes);
  json.set("bytes", plan.bytes());
  json.set("operations", plan.operations);
  json.set("seconds", verdict.seconds ? Json(*verdict.seconds) : Json());
  if (verdict.memory > 0) json.set("fits", plan.bytes() <= verdict.memory);
  if (verdict.measured)
    json.set("measured",
             Json::object({{"seconds", verdict.measured->seconds}, {"peak_bytes", verdict.measured->peak_bytes}}));
  return json;
}

std::string to_text(const Plan& plan, const Verdict& verdict) {
  const Pass& pass = plan.pass;
  std::string out = format("model    {:.1f} million weights\n", double(plan.weights) / 1e6);
  out += format("data     {}{:.4g} million source and {:.4g} million target tokens in a pass\n",
                pass.windows > 0 ? format("{} windows, ", int64_t(pass.windows)) : "", pass.tokens_source / 1e6,
                pass.tokens_target / 1e6);
  out += format("steps    {}, of {} micro-batch{} of {} tokens each{}\n", plan.steps, plan.accumulate,
                plan.accumulate == 1 ? "" : "es", plan.batch_tokens,
                plan.warmup_steps > 0 ? format("; the rate rises over the first {}", plan.warmup_steps) : "");
  out += format("memory   {} weights\n", giga(plan.weight_bytes));
  out += format("         {} gradients\n", giga(plan.gradient_bytes));
  out += format("         {} optimizer: two moments{}\n", giga(plan.optimizer_bytes),
                plan.optimizer_bytes > 2 * plan.weight_bytes ? " and an f32 copy of the weights" : "");
  out += format("         {} activations of a micro-batch and their gradients, an estimate\n",
                giga(plan.activation_bytes));
  out += format("         {} in all", giga(plan.bytes()));
  if (verdict.memory > 0)
    out +=
        format("; {:.4g} GB {}", verdict.memory / 1e9, plan.bytes() <= verdict.memory ? "is enough" : "is too little");
  if (verdict.measured)
    out += format("\n         {} was the most while one micro-batch was run", giga(verdict.measured->peak_bytes));
  out += format("\ntime     {:.3g} operations\n", plan.operations);
  if (verdict.measured) out += format("         {:.3g} seconds for a micro-batch here\n", verdict.measured->seconds);
  if (verdict.seconds) out += format("         {} of training\n", text::duration(*verdict.seconds));
  return out;
}

}  // namespace kilm::training
