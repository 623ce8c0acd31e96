#include "tensor/ops/norm.h"

#include "tensor/format.h"
#include "tests/cuda_on_cpu/compare.h"

using namespace tests;
using tensor::RandomDomain;
using tensor::RandomPosition;
using tensor::Target;

namespace {

// Rows of a warp, of a block, and of more than a block holds; packs that end beyond the row; rows of several blocks.
const std::vector<Shape> kMatrices = {{0, 8},    {3, 1},    {5, 31},   {7, 64},   {6, 65},    {140, 40}, {33, 768},
                                      {3, 1024}, {3, 1025}, {2, 2056}, {3, 4099}, {34, 1032}, {3, 8200}, {35, 8193}};

const RandomPosition kAt{.key = tensor::philox_key(3, RandomDomain::dropout), .op = 2, .micro = 1, .step = 4};

struct Inputs {
  Tensor x, residual, w, b, dy;

  Inputs(const Shape& shape, DType dtype)
      : x(normal_on_device(shape, dtype)),
        residual(normal_on_device(shape, dtype, 2)),
        w(normal_on_device({shape[1]}, dtype, 3)),
        b(normal_on_device({shape[1]}, dtype, 4)),
        dy(normal_on_device(shape, dtype, 5)) {}
};

struct Gradients {
  Tensor dx, dw, db;

  std::vector<Tensor> all() const { return {dx, dw, db}; }
};

Gradients backward(const Tensor& dy, const Tensor& x, const Tensor& mean, const Tensor& rstd, const Tensor& w) {
  const Shape d{x.size(1)};
  Gradients g{{}, Tensor::empty(d, mean.dtype(), x.device()), Tensor::empty(d, mean.dtype(), x.device())};
  g.dx = tensor::layer_norm_backward(dy, x, mean, rstd, w, {g.dw}, {g.db});
  return g;
}

}  // namespace

TEST_CASE("layer_norm: rows of all lengths match those in f64, also behind odd addresses") {
  for (const DType dtype : {DType::f32, DType::bf16})
    for (const Shape& shape : kMatrices) {
      INFO(tensor::to_string(shape) << " " << std::string(tensor::name(dtype)));
      const Inputs in(shape, dtype);
      const tensor::LayerNormResult got = tensor::layer_norm(in.x, in.w, in.b, 1e-5);
      const tensor::LayerNormResult expected = tensor::layer_norm(exact(in.x), exact(in.w), exact(in.b), 1e-5);
      check_close(got.y, expected.y, 8 * rounding(dtype));
      check_close(got.mean, expected.mean, 8 * rounding(DType::f32));
      check_close(got.rstd, expected.rstd, 16 * rounding(DType::f32));
      CHECK(same_bits(tensor::layer_norm(shifted(in.x), shifted(in.w), shifted(in.b), 1e-5).y, got.y));
    }
}

TEST_CASE("layer_norm: far from zero the variance keeps its digits") {
  const Tensor x = tensor::add(normal_on_device({4, 768}, DType::f32), Tensor::full({}, 1e4, DType::f32, kCuda));
  const Inputs in({4, 768}, DType::f32);
  check_close(tensor::layer_norm(x, in.w, in.b, 1e-5).rstd,
              tensor::layer_norm(exact(x), exact(in.w), exact(in.b), 1e-5).rstd, 1e-6);
}

TEST_CASE("dropout_add_layer_norm: the sum drops what the CPU drops, and is what is normalised") {
  for (const DType dtype : {DType::f32, DType::bf16})
    for (const Shape& shape : kMatrices)
      for (const float p : {0.0f, 0.3f}) {
        INFO(tensor::to_string(shape) << " " << std::string(tensor::name(dtype)));
        const Inputs in(shape, dtype);
        const auto run = [p](const Tensor& x, const Tensor& residual, const Tensor& w, const Tensor& b) {
          return tensor::dropout_add_layer_norm(x, residual, w, b, 1e-5, p, kAt);
        };
        const tensor::DropoutAddLayerNormResult got = run(in.x, in.residual, in.w, in.b);
        check_close(got.sum, run(exact(in.x), exact(in.residual), exact(in.w), exact(in.b)).sum, 2 * rounding(dtype));
        const tensor::LayerNormResult plain = tensor::layer_norm(got.sum, in.w, in.b, 1e-5);
        CHECK(same_bits(got.y, plain.y));
        CHECK(same_bits(got.mean, plain.mean));
        CHECK(same_bits(got.rstd, plain.rstd));
        const tensor::DropoutAddLayerNormResult odd = run(shifted(in.x), in.residual, in.w, in.b);
        CHECK(same_bits(odd.sum, got.sum));
        CHECK(same_bits(odd.y, got.y));
      }
}

