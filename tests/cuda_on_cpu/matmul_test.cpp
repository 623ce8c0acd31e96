#include "tensor/ops/matmul.h"

#include "tensor/cuda/blas.h"
#include "tensor/cuda/library.h"
#include "tensor/format.h"
#include "tensor/runtime.h"
#include "tests/cuda_on_cpu/on_device.h"
#include "tests/op_run.h"

using namespace tests;
using tensor::Device;
using tensor::DeviceType;

namespace {

const Device kCuda{DeviceType::cuda, 0};

Tensor numbers(const Shape& shape, DType dtype, uint64_t seed) { return normal(shape, seed).cast(dtype); }

struct Types {
  DType operands, result;
};
constexpr Types kTypes[] = {{DType::f32, DType::f32}, {DType::bf16, DType::bf16}, {DType::bf16, DType::f32}};

}  // namespace

// The emulation multiplies with the CPU's kernel, so that every bit must be the same, whatever is copied on the way.
TEST_CASE("matmul on cuda: every transposition, at sizes that are and are not multiples of 16 bytes") {
  const Shape sizes[] = {{1, 1, 1}, {8, 16, 24}, {16, 8, 7}, {33, 31, 65}, {5, 24, 16}, {63, 65, 8}, {3, 2, 0}};
  for (const Shape& size : sizes)
    for (const Types& types : kTypes)
      for (int flags = 0; flags < 8; ++flags) {
        const bool ta = flags & 1, tb = flags & 2, accumulate = flags & 4;
        const Tensor a = numbers(ta ? Shape{size[2], size[0]} : Shape{size[0], size[2]}, types.operands, 1);
        const Tensor b = numbers(tb ? Shape{size[1], size[2]} : Shape{size[2], size[1]}, types.operands, 2);
        const Tensor expected = numbers({size[0], size[1]}, types.result, 3), c = expected.to(kCuda);
        tensor::matmul_into({expected, accumulate}, a, b, ta, tb);
        tensor::matmul_into({c, accumulate}, a.to(kCuda), b.to(kCuda), ta, tb);
        INFO(tensor::to_string(size) << " " << flags << " " << std::string(tensor::name(types.result)));
        CHECK(same_bits(c, expected));
      }
}

TEST_CASE("matmul on cuda: batches, whose matrices lie anywhere") {
  for (const Types& types : kTypes)
    for (const int64_t d : {16, 5}) {
      const Tensor q = numbers({2, 9, 3, d}, types.operands, 4), k = numbers({2, 11, 3, d}, types.operands, 5);
      const Tensor expected = tensor::matmul(q.transpose(1, 2), k.transpose(1, 2), false, true);
      const Tensor x = q.to(kCuda).transpose(1, 2), y = k.to(kCuda).transpose(1, 2);
      CHECK(same_bits(tensor::matmul(x, y, false, true), expected));
      const Tensor repeated = numbers({1, 3, d}, types.operands, 6);
      CHECK(same_bits(
          tensor::matmul(repeated.to(kCuda).expand({4, 3, d}), y.select(0, 1).narrow(0, 0, 1).squeeze(0), false, true),
          tensor::matmul(repeated.expand({4, 3, d}), k.transpose(1, 2).select(0, 1).select(0, 0), false, true)));
    }
}

TEST_CASE("matmul on cuda: a result in wider rows leaves the rest alone, also where it begins at an odd address") {
  for (const Types& types : kTypes)
    for (const int64_t width : {48, 50})
      for (const int64_t first : {0, 3})
        for (const bool accumulate : {false, true}) {
          const Tensor a = numbers({2, 7, 30}, types.operands, 7), b = numbers({2, 30, 35}, types.operands, 8);
          const Tensor expected = Tensor::full({2, 7, width}, 0.5, types.result), wide = expected.to(kCuda);
          tensor::matmul_into({expected.narrow(2, first, 35), accumulate}, a, b);
          tensor::matmul_into({wide.narrow(2, first, 35), accumulate}, a.to(kCuda), b.to(kCuda));
          CHECK(same_bits(wide, expected));
        }
}

