// A page of Natural Questions. The simplified form has it as tokens with single spaces between, the original one as a
// list of them. Simplified, a token with a space in it has _ there. An answer is a range of tokens, both forms the
// same.
#include <algorithm>

#include "kilm/evaluation/readers/question_formats.h"
#include "tensor/base/format.h"
#include "tensor/base/json_lines.h"

namespace kilm::evaluation {

namespace {

using base::check;
using base::Json;

class Page {
 public:
  explicit Page(const Json& line) {
    if (line.find("document_text"))
      set_text(base::string_at(line, "document_text"));
    else
      tokens_ = &base::items_at(line, "document_tokens");
  }

  int64_t size() const { return tokens_ ? int64_t(tokens_->size()) : int64_t(begins_.size()) - 1; }

  // Returns the tokens [begin, end) with spaces between them.
  std::string text(int64_t begin, int64_t end) const {
    if (!tokens_) {
      const size_t first = begins_[size_t(begin)], behind = begins_[size_t(end)] - 1;
      return std::string(text_.substr(first, behind - first));
    }
    std::string result;
    for (int64_t i = begin; i < end; ++i) {
      std::string token = base::string_at((*tokens_)[size_t(i)], "token");
      std::ranges::replace(token, ' ', '_');
      result.append(i == begin ? "" : " ").append(token);
    }
    return result;
  }

 private:
  void set_text(std::string_view text) {
    text_ = text;
    begins_.push_back(0);
    for (size_t space = text.find(' '); space != text.npos; space = text.find(' ', space + 1))
      begins_.push_back(space + 1);
    begins_.push_back(text.size() + 1);
  }

  const Json::Array* tokens_ = nullptr;  // of the original form
  std::string_view text_;                // of the simplified form
  std::vector<size_t> begins_;           // of its tokens, and of one behind the last
};

}  // namespace

std::optional<Question> nq_question(const Json& line) {
  Question question{.id = id_at(line, "example_id"), .question = base::string_at(line, "question_text"), .answers = {}};
  const Page page(line);
  for (const Json& annotation : base::items_at(line, "annotations"))
    for (const Json& answer : base::items_at(annotation, "short_answers")) {
      const int64_t begin = base::int_at(answer, "start_token"), end = base::int_at(answer, "end_token");
      check(0 <= begin && begin < end && end <= page.size(),
            "short_answers: tokens [{}, {}) should be some of the {} of the page", begin, end, page.size());
      question.answers.push_back(page.text(begin, end));
    }
  if (question.answers.empty()) return std::nullopt;
  return question;
}

}  // namespace kilm::evaluation
