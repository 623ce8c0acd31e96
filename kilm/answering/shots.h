// Questions with answers that stand before a question as examples: those that are most like it, or the same for all.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kilm/evaluation/readers/questions.h"
#include "kilm/retrieval/index_file.h"

namespace kilm::answering {

// A question as a document of an index (retrieval/index_file.h): fields as of dataset/record_file.h.
//   text   the id as JSON
//   text   the question
//   u32    number of answers, then each as text
std::string to_record(const evaluation::Question& question);
// Throws DamagedInput, which names the place, if it is none.
evaluation::Question question_in(std::string_view record, const std::string& place);
// Reads every document of an index once. Throws DamagedInput, which names file and record, if one is no question.
void check_questions(const retrieval::IndexFile& file);
// Returns the question that is document `i`.
evaluation::Question question_at(const retrieval::IndexFile& file, int64_t i);

// Writes the index of the questions of a file, found by their text. `done` is told of each. Returns the index.
template <class Done>
retrieval::Index index_questions(evaluation::QuestionFile& file, retrieval::IndexWriter& writer, Done done) {
  while (const std::optional<evaluation::Question> question = file.next()) {
    writer.add(question->question, to_record(*question));
    done();
  }
  return writer.commit();
}

class Shots {
 public:
  // Reads a file of questions, or opens an index, all of whose questions are checked. With a seed, the shots of every
  // question are the same `count`, drawn without replacement. Throws UsageError if answers there are patterns.
  Shots(const std::string& file_or_index, int64_t count, std::optional<uint64_t> seed);

  // Returns the shots of a question, best first: those of a positive TF-IDF score, or those that were drawn.
  std::vector<evaluation::Question> of(std::string_view question) const;

 private:
  int64_t size() const { return file_ ? file_->index().documents() : int64_t(questions_.size()); }
  evaluation::Question question(int64_t i) const;

  int64_t count_;
  std::optional<retrieval::IndexFile> file_;  // else these two
  std::vector<evaluation::Question> questions_;
  std::optional<retrieval::Index> index_;
  std::optional<std::vector<evaluation::Question>> drawn_;
};

}  // namespace kilm::answering
