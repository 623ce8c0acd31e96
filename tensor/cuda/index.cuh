// The parts of the table of index kernels, each in its file. Nothing is added in the order of arrival: what is summed
// follows from the ids alone.
#pragma once

#include "tensor/cuda/kernel.cuh"
#include "tensor/cuda/tables.h"

namespace tensor::cuda {

void gather_rows_backward(Target& to, const Tensor& dy, const Tensor& ids, const Tensor& order, double scale,
                          int32_t padding, Tensor& scratch);
size_t gather_rows_backward_scratch(int64_t t, int64_t d, DType dtype);
void sort_ids(Tensor& order, const Tensor& ids, Tensor& scratch);
size_t sort_ids_scratch(int64_t t);
void top_k(Tensor& values, Tensor& indices, const Tensor& x, Tensor& scratch);
size_t top_k_scratch(int64_t r, int64_t n, int64_t k, DType dtype);
void edit_logits(Tensor& logits, const Tensor& rows, const Tensor& tokens, double value);
void keep_only(Tensor& logits, const Tensor& rows, const Sequences& lists, const Tensor& tokens, Tensor& scratch);
size_t keep_only_scratch(int64_t tokens, DType dtype);

}  // namespace tensor::cuda
