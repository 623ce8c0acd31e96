#include "tools/bench/bench.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "tensor/kernels.h"
#include "tensor/random.h"
#include "tensor/runtime.h"

namespace bench {

using namespace tensor;

double best_seconds(double budget, const std::function<void()>& run, const std::function<void()>& between, int least) {
  using Clock = std::chrono::steady_clock;
  const auto seconds_since = [](Clock::time_point t) {
    return std::chrono::duration<double>(Clock::now() - t).count();
  };
  const Clock::time_point start = Clock::now();
  double best = 1e30;
  for (int i = 0; i < least || seconds_since(start) < budget; ++i) {
    const Clock::time_point t = Clock::now();
    run();
    best = std::min(best, seconds_since(t));
    between();
  }
  return best;
}

double best_seconds_on(Device device, double budget, const std::function<void()>& run) {
  if (device == Device{}) return best_seconds(budget, run);
  constexpr int kCalls = 10;
  run();  // chooses an algorithm, takes memory
  wait_for_device(device);
  return best_seconds(budget,
                      [&] {
                        for (int i = 0; i < kCalls; ++i) run();
                        wait_for_device(device);
                      }) /
         kCalls;
}

base::Json result(std::string_view name, const Options& options) {
  base::Json line = base::Json::object();
  line.set("bench", name);
  line.set("isa", cpu_backend().name);
  line.set("threads", options.threads);
  if (!(options.device == Device{})) line.set("device", to_string(options.device));
  return line;
}

void print(const base::Json& result) {
  std::printf("%s\n", result.dump().c_str());
  std::fflush(stdout);
}

kilm::bart::BartConfig bart_config(std::string_view model) {
  const bool small = model == "small", large = model == "large";
  kilm::bart::BartConfig c;
  c.vocab_size = small ? 2000 : 50265;
  c.d_model = small ? 128 : large ? 1024 : 768;
  c.encoder_layers = c.decoder_layers = small ? 2 : large ? 12 : 6;
  c.encoder_attention_heads = c.decoder_attention_heads = small ? 4 : large ? 16 : 12;
  c.encoder_ffn_dim = c.decoder_ffn_dim = 4 * c.d_model;
  c.dropout = c.attention_dropout = c.activation_dropout = 0.1;
  return c;
}

std::vector<std::vector<int32_t>> random_sequences(const std::vector<int64_t>& lengths, int64_t vocab_size,
                                                   uint32_t stream) {
  const RandomPosition at{.key = philox_key(1, RandomDomain::data), .op = stream};
  std::vector<std::vector<int32_t>> rows;
  uint64_t i = 0;
  for (const int64_t length : lengths) {
    rows.emplace_back(size_t(length));
    for (int32_t& id : rows.back()) id = int32_t(random_word(at, i++) % uint64_t(vocab_size));
  }
  return rows;
}

Tensor filled(const Shape& shape, DType dtype, Device device) {
  Tensor x = Tensor::empty(shape, DType::f32);
  float* p = x.mutable_data<float>();
  for (int64_t i = 0; i < x.numel(); ++i) p[i] = float(i * 7 % 17 - 8) / 8;
  return x.cast(dtype).to(device);
}

}  // namespace bench
