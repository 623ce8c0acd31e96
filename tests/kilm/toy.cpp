#include "tests/kilm/toy.h"

#include <unistd.h>

#include <atomic>
#include <fstream>

#include "nn/state_dict.h"

namespace toy {

namespace fs = std::filesystem;
using tensor::Json;

Folder::Folder() {
  static std::atomic<int> number = 0;
  const fs::path memory = "/dev/shm";  // making a file durable costs nothing there
  path_ = (fs::is_directory(memory) ? memory : fs::temp_directory_path()) /
          ("kilm-toy-" + std::to_string(getpid()) + "-" + std::to_string(number++));
  fs::create_directories(path_);
}

Folder::~Folder() { fs::remove_all(path_); }

kilm::Tokenizer tokenizer(bool with_kilm_tokens) {
  Json vocabulary = Json::object();
  int64_t id = 0;
  for (const char* token : {"<s>", "<pad>", "</s>", "<unk>"}) vocabulary.set(token, id++);
  int next = 0x100;
  for (int b = 0; b < 256; ++b) {
    const bool prints = (b >= 0x21 && b <= 0x7E) || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
    const int c = prints ? b : next++;
    vocabulary.set(c < 0x80 ? std::string(1, char(c)) : std::string{char(0xC0 | c >> 6), char(0x80 | (c & 63))}, id++);
  }
  vocabulary.set("<mask>", id++);
  const Folder folder;
  std::ofstream(folder / "vocab.json") << vocabulary.dump();
  std::ofstream(folder / "merges.txt") << "#version: 0.2\n";
  kilm::Tokenizer tokenizer = kilm::Tokenizer::load(folder.path());
  if (with_kilm_tokens) tokenizer.add_kilm_tokens();
  return tokenizer;
}

kilm::BartConfig bart_config() {
  kilm::BartConfig config;
  config.vocab_size = 266;
  config.d_model = 16;
  config.encoder_layers = config.decoder_layers = 1;
  config.encoder_attention_heads = config.decoder_attention_heads = 2;
  config.encoder_ffn_dim = config.decoder_ffn_dim = 32;
  config.max_position_embeddings = 96;
  config.attention_dropout = config.activation_dropout = 0.1;
  return config;
}

kilm::BartFolder bart(uint64_t seed, double dropout) {
  kilm::BartConfig config = bart_config();
  config.dropout = config.attention_dropout = config.activation_dropout = dropout;
  return kilm::new_bart(config, tokenizer(false), seed);
}

kilm::WindowSet windows(int64_t count) {
  struct Sentence {
    std::string text, title, description;
  };
  auto sentences = std::make_shared<std::vector<Sentence>>();
  for (int64_t i = 0; i < count; ++i) {
    const std::string n = std::to_string(i);
    sentences->push_back({"the town " + n + " lies" + std::string(size_t(i % 3), '.'), "Town " + n, "place " + n});
  }
  return {count, [sentences](int64_t i) {
            const Sentence& s = sentences->at(size_t(i));
            kilm::Window window{s.text, {}};
            if (i % 5 != 4) window.mentions.push_back({4, 8, s.title, s.description});
            return window;
          }};
}

kilm::TrainConfig train_config() {
  kilm::TrainConfig config;
  config.steps = 6;
  config.batch_tokens = 256;
  config.accumulate = 2;
  config.max_length = 64;
  config.learning_rate = 1e-3;
  config.schedule = "constant";
  config.save_every = config.eval_every = 0;
  return config;
}

std::string bytes_of(const tensor::Tensor& tensor) {
  const tensor::Tensor rows = tensor.contiguous();
  return {reinterpret_cast<const char*>(rows.bytes_data()), rows.bytes()};
}

std::string bytes_of(kilm::Bart& model) {
  std::string bytes;
  for (const tensor::NamedTensor& entry : nn::state(model)) bytes += bytes_of(entry.tensor);
  return bytes;
}

}  // namespace toy
