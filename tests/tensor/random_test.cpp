#include "tensor/random.h"

#include <doctest/doctest.h>

#include <set>
#include <thread>
#include <vector>

#include "tensor/ops/attention.h"
#include "tensor/ops/elementwise.h"
#include "tensor/ops/norm.h"

using namespace tensor;

TEST_CASE("Philox4x32-10 gives the published vectors") {
  // The known answers of Random123 (Salmon et al. 2011).
  CHECK(philox({0, 0, 0, 0}, {0, 0}) == PhiloxCounter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}) ==
        PhiloxCounter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        PhiloxCounter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("the counter is (element / 4, op, micro-batch, step), and the element chooses the word") {
  const RandomPosition at{.key = {5, 6}, .op = 7, .micro = 8, .step = 9};
  for (const uint64_t element : {0, 1, 2, 3, 4, 4099})
    CHECK(random_word(at, element) == philox({uint32_t(element / 4), 7, 8, 9}, {5, 6})[element % 4]);
  CHECK(random_block(at, 3) == philox({3, 7, 8, 9}, {5, 6}));
}

TEST_CASE("dropout has the sixteen bits of half e % 8 of block e / 8, the lower half of a word first") {
  const RandomPosition at{.key = {5, 6}, .op = 7, .micro = 8, .step = 9};
  for (const uint64_t element : {0, 1, 2, 7, 8, 4099}) {
    const uint32_t word = philox({uint32_t(element / 8), 7, 8, 9}, {5, 6})[element % 8 / 2];
    CHECK(random_half(at, element) == (element % 2 == 0 ? word & 0xffff : word >> 16));
  }
}

TEST_CASE(
    "elements behind the first 2^34 have numbers of their own, and those before them the numbers they always had") {
  const RandomPosition at{.key = {5, 6}, .op = 7, .micro = 8, .step = 9};
  const uint64_t span = uint64_t(1) << 34;  // four words of 2^32 blocks
  CHECK(random_word(at, span - 1) == philox({0xffffffff, 7, 8, 9}, {5, 6})[3]);
  std::set<PhiloxCounter> blocks;
  for (const uint64_t piece : {0, 1, 2, 3, 1000})
    for (const uint64_t block : {0, 1, 77}) blocks.insert(random_block(at, piece * span / 4 + block));
  CHECK(blocks.size() == 15);
}

TEST_CASE("a position with a clock draws what the position of its micro-batch and step draws, as they are then") {
  uint32_t clock[] = {8, 9};
  const RandomPosition at{.key = {5, 6}, .op = 7, .micro = 1, .step = 1, .clock = clock};
  const Tensor x = Tensor::full({3, 50}, 1), w = Tensor::full({50}, 1), q = x.reshape({30, 1, 5});
  const Tensor cu = Tensor::from({2}, std::vector<int32_t>{0, 30});
  using Drawn = std::vector<std::vector<float>>;
  const auto draw = [&](const RandomPosition& p) {
    Tensor normal = Tensor::empty({50}), uniform = Tensor::empty({50}), dq = q.clone(), dk = q.clone(), dv = q.clone();
    random_normal_(normal, 0, 1, p);
    random_uniform_(uniform, 0, 1, p);
    const AttentionOptions options{.dropout = 0.5f, .at = p};
    const AttentionResult attended = attention(q, q, q, cu, cu, options);
    attention_backward(dq, dk, dv, q, q, q, q, attended, cu, cu, options);
    Drawn drawn;
    for (const Tensor& y :
         {normal, uniform, attended.out, dv, dropout(x, 0.5f, p), dropout_add_layer_norm(x, x, w, w, 1e-5, 0.5f, p).sum,
          bias_activation_dropout(Unary::relu, x, w, 0.5f, p),
          bias_activation_dropout_backward(Unary::relu, x, x, w, 0.5f, p, {})})
      drawn.push_back(y.to_vector<float>());
    return drawn;
  };
  const Drawn first = draw(at);
  CHECK(random_word(at, 4099) == random_word({.key = {5, 6}, .op = 7, .micro = 8, .step = 9}, 4099));
  CHECK(first == draw({.key = {5, 6}, .op = 7, .micro = 8, .step = 9}));
  for (const size_t word : {0, 1}) {
    ++clock[word];
    const Drawn later = draw(at);
    CHECK(later == draw({.key = {5, 6}, .op = 7, .micro = clock[0], .step = clock[1]}));
    for (size_t i = 0; i < first.size(); ++i) CHECK(later[i] != first[i]);
  }
}

TEST_CASE("streams of different domains and seeds have different keys") {
  std::set<PhiloxKey> keys;
  for (const uint64_t seed : {0, 1, 2, 3})
    for (const RandomDomain domain :
         {RandomDomain::dropout, RandomDomain::data, RandomDomain::init, RandomDomain::sampling})
      keys.insert(philox_key(seed, domain));
  CHECK(keys.size() == 16);
}

TEST_CASE("numbers in [0, 1) and drop thresholds") {
  CHECK(to_unit(0) == 0);
  CHECK(to_unit(0xffffffff) < 1);
  CHECK(to_unit(0x80000000) == 0.5f);
  CHECK(drop_threshold(0) == 0);
  CHECK(drop_threshold(0.5f) == 0x8000);
  CHECK(drop_threshold(0.1f) == 6554);
  CHECK(drop_threshold(0x1.fffffep-1f) == 0xffff);
  CHECK(keep_factor(0) == 1);
  CHECK(keep_factor(drop_threshold(0.25f)) == 1 / 0.75);
  int64_t dropped = 0;
  const RandomPosition at{.key = philox_key(1, RandomDomain::dropout)};
  for (uint64_t e = 0; e < 100000; ++e) dropped += random_half(at, e) < drop_threshold(0.1f);
  CHECK(double(dropped) / 1e5 == doctest::Approx(0.1).epsilon(0.05));
}

TEST_CASE("a stream counts its random ops, and a guard puts it back where it stood") {
  const RandomPosition start{.key = {1, 2}, .op = 10, .micro = 3, .step = 4};
  const RandomPosition outside = RandomStream::current();
  {
    const RandomGuard guard(start);
    CHECK(RandomStream::next().op == 10);
    CHECK(RandomStream::next().op == 11);
    {
      const RandomGuard again(start);
      CHECK(RandomStream::next().op == 10);
    }
    CHECK(RandomStream::current().op == 12);
    CHECK(RandomStream::current().step == 4);
  }
  CHECK(RandomStream::current().op == outside.op);
  CHECK(RandomStream::current().key == outside.key);
}

TEST_CASE("every thread has a stream of its own") {
  const RandomGuard guard({.key = {1, 2}, .op = 10});
  uint32_t seen = 0;
  std::thread([&] {
    RandomStream::next();
    seen = RandomStream::current().op;
  }).join();
  CHECK(seen == 1);
  CHECK(RandomStream::current().op == 10);
}
