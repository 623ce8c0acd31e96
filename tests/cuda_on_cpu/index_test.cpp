#include "tensor/ops/index.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "tensor/ops/elementwise.h"
#include "tests/cuda_on_cpu/on_device.h"
#include "tests/op_run.h"

using namespace tests;
using tensor::Device;
using tensor::DeviceType;
using tensor::Ids;

namespace {

const Device kCuda{DeviceType::cuda, 0};
constexpr DType kTypes[] = {DType::f32, DType::bf16};

// Copies x behind one number, so that nothing lies at a multiple of 16 bytes.
Tensor shifted(const Tensor& x) {
  const Tensor wide = Tensor::zeros({x.numel() + 1}, x.dtype(), kCuda).narrow(0, 1, x.numel());
  const Tensor view = wide.reshape(x.shape());
  Tensor(view).copy_from(x);
  return view;
}

std::vector<int32_t> random_ids(int64_t t, int32_t low, int32_t high, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<int32_t> ids(static_cast<size_t>(t));
  for (int32_t& id : ids) id = int32_t(low + int64_t(random() % uint64_t(int64_t(high) - low)));
  return ids;
}

Tensor list(const std::vector<int32_t>& values) { return i32(values).to(kCuda); }

}  // namespace

TEST_CASE("gather_rows, scatter_rows on cuda: rows of every width and address, in every dtype") {
  for (const DType dtype : {DType::u8, DType::bf16, DType::f32, DType::i64, DType::f64})
    for (const int64_t d : {0, 1, 2, 8, 31, 65}) {
      const Tensor table = normal({7, d}).cast(dtype);
      const Ids ids = Ids::from(std::vector<int32_t>{6, 0, 3, 3}),
                on_cuda = Ids::from(std::vector<int32_t>{6, 0, 3, 3}, kCuda);
      const Ids apart = Ids::from(std::vector<int32_t>{8, 1, 0, 9, 2, 3, 5}, kCuda);
      for (const Tensor& x : {table.to(kCuda), shifted(table)}) {
        CHECK(same_bits(tensor::gather_rows(x, on_cuda), tensor::gather_rows(table, ids)));
        CHECK(same_bits(tensor::scatter_rows(x, apart, 10),
                        tensor::scatter_rows(table, list({8, 1, 0, 9, 2, 3, 5}).to({}), 10)));
      }
    }
}

TEST_CASE("embedding_sum on cuda: rows of every width and address") {
  for (const DType dtype : kTypes)
    for (const int64_t d : {1, 31, 64, 264}) {
      const Tensor tokens = normal({7, d}).cast(dtype), positions = normal({5, d}, 2).cast(dtype);
      const std::vector<int32_t> ids = {6, 0, 6, 1, 2, 5, 3, 4, 0}, at = {0, 1, 2, 3, 4, 0, 1, 2, 3};
      const Tensor expected = tensor::embedding_sum(tokens, positions, i32(ids), i32(at), 2);  // times 2: exact
      CHECK(same_bits(tensor::embedding_sum(tokens.to(kCuda), positions.to(kCuda), list(ids), list(at), 2), expected));
      CHECK(same_bits(tensor::embedding_sum(shifted(tokens), shifted(positions), list(ids), list(at), 2), expected));
    }
}

TEST_CASE("gather_rows_backward on cuda: runs of one id within a chunk, over its border and over many") {
  struct Runs {
    const char* name;
    std::vector<int32_t> ids;
  };
  std::vector<Runs> all = {{"none", {}}, {"one", {3}}, {"one id", std::vector<int32_t>(200, 5)}};
  all.push_back({"random", random_ids(333, 0, 9, 1)});
  all.push_back({"rare", random_ids(100, 0, 40, 2)});
  std::vector<int32_t> borders;  // after the sort, runs end at a border, begin there, and lie across it
  for (const auto& [id, count] :
       {std::pair(0, 32), std::pair(1, 31), std::pair(2, 2), std::pair(3, 63), std::pair(4, 65)})
    borders.insert(borders.end(), size_t(count), id);
  std::shuffle(borders.begin(), borders.end(), std::mt19937(3));
  all.push_back({"borders", borders});
  for (const Runs& runs : all) {
    const Ids ids = i32(runs.ids), on_cuda = list(runs.ids);  // sorted once
    const int64_t t = ids.count();
    for (const DType dtype : kTypes)
      for (const int64_t d : {1, 33, 260})
        for (const bool accumulate : {false, true}) {
          INFO(runs.name << " " << d << " " << accumulate << std::string(tensor::name(dtype)));
          // multiples of 1/4: every order gives the same sum
          Tensor dy = Tensor::empty({t, d}, DType::f32);
          for (int64_t i = 0; i < dy.numel(); ++i) dy.mutable_data<float>()[i] = float((i * 37) % 23 - 11) / 4;
          dy = dy.cast(dtype);
          const Tensor before = normal({40, d}, 4).cast(DType::f32);
          const Tensor expected = before.clone(), plain = before.to(kCuda), odd = shifted(before);
          tensor::gather_rows_backward({expected, accumulate}, dy, ids, 0.5, 4);
          tensor::gather_rows_backward({plain, accumulate}, dy.to(kCuda), on_cuda, 0.5, 4);
          tensor::gather_rows_backward({odd, accumulate}, t ? shifted(dy) : dy.to(kCuda), on_cuda, 0.5, 4);
          CHECK(same_bits(plain, expected));
          CHECK(same_bits(odd, expected));
        }
  }
}

