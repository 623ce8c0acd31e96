#include "kilm/answering/prompt.h"

#include <doctest/doctest.h>

#include "tensor/base/json_lines.h"
#include "tests/kilm/folder.h"
#include "tests/kilm/vocabulary.h"

using namespace kilm::answering;
using kilm::generation::GenerateRequest;
using kilm::tokenizer::Tokenizer;
using Ids = std::vector<int32_t>;

namespace {

const std::string kFixtures = KILM_SOURCE_DIR "/tests/fixtures/";
const std::string kReal = KILM_SOURCE_DIR "/../shared/data/bart-tokenizer";

Tokenizer golden_tokenizer() {
  const Folder folder;
  std::filesystem::copy(kFixtures + "prompt-golden/vocab.json", folder.path);
  std::filesystem::copy(kFixtures + "tokenizer-golden/merges.txt", folder.path);
  return Tokenizer::load(folder.path);
}

Ids ids_at(const base::Json& line, const char* key) {
  Ids ids;
  for (const base::Json& id : base::items_at(line, key)) ids.push_back(int32_t(id.as_int()));
  return ids;
}

GenerateRequest prompt(const Tokenizer& tokenizer, const base::Json& line) {
  const PromptOptions options{.method = Method(base::int_at(line, "method")),
                              .prefix_space = line.at("prefix_space").as_bool()};
  if (line.at("shots").is_null()) return zero_shot_prompt(tokenizer, base::string_at(line, "question"), options);
  std::vector<Shot> shots;
  for (const base::Json& shot : base::items_at(line, "shots"))
    shots.push_back({shot.items()[0].as_string(), shot.items()[1].as_string()});
  return few_shot_prompt(tokenizer, shots, base::string_at(line, "question"), options);
}

std::string answer(const Tokenizer& tokenizer, std::string_view text, Method method = Method::first) {
  return answer_in(tokenizer, tokenizer.encode(text, {.parse_special = true}), method);
}

}  // namespace

TEST_CASE("prompts are those of Hugging Face's tokenizers, of all methods, with and without shots") {
  const Tokenizer tokenizer = golden_tokenizer();
  base::JsonLines lines(kFixtures + "prompt-golden/prompts.jsonl");
  int64_t cases = 0;
  size_t longest = 0;
  const auto check_case = [&](const base::Json& line) {
    const GenerateRequest request = prompt(tokenizer, line);
    CHECK_MESSAGE(request.source == ids_at(line, "source"), line.dump());
    CHECK_MESSAGE(request.prefix == ids_at(line, "prefix"), line.dump());
    longest = std::max(longest, request.source.size());
    ++cases;
    return true;
  };
  while (lines.next(check_case)) continue;
  CHECK(cases > 50);
  CHECK(longest == 974);
}

TEST_CASE("prompts: what the spec tells of their ends") {
  if (!std::filesystem::exists(kReal)) {
    MESSAGE("BART's tokenizer: passed over, " << kReal << " is not there");
    return;
  }
  const Tokenizer tokenizer = Tokenizer::load(kReal);
  const std::string question = "Where is it";
  for (const Method method : kMethods) {
    const bool space = method == Method::first || method == Method::third;
    const GenerateRequest plain = zero_shot_prompt(tokenizer, question, {.method = method});
    CHECK(plain.prefix.back() == (space ? 1437 : 35));  // a space, a colon
    CHECK(plain.source.end()[-3] == 35);
    CHECK(plain.source.end()[-2] == tokenizer.mask());
    CHECK(plain.source[1] != plain.prefix[2]);  // the first word differs without a prefix space
    const GenerateRequest spaced = zero_shot_prompt(tokenizer, question, {.method = method, .prefix_space = true});
    CHECK(spaced.source[1] == spaced.prefix[2]);
    CHECK(spaced.prefix == plain.prefix);
  }
  const Shot shot{"Who?", "Ann"};
  const GenerateRequest few = few_shot_prompt(tokenizer, std::span(&shot, 1), question, {});
  const Ids between = {1437, 50140, 1437};
  CHECK(std::search(few.source.begin(), few.source.end(), between.begin(), between.begin() + 2) != few.source.end());
}

TEST_CASE("prompts: a text that is too long loses its begin, a smaller model has shorter ones") {
  const Tokenizer tokenizer = small_tokenizer();
  const PromptOptions options{.longest = 20};
  const GenerateRequest zero = zero_shot_prompt(tokenizer, std::string(100, 'x'), options);
  CHECK(zero.source.size() == 20);
  CHECK(zero.source.front() == tokenizer.bos());
  CHECK(zero.prefix.size() == 20);
  CHECK(zero.prefix[0] == tokenizer.eos());
  CHECK(zero.prefix[1] == tokenizer.bos());
  const GenerateRequest few = few_shot_prompt(tokenizer, {}, std::string(100, 'x'), options);
  CHECK(few.source.size() == 20);
  CHECK(few.source.front() != tokenizer.bos());
  CHECK(few.prefix.size() == 19);
  kilm::bart::BartConfig config;
  config.max_position_embeddings = 1024;
  CHECK(longest_prompt(config) == 974);
  config.max_position_embeddings = 2048;
  CHECK(longest_prompt(config) == 974);
  config.max_position_embeddings = 512;
  CHECK(longest_prompt(config) == 462);
  config.max_position_embeddings = 48;
  CHECK(longest_prompt(config) == 24);
}

TEST_CASE("an answer ends at a line feed and at the next question, without special tokens and white space") {
  const Tokenizer tokenizer = tokenizer_of_kilm();
  CHECK(answer(tokenizer, " the river\u00a0 \n\nQuestion: x") == "the river");
  CHECK(answer(tokenizer, "the river Question: who") == "the river");
  CHECK(answer(tokenizer, "the river Q: who") == "the river Q: who");
  CHECK(answer(tokenizer, "the river Q: who", Method::third) == "the river");
  CHECK(answer(tokenizer, "the Question: who", Method::fourth) == "the Question: who");
  CHECK(answer(tokenizer, "<s> a<mask> b</s><ent_desc> c<sep>") == "a b c");
  CHECK(answer(tokenizer, "\nx") == "");
  CHECK(answer(tokenizer, "") == "");
  Ids cut = tokenizer.encode("é");
  cut.pop_back();
  CHECK(answer_in(tokenizer, cut, Method::first) == "\uFFFD");
}
