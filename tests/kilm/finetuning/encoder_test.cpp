#include "kilm/finetuning/encoder.h"

#include <doctest/doctest.h>

#include "tensor/base/error.h"
#include "tests/kilm/toy.h"

using kilm::evaluation::TaskRow;
using kilm::finetuning::EncodedRow;
using kilm::finetuning::Encoder;
using kilm::finetuning::FinetuneConfig;
using kilm::finetuning::RowCheck;
using kilm::finetuning::TaskKind;
using Ids = std::vector<int32_t>;

namespace {

struct Setting {
  kilm::tokenizer::Tokenizer tokenizer = toy::tokenizer();
  kilm::bart::BartConfig model = toy::bart_config();
  FinetuneConfig config;

  EncodedRow encode(const TaskRow& row) const { return Encoder(tokenizer, model, config).encode(row); }
  Ids ids(const std::string& text) const { return tokenizer.encode(text); }
};

Ids joined(std::initializer_list<Ids> parts) {
  Ids all;
  for (const Ids& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace

TEST_CASE("texts and pairs stand between <s> and </s>, and the decoder reads them shifted") {
  const Setting setting;
  const EncodedRow one = setting.encode({.first = "a b"});
  CHECK(one.source == joined({{0}, setting.ids("a b"), {2}}));
  CHECK(one.decoder_input == joined({{2, 0}, setting.ids("a b")}));
  CHECK(one.target.empty());
  const EncodedRow pair = setting.encode({.first = "a", .second = "b"});
  CHECK(pair.source == joined({{0}, setting.ids("a"), {2, 2}, setting.ids("b"), {2}}));
  CHECK(setting.encode({.first = "", .second = ""}).source == Ids{0, 2, 2, 2});
}

TEST_CASE("a text to be said is the target") {
  Setting setting;
  setting.config.task = TaskKind::seq2seq;
  const EncodedRow row = setting.encode({.first = "a", .target = "xy"});
  CHECK(row.target == joined({{0}, setting.ids("xy"), {2}}));
  CHECK(row.decoder_input == joined({{2, 0}, setting.ids("xy")}));
}

TEST_CASE("what is too long loses its end, of a pair the longer one first") {
  Setting setting;
  setting.config.max_source_length = 10;
  setting.config.max_target_length = 5;
  setting.config.task = TaskKind::seq2seq;
  const EncodedRow row = setting.encode({.first = "qwertzuiopas", .target = "12345"});
  CHECK(row.source == joined({{0}, setting.ids("qwertzui"), {2}}));
  CHECK(row.target == joined({{0}, setting.ids("123"), {2}}));
  setting.config.task = TaskKind::classification;
  const auto pair = [&](const std::string& a, const std::string& b) {
    return setting.encode({.first = a, .second = b}).source;
  };
  CHECK(pair("qwertz", "x") == joined({{0}, setting.ids("qwert"), {2, 2}, setting.ids("x"), {2}}));
  CHECK(pair("x", "qwertz") == joined({{0}, setting.ids("x"), {2, 2}, setting.ids("qwert"), {2}}));
  CHECK(pair("qwertz", "asdfgh") == joined({{0}, setting.ids("qwe"), {2, 2}, setting.ids("asd"), {2}}));
  setting.config.max_source_length = 11;  // the odd one is of the longer text
  CHECK(pair("qwert", "asdfgh") == joined({{0}, setting.ids("qwe"), {2, 2}, setting.ids("asdf"), {2}}));
  CHECK(pair("qwertz", "asdfg") == joined({{0}, setting.ids("qwer"), {2, 2}, setting.ids("asd"), {2}}));
}

TEST_CASE("special tokens in a text are their ids") {
  const Setting setting;
  CHECK(setting.encode({.first = "a</s>b"}).source == joined({{0}, setting.ids("a"), {2}, setting.ids("b"), {2}}));
}

TEST_CASE("lengths are held to the positions of the model") {
  Setting setting;
  setting.config.max_source_length = setting.model.max_position_embeddings + 1;
  CHECK_THROWS_AS(setting.encode({}), base::UsageError);
  setting.config.max_source_length = 3;
  CHECK_THROWS_AS(setting.encode({}), base::UsageError);
}

TEST_CASE("a row with another number of </s> than the first is refused") {
  Setting setting;
  const Encoder encoder(setting.tokenizer, setting.model, setting.config);
  RowCheck check(encoder, setting.config);
  check({.first = "a"});
  check({.first = "a longer one"});
  CHECK_THROWS_WITH_AS(check({.first = "a", .second = "b"}),
                       "has 3 </s>, the rows before it have 1; a head reads the last one of each", base::Error);
  CHECK_THROWS_WITH_AS(check({.first = "a</s>b"}),
                       "has 2 </s>, the rows before it have 1; a head reads the last one of each", base::Error);
  setting.config.task = TaskKind::seq2seq;
  RowCheck of_texts(encoder, setting.config);
  of_texts({.first = "a"});
  of_texts({.first = "a</s>"});
}
