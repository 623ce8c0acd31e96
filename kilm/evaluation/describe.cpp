#include "kilm/evaluation/describe.h"

#include <algorithm>

#include "kilm/tokenizer/plain_text.h"
#include "tensor/base/format.h"

namespace kilm::evaluation {

namespace {

// Returns how many tokens a text may have; longest_description, how many a description. They leave as much room for
// knowledge as the windows of training data do.
int64_t longest_text(const bart::BartConfig& config) { return std::min<int64_t>(512, config.max_position_embeddings); }
int64_t longest_description(const bart::BartConfig& config) { return std::min<int64_t>(64, longest_text(config) / 2); }

// Drops the prefix space, too.
std::string text_of(const tokenizer::Tokenizer& tokenizer, std::span<const int32_t> ids) {
  std::string text = tokenizer::plain_text(tokenizer, ids);
  if (text.starts_with(' ')) text.erase(0, 1);
  return text;
}

}  // namespace

generation::GenerateOptions describe_options(const tokenizer::Tokenizer& tokenizer, const bart::BartConfig& config) {
  const int32_t end = tokenizer.kilm_tokens().ent_desc_end;
  return {.max_new_tokens = longest_description(config),
          .eos_token_id = end,
          .forced_eos_token_id = end,
          .trie_end_token = tokenizer.kilm_tokens().sep};
}

objective::InfillConfig describe_objective(const bart::BartConfig& config) {
  return {.max_length = longest_text(config) - longest_description(config)};
}

std::vector<std::vector<Description>> describe(const bart::Bart& model, const objective::InfillObjective& objective,
                                               std::span<const MentionQuery> queries,
                                               const generation::GenerateOptions& options) {
  std::vector<generation::GenerateRequest> requests;
  requests.reserve(queries.size());
  for (const MentionQuery& query : queries) {
    objective::InfillObjective::Prompt prompt = objective.prompt(query.text, query.begin, query.end);
    requests.push_back({std::move(prompt.source), std::move(prompt.prefix)});
  }
  std::vector<std::vector<Description>> descriptions;
  for (const std::vector<generation::Generated>& results : generation::generate(model, requests, options)) {
    std::vector<Description>& list = descriptions.emplace_back();
    for (const generation::Generated& result : results) {
      list.push_back(parse_description(objective.tokenizer(), std::span(result.ids).subspan(size_t(result.prefix))));
      list.back().score = result.score;
    }
  }
  return descriptions;
}

Description parse_description(const tokenizer::Tokenizer& tokenizer, std::span<const int32_t> generated) {
  const auto end = std::find(generated.begin(), generated.end(), tokenizer.kilm_tokens().ent_desc_end);
  const auto sep = std::find(generated.begin(), end, tokenizer.kilm_tokens().sep);
  if (sep == end) return {"", text_of(tokenizer, {generated.begin(), end})};
  return {text_of(tokenizer, {generated.begin(), sep}), text_of(tokenizer, {sep + 1, end})};
}

MarkedText parse_mentions(std::string_view marked) {
  using base::UsageError;
  MarkedText result;
  for (size_t at = 0; at < marked.size();) {
    const size_t open = std::min(marked.find("[[", at), marked.size());
    result.text += marked.substr(at, open - at);
    if (open == marked.size()) break;
    const size_t close = marked.find("]]", open + 2);
    base::check<UsageError>(close != marked.npos, "text: [[ at byte {} has no ]]", open);
    const std::string_view surface = marked.substr(open + 2, close - open - 2);
    base::check<UsageError>(!surface.empty(), "text: [[]] at byte {} holds no mention", open);
    result.mentions.emplace_back(result.text.size(), result.text.size() + surface.size());
    result.text += surface;
    at = close + 2;
  }
  base::check<UsageError>(!result.mentions.empty(), "text: {} has no mention; one is written [[surface]]", marked);
  return result;
}

}  // namespace kilm::evaluation
