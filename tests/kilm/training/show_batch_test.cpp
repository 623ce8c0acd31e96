#include "kilm/training/show_batch.h"

#include <doctest/doctest.h>

#include "tests/kilm/toy.h"

using base::Json;
using kilm::objective::Group;

namespace {

struct ToyBatches {
  kilm::tokenizer::Tokenizer tokenizer = toy::tokenizer();
  kilm::training::TrainConfig config = toy::train_config();
  kilm::training::StepBatch first(kilm::dataset::WindowSet windows = toy::windows()) const {
    const kilm::objective::InfillObjective objective(tokenizer, kilm::training::infill_config(config));
    return kilm::training::StepLoader(config, objective, std::move(windows)).next({});
  }
};

}  // namespace

TEST_CASE("what is shown of a batch is what its tensors hold, token by token") {
  const ToyBatches place;
  const kilm::training::StepBatch batch = place.first();
  const Json json = kilm::training::to_json(batch, place.tokenizer);
  REQUIRE(json.at("micro_batches").items().size() == batch.micros.size());
  for (size_t m = 0; m < batch.micros.size(); ++m) {
    std::vector<int32_t> source, input, target;
    std::string groups, expected;
    for (const Json& sequence : json.at("micro_batches").items()[m].at("sequences").items()) {
      const auto append = [&](std::vector<int32_t>& ids, const char* key) {
        for (const Json& id : sequence.at(key).items()) ids.push_back(int32_t(id.as_int()));
      };
      append(source, "source");
      append(input, "decoder_input");
      append(target, "target");
      std::string text;
      for (const Json& token : sequence.at("target_tokens").items()) text += token.as_string();
      CHECK(text.starts_with("<s> the"));
      CHECK(text.ends_with("</s>"));
      CHECK(sequence.at("decoder_input").items()[0].as_int() == place.tokenizer.eos());
      for (const Json& group : sequence.at("groups").items()) groups += group.as_string() + " ";
    }
    for (const Group group : batch.micros[m].groups)
      expected += std::string(kilm::objective::kGroupNames[size_t(group)]) + " ";
    CHECK(source == batch.micros[m].source.ids.tensor().to_vector<int32_t>());
    CHECK(input == batch.micros[m].target.ids.tensor().to_vector<int32_t>());
    CHECK(target == batch.micros[m].labels.tensor().to_vector<int32_t>());
    CHECK(groups == expected);
  }
  for (size_t g = 0; g < kilm::objective::kGroups; ++g) {
    CHECK(json.at("weights").at(kilm::objective::kGroupNames[g]).as_number() == batch.weights[g]);
    CHECK(json.at("counts").at(kilm::objective::kGroupNames[g]).as_int() == batch.counts[g]);
  }
}

TEST_CASE("the groups of a target have marks, or colours on a terminal, and text cannot steer it") {
  ToyBatches place;
  place.config.mask_rate = 0.01;  // one token of each sequence
  place.config.accumulate = 1;
  place.config.batch_tokens = 1;
  const auto text = [&](const std::string& line, bool colour) {
    const kilm::dataset::WindowSet windows{1, [&](int64_t) {
                                             return kilm::dataset::Window{line, {{4, 8, "Town", "place"}}};
                                           }};
    return kilm::training::to_text(place.first(windows), place.tokenizer, colour);
  };
  const std::string plain = text("the town lies", false);
  CHECK(plain.find("[k: <ent_desc> Town<sep> place</ent_desc>]") != std::string::npos);
  CHECK(plain.find("[i: ") != plain.rfind("[i: "));  // the legend and the token
  CHECK(plain.find('\033') == std::string::npos);
  const std::string coloured = text("the town lies", true);
  CHECK(coloured.find("\033[36m<ent_desc> Town<sep> place</ent_desc>\033[0m") != std::string::npos);
  CHECK(coloured.find("[k:") == std::string::npos);
  place.config.mask_rate = 0;
  CHECK(text("the town\033[2J lies\n", false).find("\\x1b[2J") != std::string::npos);
}

TEST_CASE("sequences of the plain stream are told from the others") {
  ToyBatches place;
  place.config.plain_ratio = 0.5;
  const kilm::training::StepBatch batch = place.first();
  const Json json = kilm::training::to_json(batch, place.tokenizer);
  int64_t plain = 0, sequences = 0;
  for (const Json& micro : json.at("micro_batches").items())
    for (const Json& sequence : micro.at("sequences").items()) {
      ++sequences;
      plain += sequence.at("plain").as_bool();
      if (!sequence.at("plain").as_bool()) continue;
      for (const Json& group : sequence.at("groups").items()) CHECK(group.as_string() != "knowledge");
    }
  CHECK(plain > 0);
  CHECK(plain < sequences);
  const std::string text = kilm::training::to_text(batch, place.tokenizer, false);
  int64_t said = 0;
  for (size_t at = 0; (at = text.find(", of the plain stream", at)) != std::string::npos; ++at) ++said;
  CHECK(said == plain);
}

TEST_CASE("settings of the objective reach it") {
  kilm::training::TrainConfig config;
  config.insert_masks = true;
  config.permute_sentences = 0.5;
  config.mentions_per_window = 3;
  config.knowledge_side = kilm::objective::KnowledgeSide::source;
  const kilm::objective::InfillConfig infill = kilm::training::infill_config(config);
  CHECK(infill.insert_masks);
  CHECK(infill.permute_sentences == 0.5);
  CHECK(infill.mentions == 3);
  CHECK(infill.knowledge_side == kilm::objective::KnowledgeSide::source);
  CHECK(kilm::training::infill_config({}).knowledge_side == kilm::objective::KnowledgeSide::target);
}
