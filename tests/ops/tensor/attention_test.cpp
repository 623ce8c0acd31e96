#include "tensor/ops/attention.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>

#include "tensor/base/error.h"
#include "tensor/ops/elementwise.h"
#include "tensor/trace.h"
#include "tests/test_device.h"

using namespace tensor;
using tests::float_types;
using tests::on_each_device;

namespace {

Tensor normal(const Shape& shape, uint64_t seed, DType dtype, Device device) {
  Tensor x = Tensor::empty(shape, DType::f64);
  random_normal_(x, 0, 1, {.key = philox_key(seed, RandomDomain::data)});
  return x.cast(dtype).to(device);
}

Tensor i32(const std::vector<int32_t>& values, Device device = {}) {
  return Tensor::from({int64_t(values.size())}, values, device);
}

// Queries of which each sees its own number of rows of a cache of 97, in an order that is not the cache's.
struct Step {
  static constexpr int64_t kKeys = 97;
  std::vector<int32_t> lengths = {1, 31, 0, 65, 33, 64, 97}, table;
  Tensor q, k, v, keys, length;

  Step(int64_t heads, int64_t d, DType dtype, Device device) {
    const int64_t b = int64_t(lengths.size());
    q = normal({b, heads, d}, 1, dtype, device);
    const Tensor kv = normal({kKeys, 2, heads, d}, 2, dtype, device);
    k = kv.narrow(1, 0, 1).squeeze(1);
    v = kv.narrow(1, 1, 1).squeeze(1);
    for (int64_t i = 0; i < b; ++i)
      for (int64_t j = 0; j < kKeys; ++j) table.push_back(int32_t((i * 13 + j * 7) % kKeys));
    keys = Tensor::from({b, kKeys}, table, device);
    length = i32(lengths, device);
  }

  Tensor run() const { return decode_attention(q, k, v, keys, length, 0.4f); }

  // Computes row i alone, its keys copied one after another, by the packed op.
  Tensor packed(int64_t i) const {
    const int32_t n = lengths[size_t(i)];
    const Shape shape{n, k.size(1), k.size(2)};
    Tensor k_rows = Tensor::empty(shape, k.dtype(), k.device()), v_rows = k_rows.clone();
    for (int32_t j = 0; j < n; ++j) {
      const int32_t key = table[size_t(i * kKeys + j)];
      Tensor to_k = k_rows.narrow(0, j, 1), to_v = v_rows.narrow(0, j, 1);
      to_k.copy_from(k.narrow(0, key, 1));
      to_v.copy_from(v.narrow(0, key, 1));
    }
    const Tensor cu_q = i32({0, 1}, q.device()), cu_k = i32({0, n}, q.device());
    return attention(q.narrow(0, i, 1), k_rows, v_rows, cu_q, cu_k, {.scale = 0.4f}).out;
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
  const Tensor x = a.to({}).contiguous(), y = b.to({}).contiguous();
  return x.shape() == y.shape() && std::memcmp(x.bytes_data(), y.bytes_data(), x.bytes()) == 0;
}

// 33 queries and 4 keys of 2^14 heads: the elements of the last query are 2^35 and more. All probabilities are 1/4
// before dropout, which leaves 1/2 or 0 of them.
struct ManyHeads {
  static constexpr int64_t kQueries = 33, kKeys = 4, kHeads = int64_t(1) << 14;
  AttentionOptions options{.dropout = 0.5f, .at = {.key = {5, 6}, .op = 7, .micro = 8, .step = 9}};
  Tensor q = Tensor::zeros({kQueries, kHeads, 1}), k = Tensor::zeros({kKeys, kHeads, 1}), v = k.clone();
  Tensor cu_q = i32({0, kQueries}), cu_k = i32({0, kKeys});

  ManyHeads() {
    for (int64_t key = 0; key < kKeys; ++key) v.narrow(0, key, 1).fill(double(int64_t(2) << key));
  }

