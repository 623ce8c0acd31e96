// What programs may call without a header of the framework: products of two square matrices.
#include "tensor/ops/matmul.h"

extern "C" void multiply(double* c, const double* a, const double* b, int n) {
  const auto matrix = [n](const double* x) {
    return tensor::Tensor::from({n, n}, std::span(x, size_t(n) * size_t(n)));
  };
  const std::vector<double> product = tensor::matmul(matrix(a), matrix(b)).to_vector<double>();
  std::copy(product.begin(), product.end(), c);
}
