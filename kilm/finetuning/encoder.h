// Rows of text as what a model reads: <s> A </s>, <s> A </s></s> B </s>, and for texts to be said <s> T </s>.
#pragma once

#include <vector>

#include "kilm/bart/config.h"
#include "kilm/evaluation/readers/task_row.h"
#include "kilm/finetuning/config.h"
#include "kilm/tokenizer/tokenizer.h"

namespace kilm::finetuning {

struct EncodedRow {
  std::vector<int32_t> source;
  std::vector<int32_t> decoder_input;  // the target, or without one the source, shifted right
  std::vector<int32_t> target;         // of a text to be said
  int64_t label = 0;
  double number = 0;
};

class Encoder {
 public:
  // Takes a tokenizer, which must outlive this. Lengths are those of the config, where it has none the positions of the
  // model. Throws UsageError for lengths beyond them.
  Encoder(const tokenizer::Tokenizer& tokenizer, const bart::BartConfig& model, const FinetuneConfig& config);

  // Special tokens in a text become their ids, as with Transformers. What is too long loses tokens from its end, of a
  // pair the longer text, until both are of one length.
  EncodedRow encode(const evaluation::TaskRow& row) const;
  // Returns how many tokens a row has at most, those of the decoder's input with them.
  int64_t most_tokens() const { return most_source_ + (has_target_ ? most_target_ : most_source_); }

 private:
  std::vector<int32_t> wrapped(std::vector<int32_t> ids, int64_t most) const;
  std::vector<int32_t> source_of(const evaluation::TaskRow& row) const;

  const tokenizer::Tokenizer& tokenizer_;
  int32_t decoder_start_;
  int64_t most_source_, most_target_;
  bool has_target_;
};

// Holds rows of a set to what they should have in common: a head reads the last </s>, and each row should have as many
// as the first one.
class RowCheck {
 public:
  RowCheck(const Encoder& encoder, const FinetuneConfig& config)
      : encoder_(encoder), has_head_(config.task != TaskKind::seq2seq) {}
  void operator()(const evaluation::TaskRow& row);  // throws Error

 private:
  const Encoder& encoder_;
  bool has_head_;
  int64_t ends_ = -1;  // of the first row
};

}  // namespace kilm::finetuning
