// cuBLASLt knows column-major matrices. A row-major matrix is the transpose of a column-major one in the same memory,
// so c = op(a) op(b) is asked for as c' = op(b)' op(a)', with the operands exchanged and nothing moved.
#include "tensor/cuda/blas.h"

#include <cublasLt.h>

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <string>

#include "tensor/cuda/library.h"
#include "tensor/cuda/runtime.h"
#include "tensor/format.h"
#include "tensor/trace.h"

namespace tensor::cuda {

namespace {

constexpr size_t kWorkspace = size_t(32) << 20;  // what NVIDIA recommends from Hopper on

struct Functions {
  Library library{"cuBLASLt, which makes matrix products,", {"libcublasLt.so.13", "libcublasLt.so.12"}};
#define KILM_FUNCTION(name) decltype(::name)* name = library.function<decltype(::name)>(#name);
  KILM_FUNCTION(cublasLtCreate)
  KILM_FUNCTION(cublasLtGetVersion)
  KILM_FUNCTION(cublasLtGetStatusString)
  KILM_FUNCTION(cublasLtMatmul)
  KILM_FUNCTION(cublasLtMatmulDescCreate)
  KILM_FUNCTION(cublasLtMatmulDescSetAttribute)
  KILM_FUNCTION(cublasLtMatrixLayoutCreate)
  KILM_FUNCTION(cublasLtMatrixLayoutSetAttribute)
  KILM_FUNCTION(cublasLtMatmulPreferenceCreate)
  KILM_FUNCTION(cublasLtMatmulPreferenceDestroy)
  KILM_FUNCTION(cublasLtMatmulPreferenceSetAttribute)
  KILM_FUNCTION(cublasLtMatmulAlgoGetHeuristic)
  KILM_FUNCTION(cublasLtMatmulAlgoConfigGetAttribute)
#undef KILM_FUNCTION
};

const Functions& lt() {
  static const Functions& functions = *new Functions;
  return functions;
}

// Throws Error("matmul: cublasLtMatmul: CUBLAS_STATUS_INVALID_VALUE (7)") unless it is a success.
void check_blas(cublasStatus_t status, const char* what) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  const char* op = Trace::innermost();
  base::fail(
      base::format("{}: {}: {} ({})", op ? op : "matmul", what, lt().cublasLtGetStatusString(status), int(status)));
}

cublasLtHandle_t handle_of(int device) {
  static std::map<int, cublasLtHandle_t>& handles = *new std::map<int, cublasLtHandle_t>;
  cublasLtHandle_t& handle = handles[device];
  if (!handle) check_blas(lt().cublasLtCreate(&handle), "cublasLtCreate");
  return handle;
}

cudaDataType_t type_of(DType dtype) { return dtype == DType::f32 ? CUDA_R_32F : CUDA_R_16BF; }

// ---- what a way is chosen for: everything but the addresses

using Key = std::array<int64_t, 16>;

Key key_of(const BlasProduct& p, int device) {
  return {device,
          p.batches,
          p.m,
          p.n,
          p.k,
          int64_t(p.dtype),
          int64_t(p.c_dtype),
          p.a.transposed + 2 * p.b.transposed,
          p.a.stride,
          p.a.batch_stride,
          p.b.stride,
          p.b.batch_stride,
          p.c_stride,
          p.c_batch_stride,
          p.bias != nullptr,
          p.accumulate};
}

// ---- the way: descriptors, and an algorithm of cuBLASLt. It is never taken apart

struct Way {
  cublasLtMatmulDesc_t product;
  cublasLtMatrixLayout_t left, right, result;
  cublasLtMatmulAlgo_t algorithm;

