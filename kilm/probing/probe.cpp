#include "kilm/probing/probe.h"

#include "kilm/job/progress.h"

namespace kilm::probing {

namespace {

constexpr size_t kAtOnce = 128;  // clozes in memory, with the scores of their candidates

using evaluation::Cloze;

// Clozes that are asked together.
class Asked {
 public:
  Asked(const tokenizer::Tokenizer& tokenizer, const ClozeData& data, const PromptOptions& options)
      : tokenizer_(tokenizer), data_(data), options_(options) {}

  // Returns false if the object is no candidate.
  bool add(const Cloze& cloze) {
    const Candidates& candidates = data_.candidates(cloze.relation);
    const std::optional<size_t> gold = candidates.find(cloze.object);
    if (!gold) return false;
    questions_.push_back({&cloze, gaps_.size()});
    add_gap(cloze.sentence, candidates, gold);
    if (cloze.negated) add_gap(*cloze.negated, candidates, std::nullopt);
    return true;
  }

  void answer(const bart::Bart& model, const GapOptions& options, ProbeScore& score,
              const std::function<void(const predictions::Cloze&)>& row) const {
    const std::vector<Answer> answers = answer_gaps(model, gaps_, options);
    for (const auto& [cloze, place] : questions_) {
      const Answer& answer = answers[place];
      score.add(cloze->relation, answer.rank);
      if (cloze->negated) score.add_negated(answer.predicted == answers[place + 1].predicted);
      row({.relation = cloze->relation,
           .subject = cloze->subject,
           .gold = cloze->object,
           .rank = answer.rank,
           .gold_score = answer.gold_score,
           .predicted = gaps_[place].candidates->word(answer.predicted),
           .predicted_score = answer.predicted_score});
    }
  }

 private:
  struct Question {
    const Cloze* cloze;
    size_t place;  // of its gap, which that of the negated sentence follows
  };

  void add_gap(const evaluation::MaskedSentence& sentence, const Candidates& candidates, std::optional<size_t> gold) {
    gaps_.push_back({cloze_prompt(tokenizer_, sentence, candidates.longest(), options_), &candidates, gold});
  }

  const tokenizer::Tokenizer& tokenizer_;
  const ClozeData& data_;
  const PromptOptions options_;
  std::vector<Question> questions_;
  std::vector<Gap> gaps_;
};

}  // namespace

ProbeScore probe(const bart::Bart& model, const tokenizer::Tokenizer& tokenizer, ClozeData& data,
                 const ProbeOptions& options, const std::function<void(const predictions::Cloze&)>& row) {
  const PromptOptions prompt{options.prefix_space, model.config.max_position_embeddings};
  data.check_longest(longest_word(prompt));
  ProbeScore score;
  job::Progress progress("probing, facts", data.size());
  int64_t done = 0;
  while (true) {
    const std::vector<Cloze> clozes = data.next(kAtOnce);
    if (clozes.empty()) return score;
    Asked asked(tokenizer, data, prompt);
    for (const Cloze& cloze : clozes)
      if (!asked.add(cloze)) score.skip();
    asked.answer(model, options.gaps, score, row);
    done += std::ssize(clozes);
    progress.update(done, "");
  }
}

}  // namespace kilm::probing
