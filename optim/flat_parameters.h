// All parameters of a module in one buffer per role: those that decay, then the rest, each in visiting order. The
// update is then one launch over flat memory, and a checkpoint is a few large arrays. The gradient of a weight is
// written by its gemm straight into place.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "nn/module.h"

namespace optim {

using nn::DType;
using nn::Tensor;

class FlatParameters {
 public:
  struct Slice {
    std::string name;  // of the first entry that publishes the parameter
    int64_t begin = 0;
    int64_t count = 0;   // numbers that are published; rows behind the last one that a module publishes are padding
    bool decay = false;  // two or more dimensions: neither a bias nor a layer norm weight
  };

  // Moves the module's parameters: values are copied in and every leaf is re-pointed to its slice, value and gradient.
  // All parameters must have one dtype and device. With `dtype` the module computes in that from then on: parameters
  // and floating buffers are converted, and master begins with the numbers from before. Weights of a file that are to
  // be trained in bf16 are therefore loaded in f32.
  explicit FlatParameters(nn::Module& module, std::optional<DType> dtype = std::nullopt);

  const std::vector<Slice>& slices() const { return slices_; }
  int64_t size() const { return size_; }        // with the padding between slices
  int64_t decayed() const { return decayed_; }  // numbers, from the first on, of the slices that decay

  // Flat tensors [size()]. working holds the values that modules compute with. master is the f32 (f64 for f64) copy
  // that the optimizer changes; it is the same tensor as working unless that is bf16. grad, m and v have master's
  // dtype. Padding is 0 in all of them, and stays so: its gradient is 0.
  Tensor working, master, grad, m, v;

  // Sets a gradient that nothing was added to since the last clear() to 0, so that the flat buffer can be summed.
  void zero_untouched();
  void clear();  // the next backward overwrites; nothing is written

  // Tells whether nothing was added to a gradient since the last clear(), by slice. A backward pass that is recorded
  // and runs again changes that of no leaf; who runs it says what it was after the recording.
  std::vector<bool> untouched() const;
  void set_untouched(const std::vector<bool>& untouched);

  // Throws Error naming a parameter that updates do not reach. Each update needs a call before it. One kind was moved
  // out of these buffers since. The other is not in them, is used beside them, and has gathered its gradient over the
  // last update and into this one. Who keeps such a leaf on purpose clears its gradient, or trains it with parameters
  // of its own.
  void verify();

 private:
  // What backward tells of leaves that belong to nobody.
  class Strangers;

  void add_slices(const std::vector<nn::Entry>& entries, bool decay);

  std::vector<Slice> slices_;
  std::vector<nn::Variable> parameters_;
  int64_t size_ = 0, decayed_ = 0;
  std::shared_ptr<Strangers> strangers_;
};

}  // namespace optim