  void set_bias(const void* bias) {
    check_blas(lt().cublasLtMatmulDescSetAttribute(product, CUBLASLT_MATMUL_DESC_BIAS_POINTER, &bias, sizeof bias),
               "the bias of a product");
  }
};

cublasLtMatrixLayout_t layout(DType dtype, int64_t rows, int64_t columns, int64_t stride, int64_t batches,
                              int64_t batch_stride) {
  cublasLtMatrixLayout_t layout;
  check_blas(lt().cublasLtMatrixLayoutCreate(&layout, type_of(dtype), uint64_t(rows), uint64_t(columns), stride),
             "cublasLtMatrixLayoutCreate");
  const auto set = [&](cublasLtMatrixLayoutAttribute_t attribute, auto value) {
    check_blas(lt().cublasLtMatrixLayoutSetAttribute(layout, attribute, &value, sizeof value), "a matrix layout");
  };
  set(CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, int32_t(batches));
  set(CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, batch_stride);
  return layout;
}

cublasLtMatrixLayout_t layout(const BlasProduct& p, const BlasOperand& x, int64_t rows, int64_t columns) {
  if (x.transposed) std::swap(rows, columns);
  return layout(p.dtype, columns, rows, x.stride, p.batches, x.batch_stride);
}

// Describes the product to cuBLASLt. f32 stays f32: CUBLAS_COMPUTE_32F rules TF32 out.
cublasLtMatmulDesc_t description(const BlasProduct& p) {
  cublasLtMatmulDesc_t product;
  check_blas(lt().cublasLtMatmulDescCreate(&product, CUBLAS_COMPUTE_32F, CUDA_R_32F), "cublasLtMatmulDescCreate");
  const auto set = [&](cublasLtMatmulDescAttributes_t attribute, auto value) {
    check_blas(lt().cublasLtMatmulDescSetAttribute(product, attribute, &value, sizeof value), "a matrix product");
  };
  set(CUBLASLT_MATMUL_DESC_TRANSA, p.b.transposed ? CUBLAS_OP_T : CUBLAS_OP_N);
  set(CUBLASLT_MATMUL_DESC_TRANSB, p.a.transposed ? CUBLAS_OP_T : CUBLAS_OP_N);
  if (p.bias) set(CUBLASLT_MATMUL_DESC_EPILOGUE, CUBLASLT_EPILOGUE_BIAS);
  return product;
}

cublasLtMatmulPreference_t preference() {
  cublasLtMatmulPreference_t preference;
  check_blas(lt().cublasLtMatmulPreferenceCreate(&preference), "cublasLtMatmulPreferenceCreate");
  const auto set = [&](cublasLtMatmulPreferenceAttributes_t attribute, auto value) {
    check_blas(lt().cublasLtMatmulPreferenceSetAttribute(preference, attribute, &value, sizeof value),
               "what a product should keep to");
  };
  set(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, kWorkspace);
  set(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, uint32_t(CUBLASLT_REDUCTION_SCHEME_NONE));  // no split sums
  for (const auto attribute : {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
                               CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES})
    set(attribute, uint32_t(kBlasAlignment));
  return preference;
}

// Describes the product: "32768 x 3072 x 768, bf16 to bf16, plus bias".
std::string describe(const BlasProduct& p) {
  return base::format("{}{} x {} x {}{}, {} to {}{}", p.batches > 1 ? base::format("{} of ", p.batches) : "", p.m, p.n,
                      p.k,
                      p.a.transposed || p.b.transposed
                          ? base::format(" ({}{}transposed)", p.a.transposed ? "a " : "", p.b.transposed ? "b " : "")
                          : "",
                      p.dtype, p.c_dtype,
                      p.bias         ? ", plus bias"
                      : p.accumulate ? ", added"
                                     : "");
}

void note_choice(const BlasProduct& p, const cublasLtMatmulHeuristicResult_t& choice) {
  const auto number = [&](cublasLtMatmulAlgoConfigAttributes_t attribute) {
    int32_t value = 0;
    size_t written = 0;
    lt().cublasLtMatmulAlgoConfigGetAttribute(&choice.algo, attribute, &value, sizeof value, &written);
    return value;
  };
  const size_t version = lt().cublasLtGetVersion();
  trace_note(base::format("matmul {}: cuBLASLt {}.{} algorithm {}, tile {}, stages {}, split {}, {:.2f} waves",
                          describe(p), version / 10000, version / 100 % 100, number(CUBLASLT_ALGO_CONFIG_ID),
                          number(CUBLASLT_ALGO_CONFIG_TILE_ID), number(CUBLASLT_ALGO_CONFIG_STAGES_ID),
                          number(CUBLASLT_ALGO_CONFIG_SPLITK_NUM), double(choice.wavesCount)));
}

Way choose(const BlasProduct& p, cublasLtHandle_t handle) {
  Way way{.product = description(p),
          .left = layout(p, p.b, p.k, p.n),
          .right = layout(p, p.a, p.m, p.k),
          .result = layout(p.c_dtype, p.n, p.m, p.c_stride, p.batches, p.c_batch_stride),
          .algorithm = {}};
  if (p.bias) way.set_bias(reinterpret_cast<const void*>(kBlasAlignment));  // only how it is aligned matters here
  const cublasLtMatmulPreference_t wanted = preference();
  cublasLtMatmulHeuristicResult_t choice{};
  int found = 0;
  const cublasStatus_t status = lt().cublasLtMatmulAlgoGetHeuristic(handle, way.product, way.left, way.right,
                                                                    way.result, way.result, wanted, 1, &choice, &found);
  check_blas(lt().cublasLtMatmulPreferenceDestroy(wanted), "cublasLtMatmulPreferenceDestroy");
  if (status != CUBLAS_STATUS_NOT_SUPPORTED) check_blas(status, "cublasLtMatmulAlgoGetHeuristic");
  base::check(found > 0 && choice.state == CUBLAS_STATUS_SUCCESS, "matmul: cuBLASLt has no algorithm for {}",
              describe(p));
  way.algorithm = choice.algo;
  note_choice(p, choice);
  return way;
}

}  // namespace

void open_blas() { lt(); }

size_t blas_workspace() { return kWorkspace; }

void gemm(const BlasProduct& p, std::byte* workspace, cudaStream_t stream) {
  static std::mutex mutex;
  static std::map<Key, Way>& ways = *new std::map<Key, Way>;
  int device = 0;
  check_cuda(cudaGetDevice(&device), "cudaGetDevice");
  const std::lock_guard lock(mutex);  // the bias is part of the way
  const cublasLtHandle_t handle = handle_of(device);
  const Key key = key_of(p, device);
  auto way = ways.find(key);
  if (way == ways.end()) way = ways.emplace(key, choose(p, handle)).first;
  Way& w = way->second;
  if (p.bias) w.set_bias(p.bias);
  const float one = 1, beta = p.accumulate ? 1 : 0;
  check_blas(lt().cublasLtMatmul(handle, w.product, &one, p.b.data, w.left, p.a.data, w.right, &beta, p.c, w.result,
                                 p.c, w.result, &w.algorithm, workspace, kWorkspace, stream),
             "cublasLtMatmul");
  check_launch(cudaSuccess, stream);  // which waits with KILM_SYNC=1, as behind a kernel
}

}  // namespace tensor::cuda
