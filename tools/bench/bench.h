// What the benchmarks have in common. Each prints one row, or one JSON object, per thing it times. The best of several
// repetitions counts, because everything else that runs on a machine only makes it slower.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "kilm/bart/model.h"
#include "tensor/base/json.h"
#include "tensor/tensor.h"

namespace bench {

struct Options {
  std::string command;
  bool json = false;
  bool isa = false;
  int threads = 1;
  double seconds = 0.5;
  std::string model = "base";
  tensor::Device device = {};
  tensor::DType dtype = tensor::DType::f32;  // of a step
  int64_t sequences = 0, length = 0;         // 0: those of the model
  std::string lengths;                       // file: a line `source target` per sequence
  int64_t rows = 65536;                      // of matrices on a GPU
  std::string tokenizer;                     // folder
  std::string file;
};

// Returns the best time of one call in seconds, of at least `least` calls and until `budget` seconds are over;
// `between` runs after each.
double best_seconds(
    double budget, const std::function<void()>& run, const std::function<void()>& between = [] {}, int least = 5);

// Does the same for work that is queued on a device: several calls between two waits, so that a wait costs little of
// each.
double best_seconds_on(tensor::Device device, double budget, const std::function<void()>& run);

// Returns {"bench": name, "isa": ..., "threads": ...}, to which a benchmark adds what it timed.
base::Json result(std::string_view name, const Options& options);
void print(const base::Json& result);

// Returns the config of BART-base, BART-large or the small model of the quickstart, with the published dropout.
kilm::bart::BartConfig bart_config(std::string_view model);

// Returns a sequence of each length. They are equal on every call; streams differ.
std::vector<std::vector<int32_t>> random_sequences(const std::vector<int64_t>& lengths, int64_t vocab_size,
                                                   uint32_t stream);

// Returns small numbers of both signs.
tensor::Tensor filled(const tensor::Shape& shape, tensor::DType dtype, tensor::Device device = {});

void ceilings(const Options& options);
void gemm(const Options& options);
void ops(const Options& options);
void step(const Options& options);
void generate(const Options& options);
void tokenizer(const Options& options);
void prepare(const Options& options);

}  // namespace bench
