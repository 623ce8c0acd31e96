// The clozes of some files, one after another, and the candidates for each.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "kilm/evaluation/readers/clozes.h"
#include "kilm/probing/candidates.h"

namespace kilm::probing {

class ClozeData {
 public:
  // Reads the files once, so that damage shows before any work is done; they are regular files for that reason. Without
  // candidates the distinct objects of each relation are its own. Throws UsageError for what is no regular file, and
  // DamagedInput as the readers do.
  ClozeData(std::vector<std::string> paths, evaluation::ClozeTemplates templates, std::optional<Candidates> candidates);

  int64_t size() const { return size_; }
  // Finds the tokens of all candidates.
  void tokenize(const tokenizer::Tokenizer& tokenizer);
  // Throws DamagedInput that names the file, the line in a file of clozes, and the word, if a candidate has more
  // tokens.
  void check_longest(int64_t most) const;
  const Candidates& candidates(const std::string& relation) const;

  // Returns up to `most` of the clozes that follow; none behind the last one.
  std::vector<evaluation::Cloze> next(size_t most);

 private:
  std::optional<evaluation::Cloze> next();

  std::vector<std::string> paths_;
  evaluation::ClozeTemplates templates_;
  std::optional<Candidates> common_;
  std::unordered_map<std::string, Candidates> own_;  // of each relation, where there are no common ones
  int64_t size_ = 0;
  size_t file_ = 0;  // of the reader
  std::unique_ptr<evaluation::ClozeReader> reader_;
};

}  // namespace kilm::probing