  // Returns bit `key` of the mask of a query and head.
  int mask(int64_t query, int64_t head) const {
    int bits = 0;
    for (uint64_t key = 0; key < uint64_t(kKeys); ++key)
      bits |= int(random_half(options.at, attention_element(query, kHeads, head) + key) >= drop_threshold(0.5f)) << key;
    return bits;
  }
};

}  // namespace

TEST_CASE("attention: dropout does not come again after 2^19 rows and heads, forward and backward") {
  const ManyHeads many;
  const AttentionResult result = attention(many.q, many.k, many.v, many.cu_q, many.cu_k, many.options);
  const float* out = result.out.data<float>();
  int64_t repeated = 0, wrong = 0;
  for (int64_t head = 0; head < many.kHeads; ++head) {
    const int first = int(out[head]), last = int(out[32 * many.kHeads + head]);
    repeated += first == last;
    wrong += first != many.mask(0, head) || last != many.mask(32, head);
  }
  CHECK(wrong == 0);
  CHECK(double(repeated) / double(many.kHeads) == doctest::Approx(1.0 / 16).epsilon(0.2));  // by chance

  Tensor dq = many.q.clone(), dk = many.k.clone(), dv = many.v.clone(), dout = Tensor::zeros(result.out.shape());
  dout.narrow(0, 32, 1).fill(1);
  attention_backward(dq, dk, dv, dout, many.q, many.k, many.v, result, many.cu_q, many.cu_k, many.options);
  for (int64_t head = 0; head < many.kHeads; head += 77)
    for (int64_t key = 0; key < many.kKeys; ++key)
      CHECK(dv.data<float>()[key * many.kHeads + head] == (many.mask(32, head) >> key & 1) * 0.5f);
}

TEST_CASE("attention: dropout of more keys than have random numbers of their own is refused") {
  const int32_t keys = (1 << 16) + 1;
  const Tensor q = Tensor::zeros({1, 1, 1}), k = Tensor::zeros({keys, 1, 1});
  CHECK_THROWS_WITH_AS(attention(q, k, k, i32({0, 1}), i32({0, keys}), {.dropout = 0.1f}),
                       "attention: a sequence has 65537 keys; with dropout it should have at most 65536", base::Error);
  CHECK(attention(q, k, k, i32({0, 1}), i32({0, keys}), {}).out.item() == 0);
}

TEST_CASE("attention: offsets and statistics may be views with gaps") {
  on_each_device([](Device device) {
    const Tensor q = normal({5, 2, 3}, 1, DType::f32, device), k = normal({6, 2, 3}, 2, DType::f32, device);
    const Tensor dout = normal({5, 2, 3}, 3, DType::f32, device);
    const auto spread = [](const Tensor& x) {  // the same numbers, every other of a tensor twice as long
      Tensor wide = Tensor::full({x.size(0), 2}, 99, x.dtype(), x.device());
      Tensor view = wide.narrow(1, 0, 1).squeeze(1);
      view.copy_from(x);
      return view;
    };
    const Tensor cu_q = i32({0, 2, 5}, device), cu_k = i32({0, 4, 6}, device);
    const Tensor wide_q = spread(cu_q), wide_k = spread(cu_k);
    REQUIRE_FALSE(wide_k.is_contiguous());
    const AttentionResult dense = attention(q, k, k, cu_q, cu_k, {}), wide = attention(q, k, k, wide_q, wide_k, {});
    CHECK(same_bits(dense.out, wide.out));
    const auto gradients = [&](const AttentionResult& result, const Tensor& of_q, const Tensor& of_k) {
      Tensor dq = q.clone(), dk = k.clone(), dv = k.clone();
      attention_backward(dq, dk, dv, dout, q, k, k, result, of_q, of_k, {});
      return std::vector{dq, dk, dv};
    };
    Tensor lse = Tensor::full({5, 2, 2}, 99, DType::f32, device).narrow(2, 0, 1).squeeze(2);
    lse.copy_from(dense.lse);
    const std::vector<Tensor> a = gradients(dense, cu_q, cu_k), b = gradients({wide.out, lse}, wide_q, wide_k);
    for (size_t i = 0; i < a.size(); ++i) CHECK(same_bits(a[i], b[i]));
  });
}

TEST_CASE("decode_attention: a row is what the packed op gives for its query and keys") {
  on_each_device([](Device device) {
    for (const DType dtype : float_types(device)) {
      for (const Shape& size : {Shape{1, 1}, Shape{2, 7}, Shape{3, 64}, Shape{1, 33}}) {
        const Step step(size[0], size[1], dtype, device);
        const Tensor out = step.run();
        // The two add in other orders. A score of size 10 is then off by 1e-6, and so is its weight, relatively.
        const double allowed = dtype == DType::f64 ? 2e-14 : dtype == DType::f32 ? 1e-5 : 2e-2;
        for (int64_t i = 0; i < out.size(0); ++i)
          CHECK(largest_difference(out.narrow(0, i, 1), step.packed(i)) <= allowed);
      }
    }
  });
}

TEST_CASE("decode_attention: neither the other rows nor threads nor the order of work change a row") {
  for (const tests::TestDevice& on : tests::test_devices())
    for (const DType dtype : {DType::f32, DType::bf16}) {
      const Step step(4, 16, dtype, on.device);
      const Tensor all = step.run();
      for (int64_t i = 0; i < all.size(0); ++i) {
        const int64_t seen = std::max(1, step.lengths[size_t(i)]);
        const Tensor one =
            decode_attention(step.q.narrow(0, i, 1), step.k, step.v, step.keys.narrow(0, i, 1).narrow(1, 0, seen),
                             step.length.narrow(0, i, 1), 0.4f);
        CHECK(same_bits(one, all.narrow(0, i, 1)));
      }
      for (const int way : {0, 1, 2, -1}) {
        on.run_in_way(way);
        CHECK(same_bits(step.run(), all));
      }
    }
}

TEST_CASE("decode_attention: a row without keys is zero, and no rows are no work") {
  on_each_device([](Device device) {
    const Step step(2, 8, DType::f32, device);
    for (const float x : step.run().narrow(0, 2, 1).to_vector<float>()) CHECK(x == 0);
    const Tensor none = decode_attention(step.q.narrow(0, 0, 0), step.k, step.v, step.keys.narrow(0, 0, 0),
                                         step.length.narrow(0, 0, 0), 1);
    CHECK(none.shape() == Shape{0, 2, 8});
  });
}

TEST_CASE("decode_attention: errors say what is and what should be") {
  on_each_device([](Device device) {
    const Step step(2, 8, DType::f32, device);
    const auto message = [&](const Tensor& keys, const Tensor& length) {
      try {
        decode_attention(step.q, step.k, step.v, keys, length, 1);
      } catch (const base::Error& error) {
        return std::string(error.what());
      }
      return std::string();
    };
    CHECK(message(step.keys.narrow(0, 0, 3), step.length) ==
          "decode_attention: keys is i32 [3, 97]; it should be i32 [7, m], a row per query");
    CHECK(message(step.keys, step.length.narrow(0, 0, 2)) ==
          "decode_attention: length is i32 [2]; it should be i32 [7]");
    CHECK(message(step.keys.narrow(1, 0, 5), step.length) ==
          "decode_attention: length: id 31 at position 1 is outside of [0, 6)");
    Tensor wrong = step.keys.clone();
    wrong.narrow(0, 0, 1).narrow(1, 3, 1).fill(97);
    CHECK(message(wrong, step.length) == "decode_attention: id 97 at position 3 is outside of [0, 97)");
  });
}

TEST_CASE("attention reports the products of the pairs that it sees, and backward twice as many") {
  on_each_device([](Device device) {
    const Tensor q = Tensor::zeros({5, 2, 4}, DType::f32, device), k = Tensor::zeros({5, 2, 4}, DType::f32, device),
                 lse = Tensor::zeros({5, 2}, DType::f32, device);
    const Sequences cu_q = i32({0, 2, 5}, device), cu_k = i32({0, 4, 5}, device);
    for (const bool causal : {false, true}) {
      const int64_t pairs = causal ? 3 + 4 + 1 : 8 + 3;  // of two queries and four keys, and of three and one
      start_tracing();
      attention(q, k, k, cu_q, cu_k, {.causal = causal});
      Tensor dq = Tensor::zeros(q.shape(), DType::f32, device), dk = Tensor::zeros(k.shape(), DType::f32, device),
             dv = Tensor::zeros(k.shape(), DType::f32, device);
      attention_backward(dq, dk, dv, q, q, k, k, {q, lse}, cu_q, cu_k, {.causal = causal});
      stop_tracing();
      int found = 0;
      for (const TraceRow& row : trace_rows())
        if (row.op.starts_with("attention")) {
          ++found;
          CHECK(row.flops == double((row.op == "attention" ? 2 : 4) * 2 * 2 * 4 * pairs));
        }
      CHECK(found == 2);
    }
  });
}
