// Ops that choose by ids: rows of a table, one number per row, the largest numbers of a row. Every op that follows ids
// checks them first, so that a wrong token id is a message and not a wrong address.
#pragma once

#include "tensor/ids.h"
#include "tensor/sequences.h"
#include "tensor/target.h"

namespace tensor {

// Returns y[t..., d...] = table[ids[t...], d...]; table[v, d...] of any dtype, ids[t...]
Tensor gather_rows(const Tensor& table, const Ids& ids);
// Does the same under the name that the user of a token table knows.
Tensor embedding(const Tensor& table, const Ids& ids);
// Writes dtable[v, d...] = scale * the sum of dy[t..., d...] over t with ids[t...] = v, formed in the order of t. The
// row `padding` gets nothing; -1 is no row. dtable has the acc dtype of dy.
void gather_rows_backward(Target dtable, const Tensor& dy, const Ids& ids, double scale, int32_t padding);

// Returns order[t] i32, a stable ascending sort of the positions in ids[t...]; Ids::order() keeps it.
Tensor sort_ids(const Tensor& ids);

// Returns y[n, d...] with y[ids[t]] = x[t] and 0 elsewhere; x[t, d...] of any dtype, ids[t] distinct. The gradient of x
// is gather_rows of dy.
Tensor scatter_rows(const Tensor& x, const Ids& ids, int64_t n);

// Returns y[t..., d] = scale * tokens[ids[t...], d] + positions[at[t...], d]; tokens[v, d], positions[n, d]. The
// gradients are gather_rows_backward, with `scale` for the tokens.
Tensor embedding_sum(const Tensor& tokens, const Tensor& positions, const Ids& ids, const Ids& at, double scale);

struct TopK {
  Tensor values;   // [..., k]
  Tensor indices;  // [..., k] i32
};

// Returns the k largest of each row of x[..., n], 0 <= k <= n, descending. The lower index is first where they are
// equal; nan counts as -inf.
TopK top_k(const Tensor& x, int64_t k);

// Returns y[t...] = x[t..., ids[t...]] with x[t..., n], ids[t...].
Tensor pick(const Tensor& x, const Ids& ids);
// Returns dx[t..., n] = dy[t...] at ids[t...], else 0.
Tensor pick_backward(const Tensor& dy, const Ids& ids, int64_t n);

// Writes logits[rows[i], tokens[i]] = value; rows[t], tokens[t]. So it puts what a search forbids into the logits[r, v]
// where they are; their rows are dense and lie at any stride.
void edit_logits(Tensor& logits, const Ids& rows, const Ids& tokens, double value);
// Makes every logit in row rows[i] -inf but those of the tokens in sequence i of lists. No two rows are the same.
// tokens[t] are those of all sequences, in any order within one.
void keep_only(Tensor& logits, const Ids& rows, const Sequences& lists, const Ids& tokens);

}  // namespace tensor
