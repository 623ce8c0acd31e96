// Attention on the emulated device: the kernels for tensor cores against those for every head size, which op cases
// compare with the definition, at sizes that break tiles; decoding and softmax where op cases do not reach.
#include "tensor/ops/attention.h"

#include "tensor/ops/elementwise.h"
#include "tensor/random.h"
#include "tests/cuda_on_cpu/on_device.h"

using namespace tests;
using tensor::AttentionOptions;
using tensor::AttentionResult;
using tensor::Device;
using tensor::DeviceType;
using tensor::DType;
using tensor::Ids;
using tensor::Sequences;
using tensor::Shape;
using tensor::Tensor;

namespace {

const Device kCuda{DeviceType::cuda, 0};

Tensor normal(const Shape& shape, uint64_t seed, DType dtype) {
  Tensor x = Tensor::empty(shape, DType::f64);
  tensor::random_normal_(x, 0, 1, {.key = tensor::philox_key(seed, tensor::RandomDomain::data)});
  return x.cast(dtype);
}

// Returns the same numbers, beginning at an odd element and with odd strides: no kernel for tensor cores takes them.
Tensor odd(const Tensor& x) {
  Shape wide = x.shape();
  wide[-1] += 1;
  Tensor view = Tensor::full(wide, 99, x.dtype(), x.device()).narrow(-1, 1, x.size(-1));
  view.copy_from(x);
  return view;
}

// Returns the difference relative to the largest number of b; infinite where just one of two numbers is finite.
double difference(const Tensor& a, const Tensor& b) {
  const std::vector<double> x = a.to({}).cast(DType::f64).to_vector<double>();
  const std::vector<double> y = b.to({}).cast(DType::f64).to_vector<double>();
  REQUIRE(x.size() == y.size());
  double worst = 0, largest = 1e-30;
  for (size_t i = 0; i < x.size(); ++i) {
    if (x[i] == y[i]) continue;
    worst = std::max(worst, std::isfinite(x[i] - y[i]) ? std::fabs(x[i] - y[i]) : HUGE_VAL);
    largest = std::max(largest, std::fabs(y[i]));
  }
  return worst / largest;
}

std::vector<uint8_t> bits(const std::vector<Tensor>& tensors) {
  std::vector<uint8_t> all;
  for (const Tensor& x : tensors) {
    const Tensor y = x.to({}).contiguous();
    const auto* p = reinterpret_cast<const uint8_t*>(y.bytes_data());
    all.insert(all.end(), p, p + y.bytes());
  }
  return all;
}

Sequences sequences(const std::vector<int32_t>& lengths) {
  std::vector<int32_t> offsets = {0};
  for (const int32_t n : lengths) offsets.push_back(offsets.back() + n);
  return Sequences::from(offsets, kCuda);
}

// Inputs on the device, and all results of forward and backward.
struct Case {
  Sequences cu_q, cu_k;
  AttentionOptions options;
  Tensor q, k, v, dout;

  Case(const std::vector<int32_t>& queries, const std::vector<int32_t>& keys, int64_t heads, int64_t d,
       const AttentionOptions& options)
      : cu_q(sequences(queries)), cu_k(sequences(keys)), options(options) {
    q = normal({cu_q.tokens(), heads, d}, 1, DType::bf16).to(kCuda);
    k = normal({cu_k.tokens(), heads, d}, 2, DType::bf16).to(kCuda);
    v = normal({cu_k.tokens(), heads, d}, 3, DType::bf16).to(kCuda);
    dout = normal({cu_q.tokens(), heads, d}, 4, DType::bf16).to(kCuda);
  }

  std::vector<Tensor> run(const Tensor& of_q) const {
    const AttentionResult result = attention(of_q, k, v, cu_q, cu_k, options);
    Tensor dq = Tensor::empty(q.shape(), DType::bf16, kCuda);
    Tensor dk = Tensor::empty(k.shape(), DType::bf16, kCuda), dv = Tensor::empty(k.shape(), DType::bf16, kCuda);
    attention_backward(dq, dk, dv, dout, of_q, k, v, result, cu_q, cu_k, options);
    return {result.out, result.lse, dq, dk, dv};
  }
};

const std::vector<int32_t> kQueries = {0, 1, 63, 65, 33, 130, 2, 64}, kKeys = {3, 1, 65, 63, 0, 129, 70, 64};

AttentionOptions options(int64_t d, bool causal, float dropout) {
  AttentionOptions result{.scale = 1 / std::sqrt(double(d)), .causal = causal, .dropout = dropout};
  result.at = {.key = {5, 6}, .op = 7, .micro = 8, .step = 9};
  return result;
}

void check_against_twin(const Case& one) {
  const auto before = cuda_emulation::counters().products;
  const std::vector<Tensor> fast = one.run(one.q);
  const auto between = cuda_emulation::counters().products;
  const std::vector<Tensor> plain = one.run(odd(one.q));
  CHECK(between > before);
  CHECK(cuda_emulation::counters().products == between);
  const char* const names[] = {"out", "lse", "dq", "dk", "dv"};
  for (size_t i = 0; i < fast.size(); ++i) {
    // Probabilities and their gradients are rounded to bf16 on the way; the log-sum-exp is not.
    const double allowed = i == 1 ? 1e-5 : 1e-2;
    CHECK_MESSAGE(difference(fast[i], plain[i]) <= allowed, names[i]);
  }
}

}  // namespace

