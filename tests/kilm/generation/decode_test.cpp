#include "kilm/generation/decode.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "tensor/base/error.h"
#include "tensor/work_count.h"
#include "tests/kilm/bart_fixture.h"

using kilm::bart::Packed;
using kilm::generation::Decoding;
using tensor::DType;
using tensor::Tensor;

namespace {

using Ids = std::vector<int32_t>;
using List = std::vector<Ids>;

// Returns the logits after the last token of `target`, by the whole forward pass.
std::vector<double> full_forward(const kilm::bart::Bart& model, const Ids& source, const Ids& target) {
  const autograd::NoGrad no_grad;
  const Tensor hidden = model.forward(Packed::of(List{source}), Packed::of(List{target}), nn::Mode::evaluation).value();
  return model.logits(hidden.narrow(0, hidden.size(0) - 1, 1)).cast(DType::f64).to_vector<double>();
}

double largest_difference(const std::vector<double>& a, const Tensor& b) {
  const std::vector<double> x = b.cast(DType::f64).to_vector<double>();
  REQUIRE(a.size() == x.size());
  double worst = 0;
  for (size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::fabs(a[i] - x[i]));
  return worst;
}

// Returns what a tap sees of f(): value by path.
std::map<std::string, std::vector<double>> tapped(const std::function<void()>& f) {
  std::map<std::string, std::vector<double>> seen;
  const nn::Tap tap([&](const std::string& path, const autograd::Variable& value) {
    seen[path] = value.value().cast(DType::f64).to_vector<double>();
    return value;
  });
  f();
  return seen;
}

}  // namespace

TEST_CASE("a prefix goes through the layers of the whole forward pass, name by name and bit by bit") {
  const kilm::bart::Bart model = tests::small_bart(DType::f32);
  const List prefixes = {{2, 0, 5}, {2}};
  const Packed source = Packed::of(List{tests::random_ids(5, model, 1), tests::random_ids(3, model, 2)});
  const auto decoded = tapped([&] { Decoding(model, source).start(prefixes); });
  const auto whole = tapped([&] {
    const autograd::NoGrad no_grad;
    model.forward(source, Packed::of(prefixes), nn::Mode::evaluation);
  });
  CHECK(whole.contains("model.decoder.layers.1.encoder_attn"));
  CHECK(decoded == whole);
}

TEST_CASE("where sources begin may be a view with gaps") {
  const kilm::bart::Bart model = tests::small_bart(DType::f32);
  const List prefixes = {{2}, {2, 0}};
  Packed source = Packed::of(List{tests::random_ids(5, model, 1), tests::random_ids(3, model, 2)});
  const Tensor dense = Decoding(model, source).start(prefixes);
  Tensor gaps = Tensor::full({3, 2}, 99, DType::i32).narrow(1, 0, 1).squeeze(1);
  gaps.copy_from(source.sequences.tensor());
  source.sequences = gaps;
  Decoding decoding(model, source);
  CHECK(decoding.start(prefixes).to_vector<float>() == dense.to_vector<float>());
  const std::vector<int32_t> parents = {1}, tokens = {3};
  CHECK(std::isfinite(decoding.step(parents, tokens).data<float>()[0]));
}

