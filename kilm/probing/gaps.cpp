#include "kilm/probing/gaps.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kilm/generation/continuations.h"
#include "kilm/generation/decode.h"
#include "tensor/base/format.h"
#include "tensor/ops/loss.h"

namespace kilm::probing {

namespace {

using base::check;

constexpr size_t kRows = 256;    // of logits at once: 49 MiB with BART's vocabulary
constexpr double kSlack = 1e-3;  // by which rounding may lift a log probability above 0, and more
constexpr double kNone = -std::numeric_limits<double>::infinity();

// What is known of the candidates of a gap: a score for each, kNone where it is too low to matter, and log
// probabilities of the first tokens of the longer ones.
struct Known {
  std::vector<double> scores;
  std::vector<double> first;
};

const CandidateTokens& tokens_of(const Gap& gap) { return gap.candidates->tokens(gap.prompt.space); }

double normalized(double log_probability, size_t tokens, double power) {
  return log_probability / std::pow(double(tokens), power);
}

// Reads what one row of logits tells.
Known read_row(const Gap& gap, const float* logits, double normaliser) {
  const auto log_probability = [&](int32_t token) { return double(logits[token]) - normaliser; };
  Known known{std::vector<double>(gap.candidates->size(), kNone), {}};
  for (const auto& [word, token] : tokens_of(gap).single) known.scores[word] = log_probability(token);
  for (const auto& [word, tokens] : tokens_of(gap).longer) known.first.push_back(log_probability(tokens[0]));
  return known;
}

// Computes the rows of logits behind the prompts of some gaps.
void read_rows(const bart::Bart& model, std::span<const Gap> gaps, std::vector<Known>& known) {
  std::vector<std::vector<int32_t>> sources, prefixes;
  for (const Gap& gap : gaps) {
    sources.push_back(gap.prompt.source);
    prefixes.push_back(gap.prompt.prefix);
  }
  generation::Decoding decoding(model, bart::Packed::of(sources, {}, model.device()));
  const tensor::Tensor logits = decoding.start(prefixes).cast(tensor::DType::f32);
  const std::vector<tensor::Tensor> read = tensor::read_back({logits, tensor::log_sum_exp(logits)});
  for (size_t i = 0; i < gaps.size(); ++i) {
    const double normaliser = read[1].data<float>()[i];
    check<base::NonFinite>(std::isfinite(normaliser), "gaps: logits are not finite");
    known.push_back(read_row(gaps[i], read[0].data<float>() + int64_t(i) * read[0].size(1), normaliser));
  }
}

std::vector<Known> know_first_tokens(const bart::Bart& model, std::span<const Gap> gaps, int64_t batch_tokens) {
  std::vector<Known> known;
  while (known.size() < gaps.size()) {
    const std::span<const Gap> left = gaps.subspan(known.size());
    size_t n = 0;
    int64_t tokens = 0;
    while (n < std::min(left.size(), kRows)) {
      tokens += std::ssize(left[n].prompt.source) + std::ssize(left[n].prompt.prefix);
      if (n > 0 && tokens > batch_tokens) break;
      ++n;
    }
    read_rows(model, left.first(n), known);
  }
  return known;
}

// Words that are longer than one token, of several gaps.
class LongerWords {
 public:
  LongerWords(std::span<const Gap> gaps, std::vector<Known>& known) : gaps_(gaps), known_(known) {}

  void add(size_t gap, const CandidateTokens::Longer& word) {
    if (owners_.empty() || owners_.back().gap != gap) {
      owners_.push_back({gap, {}});
      requests_.push_back({gaps_[gap].prompt.source, gaps_[gap].prompt.prefix, {}});
    }
    owners_.back().words.push_back(word.word);
    requests_.back().continuations.push_back(word.tokens);
  }

  // Gives all of them their scores.
  void score(const bart::Bart& model, const GapOptions& options) {
    const auto sums = generation::score_continuations(model, requests_, {.batch_tokens = options.batch_tokens});
    for (size_t i = 0; i < sums.size(); ++i)
      for (size_t k = 0; k < sums[i].size(); ++k)
        known_[owners_[i].gap].scores[owners_[i].words[k]] =
            normalized(sums[i][k], requests_[i].continuations[k].size(), options.length_normalization);
  }

 private:
  struct Owner {
    size_t gap;
    std::vector<size_t> words;
  };
  std::span<const Gap> gaps_;
  std::vector<Known>& known_;
  std::vector<Owner> owners_;  // of each request
  std::vector<generation::ContinuationRequest> requests_;
};

void score_longer_gold(const bart::Bart& model, std::span<const Gap> gaps, std::vector<Known>& known,
                       const GapOptions& options) {
  LongerWords words(gaps, known);
  for (size_t i = 0; i < gaps.size(); ++i) {
    const CandidateTokens::Longer* gold = gaps[i].gold ? tokens_of(gaps[i]).find_longer(*gaps[i].gold) : nullptr;
    if (gold != nullptr) words.add(i, *gold);
  }
  words.score(model, options);
}

// Scores those that may come before gold or, where gold is not asked for, before the best of one token.
void score_longer_rivals(const bart::Bart& model, std::span<const Gap> gaps, std::vector<Known>& known,
                         const GapOptions& options) {
  LongerWords words(gaps, known);
  for (size_t i = 0; i < gaps.size(); ++i) {
    const std::vector<double>& scores = known[i].scores;
    const double bar = gaps[i].gold ? scores[*gaps[i].gold] : *std::ranges::max_element(scores);
    const std::vector<CandidateTokens::Longer>& longer = tokens_of(gaps[i]).longer;
    for (size_t k = 0; k < longer.size(); ++k) {
      const double highest =
          normalized(known[i].first[k] + kSlack, longer[k].tokens.size(), options.length_normalization);
      if (longer[k].word != gaps[i].gold && highest >= bar) words.add(i, longer[k]);
    }
  }
  words.score(model, options);
}

Answer answer_of(const Gap& gap, const std::vector<double>& scores) {
  Answer answer;
  answer.predicted = size_t(std::ranges::max_element(scores) - scores.begin());
  answer.predicted_score = scores[answer.predicted];
  if (!gap.gold) return answer;
  answer.gold_score = scores[*gap.gold];
  answer.rank = 1;
  for (size_t i = 0; i < scores.size(); ++i)
    answer.rank += scores[i] > answer.gold_score || (scores[i] == answer.gold_score && i < *gap.gold);
  return answer;
}

}  // namespace

std::vector<Answer> answer_gaps(const bart::Bart& model, std::span<const Gap> gaps, const GapOptions& options) {
  check<base::UsageError>(options.batch_tokens >= 1, "batch tokens: {} should be at least 1", options.batch_tokens);
  std::vector<Known> known = know_first_tokens(model, gaps, options.batch_tokens);
  score_longer_gold(model, gaps, known, options);
  score_longer_rivals(model, gaps, known, options);
  std::vector<Answer> answers;
  for (size_t i = 0; i < gaps.size(); ++i) answers.push_back(answer_of(gaps[i], known[i].scores));
  return answers;
}

}  // namespace kilm::probing