TEST_CASE("attention on tensor cores gives what the kernels for every head size give") {
  for (const bool causal : {false, true})
    for (const float dropout : {0.0f, 0.3f}) {
      INFO("causal " << causal << ", dropout " << dropout);
      check_against_twin(Case(kQueries, kKeys, 2, 64, options(64, causal, dropout)));
    }
}

TEST_CASE("attention on tensor cores: head sizes 32 and 128") {
  for (const int64_t d : {32, 128}) {
    INFO("head size " << d);
    check_against_twin(Case({65, 33}, {63, 70}, 2, d, options(d, false, 0)));
    check_against_twin(Case({65, 33}, {63, 70}, 1, d, options(d, true, 0.3f)));
  }
}

TEST_CASE("attention on tensor cores: one long sequence beside many short ones") {
  std::vector<int32_t> lengths(20, 3);
  lengths[7] = 300;
  check_against_twin(Case(lengths, lengths, 1, 32, options(32, true, 0.1f)));
}

TEST_CASE("attention on tensor cores takes views into a fused projection, and writes into one") {
  const Case one({65, 3}, {65, 3}, 2, 64, options(64, true, 0));
  const std::vector<Tensor> apart = one.run(one.q);
  const auto part = [](const Tensor& fused, int64_t i) { return fused.narrow(1, i, 1).squeeze(1); };
  Tensor qkv = Tensor::empty({68, 3, 2, 64}, DType::bf16, kCuda), gradients = qkv.clone();
  const Tensor* parts[] = {&one.q, &one.k, &one.v};
  for (int64_t i = 0; i < 3; ++i) {
    Tensor to = part(qkv, i);
    to.copy_from(*parts[i]);
  }
  const auto before = cuda_emulation::counters().products;
  const AttentionResult result = attention(part(qkv, 0), part(qkv, 1), part(qkv, 2), one.cu_q, one.cu_k, one.options);
  Tensor dq = part(gradients, 0), dk = part(gradients, 1), dv = part(gradients, 2);
  attention_backward(dq, dk, dv, one.dout, part(qkv, 0), part(qkv, 1), part(qkv, 2), result, one.cu_q, one.cu_k,
                     one.options);
  CHECK(cuda_emulation::counters().products > before);
  CHECK(bits({result.out, result.lse, dq, dk, dv}) == bits(apart));
}

TEST_CASE("attention on tensor cores has the same bits in every order") {
  for (const int64_t d : {64, 128}) {
    const Case one({65, 5}, {130, 70}, 1, d, options(d, true, 0.3f));
    const std::vector<uint8_t> usual = bits(one.run(one.q));
    for (const Options& order : all_orders()) {
      Options options = cuda_emulation::options();
      options.order = order.order;
      options.seed = order.seed;
      const WithOptions with(options);
      CHECK(bits(one.run(one.q)) == usual);
    }
  }
}

TEST_CASE("decode_attention on cuda: keys in one part and in several give what the CPU gives") {
  const std::vector<int32_t> lengths = {0, 1, 127, 128, 129, 300};
  const int64_t b = int64_t(lengths.size()), n = 310, m = 300, heads = 2;
  std::vector<int32_t> table;
  for (int64_t i = 0; i < b * m; ++i) table.push_back(int32_t((i * 7 + i / m) % n));
  const Tensor keys = Tensor::from({b, m}, table), length = Tensor::from({b}, lengths);
  for (const DType dtype : {DType::f32, DType::bf16})
    for (const int64_t d : {7, 64, 1100}) {
      INFO(std::string(tensor::name(dtype)) << ", head size " << d);
      const Tensor q = normal({b, heads, d}, 1, dtype), kv = normal({n, 2, heads, d}, 2, dtype);
      const auto part = [](const Tensor& x, int64_t i) { return x.narrow(1, i, 1).squeeze(1); };
      const float scale = 1 / std::sqrt(float(d));
      const Tensor expected = decode_attention(q, part(kv, 0), part(kv, 1), keys, length, scale);
      const Tensor on_q = q.to(kCuda), on_kv = kv.to(kCuda), on_keys = keys.to(kCuda), on_length = length.to(kCuda);
      const Tensor out = decode_attention(on_q, part(on_kv, 0), part(on_kv, 1), on_keys, on_length, scale);
      CHECK(difference(out, expected) <= (dtype == DType::f32 ? 1e-5 : 1e-2));
      for (const int64_t i : {0, 2, 4}) {  // alone, and with a table that is no wider than its keys
        const Tensor one =
            decode_attention(on_q.narrow(0, i, 1), part(on_kv, 0), part(on_kv, 1),
                             on_keys.narrow(0, i, 1).narrow(1, 0, std::max<int64_t>(1, lengths[size_t(i)])),
                             on_length.narrow(0, i, 1), scale);
        CHECK(bits({one}) == bits({out.narrow(0, i, 1)}));
      }
    }
}

TEST_CASE("softmax on cuda: -inf is no part of a row, wherever it is") {
  Tensor x = normal({3, 2500}, 1, DType::f32);
  x.narrow(0, 0, 1).narrow(1, 0, 2499).fill(-HUGE_VAL);
  x.narrow(0, 1, 1).narrow(1, 1, 2499).fill(-HUGE_VAL);
  x.narrow(0, 2, 1).narrow(1, 100, 1700).fill(-HUGE_VAL);
  const Tensor y = softmax(x), dy = normal({3, 2500}, 2, DType::f32);
  const Tensor on_y = softmax(x.to(kCuda));
  CHECK(difference(on_y, y) <= 1e-6);
  CHECK(difference(softmax_backward(dy.to(kCuda), on_y), softmax_backward(dy, y)) <= 1e-6);
}
