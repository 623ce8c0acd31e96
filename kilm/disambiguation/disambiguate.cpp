#include "kilm/disambiguation/disambiguate.h"

#include <algorithm>
#include <cmath>

#include "kilm/disambiguation/window.h"
#include "kilm/generation/continuations.h"
#include "tensor/base/format.h"

namespace kilm::disambiguation {

namespace {

using evaluation::MentionCandidate;
using evaluation::MentionItem;
using generation::ContinuationRequest;
using objective::InfillObjective;
using Tokens = std::vector<int32_t>;

// Returns the tokens of a candidate that are scored, at most `room` of them, which has place for the marks.
Tokens tokens_of(const InfillObjective& objective, const MentionCandidate& candidate, ScoredPart part, int64_t room) {
  Tokens tokens = objective.knowledge(candidate.title, candidate.description.value_or(""));
  const auto sep = std::find(tokens.begin(), tokens.end(), objective.tokenizer().kilm_tokens().sep);
  int64_t title = sep - tokens.begin();
  if (part == ScoredPart::title) tokens.resize(size_t(title + 1));
  const int64_t behind = std::ssize(tokens) - title - 1;  // the separator
  int64_t excess = std::max<int64_t>(0, std::ssize(tokens) - room);
  const int64_t of_description = std::min(excess, std::max<int64_t>(0, behind - 1));
  tokens.erase(tokens.end() - (behind > 0) - of_description, tokens.end() - (behind > 0));
  excess -= of_description;
  tokens.erase(tokens.begin() + (title - excess), tokens.begin() + title);
  return tokens;
}

// Returns the request without continuations.
ContinuationRequest request_of(const InfillObjective& objective, std::string_view text, int64_t begin, int64_t end) {
  const Window window = window_around(text, begin, end);
  InfillObjective::Prompt prompt = objective.prompt(window.text, window.begin, window.end);
  return {std::move(prompt.source), std::move(prompt.prefix), {}};
}

ContinuationRequest request_of(const bart::Bart& model, const InfillObjective& objective, const MentionItem& mention,
                               ScoredPart part) {
  ContinuationRequest request = request_of(objective, *mention.text, mention.start, mention.end);
  const int64_t longest = objective.config().max_length;
  base::check<base::DamagedInput>(std::ssize(request.source) <= longest,
                                  "{}: the mention alone makes a prompt of {} tokens; it should be at most {}",
                                  mention.place, request.source.size(), longest);
  // The last token of a continuation is asked for and not decoded.
  const int64_t room = model.config.max_position_embeddings + 1 - std::ssize(request.prefix);
  for (const MentionCandidate& candidate : mention.candidates)
    request.continuations.push_back(tokens_of(objective, candidate, part, room));
  return request;
}

}  // namespace

const char* name(ScoredPart part) {
  switch (part) {
    case ScoredPart::title: return "title";
    case ScoredPart::full: return "full";
  }
  base::fail("scored part: no such value");
}

std::vector<std::vector<double>> score_candidates(const bart::Bart& model, const InfillObjective& objective,
                                                  std::span<const MentionItem> mentions,
                                                  const ScoringOptions& options) {
  std::vector<ContinuationRequest> requests, bare;
  for (const MentionItem& mention : mentions) {
    if (mention.candidates.empty()) continue;
    requests.push_back(request_of(model, objective, mention, options.part));
    if (options.calibrate == 0) continue;
    bare.push_back(request_of(objective, mention.surface(), 0, mention.end - mention.start));
    bare.back().continuations = requests.back().continuations;
  }
  const generation::ContinuationOptions batches{.batch_tokens = options.batch_tokens};
  const auto in_context = generation::score_continuations(model, requests, batches);
  const auto without = generation::score_continuations(model, bare, batches);
  std::vector<std::vector<double>> scores;
  for (size_t at = 0; const MentionItem& mention : mentions) {
    std::vector<double>& list = scores.emplace_back();
    if (mention.candidates.empty()) continue;
    for (size_t c = 0; c < mention.candidates.size(); ++c) {
      const double calibration = options.calibrate == 0 ? 0 : options.calibrate * without[at][c];
      const auto tokens = double(requests[at].continuations[c].size());
      list.push_back((in_context[at][c] - calibration) / std::pow(tokens, options.length_normalization));
    }
    ++at;
  }
  return scores;
}

predictions::Mention prediction(const MentionItem& mention, std::span<const double> scores) {
  predictions::Mention row{.id = mention.id,
                           .document = mention.document,
                           .mention = std::string(mention.surface()),
                           .gold = mention.title,
                           .predicted = {},
                           .candidates = {}};
  for (size_t i = 0; i < scores.size(); ++i) row.candidates.push_back({mention.candidates[i].title, scores[i]});
  std::ranges::stable_sort(row.candidates, std::greater(), &predictions::Mention::Candidate::score);
  if (!row.candidates.empty()) row.predicted = row.candidates[0].title;
  return row;
}

}  // namespace kilm::disambiguation
