#include <cstdlib>

#include "tests/cuda_emulation/emulation.h"
#include "tests/cuda_emulation/sanitizers.h"

namespace cuda_emulation {

namespace {

// Cuts the part before the next `end` off the front of `text`.
std::string_view part(std::string_view& text, char end) {
  const size_t at = text.find(end);
  const std::string_view result = text.substr(0, at);
  text = at == std::string_view::npos ? "" : text.substr(at + 1);
  return result;
}

Order order_of(std::string_view name) {
  if (name == "" || name == "forward") return Order::forward;
  if (name == "reverse") return Order::reverse;
  if (name == "random") return Order::random;
  if (name == "greedy") return Order::greedy;
  throw Error("KILM_EMULATION: the order " + std::string(name) + " should be forward, reverse, random or greedy");
}

}  // namespace

Options parse_options(std::string_view text) {
  Options result;
  std::string_view order = part(text, ',');
  result.order = order_of(part(order, ':'));
  if (!order.empty()) result.seed = std::strtoull(std::string(order).c_str(), nullptr, 10);
  while (!text.empty()) {
    const std::string_view flag = part(text, ',');
    if (flag == "deferred")
      result.deferred = true;
    else if (flag == "protect")
      result.protect = true;
    else if (flag == "isolate")
      result.isolate = true;
    else
      throw Error("KILM_EMULATION: " + std::string(flag) + " should be deferred, protect or isolate");
  }
  return result;
}

Options& options() {
  static Options options = [] {
    const char* text = std::getenv("KILM_EMULATION");
    return parse_options(text == nullptr ? "" : text);
  }();
  return options;
}

Counters& counters() {
  static Counters counters;
  return counters;
}

void count_product() {
  const Unseen unseen;
  ++counters().products;
}

}  // namespace cuda_emulation
