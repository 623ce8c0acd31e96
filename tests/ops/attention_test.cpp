#include "autograd/ops/attention.h"

#include <doctest/doctest.h>

#include <numeric>

#include "autograd/ops/composite.h"
#include "tests/op_case.h"

using namespace tests;

namespace {

Tensor offsets(const std::vector<int32_t>& lengths) {
  std::vector<int32_t> cu = {0};
  for (int32_t n : lengths) cu.push_back(cu.back() + n);
  return i32(cu);
}

struct Lengths {
  std::vector<int32_t> q, k;
};

// Sizes are {layout, heads, head size}. The last three have more queries or keys than a block of the kernel.
const Lengths kLayouts[] = {
    {{2, 3}, {4, 3}}, {{1}, {1}},    {{31, 1, 33}, {33, 31, 1}}, {{0, 2}, {3, 2}}, {{50, 3}, {130, 129}},
    {{60}, {20}},     {{101}, {101}}};

const Lengths& layout(const Sizes& s) { return kLayouts[s[0]]; }

int64_t total(const std::vector<int32_t>& n) { return std::accumulate(n.begin(), n.end(), int64_t(0)); }

OpCase attention_case(const char* name, tensor::AttentionOptions options) {
  return {.name = name,
          .sizes = {{0, 2, 5}, {1, 1, 1}, {2, 2, 64}, {3, 3, 7}, {4, 1, 33}, {5, 1, 16}},
          .inputs =
              [](const Sizes& s) {
                const int64_t tq = total(layout(s).q), tk = total(layout(s).k);
                return std::vector{normal({tq, s[1], s[2]}), normal({tk, s[1], s[2]}, 2), normal({tk, s[1], s[2]}, 3),
                                   offsets(layout(s).q), offsets(layout(s).k)};
              },
          .run =
              [=](std::span<const Variable> in) {
                return std::vector{autograd::attention(in[0], in[1], in[2], in[3].value(), in[4].value(), options)};
              },
          .reference =
              [=](std::span<const Variable> in) {
                return std::vector{
                    autograd::composite::attention(in[0], in[1], in[2], in[3].value(), in[4].value(), options)};
              },
          .f64_tolerance = 1e-11};
}

}  // namespace

OP_CASE("attention") {
  OpCase op = attention_case("attention", {.scale = 0.4f});
  op.errors = {{{normal({2, 1, 4}), normal({2, 1, 5}), normal({2, 1, 5}), i32({0, 2}), i32({0, 2})},
                "attention: q [2, 1, 4], k [2, 1, 5] and v [2, 1, 5] should be [tq, h, d], [tk, h, d] and [tk, h, d]"},
               {{normal({2, 1, 4}), normal({2, 1, 4}), normal({2, 1, 4}), i32({0, 3}), i32({0, 2})},
                "attention: cu_q goes from 0 to 3; it should go from 0 to 2, the tokens"},
               {{normal({2, 1, 4}), normal({2, 1, 4}), normal({2, 1, 4}), i32({0, 1, 2}), i32({0, 2})},
                "attention: 2 sequences of queries and 1 of keys"}};
  return op;
}

// What is kept is doubled, which is exact: so where there is one key, gradients of scores are 0 and not almost 0.
OP_CASE("attention with dropout") { return attention_case("attention", {.scale = 0.4f, .dropout = 0.5f}); }

OP_CASE("causal attention with as many, more and fewer keys than queries") {
  return attention_case("attention", {.scale = 0.4f, .causal = true});
}

OP_CASE("self_attention") {
  const tensor::AttentionOptions options{.scale = 0.5f, .causal = true};
  return {.name = "self_attention",
          .sizes = {{0, 2, 5}, {1, 1, 1}, {2, 2, 64}, {6, 1, 8}},
          .inputs =
              [](const Sizes& s) {
                return std::vector{normal({total(layout(s).q), 3, s[1], s[2]}), offsets(layout(s).q)};
              },
          .run =
              [=](std::span<const Variable> in) {
                return std::vector{autograd::self_attention(in[0], in[1].value(), options)};
              },
          .reference =
              [=](std::span<const Variable> in) {
                return std::vector{autograd::composite::self_attention(in[0], in[1].value(), options)};
              },
          .errors = {{{normal({2, 2, 1, 4}), i32({0, 2})}, "self_attention: qkv [2, 2, 1, 4] should be [t, 3, h, d]"}},
          .f64_tolerance = 1e-11};
}

OP_CASE("cross_attention") {
  const tensor::AttentionOptions options{.scale = 0.5f};
  return {.name = "cross_attention",
          .sizes = {{0, 2, 5}, {2, 2, 64}, {3, 1, 8}},
          .inputs =
              [](const Sizes& s) {
                return std::vector{normal({total(layout(s).q), s[1], s[2]}),
                                   normal({total(layout(s).k), 2, s[1], s[2]}, 2), offsets(layout(s).q),
                                   offsets(layout(s).k)};
              },
          .run =
              [=](std::span<const Variable> in) {
                return std::vector{autograd::cross_attention(in[0], in[1], in[2].value(), in[3].value(), options)};
              },
          .reference =
              [=](std::span<const Variable> in) {
                return std::vector{
                    autograd::composite::cross_attention(in[0], in[1], in[2].value(), in[3].value(), options)};
              },
          .f64_tolerance = 1e-11};
}

OP_CASE("softmax") {
  return {.name = "softmax",
          .sizes = {{3, 5}, {1, 1}, {31, 33}, {2, 4099}},
          .inputs =
              [](const Sizes& s) {
                return std::vector{normal({s[0], s[1]})};
              },
          .run = [](std::span<const Variable> in) { return std::vector{autograd::softmax(in[0])}; },
          .reference = [](std::span<const Variable> in) { return std::vector{autograd::composite::softmax(in[0])}; },
          .errors = {{{Tensor::zeros({2, 0}, DType::f32)}, "softmax: x [2, 0] should be [..., n] with n > 0"}}};
}
