#include "kilm/training/step_cost.h"

#include <algorithm>

#include "kilm/bart/model.h"

namespace kilm::training {

namespace {

constexpr double kState = 4;  // bytes of a number of gradients, moments, losses and f32 weights

int64_t rounded_up(int64_t n, int64_t to) { return (n + to - 1) / to * to; }

// Counts the numbers in the flat buffers, where every parameter begins at a multiple of 64.
int64_t flat_size(const bart::BartConfig& c, int64_t table_rows) {
  const int64_t d = c.d_model;
  const auto slice = [](int64_t numbers) { return rounded_up(numbers, 64); };
  const auto linear = [&](int64_t in, int64_t out) { return slice(in * out) + slice(out); };
  const int64_t norm = 2 * slice(d);
  const auto layer = [&](int64_t ffn) { return linear(d, ffn) + linear(ffn, d) + norm; };
  const int64_t self = linear(d, 3 * d) + linear(d, d) + norm;
  const int64_t cross = linear(d, d) + linear(d, 2 * d) + linear(d, d) + norm;
  const int64_t embedding = slice((c.max_position_embeddings + bart::kFirstPosition) * d) + norm;
  return slice(table_rows * d) + 2 * embedding + c.encoder_layers * (self + layer(c.encoder_ffn_dim)) +
         c.decoder_layers * (self + cross + layer(c.decoder_ffn_dim));
}

// Collects costs. Each function is a part of the model, forward and backward.
class Collector {
 public:
  Collector(const bart::BartConfig& config, const StepShape& shape)
      : config_(config),
        shape_(shape),
        width_(double(config.d_model)),
        size_(double(tensor::size_of(shape.dtype))),
        source_(double(shape.sequences * shape.source)),
        target_(double(shape.sequences * shape.target)),
        columns_(double(config.vocab_size)),
        table_rows_(rounded_up(config.vocab_size, bart::kTableRows)) {}

  std::vector<OpCost> step() {
    embedding(source_);
    encoder_layers();
    embedding(target_);
    decoder_layers();
    head();
    tables();
    update();
    return std::move(costs_);
  }

 private:
  void add(const char* op, int64_t calls, double bytes, double flops = 0) {
    if (calls > 0) costs_.push_back({op, calls, bytes, flops});
  }
  void per_micro(const char* op, int64_t calls, double bytes, double flops = 0) {
    add(op, calls * shape_.micros, bytes, flops);
  }

  // Adds [rows, in] by [in, out], and the gradients of all three.
  void linear(int64_t layers, double rows, double in, double out, bool bias = true) {
    const double x = rows * in, y = rows * out, w = in * out, flops = 2 * rows * in * out;
    per_micro("linear", layers, size_ * (x + w + y), flops);
    per_micro("matmul", layers, size_ * (y + w + x), flops);
    per_micro("matmul", layers, size_ * (y + x) + kState * w, flops);
    if (bias) per_micro("sum_rows", layers, size_ * y);
  }

  // Adds attention where `pairs` of a query and a key are seen. Of the five products of backward one is forward's once
  // more, and not counted.
  void attention(int64_t layers, double queries, double keys, double pairs) {
    per_micro("attention", layers, size_ * width_ * 2 * (queries + keys), 4 * width_ * pairs);
    per_micro("attention_backward", layers, size_ * width_ * 4 * (queries + keys), 8 * width_ * pairs);
  }

  void dropout(int64_t calls, double values) {
    if (config_.dropout > 0) per_micro("dropout", calls, size_ * 2 * values);
  }

  // Adds a norm of a sum, where the gradient of the input is the sum of that of the residual and that of the layer.
  void add_and_norm(int64_t layers, double rows) {
    const double values = rows * width_;
    per_micro("dropout_add_layer_norm", layers, size_ * 4 * values);
    per_micro("dropout_add_layer_norm_backward", layers, size_ * (config_.dropout > 0 ? 4 : 3) * values);
    per_micro("add", layers, size_ * 3 * values);
  }

  void feed_forward(int64_t layers, double rows, double ffn) {
    linear(layers, rows, width_, ffn, /*bias=*/false);
    per_micro("bias_activation_dropout", layers, size_ * 2 * rows * ffn);
    linear(layers, rows, ffn, width_);
    per_micro("bias_activation_dropout_backward", layers, size_ * 3 * rows * ffn);
    add_and_norm(layers, rows);
  }

  void self_attention(int64_t layers, double rows, double pairs) {
    linear(layers, rows, width_, 3 * width_);
    attention(layers, rows, rows, pairs);
    linear(layers, rows, width_, width_);
    add_and_norm(layers, rows);
  }

