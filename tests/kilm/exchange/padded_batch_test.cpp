#include "kilm/exchange/padded_batch.h"

#include <doctest/doctest.h>

#include "tensor/base/error.h"
#include "tests/kilm/toy.h"

using kilm::exchange::Batch;
using tensor::DType;
using tensor::Tensor;
using Ids = std::vector<int32_t>;

namespace {

Batch parsed(const std::string& text) {
  return kilm::exchange::parse_batch(base::parse_json(text, "test"), toy::bart_config(), "batch.json");
}

Ids ids(const tensor::Ids& x) { return x.tensor().to_vector<int32_t>(); }

std::string refusal(const std::string& text) {
  try {
    parsed(text);
  } catch (const base::DamagedInput& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a batch: any pattern of a mask leaves tokens out, and the others keep the positions of their columns") {
  const Batch batch = parsed(R"({"input_ids": [[5, 6, 7, 8], [9, 10, 11, 12]],)"
                             R"( "attention_mask": [[0, 1, 0, 1], [1, 1, 0, 0]], "labels": [[20, 2], [21, 2]]})");
  CHECK(ids(batch.source.packed.ids) == Ids{6, 8, 9, 10});
  CHECK(ids(batch.source.packed.positions) == Ids{3, 5, 2, 3});
  CHECK(ids(batch.source.packed.sequences.tensor()) == Ids{0, 2, 4});
  CHECK(ids(batch.source.padded(batch.source.packed.ids.tensor())) == Ids{0, 6, 0, 8, 9, 10, 0, 0});
  CHECK(batch.source.padded(Tensor::zeros({4, 3})).shape() == tensor::Shape{2, 4, 3});
}

TEST_CASE("a batch: without decoder_input_ids the decoder reads the labels, shifted right") {
  const Batch batch = parsed(R"({"input_ids": [[5], [6]], "labels": [[20, -100, 21], [-100, 22, -100]]})");
  CHECK(ids(batch.target.packed.ids) == Ids{2, 20, 1, 2, 1, 22});
  CHECK(ids(batch.labels) == Ids{20, -100, 21, -100, 22, -100});
  CHECK(batch.counted == 3);
}

TEST_CASE("a batch: rows of different lengths are padded on the right and masked there") {
  const Batch batch = parsed(R"({"input_ids": [[5, 6, 7], [8]], "labels": [[20], [21, 22]]})");
  CHECK(ids(batch.source.packed.ids) == Ids{5, 6, 7, 8});
  CHECK(batch.source.cells == Ids{0, 1, 2, 3});
  CHECK(batch.source.width == 3);
  CHECK(ids(batch.target.packed.ids) == Ids{2, 2, 21});
  CHECK(batch.target.cells == Ids{0, 2, 3});
}

TEST_CASE("a batch: decoder_input_ids and their mask are taken as they are, labels may lack") {
  const Batch batch = parsed(R"({"input_ids": [[5, 6]], "attention_mask": null, "decoder_input_ids": [[1, 2, 9]],)"
                             R"( "decoder_attention_mask": [[0, 1, 1]]})");
  CHECK(ids(batch.target.packed.ids) == Ids{2, 9});
  CHECK(ids(batch.target.packed.positions) == Ids{3, 4});
  CHECK(!batch.has_labels());
}

TEST_CASE("a batch: a misspelt field is refused, and the one that was meant is told") {
  CHECK(refusal(R"({"input_ids": [[5]], "labels": [[5]], "atention_mask": [[1]]})") ==
        "batch.json: unknown field atention_mask (did you mean attention_mask?)");
  CHECK(refusal(R"({"input_idz": [[5]], "labels": [[5]]})") ==
        "batch.json: unknown field input_idz (did you mean input_ids?)");
  CHECK(refusal(R"({"input_ids": [[5]], "labels": [[5]], "position_ids": [[1]]})") ==
        "batch.json: unknown field position_ids");
  CHECK_THROWS_AS(kilm::exchange::parse_requests(base::parse_json(R"({"input_ids": [[5]], "label": [[5]]})", "test"),
                                                 toy::bart_config(), false, "batch.json"),
                  base::DamagedInput);
}

TEST_CASE("a batch that makes no sense is refused with field, row and column") {
  CHECK(refusal("[]") == "batch.json: should be a JSON object");
  CHECK(refusal(R"({"labels": [[3]]})") == "batch.json: input_ids is missing");
  CHECK(refusal(R"({"input_ids": [[3]]})") == "batch.json: labels or decoder_input_ids is needed");
  CHECK(refusal(R"({"input_ids": []})") == "batch.json: input_ids should be an array of rows");
  CHECK(refusal(R"({"input_ids": [3]})") == "batch.json: input_ids: row 0 should be an array");
  CHECK(refusal(R"({"input_ids": [[3], [4, 270]]})") ==
        "batch.json: input_ids: row 1, column 1 is 270, it should be 0 to 269");
  CHECK(refusal(R"({"input_ids": [[3]], "labels": [[-1]]})") ==
        "batch.json: labels: row 0, column 0 is -1, it should be 0 to 269");
  CHECK(refusal(R"({"input_ids": [[3]], "labels": [[3], [4]]})") ==
        "batch.json: input_ids has 1 rows, the decoder's side 2");
  CHECK(refusal(R"({"input_ids": [[3, 4]], "attention_mask": [[1]], "labels": [[3]]})") ==
        "batch.json: attention_mask: row 0 has 1 columns, that of input_ids has 2");
  CHECK(refusal(R"({"input_ids": [[3]], "attention_mask": [[2]], "labels": [[3]]})") ==
        "batch.json: attention_mask: row 0, column 0 is 2, it should be 0 to 1");
  CHECK(refusal(R"({"input_ids": [[3]], "attention_mask": [[0]], "labels": [[3]]})") ==
        "batch.json: input_ids has no token that is not masked");
  CHECK(refusal(R"({"input_ids": [[3]], "labels": [[-100]]})") == "batch.json: labels: none is counted, all are -100");
  CHECK(refusal(R"({"input_ids": [[3]], "labels": [[3, 4]], "decoder_attention_mask": [[1, 0]]})") ==
        "batch.json: labels: row 0, column 1 is 4, it should be -100 where decoder_attention_mask is 0");
  std::string long_row = "3";
  for (int i = 0; i < 96; ++i) long_row += ",3";
  CHECK(refusal(R"({"input_ids": [[)" + long_row + R"(]], "labels": [[3]]})") ==
        "batch.json: input_ids has 97 columns, the model 96 positions");
}

namespace {

std::vector<kilm::generation::GenerateRequest> requested(const std::string& text, bool reference = false) {
  return kilm::exchange::parse_requests(base::parse_json(text, "test"), toy::bart_config(), reference, "batch.json");
}

}  // namespace

TEST_CASE("a batch for generation: what a mask leaves, in its columns, and prefixes of different lengths") {
  const auto requests =
      requested(R"({"input_ids": [[5, 6, 7], [8, 1]], "attention_mask": [[0, 1, 1], [1, 1]], "labels": "unread",)"
                R"( "decoder_input_ids": [[2, 9, 10, 11], []], "decoder_attention_mask": [[1, 0, 1, 0], []]})");
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].source == Ids{6, 7});
  CHECK(requests[0].source_columns == Ids{1, 2});
  CHECK(requests[0].prefix == Ids{2, 9, 10});
  CHECK(requests[0].prefix_columns == Ids{0, 2});
  CHECK(requests[1].source == Ids{8, 1});
  CHECK(requests[1].prefix.empty());
}

