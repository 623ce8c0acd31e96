#include "tensor/ops/loss.h"

#include "tensor/format.h"
#include "tensor/launch.h"
#include "tensor/ops/elementwise.h"
#include "tensor/ops/matmul.h"

namespace tensor {

namespace {

constexpr int64_t kChunkBytes = int64_t(16) << 20;  // of logits

Tensor contiguous_list(const Tensor& x) { return x.reshape({x.numel()}).contiguous(); }

void check_targets(const char* op, const Tensor& targets, int64_t v) {
  base::check(targets.dtype() == DType::i32, "{}: targets are {}; they should be i32", op, targets.dtype());
  const std::vector<int32_t> list = targets.to_vector<int32_t>();
  for (size_t i = 0; i < list.size(); ++i)
    base::check(list[i] < v, "{}: target {} at position {} is outside of [0, {})", op, list[i], i, v);
}

// The operands of a product whose rows are the logits of a token, cut into chunks of tokens.
struct Chunks {
  Tensor hidden, w, bias;  // bias [v] or undefined
  int64_t tokens, rows;    // in all, in a chunk

  Chunks(const char* op, const Tensor& h, const Tensor& weight, const Tensor& b) : hidden(h), w(weight), bias(b) {
    base::check(h.rank() == 2 && w.rank() == 2 && h.size(1) == w.size(1),
                "{}: hidden {} and w {} should be [t, d] and [v, d]", op, h.shape(), w.shape());
    if (b.defined()) {
      base::check(b.numel() == w.size(0) && b.size(-1) == w.size(0),
                  "{}: bias {} should be [{}], a number per row of w", op, b.shape(), w.size(0));
      bias = b.reshape({w.size(0)});
    }
    tokens = h.size(0);
    const int64_t row_bytes = std::max<int64_t>(1, w.size(0) * int64_t(size_of(h.dtype())));
    rows = std::max<int64_t>(1, kChunkBytes / row_bytes);
  }

