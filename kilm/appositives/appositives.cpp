#include "kilm/appositives/appositives.h"

#include <algorithm>

#include "kilm/appositives/phrase.h"
#include "kilm/job/progress.h"
#include "tensor/base/format.h"

namespace kilm::appositives {

namespace {

using base::Json;
using evaluation::Appositive;

constexpr size_t kAtOnce = 64;           // items in memory
constexpr int64_t kLongestPhrase = 128;  // tokens
constexpr int64_t kLongestSource = 824;  // tokens; as the authors' script has it

// Items that are asked together.
struct Asked {
  std::vector<Appositive> items;
  std::vector<AppositivePrompt> prompts;

  void add(Appositive&& item, AppositivePrompt&& prompt) {
    items.push_back(std::move(item));
    prompts.push_back(std::move(prompt));
  }
};

std::vector<std::string> phrases_of(const bart::Bart& model, const tokenizer::Tokenizer& tokenizer, const Asked& asked,
                                    const AppositiveOptions& options) {
  std::vector<generation::GenerateRequest> requests;
  for (const AppositivePrompt& prompt : asked.prompts) requests.push_back({prompt.source, prompt.prefix});
  const auto results = generation::generate(model, requests, options.search);
  std::vector<std::string> phrases;
  for (size_t i = 0; i < results.size(); ++i) {
    // Where a model's settings let nothing follow, it says nothing.
    const std::span<const int32_t> generated = results[i].empty()
                                                   ? std::span<const int32_t>{}
                                                   : std::span(results[i][0].ids).subspan(size_t(results[i][0].prefix));
    phrases.push_back(phrase_of(tokenizer, asked.prompts[i], options.style, generated));
  }
  return phrases;
}

void measure(const Appositive& item, const std::string& phrase, AppositiveScore& score,
             const std::function<void(const predictions::Example&)>& row) {
  const std::string reference = comparable(item.target);
  score.full.add(phrase, reference);
  if (!item.target.empty()) score.non_empty.add(phrase, reference);
  if (item.fact) score.constraint.add(phrase, reference);
  row({phrase, reference, std::nullopt});
}

}  // namespace

void Measured::add(const std::string& prediction, const std::string& reference) {
  ++examples;
  measurement.add(prediction, std::vector{reference});
}

generation::GenerateOptions phrase_search(generation::GenerateOptions settings, PromptStyle style,
                                          const tokenizer::Tokenizer& tokenizer, const bart::BartConfig& config) {
  settings.max_new_tokens = std::min(kLongestPhrase, config.max_position_embeddings / 2);
  settings.eos_token_id = tokenizer.eos();
  settings.more_eos_token_ids.clear();
  if (style == PromptStyle::kilm) {
    settings.eos_token_id = tokenizer.kilm_tokens().ent_desc_end;
    settings.more_eos_token_ids = {tokenizer.eos()};
  }
  settings.forced_bos_token_id.reset();
  settings.forced_eos_token_id.reset();
  settings.min_length = 0;
  settings.num_return_sequences = 1;
  settings.do_sample = false;
  settings.ngrams_count_prefix = false;
  return settings;
}

AppositiveScore say_appositives(const bart::Bart& model, const tokenizer::Tokenizer& tokenizer,
                                evaluation::AppositiveReader& reader, int64_t items, const AppositiveOptions& options,
                                const std::function<void(const predictions::Example&)>& row) {
  const PromptOptions prompt{options.style, options.facts,
                             std::min(kLongestSource, model.config.max_position_embeddings)};
  AppositiveScore score;
  job::Progress progress("appositives", items);
  Asked asked;
  int64_t done = 0;
  const auto answer = [&] {
    const std::vector<std::string> phrases = phrases_of(model, tokenizer, asked, options);
    for (size_t i = 0; i < phrases.size(); ++i) measure(asked.items[i], phrases[i], score, row);
    asked = {};
    progress.update(done, "");
  };
  while (std::optional<Appositive> item = reader.next()) {
    ++done;
    if (!item->name_begin()) {
      ++score.left_out;
      progress.say(base::format("{}: the name {} does not stand before the slot; the item is left out", reader.place(),
                                item->name));
      continue;
    }
    AppositivePrompt one = appositive_prompt(tokenizer, *item, prompt);
    asked.add(std::move(*item), std::move(one));
    if (asked.items.size() == kAtOnce) answer();
  }
  if (!asked.items.empty()) answer();
  return score;
}

Json to_json(const AppositiveScore& score) {
  const auto json_of = [](const Measured& measured) {
    Json json = Json::object({{"examples", measured.examples}});
    const Json values = measured.measurement.to_json();
    for (const auto& [name, value] : values.members()) json.set(name, value);
    return json;
  };
  return Json::object({{"full", json_of(score.full)},
                       {"non_empty", json_of(score.non_empty)},
                       {"constraint", json_of(score.constraint)},
                       {"left_out", score.left_out}});
}

}  // namespace kilm::appositives
