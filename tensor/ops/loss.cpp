#include "tensor/ops/loss.h"

#include "tensor/format.h"
#include "tensor/launch.h"
#include "tensor/ops/elementwise.h"
#include "tensor/ops/matmul.h"

namespace tensor {

namespace {

Tensor contiguous_list(const Tensor& x) { return x.reshape({x.numel()}).contiguous(); }

// Returns logits whose rows lie at any stride, as kernels take them.
Tensor logit_rows(const Tensor& x) { return x.rank() == 2 && x.stride(1) == 1 ? x : x.rows(); }

// Runs the kernel over rows of logits[t, v].
void run_cross_entropy(const Launch& launch, Tensor loss, Tensor lse, const Tensor& logits, const Tensor& targets) {
  Tensor scratch = launch.scratch(&LossKernels::cross_entropy_scratch, logits.size(0), logits.size(1), logits.dtype());
  launch(&LossKernels::cross_entropy, loss, lse, logits, targets, scratch);
}

// The operands of a product whose rows are the logits of a token, cut into chunks of tokens.
struct Chunks {
  Tensor hidden, w, bias;   // bias [v] or undefined
  int64_t tokens, columns;  // rows of hidden; v, rows of w that are no padding

  Chunks(const char* op, const Tensor& h, const Tensor& weight, const Tensor& b) : hidden(h), w(weight), bias(b) {
    base::check(h.rank() == 2 && w.rank() == 2 && h.size(1) == w.size(1),
                "{}: hidden {} and w {} should be [t, d] and [v, d]", op, h.shape(), w.shape());
    if (b.defined()) {
      base::check(b.rank() >= 1 && b.numel() == b.size(-1) && b.numel() <= w.size(0),
                  "{}: bias {} should be [{}], a number per row of w, or less where w is padded", op, b.shape(),
                  w.size(0));
      bias = b.reshape({b.numel()});
    }
    tokens = h.size(0);
    columns = bias.defined() ? bias.numel() : w.size(0);
  }

  void check(const char* op, const Ids& targets) const {
    base::check(targets.shape() == Shape{tokens}, "{}: targets {} should be [{}], one per row of hidden {}", op,
                targets.shape(), tokens, hidden.shape());
    targets.check_targets(op, columns);
  }