TEST_CASE("linear on cuda: a bias at any address, also without inner elements") {
  for (const DType dtype : {DType::f32, DType::bf16})
    for (const int64_t k : {16, 0})
      for (const int64_t first : {0, 1}) {
        const Tensor x = numbers({5, k}, dtype, 9), w = numbers({24, k}, dtype, 10), bias = numbers({25}, dtype, 11);
        const Tensor expected = tensor::linear(x, w, bias.narrow(0, first, 24));
        CHECK(same_bits(tensor::linear(x.to(kCuda), w.to(kCuda), bias.to(kCuda).narrow(0, first, 24)), expected));
      }
}

TEST_CASE("matmul on cuda: only matrices that are not aligned are copied") {
  const auto copies = [](const Tensor& a, const Tensor& b, bool ta, bool tb) {
    const Tensor x = a.to(kCuda), y = b.to(kCuda);
    const uint64_t before = cuda_emulation::counters().launches;
    tensor::matmul(x, y, ta, tb);
    return cuda_emulation::counters().launches - before;
  };
  const auto zeros = [](const Shape& shape) { return Tensor::zeros(shape, DType::bf16); };
  CHECK(copies(zeros({3, 16}), zeros({16, 24}), false, false) == 0);
  CHECK(copies(zeros({5, 16}), zeros({5, 24}), true, false) == 0);    // the products do not run along rows
  CHECK(copies(zeros({3, 16}), zeros({16, 5}), false, false) == 2);   // b, and the result aside
  CHECK(copies(zeros({3, 20}), zeros({24, 20}), false, true) == 2);   // a and b
  CHECK(copies(zeros({3, 20}), zeros({20, 24}), false, false) == 2);  // b, too: it needs zeros below
}

TEST_CASE("matmul on cuda: a product is captured and runs late, like a kernel") {
  const Tensor a = numbers({8, 16}, DType::f32, 12), b = numbers({16, 8}, DType::f32, 13);
  const Tensor expected = tensor::matmul(a, b);
  Options options = cuda_emulation::options();
  options.deferred = true;
  const WithOptions with(options);
  const Tensor x = a.to(kCuda), y = b.to(kCuda), c = Tensor::empty({8, 8}, DType::f32, kCuda);
  tensor::matmul_into({c}, x, y);
  CHECK(same_bits(c, expected));
  const tensor::Graph graph(kCuda, [&] { tensor::matmul_into({c, true}, x, y); });
  graph.launch();
  const Tensor twice = expected.clone();
  tensor::matmul_into({twice, true}, a, b);
  CHECK(same_bits(c, twice));
}

TEST_CASE("matmul on cuda: f64 is refused") {
  const Tensor x = normal({2, 2}).to(kCuda);
  CHECK_THROWS_WITH_AS(tensor::matmul(x, x), "matmul: f64 on cuda; it should be f32 or bf16", base::Error);
}

TEST_CASE("a library that is missing is named, with where it was looked for") {
  using tensor::cuda::Library;
  const std::string message = fault_of([] {
    try {
      const Library none("no such library, of which there is none,", {"libkilm-none.so.2", "libkilm-none.so.1"});
    } catch (const base::UsageError& error) {
      throw cuda_emulation::Error(error.what());
    }
  });
  for (const char* part : {"cuda: no such library, of which there is none, was not found; install it",
                           "\n  libkilm-none.so.2: cannot open", "\n  libkilm-none.so.1: cannot open",
                           "LD_LIBRARY_PATH", "/lib64/libkilm-none.so.1: cannot open"})
    CHECK_MESSAGE(contains(message, part), message);

  const Library math("the C library's mathematics", {"libkilm-none.so.1", "libm.so.6"});
  CHECK(math.function<double(double)>("cos")(0) == 1);
  CHECK_THROWS_WITH_AS(math.function<void()>("kilm_none"),
                       "cuda: libm.so.6 has no function kilm_none; a newer one is needed", base::UsageError);
}
