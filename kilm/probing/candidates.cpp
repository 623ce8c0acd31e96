#include "kilm/probing/candidates.h"

#include <algorithm>

#include "kilm/text/unicode.h"
#include "tensor/base/format.h"
#include "tensor/base/lines.h"

namespace kilm::probing {

namespace {

CandidateTokens tokens_of(const std::vector<std::string>& words, const tokenizer::Tokenizer& tokenizer,
                          std::string_view before) {
  CandidateTokens all;
  for (size_t i = 0; i < words.size(); ++i) {
    std::vector<int32_t> tokens = tokenizer.encode(std::string(before) + words[i]);
    all.longest = std::max(all.longest, std::ssize(tokens));
    if (tokens.size() == 1)
      all.single.push_back({i, tokens[0]});
    else
      all.longer.push_back({i, std::move(tokens)});
  }
  return all;
}

}  // namespace

const CandidateTokens::Longer* CandidateTokens::find_longer(size_t word) const {
  const auto found = std::ranges::lower_bound(longer, word, {}, &Longer::word);
  return found != longer.end() && found->word == word ? &*found : nullptr;
}

void Candidates::add(std::string_view word) {
  if (places_.emplace(word, words_.size()).second) words_.emplace_back(word);
}

void Candidates::tokenize(const tokenizer::Tokenizer& tokenizer) {
  behind_space_ = tokens_of(words_, tokenizer, " ");
  plain_ = tokens_of(words_, tokenizer, "");
}

std::optional<size_t> Candidates::find(const std::string& word) const {
  const auto found = places_.find(word);
  return found == places_.end() ? std::nullopt : std::optional(found->second);
}

int64_t Candidates::longest(const std::string& word) const {
  const size_t place = places_.at(word);
  int64_t longest = 1;
  for (const CandidateTokens* tokens : {&behind_space_, &plain_})
    if (const CandidateTokens::Longer* longer = tokens->find_longer(place))
      longest = std::max(longest, std::ssize(longer->tokens));
  return longest;
}

Candidates read_candidates(const std::string& path) {
  using base::check;
  using base::DamagedInput;
  base::Lines lines(path);
  Candidates candidates(lines.source());
  while (lines.next()) {
    std::string_view word = lines.text();
    if (word.ends_with('\r')) word.remove_suffix(1);
    check<DamagedInput>(!word.empty(), "{}: is empty, it should be a word", lines.place());
    check<DamagedInput>(text::is_utf8(word), "{}: is no UTF-8", lines.place());
    candidates.add(word);
  }
  check<DamagedInput>(candidates.size() > 0, "{}: there is no line", lines.source());
  return candidates;
}

}  // namespace kilm::probing