TEST_CASE("layer_norm_backward: all gradients match those in f64, also behind odd addresses") {
  for (const DType dtype : {DType::f32, DType::bf16})
    for (const Shape& shape : kMatrices) {
      INFO(tensor::to_string(shape) << " " << std::string(tensor::name(dtype)));
      const Inputs in(shape, dtype);
      const tensor::LayerNormResult at = tensor::layer_norm(in.x, in.w, in.b, 1e-5);
      const Gradients got = backward(in.dy, in.x, at.mean, at.rstd, in.w);
      const Gradients expected = backward(exact(in.dy), exact(in.x), exact(at.mean), exact(at.rstd), exact(in.w));
      check_close(got.dx, expected.dx, 16 * rounding(dtype));
      check_close(got.dw, expected.dw, 32 * rounding(DType::f32));
      check_close(got.db, expected.db, 32 * rounding(DType::f32));
      const Gradients odd = backward(shifted(in.dy), shifted(in.x), at.mean, at.rstd, shifted(in.w));
      for (size_t i = 0; i < 3; ++i) CHECK(same_bits(odd.all()[i], got.all()[i]));
    }
}

TEST_CASE("layer_norm_backward: a gradient that is not wanted changes no bit of the others") {
  for (const Shape& shape : {Shape{140, 40}, Shape{35, 1032}, Shape{2, 8200}}) {
    const Inputs in(shape, DType::bf16);
    const tensor::LayerNormResult at = tensor::layer_norm(in.x, in.w, in.b, 1e-5);
    const Gradients all = backward(in.dy, in.x, at.mean, at.rstd, in.w);
    const auto one = [&](Target dw, Target db) {
      return tensor::layer_norm_backward(in.dy, in.x, at.mean, at.rstd, in.w, dw, db);
    };
    Tensor dw = Tensor::empty({shape[1]}, DType::f32, kCuda), db = Tensor::empty({shape[1]}, DType::f32, kCuda);
    CHECK(same_bits(one({}, {}), all.dx));
    CHECK(same_bits(one({dw}, {}), all.dx));
    CHECK(same_bits(one({}, {db}), all.dx));
    CHECK(same_bits(dw, all.dw));
    CHECK(same_bits(db, all.db));
  }
}

TEST_CASE("dropout_add_layer_norm_backward: gradients are those of layer_norm and their dropout, in one pass") {
  for (const DType dtype : {DType::f32, DType::bf16})
    for (const Shape& shape : kMatrices) {
      INFO(tensor::to_string(shape) << " " << std::string(tensor::name(dtype)));
      const Inputs in(shape, dtype);
      const tensor::LayerNormResult at = tensor::layer_norm(in.x, in.w, in.b, 1e-5);
      const Gradients expected = backward(in.dy, in.x, at.mean, at.rstd, in.w);
      for (const Tensor& dy : {in.dy, shifted(in.dy)}) {
        Gradients got{{}, Tensor::empty({shape[1]}, DType::f32, kCuda), Tensor::empty({shape[1]}, DType::f32, kCuda)};
        const auto [dx, dresidual] =
            tensor::dropout_add_layer_norm_backward(dy, in.x, at.mean, at.rstd, in.w, {got.dw}, {got.db}, 0.3f, kAt);
        CHECK(same_bits(dresidual, expected.dx));
        CHECK(same_bits(dx, tensor::dropout(expected.dx, 0.3f, kAt)));
        CHECK(same_bits(got.dw, expected.dw));
        CHECK(same_bits(got.db, expected.db));
      }
    }
}

TEST_CASE("layer_norm: bits do not depend on the order of threads and blocks") {
  for (const Shape& shape : {Shape{70, 40}, Shape{33, 1032}}) {
    const Inputs in(shape, DType::bf16);
    check_all_orders([&] {
      const auto y = tensor::dropout_add_layer_norm(in.x, in.residual, in.w, in.b, 1e-5, 0.1f, kAt);
      std::vector<Tensor> results = backward(in.dy, y.sum, y.mean, y.rstd, in.w).all();
      for (const Tensor& x : {y.y, y.sum, y.mean, y.rstd}) results.push_back(x);
      return results;
    });
  }
}