TEST_CASE("a batch for generation: prefixes and padding as Transformers 5 reads them, and as the reference did") {
  const std::string text = R"({"input_ids": [[5, 1]], "decoder_input_ids": [[9, 10]]})";
  CHECK(requested(text)[0].source == Ids{5, 1});
  CHECK(requested(text)[0].prefix == Ids{2, 9, 10});
  CHECK(requested(text)[0].prefix_columns == Ids{0, 1, 2});
  CHECK(requested(text, true)[0].source == Ids{5});
  CHECK(requested(text, true)[0].prefix == Ids{9, 10});
}

TEST_CASE("a batch for generation that makes no sense is refused") {
  const auto refused = [](const std::string& text) { CHECK_THROWS_AS(requested(text), base::DamagedInput); };
  refused("[]");
  refused("{}");
  refused(R"({"input_ids": [[]]})");
  refused(R"({"input_ids": [[5]], "attention_mask": [[0]]})");
  refused(R"({"input_ids": [[5]], "attention_mask": [[1, 1]]})");
  refused(R"({"input_ids": [[5]], "decoder_input_ids": [[2], [2]]})");
  refused(R"({"input_ids": [[5]], "decoder_attention_mask": [[1]]})");
  refused(R"({"input_ids": [[5]], "decoder_input_ids": [[2]], "decoder_attention_mask": [[1, 1]]})");
}
