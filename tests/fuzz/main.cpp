// tests_fuzz: every fuzz target over its stored inputs, and over changes of them that are the same in every run.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <vector>

#include "tensor/base/file.h"

namespace {

using Target = int(const uint8_t* data, size_t size);

// The names that the build gave to LLVMFuzzerTestOneInput.
#define TARGET(name) extern "C" Target fuzz_##name;
KILM_FUZZ_TARGETS
#undef TARGET

constexpr int kChanges = 2000;  // of each target's inputs together

std::vector<std::string> stored_inputs(const std::string& target) {
  std::vector<std::string> paths, inputs;
  for (const auto& entry : std::filesystem::directory_iterator(KILM_SOURCE_DIR "/tests/fuzz/corpus/" + target))
    paths.push_back(entry.path().string());
  std::sort(paths.begin(), paths.end());
  for (const std::string& path : paths) inputs.push_back(base::read_file(path));
  return inputs;
}

class Changes {
 public:
  explicit Changes(const std::vector<std::string>& inputs) : inputs_(inputs) {}

  // Returns one of the inputs with one to three things wrong.
  std::string next() {
    std::string text = any();
    for (size_t i = 1 + below(3); i > 0 && !text.empty(); --i) change(text);
    return text;
  }

 private:
  size_t below(size_t n) { return random_() % n; }
  const std::string& any() { return inputs_[below(inputs_.size())]; }
  std::string piece(const std::string& text) {
    const size_t at = below(text.size() + 1);
    return text.substr(at, below(64));
  }

  void change(std::string& text) {
    const size_t at = below(text.size());
    switch (below(6)) {
      case 0: text[at] = char(text[at] ^ (1 << below(8))); break;
      case 1: text[at] = "\x00\xff\x7f\x80{}[]<\"\n"[below(11)]; break;
      case 2: text.resize(at); break;
      case 3: text.erase(at, below(64)); break;
      case 4: text.insert(at, piece(text)); break;
      case 5: text.replace(at, below(64), piece(any())); break;
    }
  }

  const std::vector<std::string>& inputs_;
  std::mt19937 random_{1};
};

void run(Target* target, const std::string& name) {
  const std::vector<std::string> inputs = stored_inputs(name);
  REQUIRE(!inputs.empty());
  const auto give = [&](const std::string& input) {
    INFO("input: " << base::sha256_hex(std::as_bytes(std::span(input))));
    CHECK_NOTHROW(target(reinterpret_cast<const uint8_t*>(input.data()), input.size()));
  };
  for (const std::string& input : inputs) give(input);
  Changes changes(inputs);
  for (int i = 0; i < kChanges; ++i) give(changes.next());
}

}  // namespace

#define TARGET(name) \
  TEST_CASE("fuzz: " #name " refuses what is damaged and nothing else comes out") { run(fuzz_##name, #name); }
KILM_FUZZ_TARGETS
