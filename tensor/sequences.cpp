#include "tensor/sequences.h"

#include <algorithm>
#include <mutex>
#include <numeric>

#include "tensor/format.h"

namespace tensor {

struct Sequences::Shared {
  std::vector<int32_t> offsets;
  Tensor tensor;
  uint32_t version;
  int64_t longest = 0;
  std::once_flag cut;
  Tensor tiles;

  Shared(std::vector<int32_t> given, const Tensor& on_device)
      : offsets(std::move(given)), tensor(on_device), version(on_device.version()) {
    base::check(!offsets.empty(), "sequences: there are no offsets; they should begin with 0");
    base::check(offsets[0] == 0, "sequences: offsets begin with {}; they should begin with 0", offsets[0]);
    for (size_t i = 1; i < offsets.size(); ++i) {
      base::check(offsets[i - 1] <= offsets[i], "sequences: offset {} is {}, below {} before it", i, offsets[i],
                  offsets[i - 1]);
      longest = std::max<int64_t>(longest, offsets[i] - offsets[i - 1]);
    }
  }
};

namespace {

Tensor cut_into_tiles(std::span<const int32_t> offsets, Device device) {
  const auto length = [=](int32_t i) { return offsets[size_t(i) + 1] - offsets[size_t(i)]; };
  std::vector<int32_t> sequences(offsets.size() - 1);
  std::iota(sequences.begin(), sequences.end(), 0);
  std::stable_sort(sequences.begin(), sequences.end(), [&](int32_t a, int32_t b) { return length(a) > length(b); });
  constexpr int32_t rows = Sequences::kTileRows;
  std::vector<int32_t> tiles;
  for (const int32_t i : sequences)
    for (int32_t tile = (length(i) + rows - 1) / rows; tile-- > 0;)
      tiles.insert(tiles.end(), {i, offsets[size_t(i)] + tile * rows});
  const size_t count = size_t(offsets.back() / rows) + sequences.size();
  while (tiles.size() < 2 * count) tiles.insert(tiles.end(), {-1, 0});
  return Tensor::from({int64_t(tiles.size()) / 2, 2}, tiles, device);
}

}  // namespace

Sequences::Sequences(const Tensor& given) {
  if (!given.defined()) return;
  base::check(given.dtype() == DType::i32 && given.rank() == 1,
              "sequences: offsets are {} {}; they should be i32 [n + 1]", given.dtype(), given.shape());
  const Tensor dense = given.contiguous();
  shared_ = std::make_shared<Shared>(dense.to_vector<int32_t>(), dense);
}

Sequences Sequences::from(std::vector<int32_t> offsets, Device device) {
  Sequences sequences;
  const Tensor on_device = Tensor::from({int64_t(offsets.size())}, offsets, device);
  sequences.shared_ = std::make_shared<Shared>(std::move(offsets), on_device);
  return sequences;
}

Sequences Sequences::at(const Tensor& offsets, const Tensor& tiles) const {
  Sequences sequences;
  sequences.shared_ = std::make_shared<Shared>(shared_->offsets, offsets);
  std::call_once(sequences.shared_->cut, [&] { sequences.shared_->tiles = tiles; });
  return sequences;
}

std::span<const int32_t> Sequences::offsets() const { return shared_->offsets; }
const Tensor& Sequences::tensor() const { return shared_->tensor; }
int64_t Sequences::count() const { return int64_t(shared_->offsets.size()) - 1; }
int64_t Sequences::tokens() const { return shared_->offsets.back(); }
int64_t Sequences::longest() const { return shared_->longest; }

const Tensor& Sequences::tiles() const {
  std::call_once(shared_->cut, [&] { shared_->tiles = cut_into_tiles(offsets(), tensor().device()); });
  return shared_->tiles;
}

void Sequences::check(const char* op, const char* name, int64_t tokens) const {
  base::check(defined(), "{}: {} is undefined", op, name);
  base::check(shared_->version == tensor().version(), "{}: {} was written to since the host has read it", op, name);
  base::check(this->tokens() == tokens, "{}: {} goes from 0 to {}; it should go from 0 to {}, the tokens", op, name,
              this->tokens(), tokens);
}

}  // namespace tensor
