// The complete contract of a backend: one struct of plain function pointers per op family. The op layer (tensor/ops)
// checks shapes, traces, allocates outputs and scratch and calls through these tables; kernels trust what they get and
// allocate nothing. Nothing above tensor/ knows which backend runs.
//
// Unless a comment says otherwise, all tensors of a call are on one device and contiguous. Floating inputs and outputs
// share a dtype T of f32, f64, bf16; sums and statistics are f32 (f64 for f64). `ids` are i32. Every size may be 0. A
// Target y is overwritten, or added to: y += x. There x is what the kernel would else have written, finished and
// rounded to the dtype of y. So adding twice in place gives the bits of two results that are added afterwards. Who may
// need memory takes it as `scratch`, u8, of as many bytes as the field NAME_scratch says, which asks for sizes alone. A
// field, or a family, left out is a null pointer; a Launch (tensor/launch.h) turns it into an error. RuntimeKernels is
// complete in every backend.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "tensor/random.h"
#include "tensor/sequences.h"
#include "tensor/target.h"
#include "tensor/tensor.h"

namespace tensor {

enum class Unary : uint8_t { neg, exp, log, sqrt, relu, tanh, gelu, gelu_tanh, silu };
enum class Binary : uint8_t { add, sub, mul, div };

struct ElementwiseKernels {
  void (*copy)(Tensor& y, const Tensor& x);  // any strides, any dtypes, one shape: the only kernel that converts
  void (*fill)(Tensor& y, double value);     // any strides, any dtype
  void (*unary)(Unary op, Tensor& y, const Tensor& x);
  void (*unary_backward)(Unary op, Tensor& dx, const Tensor& dy, const Tensor& x);
  void (*binary)(Binary op, Tensor& y, const Tensor& a, const Tensor& b);  // a and b expanded: any strides; y may be a
  void (*affine)(Tensor& y, const Tensor& x, double scale, double shift);  // y = scale x + shift
  void (*accumulate)(Tensor& y, const Tensor& x);                          // y += x; y may be f32 where x is bf16
  // y = x keep_factor(drop_threshold(p)) where random_half(at, element) is not below the threshold, else 0. Backward is
  // the same call on dy.
  void (*dropout)(Tensor& y, const Tensor& x, float p, RandomPosition at);
  // y[r, d] = dropout(op(x[r, d] + bias[d]))
  void (*bias_activation_dropout)(Unary op, Tensor& y, const Tensor& x, const Tensor& bias, float p, RandomPosition at);
  // dx from dy, x and bias; dbias[d], where wanted, sums the rows of dx. It may be f32 where dx is bf16. scratch is
  // undefined where it is not wanted
  void (*bias_activation_dropout_backward)(Unary op, Tensor& dx, Target& dbias, const Tensor& dy, const Tensor& x,
                                           const Tensor& bias, float p, RandomPosition at, Tensor& scratch);
  size_t (*bias_activation_dropout_backward_scratch)(int64_t rows, int64_t d, DType dtype);
  void (*random_normal)(Tensor& y, double mean, double stddev, RandomPosition at);  // Box-Muller, f32 precision
  void (*random_uniform)(Tensor& y, double low, double high, RandomPosition at);
};

struct ReduceKernels {
  // x[outer, n, inner] -> y[outer, inner]. y may be f32 where x is bf16
  void (*sum)(Target& y, const Tensor& x, Tensor& scratch);
  size_t (*sum_scratch)(int64_t outer, int64_t n, int64_t inner, DType dtype);
  // x[outer, n, inner], n > 0 -> y[outer, inner] and the i32 index of the first maximum
  void (*max)(Tensor& y, Tensor& index, const Tensor& x, Tensor& scratch);
  size_t (*max_scratch)(int64_t outer, int64_t n, int64_t inner, DType dtype);
  void (*square_norm)(Tensor& y, const Tensor& x, Tensor& scratch);  // any shape -> y[1] f64: sum of squares
  size_t (*square_norm_scratch)(int64_t numel);
  void (*all_finite)(Tensor& y, const Tensor& x, Tensor& scratch);  // any shape -> y[1] u8: 1 if none is inf or nan
  size_t (*all_finite_scratch)(int64_t numel);
};

struct MatmulKernels {
  // c[b, m, n] = op(a) op(b) + bias[n]. a is stored [b, m, k], or [b, k, m] if a_transposed; b is [b, k, n], or
  // [b, n, k] if b_transposed. The last dimensions are contiguous, rows and batches at any stride, those of c without
  // overlap. c may be f32 where a and b are bf16. bias, of c's dtype, is null where not wanted and where c is added to.
  // On the CPU an element of c depends on its row of op(a) and its column of op(b) alone, bit by bit. On cuda it also
  // depends on the sizes and strides of the call. There a bf16 c that is added to may be rounded once, not twice.
  void (*gemm)(Target& c, const Tensor& a, bool a_transposed, const Tensor& b, bool b_transposed, const Tensor* bias,
               Tensor& scratch);
  // for the same arguments, of which sizes, strides and addresses count
  size_t (*gemm_scratch)(const Target& c, const Tensor& a, bool a_transposed, const Tensor& b, bool b_transposed);
};

struct IndexKernels {
  void (*gather_rows)(Tensor& y, const Tensor& table, const Tensor& ids);  // y[t, d] = table[ids[t], d], any dtype
  // dtable[v, d] = scale * sum of dy[t, d] over t with ids[t] = v, in an order that follows from the ids alone. It may
  // be f32 where dy is bf16. order[t] i32 is a stable sort of t by id. Rows without an id, and that of `padding`,
  // become 0, or stay as they are where dtable is added to.
  void (*gather_rows_backward)(Target& dtable, const Tensor& dy, const Tensor& ids, const Tensor& order, double scale,
                               int32_t padding, Tensor& scratch);
  size_t (*gather_rows_backward_scratch)(int64_t t, int64_t d, DType dtype);  // of dy
  void (*sort_ids)(Tensor& order, const Tensor& ids, Tensor& scratch);        // stable, ascending
  size_t (*sort_ids_scratch)(int64_t t);
  void (*scatter_rows)(Tensor& y, const Tensor& x, const Tensor& ids);  // y[ids[t], d] = x[t, d], ids distinct
  // y[t, d] = scale * tokens[ids[t], d] + positions[at[t], d]
  void (*embedding_sum)(Tensor& y, const Tensor& tokens, const Tensor& positions, const Tensor& ids, const Tensor& at,
                        double scale);
  // x[r, n] -> [r, k] descending, ties: lower index; nan counts as -inf
  void (*top_k)(Tensor& values, Tensor& indices, const Tensor& x, Tensor& scratch);
  size_t (*top_k_scratch)(int64_t r, int64_t n, int64_t k, DType dtype);
  void (*pick)(Tensor& y, const Tensor& x, const Tensor& ids);             // y[t] = x[t, ids[t]]
  void (*pick_backward)(Tensor& dx, const Tensor& dy, const Tensor& ids);  // dx[t, n] = dy[t] at ids[t], else 0
  // Rows of logits[r, v] lie at any stride in the next two. logits[rows[i], tokens[i]] = value; a pair may come twice
  void (*edit_logits)(Tensor& logits, const Tensor& rows, const Tensor& tokens, double value);
  // Row rows[i], no two of which are the same, becomes -inf but for the tokens at lists.offsets()[i] .. [i + 1].
  void (*keep_only)(Tensor& logits, const Tensor& rows, const Sequences& lists, const Tensor& tokens, Tensor& scratch);
  size_t (*keep_only_scratch)(int64_t tokens, DType dtype);  // of the logits
};

struct NormKernels {
  // y = (x - mean) rstd w + b per row of x[r, d]; mean[r] and rstd[r] are acc dtype. Ba et al. 2016
  void (*layer_norm)(Tensor& y, Tensor& mean, Tensor& rstd, const Tensor& x, const Tensor& w, const Tensor& b,
                     double eps);
  // dw[d] and db[d] (acc dtype), where wanted, are sums over rows in a fixed order; scratch is undefined if neither is.
  // Where `dropped` is defined it becomes ElementwiseKernels::dropout of dx.
  void (*layer_norm_backward)(Tensor& dx, Tensor& dropped, Target& dw, Target& db, const Tensor& dy, const Tensor& x,
                              const Tensor& mean, const Tensor& rstd, const Tensor& w, float p, RandomPosition at,
                              Tensor& scratch);
  size_t (*layer_norm_backward_scratch)(int64_t rows, int64_t d, DType dtype);
  // sum = residual + dropout(x); y = layer_norm(sum): the residual step of a post-norm transformer in one pass
  void (*dropout_add_layer_norm)(Tensor& y, Tensor& sum, Tensor& mean, Tensor& rstd, const Tensor& x,
                                 const Tensor& residual, const Tensor& w, const Tensor& b, double eps, float p,
                                 RandomPosition at);
};

// One attention call over packed sequences. Sequence i has queries cu_q[i] .. cu_q[i+1] and keys cu_k[i] .. cu_k[i+1];
// cu_q and cu_k have one number of sequences.
struct AttentionOptions {
  double scale = 1;
  bool causal = false;  // query j of a sequence sees keys 0 .. j + (keys - queries)
  float dropout = 0;    // on probabilities, of at most kMaxDropoutKeys keys
  RandomPosition at{};
};

// The element of the random stream that decides on a query's probability of key column 0 of its sequence. Those of the
// other columns follow, up to the next query or head.
constexpr int64_t kMaxDropoutKeys = int64_t(1) << 16;
KILM_HD inline uint64_t attention_element(int64_t query_row, int64_t heads, int64_t head) {
  return uint64_t(query_row * heads + head) * uint64_t(kMaxDropoutKeys);
}

struct AttentionKernels {
  // q[tq, h, d], k and v[tk, h, d]: the last dimension contiguous, rows and heads at any stride (views into a fused
  // projection). out[tq, h, d] contiguous, lse[tq, h] acc dtype (-inf where a query sees no key; out is 0 there).
  // Softmax is computed online, so nothing of size queries x keys is stored. Dao et al. 2022.
  void (*attention)(Tensor& out, Tensor& lse, const Tensor& q, const Tensor& k, const Tensor& v, const Sequences& cu_q,
                    const Sequences& cu_k, const AttentionOptions& options, Tensor& scratch);
  // dq, dk, dv strided as q, k, v may be, and overwritten
  void (*attention_backward)(Tensor& dq, Tensor& dk, Tensor& dv, const Tensor& dout, const Tensor& q, const Tensor& k,
                             const Tensor& v, const Tensor& out, const Tensor& lse, const Sequences& cu_q,
                             const Sequences& cu_k, const AttentionOptions& options, Tensor& scratch);
  // for either
  size_t (*attention_scratch)(const Tensor& q, const Sequences& cu_q, const Sequences& cu_k, bool backward);
  // One step of decoding: query i of q[b, h, d] sees rows keys[i, 0 .. length[i]) of k and v[n, h, d], strided as
  // above. keys[b, m] i32 with m >= length[b] i32; out[b, h, d] contiguous, 0 where length is. A row of out depends on
  // its own query and keys alone, bit by bit.
  void (*decode_attention)(Tensor& out, const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& keys,
                           const Tensor& length, float scale, Tensor& scratch);
  size_t (*decode_attention_scratch)(const Tensor& q, int64_t m);  // bytes of u8 that it wants
  void (*softmax)(Tensor& y, const Tensor& x);                     // rows of x[r, n]
  void (*softmax_backward)(Tensor& dx, const Tensor& dy, const Tensor& y);
};

// Logits are [t, v] with the rows at any stride: memory may have more columns, of which nothing is read or written.
struct LossKernels {
  // how many of t rows of v logits linear_cross_entropy should hold at a time, at least 1
  int64_t (*chunk_rows)(int64_t t, int64_t v, DType dtype);
  void (*log_sum_exp)(Tensor& lse, const Tensor& logits);  // lse[t], acc dtype
  // loss[t] = lse[t] - logits[t, target[t]], both acc dtype; 0 where target is negative (ignored)
  void (*cross_entropy)(Tensor& loss, Tensor& lse, const Tensor& logits, const Tensor& targets, Tensor& scratch);
  size_t (*cross_entropy_scratch)(int64_t t, int64_t v, DType dtype);
  // dlogits[t, v] = weight[t] (softmax(logits[t]) - onehot(target[t])), 0 where target is negative; weight acc dtype;
  // dlogits may be logits itself
  void (*cross_entropy_backward)(Tensor& dlogits, const Tensor& logits, const Tensor& lse, const Tensor& targets,
                                 const Tensor& weight);
  // Both in one: loss[t] as above, and logits become what dlogits would.
  void (*cross_entropy_in_place)(Tensor& loss, Tensor& logits, const Tensor& targets, const Tensor& weight);
  // sums[groups[t]] f64 += loss[t] acc dtype, in an order that follows from t alone; groups i32, a negative one is none
  void (*group_sums)(Tensor& sums, const Tensor& loss, const Tensor& groups);
};

struct AdamWOptions {
  double learning_rate = 0;
  double beta1 = 0.9, beta2 = 0.999, eps = 1e-8;
  double weight_decay = 0;
  int64_t decayed = 0;  // weight_decay is for the first so many numbers; the rest does not decay
  int64_t step = 1;     // counted from 1, for the bias correction
};

struct UpdateKernels {
  // Loshchilov & Hutter 2019, on flat buffers. master, m, v, grad: f32 or f64; working gets master's value in its own
  // dtype (it may be master itself). grad is multiplied by clip[0] f64; nothing changes where that is 0 or nan.
  void (*adamw)(Tensor& working, Tensor& master, Tensor& m, Tensor& v, const Tensor& grad, const Tensor& clip,
                const AdamWOptions& options);
  // clip[1] f64 = min(1, max_norm / sqrt(square_norm[1])); max_norm <= 0: no clipping. 0 if the norm or one of
  // losses[n] f64, which may be undefined, is not finite.
  void (*clip_factor)(Tensor& clip, const Tensor& square_norm, const Tensor& losses, double max_norm);
};

struct DeviceInfo {
  std::string name;
  size_t memory_total = 0, memory_free = 0;        // bytes
  int multiprocessors = 0;                         // of the CPU: threads that its kernels run on
  int capability_major = 0, capability_minor = 0;  // of CUDA
};

struct MemorySource;  // tensor/allocator.h

// What a device offers beside kernels; runtime.h says how it is used. What takes a stream queues its work there and
// returns, also a kernel of any family, which goes to the thread's current stream. Devices exist: they are below the
// count.
struct RuntimeKernels {
  int (*device_count)();  // of the backend's type; 0: the machine has none
  DeviceInfo (*device_info)(Device device);
  std::unique_ptr<MemorySource> (*memory)(Device device);  // what the caching allocator of the device is made over
  std::unique_ptr<MemorySource> (*pinned_memory)(Device device);  // of the host: copies to the device read it late

