// BLEU (Papineni et al. 2002) of a corpus as sacrebleu's defaults: tokens of mteval-v13a, runs of up to four,
// exponential smoothing (Chen and Cherry 2014, method 3).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kilm::metrics {

// Returns the tokens of a text as mteval-v13a of NIST cuts it.
std::vector<std::string> bleu_tokens(std::string_view text);

// What BLEU is computed from. Those of several texts add up.
struct BleuCounts {
  static constexpr size_t kOrders = 4;

  int64_t prediction = 0, reference = 0;  // tokens; of the reference whose length is nearest, the shorter if two are
  std::array<int64_t, kOrders> right{};   // runs that a reference has, each as often as the one that has it most often
  std::array<int64_t, kOrders> all{};     // runs of the prediction

  void add(const BleuCounts& other, int64_t times = 1);
  // Returns BLEU from 0 to 100. It is 0 without a token that is right, or without any run of an order.
  double value() const;
};

// Counts a text against at least one reference.
BleuCounts bleu_counts(std::string_view prediction, std::span<const std::string> references);

}  // namespace kilm::metrics
