#include "kilm/generation/generation_config.h"

#include <doctest/doctest.h>

#include "tensor/base/error.h"

using kilm::generation::EarlyStopping;
using kilm::generation::GenerateOptions;

namespace {

GenerateOptions parsed(const std::string& text) {
  return kilm::generation::parse_generation_config(base::parse_json(text, "test"), "g.json");
}

std::string refusal(const std::string& text) {
  try {
    parsed(text);
  } catch (const base::DamagedInput& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("generation config: every setting is read") {
  const GenerateOptions o = parsed(
      R"({"num_beams": 4, "num_return_sequences": 2, "max_length": 62, "min_length": 11, "length_penalty": 2,)"
      R"( "early_stopping": true, "no_repeat_ngram_size": 3, "bad_words_ids": [[4, 5], [6]], "eos_token_id": [7],)"
      R"( "forced_bos_token_id": 0, "forced_eos_token_id": 2, "do_sample": true, "temperature": 0.5, "top_k": 9,)"
      R"( "top_p": 0.9, "decoder_start_token_id": 3, "transformers_version": "5.23.0", "repetition_penalty": 1.0, "min_p": null})");
  CHECK(o.num_beams == 4);
  CHECK(o.num_return_sequences == 2);
  CHECK(o.max_length == 62);
  CHECK(!o.max_new_tokens);
  CHECK(o.min_length == 11);
  CHECK(o.length_penalty == 2);
  CHECK(o.early_stopping == EarlyStopping::yes);
  CHECK(o.no_repeat_ngram_size == 3);
  CHECK(o.bad_words_ids == std::vector<std::vector<int32_t>>{{4, 5}, {6}});
  CHECK(o.eos_token_id == 7);
  CHECK(o.more_eos_token_ids.empty());
  CHECK(parsed(R"({"eos_token_id": [7, 3, 4]})").eos_token_id == 7);
  CHECK(parsed(R"({"eos_token_id": [7, 3, 4]})").more_eos_token_ids == std::vector<int32_t>{3, 4});
  CHECK(o.decoder_start_token_id == 3);
  CHECK(o.forced_bos_token_id == 0);
  CHECK(o.forced_eos_token_id == 2);
  CHECK(o.do_sample);
  CHECK(o.temperature == 0.5);
  CHECK(o.top_k == 9);
  CHECK(o.top_p == 0.9);
  CHECK(o.ngrams_count_prefix);
  CHECK(parsed(R"({"max_new_tokens": 5, "max_length": 9})").max_new_tokens == 5);
  CHECK(parsed(R"({"early_stopping": "never"})").early_stopping == EarlyStopping::never);
}

TEST_CASE("generation config: without a length, 20 new tokens, as in Transformers") {
  CHECK(parsed("{}").max_new_tokens == 20);
  CHECK(parsed(R"({"max_length": null})").max_new_tokens == 20);
}

TEST_CASE("generation config: what it cannot mean is refused with its key") {
  CHECK(refusal("[]") == "g.json: should be a JSON object");
  CHECK(refusal(R"({"num_beams": "4"})") == "g.json: num_beams: expected an integer, found a string");
  CHECK(refusal(R"({"early_stopping": "maybe"})") == "g.json: early_stopping: maybe should be true, false or never");
  CHECK(refusal(R"({"decoder_start_token_id": [2, 3]})") ==
        "g.json: decoder_start_token_id: [2, 3] has 2 tokens, it should be one");
  CHECK(refusal(R"({"eos_token_id": []})") == "g.json: eos_token_id: [] should be a token or a list of tokens");
  CHECK(refusal(R"({"eos_token_id": [2, -1]})") == "g.json: eos_token_id: -1 is no token");
  CHECK(refusal(R"({"bad_words_ids": [[-1]]})") == "g.json: bad_words_ids: -1 is no token");
  for (const char* flat : {"5", "[5]", "[[31], 7]"})
    CHECK(refusal(std::string("{\"bad_words_ids\": ") + flat + "}") ==
          "g.json: bad_words_ids: " + std::string(flat) + " should be lists of tokens, as [[31, 7], [40]]");
  CHECK(refusal(R"({"repetition_penalty": 1.2})") ==
        "g.json: repetition_penalty is 1.2, it should be 1: there is no such setting");
  CHECK(refusal(R"({"suppress_tokens": [3]})") ==
        "g.json: suppress_tokens is [3], it should be null: there is no such setting");
}