  // Calls f(first token, number of tokens, their logits[n, v], the same with a column per row of w, 0 where that is
  // padding)
  template <class F>
  void for_each(const Launch& launch, F&& f) const {
    const int64_t padded = w.size(0);
    const int64_t rows = std::min(tokens, launch(&LossKernels::chunk_rows, tokens, columns, hidden.dtype()));
    const Tensor memory = Tensor::empty({rows, padded}, hidden.dtype(), hidden.device());
    if (padded > columns) memory.narrow(1, columns, padded - columns).fill(0);
    for (int64_t first = 0; first < tokens; first += rows) {
      const int64_t n = std::min(rows, tokens - first);
      const Tensor all = memory.narrow(0, 0, n);
      Tensor logits = all.narrow(1, 0, columns);
      linear_into(logits, hidden.narrow(0, first, n), w.narrow(0, 0, columns), bias);
      f(first, n, logits, all);
    }
  }
};

}  // namespace

Tensor log_sum_exp(const Tensor& logits) {
  const char* op = "log_sum_exp";
  base::check(logits.rank() >= 1, "{}: logits are a scalar; they should be [..., v]", op);
  const Launch launch(op, {&logits}, int64_t(logits.bytes()));
  const Tensor rows = logit_rows(logits);
  Tensor lse = Tensor::empty({rows.size(0)}, acc_dtype(logits.dtype()), logits.device());
  launch(&LossKernels::log_sum_exp, lse, rows);
  return lse.reshape(Shape(logits.shape().erased(logits.rank() - 1)));
}

CrossEntropy cross_entropy(const Tensor& logits, const Ids& targets) {
  const char* op = "cross_entropy";
  base::check(logits.rank() >= 1 && targets.shape() == Shape(logits.shape().erased(logits.rank() - 1)),
              "{}: targets {} must have the shape of logits {} without its last dimension", op, targets.shape(),
              logits.shape());
  targets.check_targets(op, logits.size(-1));
  const Launch launch(op, {&logits, &targets.tensor()}, int64_t(logits.bytes()));
  const DType acc = acc_dtype(logits.dtype());
  const Tensor rows = logit_rows(logits);
  const Tensor loss = Tensor::empty({rows.size(0)}, acc, logits.device());
  const Tensor lse = Tensor::empty({rows.size(0)}, acc, logits.device());
  run_cross_entropy(launch, loss, lse, rows, targets.flat());
  return {loss.reshape(targets.shape()), lse.reshape(targets.shape())};
}

Tensor cross_entropy_backward(const Tensor& logits, const Tensor& lse, const Tensor& targets, const Tensor& weight) {
  base::check(weight.shape() == targets.shape() && weight.dtype() == lse.dtype(),
              "cross_entropy_backward: weight {} {} should be {} {}, one per target", weight.dtype(), weight.shape(),
              lse.dtype(), targets.shape());
  const Launch launch("cross_entropy_backward", {&logits, &lse, &targets, &weight}, int64_t(2 * logits.bytes()));
  const Tensor rows = logit_rows(logits);
  Tensor dlogits = Tensor::empty(rows.shape(), logits.dtype(), logits.device());
  launch(&LossKernels::cross_entropy_backward, dlogits, rows, contiguous_list(lse), contiguous_list(targets),
         contiguous_list(weight));
  return dlogits.reshape(logits.shape());
}

CrossEntropy linear_cross_entropy(const Tensor& hidden, const Tensor& w, const Tensor& bias, const Ids& targets) {
  const char* op = "linear_cross_entropy";
  const Chunks chunks(op, hidden, w, bias);
  chunks.check(op, targets);
  const Launch launch(op, {&hidden, &w, &bias, &targets.tensor()});  // what is inside reports its bytes
  const Tensor to = targets.flat();
  const DType acc = acc_dtype(hidden.dtype());
  const Tensor loss = Tensor::empty(targets.shape(), acc, hidden.device());
  const Tensor lse = Tensor::empty(targets.shape(), acc, hidden.device());
  chunks.for_each(launch, [&](int64_t first, int64_t n, const Tensor& logits, const Tensor&) {
    const Launch chunk("cross_entropy", {&logits}, int64_t(logits.bytes()));
    run_cross_entropy(chunk, loss.narrow(0, first, n), lse.narrow(0, first, n), logits, to.narrow(0, first, n));
  });
  return {loss, lse};
}

LinearCrossEntropy linear_cross_entropy_gradients(const Tensor& hidden, const Tensor& w, const Tensor& bias,
                                                  const Ids& targets, const Tensor& weight, bool wants_dhidden,
                                                  bool wants_dw) {
  const char* op = "linear_cross_entropy";
  const Chunks chunks(op, hidden, w, bias);
  chunks.check(op, targets);
  const DType acc = acc_dtype(hidden.dtype());
  base::check(weight.shape() == targets.shape() && weight.dtype() == acc,
              "{}: weights {} {} should be {} {}, one per target", op, weight.dtype(), weight.shape(), acc,
              targets.shape());
  const Launch launch(op, {&hidden, &w, &bias, &targets.tensor(), &weight});  // what is inside reports its bytes
  LinearCrossEntropy result{Tensor::empty(targets.shape(), acc, hidden.device()), {}, {}};
  if (wants_dhidden) result.dhidden = Tensor::empty(hidden.shape(), acc, hidden.device());
  if (wants_dw) result.dw = Tensor::empty(w.shape(), acc, hidden.device());
  if (wants_dw && chunks.tokens == 0) result.dw.fill(0);
  const Tensor to = targets.flat(), scale = weight.contiguous();
  chunks.for_each(launch, [&](int64_t first, int64_t n, Tensor logits, const Tensor& padded) {
    {
      const Launch chunk("cross_entropy_in_place", {&logits}, int64_t(2 * logits.bytes()));
      Tensor loss = result.loss.narrow(0, first, n);
      chunk(&LossKernels::cross_entropy_in_place, loss, logits, to.narrow(0, first, n), scale.narrow(0, first, n));
    }
    if (wants_dhidden) matmul_into({result.dhidden.narrow(0, first, n)}, padded, w);
    if (wants_dw) matmul_into({result.dw, /*accumulate=*/first > 0}, padded, hidden.narrow(0, first, n), true, false);
  });
  return result;
}

void group_sums_(Tensor& sums, const Tensor& loss, const Ids& groups) {
  const char* op = "group_sums";
  base::check(sums.dtype() == DType::f64 && sums.rank() == 1 && sums.is_contiguous(),
              "{}: sums are {} {}; they should be f64 [n], row-major", op, sums.dtype(), sums.shape());
  base::check(loss.shape() == groups.shape(), "{}: groups {} should be one per loss, {}", op, groups.shape(),
              loss.shape());
  groups.check_targets(op, sums.numel());
  const Launch launch(op, {&sums, &loss, &groups.tensor()}, int64_t(loss.bytes() + groups.tensor().bytes()));
  launch(&LossKernels::group_sums, sums, contiguous_list(loss), groups.flat());
}

}  // namespace tensor
