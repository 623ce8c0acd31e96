#include "tests/kilm/toy.h"

#include "nn/state_dict.h"
#include "tests/kilm/vocabulary.h"

namespace toy {

kilm::tokenizer::Tokenizer tokenizer(bool with_kilm_tokens) {
  kilm::tokenizer::Tokenizer tokenizer = small_tokenizer();
  if (with_kilm_tokens) tokenizer.add_kilm_tokens();
  return tokenizer;
}

kilm::bart::BartConfig bart_config() {
  kilm::bart::BartConfig config;
  config.vocab_size = 270;
  config.d_model = 16;
  config.encoder_layers = config.decoder_layers = 1;
  config.encoder_attention_heads = config.decoder_attention_heads = 2;
  config.encoder_ffn_dim = config.decoder_ffn_dim = 32;
  config.max_position_embeddings = 96;
  config.attention_dropout = config.activation_dropout = 0.1;
  return config;
}

kilm::bart::BartFolder bart(uint64_t seed, double dropout) {
  kilm::bart::BartConfig config = bart_config();
  config.dropout = config.attention_dropout = config.activation_dropout = dropout;
  return kilm::bart::new_bart(config, tokenizer(false), seed);
}

kilm::dataset::WindowSet windows(int64_t count) {
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
            kilm::dataset::Window window{s.text, {}};
            if (i % 5 != 4) window.mentions.push_back({4, 8, s.title, s.description});
            return window;
          }};
}

kilm::training::TrainConfig train_config() {
  kilm::training::TrainConfig config;
  config.steps = 6;
  config.batch_tokens = 256;
  config.accumulate = 2;
  config.max_length = 64;
  config.learning_rate = 1e-3;
  config.schedule = optim::ScheduleKind::constant;
  config.save_every = config.eval_every = 0;
  config.graphs = kilm::training::Graphs::off;  // tests::SecondDevice records none
  return config;
}

std::string bytes_of(const tensor::Tensor& tensor) {
  const tensor::Tensor rows = tensor.contiguous().to(tensor::Device{});
  return {reinterpret_cast<const char*>(rows.bytes_data()), rows.bytes()};
}

std::string bytes_of(kilm::bart::Bart& model) {
  std::string bytes;
  for (const tensor::NamedTensor& entry : nn::state(model)) bytes += bytes_of(entry.tensor);
  return bytes;
}

}  // namespace toy
