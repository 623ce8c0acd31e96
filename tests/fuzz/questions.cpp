// Questions in every format, the one that the first bytes tell and each by name.
#include "kilm/evaluation/readers/questions.h"

#include "kilm/answering/shots.h"
#include "tests/fuzz/input.h"

namespace {

using kilm::evaluation::QuestionFile;
using kilm::evaluation::QuestionFormat;

void read(const std::string& path, std::optional<QuestionFormat> format) {
  QuestionFile file(path, format);
  while (const auto question = file.next()) {
    fuzz::require(!question->answers.empty() && !question->question.empty(), "a question has text and an answer");
    const auto back = kilm::answering::question_in(kilm::answering::to_record(*question), "record");
    fuzz::require(back.id == question->id && back.question == question->question && back.answers == question->answers,
                  "a question comes back from its record");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const fuzz::File input(std::string_view(reinterpret_cast<const char*>(data), size));
  for (const QuestionFormat format : kilm::evaluation::kQuestionFormats)
    fuzz::parse(data, size, [&](std::string_view) { read(input.path(), format); });
  return fuzz::parse(data, size, [&](std::string_view) { read(input.path(), {}); });
}