TEST_CASE("decoding step by step gives the logits of the whole forward pass") {
  for (const DType dtype : {DType::f64, DType::f32}) {
    const kilm::bart::Bart model = tests::small_bart(dtype);
    const double allowed = dtype == DType::f64 ? 1e-12 : 1e-5;
    std::vector<Ids> sources, hypotheses;
    for (const int64_t n : {9, 1, 14, 4}) sources.push_back(tests::random_ids(n, model, uint32_t(n)));
    for (const int64_t n : {1, 7, 2, 12}) hypotheses.push_back(tests::random_ids(n, model, uint32_t(50 + n)));

    Decoding decoding(model, Packed::of(sources));
    Tensor logits = decoding.start(hypotheses);
    std::vector<int32_t> source_of = {0, 1, 2, 3};
    // Beams that split, are dropped and change places, through several growths of the cache.
    const std::vector<std::vector<int32_t>> parents = {
        {0, 0, 1, 2, 2, 3}, {5, 1, 0, 0, 3, 2, 4}, {0, 1, 6}, {2, 1, 0, 0}, {1, 3}, {0, 1}, {1, 1}, {0}, {0}};
    for (size_t step = 0;; ++step) {
      for (size_t i = 0; i < hypotheses.size(); ++i)
        CHECK(largest_difference(full_forward(model, sources[size_t(source_of[i])], hypotheses[i]),
                                 logits.narrow(0, int64_t(i), 1)) <= allowed);
      if (step == parents.size()) break;
      const Ids tokens = tests::random_ids(int64_t(parents[step].size()), model, uint32_t(100 + step));
      std::vector<Ids> next;
      std::vector<int32_t> next_source;
      for (size_t i = 0; i < tokens.size(); ++i) {
        next.push_back(hypotheses[size_t(parents[step][i])]);
        next.back().push_back(tokens[i]);
        next_source.push_back(source_of[size_t(parents[step][i])]);
      }
      hypotheses = next;
      source_of = next_source;
      logits = decoding.step(parents[step], tokens);
    }
  }
}

TEST_CASE("the logits of a hypothesis have the same bits whatever is decoded beside it") {
  const kilm::bart::Bart model = tests::small_bart(DType::f32);
  const Ids source = tests::random_ids(11, model, 1), prefix = tests::random_ids(5, model, 2);
  const Ids other = tests::random_ids(17, model, 3), longer = tests::random_ids(9, model, 4);
  Decoding alone(model, Packed::of(List{source}));
  Decoding beside(model, Packed::of(List{other, source, other}));
  Tensor one = alone.start(List{prefix}), many = beside.start(List{longer, prefix, prefix});
  for (int32_t token = 3; token < 9; ++token) {
    CHECK(std::memcmp(one.bytes_data(), many.narrow(0, 1, 1).bytes_data(), one.bytes()) == 0);
    one = alone.step(Ids{0}, Ids{token});
    many = beside.step(Ids{0, 1, 2}, Ids{4, token, 5});
  }
}

TEST_CASE("a cache with room for all tokens is never copied, and the logits are those of one that grows") {
  const kilm::bart::Bart model = tests::small_bart(DType::f32);
  const List sources = {tests::random_ids(5, model, 1), tests::random_ids(3, model, 2)}, prefixes = {{2, 0, 5}, {2}};
  constexpr int kSteps = 6;
  Decoding roomy(model, Packed::of(sources), 4 + 2 * kSteps), growing(model, Packed::of(sources));
  CHECK(roomy.start(prefixes).to_vector<float>() == growing.start(prefixes).to_vector<float>());
  std::set<int64_t> launches_of_roomy, launches_of_growing;
  for (int32_t token = 3; token < 3 + kSteps; ++token) {
    const auto step = [&](Decoding& decoding, std::set<int64_t>& launches) {
      const tensor::WorkCount count;
      const Tensor logits = decoding.step(Ids{1, 0}, Ids{token, 5});
      launches.insert(count.total().launches);
      return logits.to_vector<float>();
    };
    CHECK(step(roomy, launches_of_roomy) == step(growing, launches_of_growing));
  }
  CHECK(launches_of_roomy.size() == 1);
  CHECK(launches_of_growing.size() == 2);  // a step that copies the cache, and one that does not
}

TEST_CASE("decoding starts once, with a prefix for each source") {
  const kilm::bart::Bart model = tests::small_bart(DType::f32);
  const Ids ids = tests::random_ids(3, model, 1);
  Decoding decoding(model, Packed::of(List{ids, ids}));
  CHECK_THROWS_AS(decoding.start(List{ids}), base::Error);
  CHECK_THROWS_AS(decoding.start(List{ids, Ids{}}), base::Error);
}
