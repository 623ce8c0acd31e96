// ApposCorpus (Kementchedjhieva et al. 2020): JSON lines with sentences as lists of tokens, in one of which <appos>
// stands for an appositive.
#pragma once

#include "kilm/evaluation/readers/appositives.h"
#include "tensor/base/json_lines.h"

namespace kilm::evaluation {

// A line has name (text), input (tokens with one <appos>), target (tokens, none where nothing stood there),
// previous_sentence (a list whose first element is a list of tokens, or an empty list) and next_sentence (tokens). It
// may have used (whether the target uses a fact), properties, values (texts) and qualifiers (lists of lists of texts),
// each with an element for every fact.
class ApposCorpusReader final : public AppositiveReader {
 public:
  explicit ApposCorpusReader(const std::string& path) : lines_(path) {}

  std::string place() const override { return lines_.place(); }

 protected:
  std::optional<Appositive> read() override;
  const std::string& source() const override { return lines_.source(); }

 private:
  base::JsonLines lines_;
};

}  // namespace kilm::evaluation
