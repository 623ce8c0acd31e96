// Ops that choose by ids: rows of a table, one number per row, the largest numbers of a row. Ids are i32, and every op
// that follows ids checks them first, so that a wrong token id is a message and not a wrong address.
#pragma once

#include "tensor/target.h"

namespace tensor {

// Throws Error("embedding: id 50270 at position 3 is outside of [0, 50265)"), or an Error if ids are not i32.
void check_ids(const char* op, const Tensor& ids, int64_t n);

// y[t..., d...] = table[ids[t...], d...]; table[v, d...] of any dtype, ids[t...]
Tensor gather_rows(const Tensor& table, const Tensor& ids);
// The same under the name that the user of a token table knows.
Tensor embedding(const Tensor& table, const Tensor& ids);
// dtable[v, d...] = scale * the sum of dy[t..., d...] over t with ids[t...] = v, formed in the order of t. The row
// `padding` gets nothing; -1 is no row. dtable has the acc dtype of dy.
void gather_rows_backward(Target dtable, const Tensor& dy, const Tensor& ids, double scale, int32_t padding);

// order[t] i32, a stable ascending sort of the positions in ids[t...]
Tensor sort_ids(const Tensor& ids);

// y[n, d...] with y[ids[t]] = x[t] and 0 elsewhere; x[t, d...] of any dtype, ids[t] distinct. The gradient of x is
// gather_rows of dy.
Tensor scatter_rows(const Tensor& x, const Tensor& ids, int64_t n);

// y[t..., d] = scale * tokens[ids[t...], d] + positions[at[t...], d]; tokens[v, d], positions[n, d]. The gradients are
// gather_rows_backward, with `scale` for the tokens.
Tensor embedding_sum(const Tensor& tokens, const Tensor& positions, const Tensor& ids, const Tensor& at, double scale);

struct TopK {
  Tensor values;   // [..., k]
  Tensor indices;  // [..., k] i32
};

// The k largest of each row of x[..., n], 0 <= k <= n, descending; the lower index first where they are equal; nan
// counts as -inf.
TopK top_k(const Tensor& x, int64_t k);

// y[t...] = x[t..., ids[t...]] with x[t..., n], ids[t...]
Tensor pick(const Tensor& x, const Tensor& ids);
// dx[t..., n] = dy[t...] at ids[t...], else 0
Tensor pick_backward(const Tensor& dy, const Tensor& ids, int64_t n);

}  // namespace tensor
