// A small tokenizer, a model of a few thousand weights and a dozen windows: small enough to train in milliseconds.
#pragma once

#include <string>

#include "kilm/bart/folder.h"
#include "kilm/batching/packing.h"
#include "kilm/dataset/window.h"
#include "kilm/training/train_config.h"
#include "tests/kilm/folder.h"

namespace toy {

kilm::tokenizer::Tokenizer tokenizer(bool with_kilm_tokens = true);  // 265 tokens and those five
kilm::bart::BartConfig bart_config();                                // d_model 16, one layer each, 270 tokens
kilm::bart::BartFolder bart(uint64_t seed = 1, double dropout = 0.1);
// Returns `count` different sentences; all but every fifth mention an entity.
kilm::dataset::WindowSet windows(int64_t count = 12);
// Returns the settings of few short steps on the toy data, without schedule, evaluations and intermediate checkpoints.
kilm::training::TrainConfig train_config();

// Returns the bytes of every parameter, moment and buffer, to compare with ==.
std::string bytes_of(kilm::bart::Bart& model);
std::string bytes_of(const tensor::Tensor& tensor);

}  // namespace toy