  // f(first token, number of tokens, their logits)
  template <class F>
  void for_each(F&& f) const {
    for (int64_t first = 0; first < tokens; first += rows) {
      const int64_t n = std::min(rows, tokens - first);
      f(first, n, linear(hidden.narrow(0, first, n), w, bias));
    }
  }
};

}  // namespace

Tensor log_sum_exp(const Tensor& logits) {
  const char* op = "log_sum_exp";
  base::check(logits.rank() >= 1, "{}: logits are a scalar; they should be [..., v]", op);
  const Launch launch(op, {&logits}, int64_t(logits.bytes()));
  const Tensor rows = logits.rows();
  Tensor lse = Tensor::empty({rows.size(0)}, acc_dtype(logits.dtype()), logits.device());
  launch(&LossKernels::log_sum_exp, lse, rows);
  return lse.reshape(Shape(logits.shape().erased(logits.rank() - 1)));
}

CrossEntropy cross_entropy(const Tensor& logits, const Tensor& targets) {
  const char* op = "cross_entropy";
  base::check(logits.rank() >= 1 && targets.shape() == Shape(logits.shape().erased(logits.rank() - 1)),
              "{}: targets {} must have the shape of logits {} without its last dimension", op, targets.shape(),
              logits.shape());
  check_targets(op, targets, logits.size(-1));
  const Launch launch(op, {&logits, &targets}, int64_t(logits.bytes()));
  const DType acc = acc_dtype(logits.dtype());
  const Tensor rows = logits.rows();
  Tensor loss = Tensor::empty({rows.size(0)}, acc, logits.device());
  Tensor lse = Tensor::empty({rows.size(0)}, acc, logits.device());
  launch(&LossKernels::cross_entropy, loss, lse, rows, contiguous_list(targets));
  return {loss.reshape(targets.shape()), lse.reshape(targets.shape())};
}

Tensor cross_entropy_backward(const Tensor& logits, const Tensor& lse, const Tensor& targets, const Tensor& weight) {
  base::check(weight.shape() == targets.shape() && weight.dtype() == lse.dtype(),
              "cross_entropy_backward: weight {} {} should be {} {}, one per target", weight.dtype(), weight.shape(),
              lse.dtype(), targets.shape());
  const Launch launch("cross_entropy_backward", {&logits, &lse, &targets, &weight}, int64_t(2 * logits.bytes()));
  const Tensor rows = logits.rows();
  Tensor dlogits = Tensor::empty(rows.shape(), logits.dtype(), logits.device());
  launch(&LossKernels::cross_entropy_backward, dlogits, rows, contiguous_list(lse), contiguous_list(targets),
         contiguous_list(weight));
  return dlogits.reshape(logits.shape());
}

CrossEntropy linear_cross_entropy(const Tensor& hidden, const Tensor& w, const Tensor& bias, const Tensor& targets) {
  const char* op = "linear_cross_entropy";
  const Chunks chunks(op, hidden, w, bias);
  base::check(targets.shape() == Shape{chunks.tokens}, "{}: targets {} should be [{}], one per row of hidden {}", op,
              targets.shape(), chunks.tokens, hidden.shape());
  check_targets(op, targets, w.size(0));
  const Launch launch(op, {&hidden, &w, &bias, &targets}, int64_t(hidden.bytes() + w.bytes()));
  const Tensor to = targets.contiguous();
  const DType acc = acc_dtype(hidden.dtype());
  const Tensor loss = Tensor::empty(targets.shape(), acc, hidden.device());
  const Tensor lse = Tensor::empty(targets.shape(), acc, hidden.device());
  chunks.for_each([&](int64_t first, int64_t n, const Tensor& logits) {
    const Launch chunk("cross_entropy", {&logits}, int64_t(logits.bytes()));
    Tensor loss_part = loss.narrow(0, first, n), lse_part = lse.narrow(0, first, n);
    chunk(&LossKernels::cross_entropy, loss_part, lse_part, logits, to.narrow(0, first, n));
  });
  return {loss, lse};
}

void linear_cross_entropy_backward(Tensor* dhidden, bool accumulate_hidden, Tensor* dw, bool accumulate_w,
                                   const Tensor& hidden, const Tensor& w, const Tensor& bias, const Tensor& targets,
                                   const Tensor& lse, const Tensor& weight) {
  const char* op = "linear_cross_entropy_backward";
  const Chunks chunks(op, hidden, w, bias);
  const Launch launch(op, {dhidden, dw, &hidden, &w, &bias, &targets, &lse, &weight},
                      int64_t(hidden.bytes() + w.bytes()));
  const Tensor to = targets.contiguous(), scale = weight.contiguous(), sums = lse.contiguous();
  if (dw != nullptr && chunks.tokens == 0 && !accumulate_w) dw->fill(0);
  Tensor all;  // the sum of several chunks, where dw holds what it is added to
  if (dw != nullptr && accumulate_w && chunks.tokens > chunks.rows)
    all = Tensor::empty(dw->shape(), dw->dtype(), dw->device());
  Tensor* const sum = all.defined() ? &all : dw;
  chunks.for_each([&](int64_t first, int64_t n, Tensor logits) {
    {
      const Launch chunk("cross_entropy_backward", {&logits}, int64_t(2 * logits.bytes()));
      chunk(&LossKernels::cross_entropy_backward, logits, logits, sums.narrow(0, first, n), to.narrow(0, first, n),
            scale.narrow(0, first, n));
    }
    if (dhidden != nullptr) {
      Tensor rows = dhidden->narrow(0, first, n);
      matmul_into(rows, logits, w, false, false, accumulate_hidden);
    }
    if (sum == nullptr) return;
    const bool add = first > 0 || (accumulate_w && sum == dw);
    matmul_into(*sum, logits, hidden.narrow(0, first, n), true, false, add);
  });
  if (all.defined()) accumulate_(*dw, all);
}

}  // namespace tensor
