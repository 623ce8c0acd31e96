// Differentiable choice by ids; shapes and rules are those of tensor/ops/index.h. Ids are constants.
#pragma once

#include "autograd/variable.h"

namespace autograd {

// table[v, d...], ids[t...] -> [t..., d...]. The gradient is added to the table's rows in the order of t; that of a
// parameter goes straight into its gradient buffer. The row `padding` is a constant and gets none.
Variable gather_rows(const Variable& table, const Ids& ids);
Variable embedding(const Variable& table, const Ids& ids, int32_t padding = -1);

// x[t, d...], ids[t] distinct -> [n, d...], 0 in rows without an id
Variable scatter_rows(const Variable& x, const Ids& ids, int64_t n);

// scale * tokens[ids] + positions[at], the row `padding` of tokens a constant as above; tokens[v, d], positions[n, d],
// ids[t...], at[t...] -> [t..., d]
Variable embedding_sum(const Variable& tokens, const Variable& positions, const Ids& ids, const Ids& at, double scale,
                       int32_t padding = -1);

// x[t..., n], ids[t...] -> [t...]
Variable pick(const Variable& x, const Ids& ids);

}  // namespace autograd
