#include "tests/tools/model_folder.h"

#include <filesystem>

#include "kilm/bart/folder.h"
#include "tests/kilm/bart_fixture.h"
#include "tests/kilm/vocabulary.h"

void write_model(const std::string& folder, int64_t positions) {
  std::filesystem::create_directories(folder);
  kilm::tokenizer::Tokenizer tokenizer = small_tokenizer();
  tokenizer.add_kilm_tokens();
  kilm::bart::Bart model = tests::small_bart(tensor::DType::f32, tokenizer.size(), 1, positions);
  kilm::bart::save_bart(folder, model, tokenizer, base::Json::object());
}
