// Facts with their object left out, as LAMA has them (Petroni et al. 2019): JSON lines with a masked sentence, or with
// a relation whose template makes one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "tensor/base/json_lines.h"

namespace kilm::evaluation {

// A sentence in which one word is masked: what stands before the mask and behind it, with all white space.
struct MaskedSentence {
  std::string left, right;
};

struct Cloze {
  std::string relation, subject, object;
  MaskedSentence sentence;
  std::optional<MaskedSentence>
      negated;  // the same with a "not" in it, where the data have it (Kassner and Schütze 2020)
};

// Sentences of relations: JSON lines {"relation", "template"}, and "template_negated" where there is one. [X] stands
// for the subject and one [Y] for the object.
class ClozeTemplates {
 public:
  ClozeTemplates() = default;  // none
  // Throws DamagedInput, which names the line, for a file without a template, too.
  explicit ClozeTemplates(const std::string& path);

  // Gives the cloze its sentences. Returns false where there is no template of its relation.
  bool fill(Cloze& cloze) const;

 private:
  struct Template {
    MaskedSentence sentence;
    std::optional<MaskedSentence> negated;
  };
  static Template read(const base::Json& line);

  std::unordered_map<std::string, Template> templates_;  // by relation
};

// Clozes of a file, one at a time. A line has obj_label, sub_label and masked_sentences, of which the first counts. A
// line without these sentences needs a template of its relation. The relation is predicate_id, else the file's name
// without its ending. The negated sentence is the first of masked_negations or, as in LAMA's own release, of negated.
class ClozeReader {
 public:
  // The templates must outlive the reader. "-" is standard input.
  ClozeReader(const std::string& path, const ClozeTemplates& templates);

  // Returns nothing behind the last line. Throws DamagedInput, which names the line, for a file without one, too.
  std::optional<Cloze> next();
  std::string place() const { return lines_.place(); }  // of the cloze that next() has given: "FILE: line 7"

 private:
  Cloze read(const base::Json& line) const;

  base::JsonLines lines_;
  const ClozeTemplates& templates_;
  std::string stem_;  // of the file's name
  bool any_ = false;
};

}  // namespace kilm::evaluation
