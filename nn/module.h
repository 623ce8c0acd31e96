// Modules: structs with parameters and children, and one `visit` each, which is the only place where names exist.
// Saving, loading, initialising, counting, flattening and decay grouping all work on the list that visiting gives. The
// order of that list is the order in the flat buffers.
#pragma once

#include <concepts>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "autograd/variable.h"
#include "tensor/base/scoped.h"

namespace nn {

using autograd::DType;
using autograd::Ids;
using autograd::Sequences;
using autograd::Shape;
using autograd::Tensor;
using autograd::Variable;

class Module;

// One published name: a parameter or buffer, or some of its rows. One fused [3d, d] projection is thus one gemm, one
// gradient and one optimizer slice, while files see q_proj, k_proj and v_proj.
struct Entry {
  std::string name;               // Hugging Face's: "model.encoder.layers.0.self_attn.q_proj.weight"
  Variable* parameter = nullptr;  // null for a buffer
  Tensor* buffer = nullptr;       // saved but not trained; null for a parameter
  int64_t begin = 0, end = 0;     // rows [begin, end) of dimension 0
  bool alias = false;             // another name of rows that came before (tied weights)

  Tensor tensor() const;  // view of the published rows
};

class Visitor {
 public:
  void operator()(std::string_view name, Module& child);
  void operator()(std::string_view name, Variable& parameter);
  void rows(std::string_view name, Variable& parameter, int64_t begin, int64_t end);
  void buffer(std::string_view name, Tensor& tensor);

 private:
  friend std::vector<Entry> entries(Module& module);
  std::string path(std::string_view name) const;

  std::string prefix_;
  std::vector<Entry> entries_;
};

class Module {
 public:
  Module() = default;
  Module(Module&&) = default;
  Module& operator=(Module&&) = default;
  virtual ~Module() = default;
  virtual void visit(Visitor& v) = 0;
};

std::vector<Entry> entries(Module& module);        // in visiting order, aliases marked
std::vector<Variable> parameters(Module& module);  // each once, in visiting order
int64_t parameter_count(Module& module);           // numbers in parameters() that an entry publishes

// Moves every parameter, with its gradient, and every buffer to the device. Modules are made and loaded on the CPU, so
// that new weights do not depend on where they are trained; then they move. What holds their tensors by value, as
// optim::FlatParameters does, is made afterwards.
void move(Module& module, tensor::Device device);

// Draws every parameter of two or more dimensions from N(0, stddev), the i-th from stream i of the seed. Vectors keep
// what their constructors gave them: biases 0, layer norm weights 1.
void initialise(Module& module, uint64_t seed, double stddev = 0.02);

// Whether dropout is on. An argument of every forward call, not a hidden state of modules.
struct Mode {
  bool training = false;

  static const Mode evaluation;
};

inline constexpr Mode Mode::evaluation{};

// While one lives, it sees every named value of this thread's forward passes: path and value, and, through
// autograd::watch on what it returns, the gradient. A checkpointed part runs a second time in backward. A third
// argument, `again`, says that the value was seen before for this reason. What a listener does to a value it must do
// both times.
class Tap {
 public:
  using Listener = std::function<Variable(const std::string& path, const Variable& value, bool again)>;
  explicit Tap(Listener listener);
  explicit Tap(std::invocable<const std::string&, const Variable&> auto listener)
      : Tap(Listener([f = std::move(listener)](const std::string& path, const Variable& value, bool) mutable {
          return f(path, value);
        })) {}

 private:
  friend Variable tap(const Variable& value);
  Listener listener_;
  base::Scoped<Tap*> scope_;
};

// Passes the value by the listeners under the current trace path; free when nobody listens.
Variable tap(const Variable& value);

// Throws an error again, in its handler, with the trace path in front, unless it names a place already. Its type stays.
[[noreturn]] void throw_with_path(const base::Error& error);

// Runs f under `name` in the trace path and taps its result: how a module calls a child. Adds the path to an error of
// f: "encoder.layers.0.fc1: linear: w [8, 4] should be [o, k] where k is the last dimension of x [2, 5]".
template <class F>
Variable named(std::string_view name, F&& f);

}  // namespace nn

#include "tensor/trace.h"

template <class F>
nn::Variable nn::named(std::string_view name, F&& f) {
  tensor::TracePath scope(name);
  try {
    return tap(f());
  } catch (const base::Error& error) {
    throw_with_path(error);
  }
}
