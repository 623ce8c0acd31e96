// Questions of a file, one at a time: whatever the file has, memory holds one. Files may be packed (.gz and others).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kilm/dump/text_source.h"
#include "tensor/base/json.h"

namespace kilm::evaluation {

struct Question {
  base::Json id;  // text or integer: as in the file, else the number of the question, from 0
  std::string question;
  std::vector<std::string> answers;  // what is right, or patterns (text/pattern.h) of it; one at least
  int64_t line = 0;                  // of the file, where it begins, from 1
};

//   nq_open       {"question", "answer": [text, ...]} a line
//   nq            Natural Questions (Kwiatkowski et al. 2019), original and simplified: an annotated page a line.
//                 Answers are the short ones of all annotators; questions that have none are left out
//   dpr           question and a Python list of texts, with a tab between, quoted as CSV (Karpukhin et al. 2020)
//   triviaqa      {"Data": [{"QuestionId", "Question", "Answer": {"NormalizedAliases"}}]} (Joshi et al. 2017)
//   webquestions  [{"qId", "qText", "answers"}] (Berant et al. 2013)
//   curated       id, kind, question and a pattern of answers with tabs between (CuratedTREC, Baudiš and Šedivý 2015);
//                 or lines as of nq_open whose answers are patterns
//   table         id, question and answer with tabs between; a first line that says so is passed over
enum class QuestionFormat { nq_open, nq, dpr, triviaqa, webquestions, curated, table };
inline constexpr QuestionFormat kQuestionFormats[] = {
    QuestionFormat::nq_open,      QuestionFormat::nq,      QuestionFormat::dpr,  QuestionFormat::triviaqa,
    QuestionFormat::webquestions, QuestionFormat::curated, QuestionFormat::table};
const char* name(QuestionFormat format);

class JsonItems;

class QuestionFile {
 public:
  // Tells the format by the first bytes where it is not given. "-" is standard input. Throws Error if the file cannot
  // be opened, DamagedInput where they are of none.
  explicit QuestionFile(const std::string& path, std::optional<QuestionFormat> format = {});
  ~QuestionFile();

  // Returns nothing behind the last one. Throws DamagedInput, which names file and line, for what is wrong with one,
  // and for a file without any.
  std::optional<Question> next();

  QuestionFormat format() const { return format_; }
  bool has_patterns() const { return format_ == QuestionFormat::curated; }
  const dump::TextSource& source() const { return source_; }

 private:
  std::optional<Question> next_of_format();
  std::optional<Question> next_json_line();
  std::optional<Question> next_item();
  std::optional<Question> next_row();

  dump::TextSource source_;
  QuestionFormat format_;
  std::unique_ptr<JsonItems> items_;  // of the formats that are one JSON text
  int64_t count_ = 0;                 // questions so far, without those that were left out
};

}  // namespace kilm::evaluation
