#include "kilm/probing/cloze_data.h"

#include <algorithm>
#include <filesystem>

#include "tensor/base/format.h"

namespace kilm::probing {

using evaluation::Cloze;

ClozeData::ClozeData(std::vector<std::string> paths, evaluation::ClozeTemplates templates,
                     std::optional<Candidates> candidates)
    : paths_(std::move(paths)), templates_(std::move(templates)), common_(std::move(candidates)) {
  for (const std::string& path : paths_)
    base::check<base::UsageError>(
        path != "-" && (!std::filesystem::exists(path) || std::filesystem::is_regular_file(path)),
        "{}: should be a file, as it is read twice", path);
  while (const std::optional<Cloze> cloze = next()) {
    ++size_;
    if (!common_) own_[cloze->relation].add(cloze->object);
  }
  file_ = 0;
}

void ClozeData::tokenize(const tokenizer::Tokenizer& tokenizer) {
  if (common_) common_->tokenize(tokenizer);
  for (auto& [relation, candidates] : own_) candidates.tokenize(tokenizer);
}

void ClozeData::check_longest(int64_t most) const {
  const auto check_word = [&](const Candidates& candidates, const std::string& word, const std::string& place) {
    base::check<base::DamagedInput>(candidates.longest(word) <= most,
                                    "{}: \"{}\" has {} tokens; a candidate of this model should have at most {}", place,
                                    word, candidates.longest(word), most);
  };
  if (common_)
    for (size_t i = 0; i < common_->size(); ++i) check_word(*common_, common_->word(i), common_->source());
  const auto fits = [&](const auto& own) { return own.second.longest() <= most; };
  if (std::ranges::all_of(own_, fits)) return;
  for (const std::string& path : paths_) {  // once more, for the line
    evaluation::ClozeReader reader(path, templates_);
    while (const std::optional<Cloze> cloze = reader.next())
      check_word(own_.at(cloze->relation), cloze->object, reader.place());
  }
}

const Candidates& ClozeData::candidates(const std::string& relation) const {
  return common_ ? *common_ : own_.at(relation);
}

std::optional<Cloze> ClozeData::next() {
  for (; file_ < paths_.size(); ++file_, reader_.reset()) {
    if (!reader_) reader_ = std::make_unique<evaluation::ClozeReader>(paths_[file_], templates_);
    if (std::optional<Cloze> cloze = reader_->next()) return cloze;
  }
  return std::nullopt;
}

std::vector<Cloze> ClozeData::next(size_t most) {
  std::vector<Cloze> clozes;
  while (clozes.size() < most) {
    std::optional<Cloze> cloze = next();
    if (!cloze) break;
    clozes.push_back(std::move(*cloze));
  }
  return clozes;
}

}  // namespace kilm::probing
