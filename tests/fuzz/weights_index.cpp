// The index of a model in several files; the input is model.safetensors.index.json, two files that it may name are
// there.
#include "nn/state_dict.h"
#include "tests/fuzz/input.h"
#include "tests/kilm/folder.h"

namespace {

struct Shards : Folder {
  Shards() {
    const tensor::NamedTensor a{"a", tensor::Tensor::full({2, 3}, 1)}, b{"b", tensor::Tensor::full({4}, 2)};
    tensor::write_safetensors(*this / "1.safetensors", {&a, 1});
    tensor::write_safetensors(*this / "2.safetensors", {&b, 1});
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return fuzz::parse(data, size, [](std::string_view text) {
    static const Shards shards;
    shards.write("index.json", text);
    const nn::StateSource source = nn::sharded_source(shards / "index.json");
    for (const std::string& name : source.names)
      fuzz::require(source.tensor(name).numel() == (name == "a" ? 6 : 4), "a name leads to its tensor");
  });
}