TEST_CASE("sort_ids on cuda: stable, for ids of every size and sign, over several tiles") {
  const auto check = [](const std::vector<int32_t>& ids) {
    std::vector<int32_t> expected(ids.size());
    std::iota(expected.begin(), expected.end(), 0);
    std::stable_sort(expected.begin(), expected.end(),
                     [&](int32_t a, int32_t b) { return ids[size_t(a)] < ids[size_t(b)]; });
    CHECK(tensor::sort_ids(list(ids)).to_vector<int32_t>() == expected);
  };
  for (const int64_t t : {0, 1, 31, 33, 255, 257, 1023, 1025, 4099}) check(random_ids(t, 0, 300, unsigned(t)));
  check(random_ids(2500, INT32_MIN, INT32_MAX, 7));
  check(random_ids(1500, -3, 2, 8));
  check(std::vector<int32_t>(1500, 50264));
}

TEST_CASE("top_k on cuda: rows of several tiles, with ties, zeros of both signs, infinities and nan") {
  for (const DType dtype : kTypes)
    for (const int64_t n : {1, 2, 31, 1024, 1025, 4099}) {
      std::mt19937 random{unsigned(n)};
      std::vector<float> numbers(static_cast<size_t>(3 * n));
      for (float& x : numbers) x = float(int(random() % 41) - 20) / 8;
      for (size_t i = 0; i < numbers.size(); i += 17) numbers[i] = i % 2 ? -0.0f : 0.0f;
      for (size_t i = 5; i < numbers.size(); i += 97) numbers[i] = std::nanf("");
      for (size_t i = 7; i < numbers.size(); i += 101) numbers[i] = i % 2 ? HUGE_VALF : -HUGE_VALF;
      const Tensor x = Tensor::from({3, n}, numbers).cast(dtype);
      for (const int64_t k : {int64_t(0), int64_t(1), int64_t(5), int64_t(17), int64_t(1000), n})
        if (k <= n) {
          INFO(n << " " << k << " " << std::string(tensor::name(dtype)));
          const tensor::TopK expected = tensor::top_k(x, k), got = tensor::top_k(x.to(kCuda), k);
          CHECK(same_bits(got.indices, expected.indices));
          CHECK(same_bits(got.values, expected.values));
        }
    }
}

TEST_CASE("pick and pick_backward on cuda: one number of each of many rows") {
  for (const DType dtype : kTypes) {
    const Tensor x = normal({300, 3}).cast(dtype), dy = normal({300}, 2).cast(dtype);
    const std::vector<int32_t> ids = random_ids(300, 0, 3, 5);
    CHECK(same_bits(tensor::pick(x.to(kCuda), list(ids)), tensor::pick(x, i32(ids))));
    CHECK(same_bits(tensor::pick_backward(dy.to(kCuda), list(ids), 3), tensor::pick_backward(dy, i32(ids), 3)));
  }
}

TEST_CASE("edit_logits, keep_only on cuda: in rows of any stride, a token may come twice") {
  for (const DType dtype : kTypes)
    for (const int64_t v : {1, 33, 64, 4099})
      for (const int64_t stride : {v, (v + 127) / 128 * 128}) {
        const Tensor numbers = normal({4, stride}).cast(dtype);
        const auto edited = [&](const Device& device) {
          const Tensor wide = numbers.clone().to(device);
          Tensor logits = wide.narrow(1, 0, v);
          const auto on = [&](const std::vector<int32_t>& ids) { return Ids::from(ids, device); };
          const int32_t last = int32_t(v - 1);
          tensor::edit_logits(logits, on({2, 0, 2, 2}), on({last, 0, 0, last}), -HUGE_VAL);
          tensor::keep_only(logits, on({3, 1, 0}), tensor::Sequences::from({0, 3, 3, 4}, device),
                            on({last, 0, last, last}));
          return wide.to({});
        };
        CHECK(same_bits(edited(kCuda), edited({})));
      }
  std::vector<int32_t> rows(300, 1), tokens(300, 2);
  Tensor logits = Tensor::zeros({2, 4}, DType::f32, kCuda);
  tensor::edit_logits(logits, list(rows), list(tokens), 3);  // two blocks write one place
  CHECK(logits.to_vector<float>() == std::vector<float>{0, 0, 0, 0, 0, 0, 3, 0});
}
