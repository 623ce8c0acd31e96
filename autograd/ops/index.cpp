#include "autograd/ops/index.h"

#include "autograd/node.h"
#include "autograd/ops/composite.h"
#include "tensor/ops/index.h"

namespace autograd {

namespace {

// Writes the gradient of a table. It is summed in the acc dtype, which a parameter's buffer has. What another op made
// takes its gradient in its own dtype, whole and once.
void add_rows(GradOut& dx, size_t i, const Tensor& dy, const Ids& ids, double scale, int32_t padding) {
  if (!dx.wants(i)) return;
  Target to = dx.into(i);
  const DType acc = tensor::acc_dtype(dy.dtype());
  if (to.tensor.dtype() == acc) return tensor::gather_rows_backward(to, dy, ids, scale, padding);
  const Tensor sums = Tensor::empty(to.tensor.shape(), acc, to.tensor.device());
  tensor::gather_rows_backward({sums}, dy, ids, scale, padding);
  to.tensor.copy_from(sums);
}

struct GatherRowsNode final : Node {
  explicit GatherRowsNode(const char* op) : op(op) {}
  const char* op;
  SavedValue<Ids> ids{*this};
  int32_t padding = -1;
  const char* name() const override { return op; }
  void backward(std::span<const Tensor> dy, GradOut& dx) override { add_rows(dx, 0, dy[0], ids.get(), 1, padding); }
};

Variable gathered(const char* op, const Variable& table, const Ids& ids, const Tensor& y, int32_t padding = -1) {
  if (!needs_node({table})) return y;
  auto node = std::make_shared<GatherRowsNode>(op);
  node->ids = ids;
  node->padding = padding;
  return record(std::move(node), {table}, y);
}

struct ScatterRowsNode final : Node {
  SavedValue<Ids> ids{*this};
  const char* name() const override { return "scatter_rows"; }
  void backward(std::span<const Tensor> dy, GradOut& dx) override { dx.give(0, tensor::gather_rows(dy[0], ids.get())); }
};

struct EmbeddingSumNode final : Node {
  SavedValue<Ids> ids{*this}, at{*this};
  double scale = 1;
  int32_t padding = -1;
  const char* name() const override { return "embedding_sum"; }
  void backward(std::span<const Tensor> dy, GradOut& dx) override {
    add_rows(dx, 0, dy[0], ids.get(), scale, padding);
    add_rows(dx, 1, dy[0], at.get(), 1, -1);
  }
};

struct PickNode final : Node {
  SavedValue<Ids> ids{*this};
  int64_t n = 0;
  const char* name() const override { return "pick"; }
  void backward(std::span<const Tensor> dy, GradOut& dx) override {
    dx.give(0, tensor::pick_backward(dy[0], ids.get(), n));
  }
};

}  // namespace

Variable gather_rows(const Variable& table, const Ids& ids) {
  return gathered("gather_rows", table, ids, tensor::gather_rows(table.value(), ids));
}

Variable embedding(const Variable& table, const Ids& ids, int32_t padding) {
  return gathered("embedding", table, ids, tensor::embedding(table.value(), ids), padding);
}

Variable scatter_rows(const Variable& x, const Ids& ids, int64_t n) {
  const Tensor y = tensor::scatter_rows(x.value(), ids, n);
  if (!needs_node({x})) return y;
  auto node = std::make_shared<ScatterRowsNode>();
  node->ids = ids;
  return record(std::move(node), {x}, y);
}

Variable embedding_sum(const Variable& tokens, const Variable& positions, const Ids& ids, const Ids& at, double scale,
                       int32_t padding) {
  if (!fused()) return composite::embedding_sum(tokens, positions, ids, at, scale, padding);
  const Tensor y = tensor::embedding_sum(tokens.value(), positions.value(), ids, at, scale);
  if (!needs_node({tokens, positions})) return y;
  auto node = std::make_shared<EmbeddingSumNode>();
  node->ids = ids;
  node->at = at;
  node->scale = scale;
  node->padding = padding;
  return record(std::move(node), {tokens, positions}, y);
}

Variable pick(const Variable& x, const Ids& ids) {
  const Tensor y = tensor::pick(x.value(), ids);
  if (!needs_node({x})) return y;
  auto node = std::make_shared<PickNode>();
  node->ids = ids;
  node->n = x.size(-1);
  return record(std::move(node), {x}, y);
}

}  // namespace autograd
