// Memory-bound ops: GB/s of what each must read and write at least.
#include <cstdio>
#include <vector>

#include "tensor/format.h"
#include "tensor/ops/attention.h"
#include "tensor/ops/elementwise.h"
#include "tensor/ops/norm.h"
#include "tensor/ops/reduce.h"
#include "tools/bench/bench.h"

namespace bench {

namespace {

using namespace tensor;

// An op with the bytes that it must read and write at least.
struct TimedOp {
  std::string name;
  Shape shape;
  DType dtype;
  int64_t bytes;
  std::function<void()> run;
};

// Returns the shapes to time. On a GPU every operand is larger than its cache.
std::vector<Shape> shapes_of(const Options& options) {
  if (options.device == Device{}) return {{64, 128}, {4096, 768}, {4096, 3072}};
  return {{options.rows, 768}, {options.rows, 3072}};
}

std::vector<TimedOp> timed_ops(const Options& options) {
  std::vector<TimedOp> ops;
  const Device device = options.device;
  for (const DType dtype : {DType::f32, DType::bf16}) {
    for (const Shape& shape : shapes_of(options)) {
      const Tensor x = filled(shape, dtype, device), y = filled(shape, dtype, device);
      const Tensor row = filled({shape[1]}, dtype, device);
      const int64_t n = int64_t(x.bytes());
      Tensor sum32 = Tensor::zeros(shape, DType::f32, device);
      const auto time = [&](const char* name, int64_t bytes, std::function<void()> run) {
        ops.push_back({name, shape, dtype, bytes, std::move(run)});
      };
      time("copy", 2 * n, [=] { x.clone(); });
      time("copy transposed", 2 * n, [=] { x.transpose(0, 1).contiguous(); });
      time("fill", n, [y = x.clone()]() mutable { y.fill(1); });
      time("add", 3 * n, [=] { add(x, y); });
      time("add row", 2 * n, [=] { add(x, row); });
      time("affine", 2 * n, [=] { affine(x, 2, 1); });
      time("accumulate", n + 2 * int64_t(sum32.bytes()), [=]() mutable { accumulate_(sum32, x); });
      time("sum", n, [=] { sum(x); });
      time("sum of rows", n, [=] { sum(x, 0); });
      time("sum of columns", n, [=] { sum(x, 1); });
      time("layer_norm", 2 * n, [=] { layer_norm(x, row, row, 1e-5); });
      time("softmax", 2 * n, [=] { softmax(x); });
    }
  }
  return ops;
}

}  // namespace

void ops(const Options& options) {
  if (!options.json) std::printf("%-18s %5s %14s %9s %8s\n", "op", "dtype", "shape", "us", "GB/s");
  for (const TimedOp& op : timed_ops(options)) {
    const double seconds = best_seconds_on(options.device, options.seconds / 5, op.run);
    const double gbytes = double(op.bytes) / seconds * 1e-9;
    if (options.json) {
      base::Json line = result("ops", options);
      line.set("op", op.name);
      line.set("dtype", name(op.dtype));
      line.set("shape", to_string(op.shape));
      line.set("seconds", seconds);
      line.set("gbytes_per_second", gbytes);
      print(line);
    } else {
      std::printf("%-18s %5s %14s %9.1f %8.1f\n", op.name.c_str(), name(op.dtype), to_string(op.shape).c_str(),
                  seconds * 1e6, gbytes);
    }
    std::fflush(stdout);
  }
}

}  // namespace bench
