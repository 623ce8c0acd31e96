// One description per op; the harness makes every check from it.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "autograd/variable.h"

namespace tests {

using autograd::Variable;
using tensor::DType;
using tensor::Shape;
using tensor::Tensor;
using Sizes = std::vector<int64_t>;

// Makes inputs. Floating ones are f64 and differentiated; the harness rounds them to the dtype under test.
Tensor normal(const Shape& shape, uint64_t seed = 1);          // standard normal numbers
Tensor positive(const Shape& shape, uint64_t seed = 1);        // uniform in [0.5, 2)
Tensor distinct(const Shape& shape, uint64_t seed = 1);        // no two closer than 0.01: for max
Tensor ids(const Shape& shape, int64_t n, uint64_t seed = 1);  // i32 in [0, n)
Tensor i32(const std::vector<int32_t>& values);

struct OpError {
  std::vector<Tensor> inputs;
  std::string message;  // the whole text
};

struct OpCase {
  std::string name;
  // The first entry is also the size of the numeric gradient. Meaning of the numbers: the case's own.
  std::vector<Sizes> sizes;
  std::function<std::vector<Tensor>(const Sizes&)> inputs;
  std::function<std::vector<Variable>(std::span<const Variable>)> run;
  // The same function in small ops or plain loops. It may return constants: then only values are compared.
  std::function<std::vector<Variable>(std::span<const Variable>)> reference;
  std::vector<OpError> errors = {};
  std::vector<DType> dtypes = {DType::f32, DType::bf16};
  double f64_tolerance = 1e-12;  // relative to the largest magnitude
  std::vector<int> frozen = {};  // floating inputs that are constants by contract (weights of a loss, say)
};

// Runs all checks of the case, one after another, on each of test_devices(). They are no subcases of doctest's, so that
// a test case may call it for several ops. The checks:
//   gradient matches differences in f64; values and gradients match the definition in f64, f32 and bf16; views give
//   what their copies give; writes stay inside of outputs and nothing uninitialised is read; memory is counted under
//   an op; every wanted gradient arrives whichever inputs are wanted; a second run and another number of threads give
//   the same bits; a gradient is overwritten when fresh and added to when not, once and as a finished sum; errors have
//   exactly their text.
void check_op(const OpCase& op);

// A case that OP_CASE put into the list of all.
struct ListedCase {
  std::string family;  // "norm", of a case in norm_test.cpp
  std::string name;
  OpCase (*make)();
};
const std::vector<ListedCase>& listed_cases();

struct ListCase {
  ListCase(const char* file, const char* name, OpCase (*make)());
};

}  // namespace tests

// OP_CASE("name") { return {...}; } is a test case of that name, which checks the OpCase that is returned. It also puts
// the case into listed_cases(), from which kilm-selftest takes it.
#define OP_CASE(name) KILM_LISTED_OP_CASE(name, DOCTEST_ANONYMOUS(kilm_op_case_))
#define KILM_LISTED_OP_CASE(name, make)                                          \
  static tests::OpCase make();                                                   \
  static const tests::ListCase DOCTEST_CAT(make, _listed)(__FILE__, name, make); \
  TEST_CASE(name) { tests::check_op(make()); }                                   \
  static tests::OpCase make()
