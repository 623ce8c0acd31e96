// Where sequences lie that are packed: their rows follow each other in one tensor, without padding. The host knows the
// offsets as the device does, so it can size and order the work of attention without a look at the device.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "tensor/tensor.h"

namespace tensor {

// Sequence i has the rows offsets()[i] .. offsets()[i + 1]. Copies share their parts. Several threads may use copies.
class Sequences {
 public:
  Sequences() = default;  // undefined
  // Reads back offsets i32 [n + 1], and so waits for the device. Throws as `from` does.
  Sequences(const Tensor& offsets);  // NOLINT(google-explicit-constructor): a tensor is good wherever sequences are
  // Takes n + 1 offsets. Throws Error unless they begin with 0 and never fall.
  static Sequences from(std::vector<int32_t> offsets, Device device = {});

  // Returns the same sequences, whose offsets and tiles lie in these tensors.
  Sequences at(const Tensor& offsets, const Tensor& tiles) const;

  bool defined() const { return shared_ != nullptr; }
  std::span<const int32_t> offsets() const;  // on the host
  const Tensor& tensor() const;              // the same [n + 1] i32 on the device
  int64_t count() const;
  int64_t tokens() const;   // of all sequences: the last offset
  int64_t longest() const;  // rows of the longest sequence

  // Every sequence is cut into tiles of kTileRows rows, whose last may be shorter. A row of [tiles, 2] i32 is a
  // sequence and the tile's first row among all tokens. Tiles of longer sequences are first, since long work should
  // begin early. Of one sequence the last is first, which with a causal mask sees most. There are tokens() / kTileRows
  // + count() of them, enough for sequences of any lengths; those that are not needed come last, with the sequence -1.
  // So their number follows from two others, and recorded work fits other lengths. Made by the first who asks.
  static constexpr int64_t kTileRows = 64;
  const Tensor& tiles() const;

  // Throws Error("attention: cu_q goes from 0 to 3; it should go from 0 to 2, the tokens"). Throws Error, too, if the
  // tensor was written to since the host has read it.
  void check(const char* op, const char* name, int64_t tokens) const;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace tensor
