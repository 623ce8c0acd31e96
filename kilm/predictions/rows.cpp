#include "kilm/predictions/rows.h"

#include <algorithm>

#include "kilm/metrics/measure_lines.h"
#include "tensor/base/format.h"
#include "tensor/base/json_lines.h"
#include "tensor/base/json_number.h"

namespace kilm::predictions {

namespace {

using base::check;
using base::int_at;
using base::items_at;
using base::Json;
using base::number_at;
using base::number_or_nan;
using base::string_at;

// The fields that each kind has, in the order of Row.
const std::vector<std::string_view> kFields[] = {
    {"id", "document", "mention", "gold", "predicted", "candidates"},
    {"id", "question", "prediction", "answers", "exact_match", "f1", "shots"},
    {"relation", "subject", "gold", "rank", "gold_score", "predicted", "predicted_score"},
    {"prediction", "reference"},
};

bool has_fields(const Json& json, size_t kind) {
  return std::ranges::all_of(kFields[kind], [&](std::string_view key) { return json.find(key) != nullptr; });
}

std::optional<std::string> text_or_null_at(const Json& json, const char* key) {
  if (json.at(key).is_null()) return std::nullopt;
  return string_at(json, key);
}

Json id_at(const Json& json) {
  const Json& id = json.at("id");
  check(id.is_string() || id.is_int(), "id: should be a string or an integer");
  return id;
}

double share_at(const Json& json, const char* key) {
  const double share = number_at(json, key);
  check(share >= 0 && share <= 1, "{}: {} should be between 0 and 1", key, share);
  return share;
}

// Sets what there is, else null.
template <class T>
void set(Json& json, const char* key, const std::optional<T>& value) {
  json.set(key, Json());
  if (value) json.set(key, *value);
}

Json json_of(const Mention& row) {
  Json candidates = Json::array();
  for (const Mention::Candidate& candidate : row.candidates)
    candidates.push_back(Json::object({{"title", candidate.title}, {"score", candidate.score}}));
  Json json = Json::object({{"id", row.id}, {"document", row.document}, {"mention", row.mention}});
  set(json, "gold", row.gold);
  set(json, "predicted", row.predicted);
  json.set("candidates", candidates);
  return json;
}

Json json_of(const Question& row) {
  Json json = Json::object({{"id", row.id}, {"question", row.question}, {"prediction", row.prediction}});
  json.set("answers", Json::array({row.answers.begin(), row.answers.end()}));
  json.set("exact_match", row.exact_match);
  set(json, "f1", row.f1);
  json.set("shots", Json::array(row.shots));
  return json;
}

Json json_of(const Cloze& row) {
  return Json::object({{"relation", row.relation},
                       {"subject", row.subject},
                       {"gold", row.gold},
                       {"rank", row.rank},
                       {"gold_score", row.gold_score},
                       {"predicted", row.predicted},
                       {"predicted_score", row.predicted_score}});
}

Json json_of(const Example& row) {
  Json json = Json::object({{"prediction", row.prediction}, {"reference", row.reference}});
  if (row.logits) json.set("logits", Json::array({row.logits->begin(), row.logits->end()}));
  return json;
}

Mention mention_from(const Json& json) {
  Mention row{.id = id_at(json),
              .document = string_at(json, "document"),
              .mention = string_at(json, "mention"),
              .gold = text_or_null_at(json, "gold"),
              .predicted = text_or_null_at(json, "predicted"),
              .candidates = {}};
  for (const Json& candidate : items_at(json, "candidates"))
    row.candidates.push_back({string_at(candidate, "title"), number_or_nan(candidate.at("score"))});
  const auto is_predicted = [&](const Mention::Candidate& candidate) { return candidate.title == row.predicted; };
  check(!row.predicted || std::ranges::any_of(row.candidates, is_predicted), "predicted: {} is none of the candidates",
        row.predicted.value_or(""));
  return row;
}

Question question_from(const Json& json) {
  Question row{.id = id_at(json),
               .question = string_at(json, "question"),
               .prediction = string_at(json, "prediction"),
               .answers = {},
               .exact_match = share_at(json, "exact_match"),
               .f1 = std::nullopt,
               .shots = items_at(json, "shots")};
  for (const Json& answer : items_at(json, "answers")) {
    check(answer.is_string(), "answers: should be strings");
    row.answers.push_back(answer.as_string());
  }
  if (!json.at("f1").is_null()) row.f1 = share_at(json, "f1");
  return row;
}

Cloze cloze_from(const Json& json) {
  Cloze row{.relation = string_at(json, "relation"),
            .subject = string_at(json, "subject"),
            .gold = string_at(json, "gold"),
            .rank = int_at(json, "rank"),
            .gold_score = number_or_nan(json.at("gold_score")),
            .predicted = string_at(json, "predicted"),
            .predicted_score = number_or_nan(json.at("predicted_score"))};
  check(row.rank >= 1, "rank: {} should be at least 1", row.rank);
  return row;
}

Example example_from(const Json& json) {
  Example row{.prediction = json.at("prediction"), .reference = json.at("reference"), .logits = std::nullopt};
  if (!json.find("logits")) {
    check(row.prediction.is_string() && row.reference.is_string(),
          "prediction and reference should be strings where there are no logits");
    return row;
  }
  row.logits.emplace();
  for (const Json& logit : items_at(json, "logits")) row.logits->push_back(number_or_nan(logit));
  check(!row.logits->empty(), "logits: there should be at least one");
  if (row.logits->size() == 1)
    check(row.prediction.is_number() && row.reference.is_number(),
          "prediction and reference should be numbers where there is one logit");
  for (const char* key : {"prediction", "reference"}) base::entry_at(json, key, metrics::label_of);
  return row;
}

}  // namespace

Json to_json(const Row& row) {
  return std::visit([](const auto& one) { return json_of(one); }, row);
}

Row row_from_json(const Json& json) {
  if (has_fields(json, 0)) return mention_from(json);
  if (has_fields(json, 1)) return question_from(json);
  if (has_fields(json, 2)) return cloze_from(json);
  check(has_fields(json, 3), "is no prediction of a mention, a question, a cloze or an example");
  return example_from(json);
}

std::vector<Row> read_rows(const std::string& path) {
  base::JsonLines lines(path);
  std::vector<Row> rows;
  while (auto row = lines.next(row_from_json)) rows.push_back(std::move(*row));
  return rows;
}

const char* kind_of(const Row& row) {
  constexpr const char* kKinds[] = {"mentions", "questions", "clozes", "examples"};
  return kKinds[row.index()];
}

bool is_row(const Json& json) {
  return std::ranges::any_of(std::initializer_list<size_t>{0, 1, 2, 3},
                             [&](size_t kind) { return has_fields(json, kind); });
}

}  // namespace kilm::predictions
