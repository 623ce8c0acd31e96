#include "tensor/ops/index.h"

#include "tensor/format.h"
#include "tensor/launch.h"

namespace tensor {

namespace {

Tensor flat(const Tensor& x) { return x.reshape({x.numel()}); }

// Views x[n, d...] as [n, d].
Tensor as_rows(const Tensor& x) {
  int64_t d = 1;
  for (int i = 1; i < x.rank(); ++i) d *= x.size(i);
  return x.reshape({x.size(0), d});
}

// Returns [ids..., the dimensions of x behind the first].
Shape row_shape(const Shape& ids, const Shape& x) {
  Shape shape = ids;
  for (int i = 1; i < x.rank(); ++i) shape = Shape(shape.inserted(shape.rank(), x[i]));
  return shape;
}

Tensor gather(const char* op, const Tensor& table, const Ids& ids) {
  base::check(table.rank() >= 1, "{}: the table is a scalar; it should be [v, ...]", op);
  ids.check(op, table.size(0));
  const int64_t row_bytes = table.size(0) == 0 ? 0 : int64_t(table.bytes()) / table.size(0);
  const Launch launch(op, {&table, &ids.tensor()}, 2 * ids.count() * row_bytes);
  const Tensor rows = as_rows(table);
  Tensor y = Tensor::empty({ids.count(), rows.size(1)}, table.dtype(), table.device());
  launch(&IndexKernels::gather_rows, y, rows, ids.flat());
  return y.reshape(row_shape(ids.shape(), table.shape()));
}

}  // namespace

Tensor gather_rows(const Tensor& table, const Ids& ids) { return gather("gather_rows", table, ids); }
Tensor embedding(const Tensor& table, const Ids& ids) { return gather("embedding", table, ids); }

void gather_rows_backward(Target to, const Tensor& dy, const Ids& ids, double scale, int32_t padding) {
  const Tensor& dtable = to.tensor;
  const char* op = "gather_rows_backward";
  const Shape wanted = row_shape(ids.shape(), dtable.shape());
  base::check(dy.shape() == wanted, "{}: dy {} must be {}, ids {} by rows of the table {}", op, dy.shape(), wanted,
              ids.shape(), dtable.shape());
  base::check(dtable.dtype() == acc_dtype(dy.dtype()), "{}: the gradient is {}; it should be {} where dy is {}", op,
              dtable.dtype(), acc_dtype(dy.dtype()), dy.dtype());
  base::check(dtable.is_contiguous(), "{}: the gradient {} must be contiguous", op, dtable.shape());
  const Launch launch(op, {&dtable, &dy, &ids.tensor()}, int64_t(dy.bytes() + (to.accumulate ? 0 : dtable.bytes())));
  Target rows{as_rows(dtable), to.accumulate};
  const Tensor from = dy.reshape({ids.count(), rows.tensor.size(1)});
  Tensor scratch = launch.scratch(&IndexKernels::gather_rows_backward_scratch, from.size(0), from.size(1), dy.dtype());
  launch(&IndexKernels::gather_rows_backward, rows, from, ids.flat(), ids.order(), scale, padding, scratch);
}

Tensor sort_ids(const Tensor& ids) {
  const char* op = "sort_ids";
  base::check(ids.dtype() == DType::i32, "{}: ids are {}; they should be i32", op, ids.dtype());
  const Launch launch(op, {&ids}, int64_t(2 * ids.bytes()));
  Tensor order = Tensor::empty({ids.numel()}, DType::i32, ids.device());
  Tensor scratch = launch.scratch(&IndexKernels::sort_ids_scratch, ids.numel());
  launch(&IndexKernels::sort_ids, order, flat(ids), scratch);
  return order;
}

Tensor scatter_rows(const Tensor& x, const Ids& ids, int64_t n) {
  const char* op = "scatter_rows";
  base::check(x.rank() >= 1 && ids.shape() == Shape{x.size(0)}, "{}: ids {} must be one per row of x {}", op,
              ids.shape(), x.shape());
  ids.check(op, n);
  const int64_t row_bytes = x.size(0) == 0 ? 0 : int64_t(x.bytes()) / x.size(0);
  const Launch launch(op, {&x, &ids.tensor()}, int64_t(x.bytes()) + n * row_bytes);
  const Tensor rows = as_rows(x);
  Tensor y = Tensor::empty({n, rows.size(1)}, x.dtype(), x.device());
  y.fill(0);
  launch(&IndexKernels::scatter_rows, y, rows, ids.flat());
  return y.reshape(row_shape({n}, x.shape()));
}

Tensor embedding_sum(const Tensor& tokens, const Tensor& positions, const Ids& ids, const Ids& at, double scale) {
  const char* op = "embedding_sum";
  base::check(tokens.rank() == 2 && positions.rank() == 2 && tokens.size(1) == positions.size(1),
              "{}: tokens {} and positions {} must be [v, d] and [n, d]", op, tokens.shape(), positions.shape());
  base::check(tokens.dtype() == positions.dtype(), "{}: tokens are {} and positions {}; they should have one dtype", op,
              tokens.dtype(), positions.dtype());
  base::check(ids.shape() == at.shape(), "{}: ids {} and their positions {} must have one shape", op, ids.shape(),
              at.shape());
  ids.check(op, tokens.size(0));
  at.check("embedding_sum: positions", positions.size(0));
  const Launch launch(op, {&tokens, &positions, &ids.tensor(), &at.tensor()},
                      3 * ids.count() * tokens.size(1) * int64_t(size_of(tokens.dtype())));
  Tensor y = Tensor::empty({ids.count(), tokens.size(1)}, tokens.dtype(), tokens.device());
  launch(&IndexKernels::embedding_sum, y, tokens.contiguous(), positions.contiguous(), ids.flat(), at.flat(), scale);
  return y.reshape(row_shape(ids.shape(), tokens.shape()));
}

TopK top_k(const Tensor& x, int64_t k) {
  const char* op = "top_k";
  base::check(x.rank() >= 1 && k >= 0 && k <= x.size(-1), "{}: k is {}; it should be in [0, n] for x {} of [..., n]",
              op, k, x.shape());
  const Launch launch(op, {&x}, int64_t(x.bytes()));
  const Tensor rows = x.rows();
  Tensor values = Tensor::empty({rows.size(0), k}, x.dtype(), x.device());
  Tensor indices = Tensor::empty({rows.size(0), k}, DType::i32, x.device());
  Tensor scratch = launch.scratch(&IndexKernels::top_k_scratch, rows.size(0), rows.size(1), k, x.dtype());
  launch(&IndexKernels::top_k, values, indices, rows, scratch);
  Shape shape = x.shape();
  shape[-1] = k;
  return {values.reshape(shape), indices.reshape(shape)};
}

Tensor pick(const Tensor& x, const Ids& ids) {
  const char* op = "pick";
  base::check(x.rank() >= 1 && ids.shape() == Shape(x.shape().erased(x.rank() - 1)),
              "{}: ids {} must have the shape of x {} without its last dimension", op, ids.shape(), x.shape());
  ids.check(op, x.size(-1));
  const Launch launch(op, {&x, &ids.tensor()}, 2 * ids.count() * int64_t(size_of(x.dtype())));
  Tensor y = Tensor::empty({ids.count()}, x.dtype(), x.device());
  launch(&IndexKernels::pick, y, x.rows(), ids.flat());
  return y.reshape(ids.shape());
}

Tensor pick_backward(const Tensor& dy, const Ids& ids, int64_t n) {
  const char* op = "pick_backward";
  base::check(dy.shape() == ids.shape(), "{}: dy {} must have the shape of ids, {}", op, dy.shape(), ids.shape());
  const Launch launch(op, {&dy, &ids.tensor()}, ids.count() * n * int64_t(size_of(dy.dtype())));
  Tensor dx = Tensor::empty({ids.count(), n}, dy.dtype(), dy.device());
  launch(&IndexKernels::pick_backward, dx, flat(dy), ids.flat());
  return dx.reshape(Shape(ids.shape().inserted(ids.shape().rank(), n)));
}

namespace {

void check_logits(const char* op, const Tensor& logits) {
  base::check(logits.rank() == 2 && (logits.stride(1) == 1 || logits.numel() == 0),
              "{}: logits {} should be [r, v], their rows dense", op, logits.shape());
}

}  // namespace

void edit_logits(Tensor& logits, const Ids& rows, const Ids& tokens, double value) {
  const char* op = "edit_logits";
  check_logits(op, logits);
  base::check(rows.shape() == Shape{rows.count()} && tokens.shape() == rows.shape(),
              "{}: rows {} and tokens {} should be [t] both", op, rows.shape(), tokens.shape());
  rows.check("edit_logits: rows", logits.size(0));
  tokens.check(op, logits.size(1));
  const Launch launch(op, {&logits, &rows.tensor(), &tokens.tensor()}, rows.count() * int64_t(size_of(logits.dtype())));
  launch(&IndexKernels::edit_logits, logits, rows.flat(), tokens.flat(), value);
}

void keep_only(Tensor& logits, const Ids& rows, const Sequences& lists, const Ids& tokens) {
  const char* op = "keep_only";
  check_logits(op, logits);
  lists.check(op, "lists", tokens.count());
  base::check(rows.shape() == Shape{lists.count()}, "{}: rows {} should be [{}], one per list", op, rows.shape(),
              lists.count());
  rows.check("keep_only: rows", logits.size(0));
  tokens.check(op, logits.size(1));
  const Launch launch(op, {&logits, &rows.tensor(), &lists.tensor(), &tokens.tensor()},
                      rows.count() * logits.size(1) * int64_t(size_of(logits.dtype())));
  Tensor scratch = launch.scratch(&IndexKernels::keep_only_scratch, tokens.count(), logits.dtype());
  launch(&IndexKernels::keep_only, logits, rows.flat(), lists, tokens.flat(), scratch);
}

}  // namespace tensor
