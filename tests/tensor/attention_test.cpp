#include "tensor/ops/attention.h"

#include <doctest/doctest.h>
#include <omp.h>

#include <cmath>
#include <cstring>

#include "tensor/error.h"
#include "tensor/ops/elementwise.h"

using namespace tensor;

namespace {

Tensor normal(const Shape& shape, uint64_t seed, DType dtype) {
  Tensor x = Tensor::empty(shape, DType::f64);
  random_normal_(x, 0, 1, {.key = philox_key(seed, RandomDomain::data)});
  return x.cast(dtype);
}

Tensor i32(const std::vector<int32_t>& values) { return Tensor::from({int64_t(values.size())}, values); }

// Queries of which each sees its own number of rows of a cache of 97, in an order that is not the cache's.
struct Step {
  Tensor q, k, v, keys, length;

  Step(int64_t heads, int64_t d, DType dtype) {
    const std::vector<int32_t> lengths = {1, 31, 0, 65, 33, 64, 97};
    const int64_t b = int64_t(lengths.size()), n = 97;
    q = normal({b, heads, d}, 1, dtype);
    const Tensor kv = normal({n, 2, heads, d}, 2, dtype);
    k = kv.narrow(1, 0, 1).squeeze(1);
    v = kv.narrow(1, 1, 1).squeeze(1);
    std::vector<int32_t> table;
    for (int64_t i = 0; i < b; ++i)
      for (int64_t j = 0; j < n; ++j) table.push_back(int32_t((i * 13 + j * 7) % n));
    keys = Tensor::from({b, n}, table);
    length = i32(lengths);
  }

  Tensor run() const { return decode_attention(q, k, v, keys, length, 0.4f); }

  // Row i alone, its keys copied one after another, by the packed op.
  Tensor packed(int64_t i) const {
    const int32_t n = length.data<int32_t>()[i];
    const Shape shape{n, k.size(1), k.size(2)};
    Tensor k_rows = Tensor::empty(shape, k.dtype()), v_rows = Tensor::empty(shape, k.dtype());
    for (int32_t j = 0; j < n; ++j) {
      const int32_t key = keys.data<int32_t>()[i * keys.size(1) + j];
      Tensor to_k = k_rows.narrow(0, j, 1), to_v = v_rows.narrow(0, j, 1);
      to_k.copy_from(k.narrow(0, key, 1));
      to_v.copy_from(v.narrow(0, key, 1));
    }
    return attention(q.narrow(0, i, 1), k_rows, v_rows, i32({0, 1}), i32({0, n}), {.scale = 0.4f}).out;
  }
};

double largest_difference(const Tensor& a, const Tensor& b) {
  const std::vector<double> x = a.cast(DType::f64).to_vector<double>(), y = b.cast(DType::f64).to_vector<double>();
  REQUIRE(x.size() == y.size());
  double worst = 0;
  for (size_t i = 0; i < x.size(); ++i) worst = std::max(worst, std::fabs(x[i] - y[i]));
  return worst;
}

bool same_bits(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() && std::memcmp(a.bytes_data(), b.bytes_data(), a.bytes()) == 0;
}

}  // namespace

TEST_CASE("decode_attention: a row is what the packed op gives for its query and keys") {
  for (const DType dtype : {DType::f64, DType::f32, DType::bf16}) {
    for (const Shape& size : {Shape{1, 1}, Shape{2, 7}, Shape{3, 64}, Shape{1, 33}}) {
      const Step step(size[0], size[1], dtype);
      const Tensor out = step.run();
      const double allowed = dtype == DType::f64 ? 1e-14 : dtype == DType::f32 ? 2e-6 : 2e-2;
      for (int64_t i = 0; i < out.size(0); ++i)
        CHECK(largest_difference(out.narrow(0, i, 1), step.packed(i)) <= allowed);
    }
  }
}

TEST_CASE("decode_attention: neither the other rows nor the number of threads change a row") {
  for (const DType dtype : {DType::f32, DType::bf16}) {
    const Step step(4, 16, dtype);
    const Tensor all = step.run();
    for (int64_t i = 0; i < all.size(0); ++i) {
      const int64_t seen = std::max(1, step.length.data<int32_t>()[i]);
      const Tensor one =
          decode_attention(step.q.narrow(0, i, 1), step.k, step.v, step.keys.narrow(0, i, 1).narrow(1, 0, seen),
                           step.length.narrow(0, i, 1), 0.4f);
      CHECK(same_bits(one, all.narrow(0, i, 1)));
    }
    const int threads = omp_get_max_threads();
    for (const int n : {1, 2, 5}) {
      omp_set_num_threads(n);
      CHECK(same_bits(step.run(), all));
    }
    omp_set_num_threads(threads);
  }
}

TEST_CASE("decode_attention: a row without keys is zero, and no rows are no work") {
  const Step step(2, 8, DType::f32);
  for (const float x : step.run().narrow(0, 2, 1).to_vector<float>()) CHECK(x == 0);
  const Tensor none = decode_attention(step.q.narrow(0, 0, 0), step.k, step.v, step.keys.narrow(0, 0, 0),
                                       step.length.narrow(0, 0, 0), 1);
  CHECK(none.shape() == Shape{0, 2, 8});
}

TEST_CASE("decode_attention: errors say what is and what should be") {
  const Step step(2, 8, DType::f32);
  const auto message = [&](const Tensor& keys, const Tensor& length) {
    try {
      decode_attention(step.q, step.k, step.v, keys, length, 1);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(message(step.keys.narrow(0, 0, 3), step.length) ==
        "decode_attention: keys is i32 [3, 97]; it should be i32 [7, m], a row per query");
  CHECK(message(step.keys, step.length.narrow(0, 0, 2)) == "decode_attention: length is i32 [2]; it should be i32 [7]");
  CHECK(message(step.keys.narrow(1, 0, 5), step.length) == "decode_attention: a length is 31; it should be in [0, 5]");
  Tensor wrong = step.keys.clone();
  wrong.mutable_data<int32_t>()[3] = 97;
  CHECK(message(wrong, step.length) == "decode_attention: id 97 at position 3 is outside of [0, 97)");
}