  StreamId (*create_stream)(Device device);  // for as long as the program runs: memory may name it at any time
  void (*wait_for_stream)(Device device, StreamId stream);  // the host waits until all that is queued is done

  // Bytes, at least one. What is read of the host has been read when the call returns; pinned memory may be read until
  // the stream is done with the copy. What is written to the host is right once the stream was waited for.
  void (*fill)(Device device, std::byte* to, uint8_t value, size_t bytes, StreamId stream);
  void (*copy)(Device device, std::byte* to, const std::byte* from, size_t bytes, StreamId stream);
  void (*copy_to_device)(Device device, std::byte* to, const void* from, size_t bytes, StreamId stream);
  void (*copy_to_host)(Device device, void* to, const std::byte* from, size_t bytes, StreamId stream);

  EventId (*record)(Device device, StreamId stream);  // the point that the stream has reached
  bool (*finished)(Device device, EventId event);
  void (*wait_for_event)(Device device, EventId event);  // the host waits
  // What is queued in the stream from now on comes after the event, which may then be destroyed.
  void (*stream_waits)(Device device, StreamId stream, EventId event);
  void (*destroy_event)(Device device, EventId event);

  // Between the first two, work of this thread in the stream is recorded instead of run. begin_capture throws Error on
  // a device that cannot do that.
  void (*begin_capture)(Device device, StreamId stream);
  GraphId (*end_capture)(Device device, StreamId stream);
  void (*launch_graph)(Device device, GraphId graph, StreamId stream);
  void (*destroy_graph)(Device device, GraphId graph);
};

// The families: X(name, Type) is the field `name` of a backend, of type TypeKernels. The CPU has a table `name_kernels`
// per instruction set (tensor/cpu/tables.h). What goes through the families takes them from here.
#define KILM_FAMILIES(X)      \
  X(elementwise, Elementwise) \
  X(reduce, Reduce)           \
  X(matmul, Matmul)           \
  X(index, Index)             \
  X(norm, Norm)               \
  X(attention, Attention)     \
  X(loss, Loss)               \
  X(update, Update)

struct Backend {
  const char* name;
  const RuntimeKernels* runtime = nullptr;
#define KILM_FIELD(name, Type) const Type##Kernels* name = nullptr;
  KILM_FAMILIES(KILM_FIELD)
#undef KILM_FIELD
};

// Returns the table of a family, found by its type; null where the backend lacks the family.
template <class Table>
const Table* table_of(const Backend& backend);
#define KILM_TABLE(name, Type)                                   \
  template <>                                                    \
  inline const Type##Kernels* table_of(const Backend& backend) { \
    return backend.name;                                         \
  }
KILM_FAMILIES(KILM_TABLE)
#undef KILM_TABLE

const Backend& cpu_backend();  // the tables of the best instruction set this CPU has (KILM_ISA overrides)

// Returns the backend of a type of device, chosen at the first call. Throws UsageError that says what is missing where
// the machine cannot run it: a driver, a device, a library.
using BackendProvider = const Backend& (*)();
// Makes kernels() ask `provider` from now on; null takes the backend of that type away. The CPU's is there from the
// start.
void register_backend(DeviceType type, BackendProvider provider);
// Throws UsageError("this program was built without CUDA; configure with -DKILM_CUDA=ON"), or what the provider throws.
const Backend& kernels(Device device);

// Throws Error("layer_norm: no cuda:0 kernel in this build").
[[noreturn]] void missing_kernel(const char* op, Device device);

}  // namespace tensor