  void cross_attention(int64_t layers) {
    linear(layers, target_, width_, width_);
    linear(layers, source_, width_, 2 * width_);
    attention(layers, target_, source_, target_ * double(shape_.source));
    linear(layers, target_, width_, width_);
    add_and_norm(layers, target_);
  }

  void embedding(double rows) {
    const double values = rows * width_;
    per_micro("embedding_sum", 1, size_ * 3 * values);
    per_micro("sort_ids", 2, 2 * sizeof(int32_t) * rows);  // of tokens and positions, for their gradients
    per_micro("layer_norm", 1, size_ * 2 * values);
    per_micro("layer_norm_backward", 1, size_ * 3 * values);
    dropout(2, values);
  }

  void encoder_layers() {
    const int64_t layers = config_.encoder_layers;
    self_attention(layers, source_, source_ * double(shape_.source));
    feed_forward(layers, source_, double(config_.encoder_ffn_dim));
  }

  void decoder_layers() {
    const int64_t layers = config_.decoder_layers;
    self_attention(layers, target_, target_ * double(shape_.target + 1) / 2);
    cross_attention(layers);
    feed_forward(layers, target_, double(config_.decoder_ffn_dim));
    // The gradients of what the encoder gave to each layer are summed: the first two into new memory.
    const double memory = source_ * width_;
    per_micro("add", std::min<int64_t>(1, layers - 1), size_ * 3 * memory);
    per_micro("accumulate", layers - 2, size_ * 3 * memory);
  }

  // Adds the head and its loss. Logits are made for some rows at a time, and become their gradient. What follows from
  // it, gradients of the hidden states and of the table, in f32, waits for backward.
  void head() {
    const int64_t tokens = int64_t(target_), rows = std::min(tokens, shape_.logit_rows);
    chunk(tokens / rows, double(rows));
    if (tokens % rows > 0) chunk(1, double(tokens % rows));
    if (double(table_rows_) > columns_)
      per_micro("fill", 1, size_ * double(rows) * (double(table_rows_) - columns_));  // logits of padding
    per_micro("mul", 1, kState * 3 * target_);                                        // weights of the tokens
    per_micro("sum", 1, kState * target_);
    per_micro("fill", 1, kState);  // the seed of backward
    const double hidden = target_ * width_, table = double(table_rows_) * width_;
    for (const double gradient : {hidden, table}) per_micro("scale", 1, kState * 2 * gradient);  // by the seed
    if (size_ < kState) per_micro("copy", 1, (size_ + kState) * hidden);
    per_micro("copy", 1, kState * 2 * table);
  }

  void chunk(int64_t count, double rows) {
    const double hidden = rows * width_, logits = rows * columns_, all = rows * double(table_rows_);
    const double table = double(table_rows_) * width_, flops = 2 * all * width_;
    const int64_t calls = count * shape_.micros;
    add("linear", calls, size_ * (hidden + columns_ * width_ + logits), 2 * logits * width_);
    add("cross_entropy_in_place", calls, size_ * 2 * logits);
    add("matmul", calls, size_ * (all + table) + kState * hidden, flops);
    add("matmul", calls, size_ * (all + hidden) + kState * table, flops);
  }

  // Adds the gradients of the tables. That of tokens is tied to the head's, which came before; with several
  // micro-batches those of one are summed before they are added. Positions are added to, but in the first.
  void tables() {
    const double table = kState * double(table_rows_) * width_;
    const double positions = kState * double(config_.max_position_embeddings + bart::kFirstPosition) * width_;
    for (const double tokens : {source_, target_}) {
      const double rows = size_ * tokens * width_;
      per_micro("gather_rows_backward", 1, rows);
      add("gather_rows_backward", 1, rows + positions);
      add("gather_rows_backward", shape_.micros - 1, rows);
    }
    add("accumulate", shape_.micros - 1, 3 * table);
  }

  void update() {
    const double numbers = double(flat_size(config_, table_rows_));
    add("square_norm", 1, kState * numbers);
    add("clip_factor", 1, 0);
    add("adamw", 1, (7 * kState + size_) * numbers);
    add("copy", 2, 2 * 8);  // the norm and the factor, of f64
  }

  const bart::BartConfig& config_;
  const StepShape& shape_;
  const double width_, size_;     // d_model; bytes of a number
  const double source_, target_;  // tokens of a micro-batch
  const double columns_;          // logits of a token
  const int64_t table_rows_;      // of the tied table, with padding
  std::vector<OpCost> costs_;
};

}  // namespace

std::vector<OpCost> step_cost(const bart::BartConfig& config, const StepShape& shape) {
  return Collector(config, shape).step();
}

}  // namespace kilm::training
