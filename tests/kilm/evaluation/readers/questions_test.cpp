#include "kilm/evaluation/readers/questions.h"

#include <doctest/doctest.h>

#include "tensor/base/error.h"
#include "tests/kilm/compressed.h"
#include "tests/kilm/folder.h"

using namespace kilm::evaluation;
using base::DamagedInput;

namespace {

const std::string kShared = KILM_SOURCE_DIR "/../shared/data/qa/";

// Writes what a file of questions holds: id, question, answers and line of each, or what is wrong with it.
std::string read(const std::string& text, std::optional<QuestionFormat> format = {}) {
  const Folder folder;
  folder.write("file", text);
  std::string result;
  try {
    QuestionFile file(folder / "file", format);
    result = std::string(name(file.format())) + "\n";
    while (const std::optional<Question> question = file.next()) {
      result += question->id.dump() + " " + question->question + " [";
      for (const std::string& answer : question->answers) result += answer + "|";
      result += "] " + std::to_string(question->line) + "\n";
    }
  } catch (const DamagedInput& error) {
    const std::string message = error.what();
    REQUIRE(message.starts_with(folder / "file: "));
    return message.substr((folder / "file: ").size());
  }
  return result;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

const std::string kSimplified =
    R"({"question_text": "who wrote it", "example_id": 77, "document_text": "A  novel by <B> Ann Lee </B> .", "annotations": [)"
    R"({"short_answers": [{"start_token": 5, "end_token": 7}, {"start_token": 2, "end_token": 3}], "yes_no_answer": "NONE"},)"
    R"({"short_answers": [{"start_token": 4, "end_token": 8}]}]})"
    "\n";
const std::string kYes =
    R"({"question_text": "is it", "example_id": 78, "document_text": "Yes", "annotations": [{"short_answers": [], "yes_no_answer": "YES"}]})"
    "\n";
const std::string kOriginal =
    R"({"annotations": [{"annotation_id": 1, "short_answers": [{"start_token": 1, "end_token": 3, "start_byte": 0}]}], )"
    R"("document_html": "<p>", "document_tokens": [{"token": "<P>", "html_token": true}, {"token": "Ann", "html_token": false}, )"
    R"({"token": "L ee", "html_token": false}], "example_id": "x1", "question_text": "who", "question_tokens": ["who"]})"
    "\n";

}  // namespace

TEST_CASE("questions: NQ-open, by number where they have no id") {
  const std::string lines =
      "{\"question\": \"who is it\", \"answer\": [\"Ann\", \"Ann Lee\"]}\n"
      "{\"answer\": [\"1\"], \"question\": \"when\", \"id\": \"b\"}\n"
      "{\"question\": \"where\", \"answer\": [\"here\"], \"id\": 9}";
  CHECK(read(lines) == "nq-open\n0 who is it [Ann|Ann Lee|] 1\n\"b\" when [1|] 2\n9 where [here|] 3\n");
  CHECK(read(gzip(lines)) == read(lines));
  CHECK(contains(read("{\"question\": \"who\"}\n"), "line 1: no entry \"answer\""));
  CHECK(contains(read("{\"question\": \"who\", \"answer\": \"x\"}\n"), "line 1: answer: expected"));
  CHECK(contains(read("{\"question\": \"who\", \"answer\": [1]}\n"), "line 1: answer: expected"));
  CHECK(contains(read("{\"question\": \"who\", \"answer\": []}\n"), "line 1: there should be at least one answer"));
  CHECK(contains(read("{\"question\": \" \", \"answer\": [\"x\"]}\n"), "line 1: the question is empty"));
  CHECK(contains(read("{\"question\": \"who\", \"answer\": [\"x\"], \"id\": [1]}\n"), "line 1: id: should be"));
  CHECK(contains(read(lines + "\n{\"question\""), "line 4: "));
  CHECK(contains(read("{\"question\": \"a\xff\", \"answer\": [\"x\"]}\n"), "line 1: "));
}

TEST_CASE("questions: Natural Questions, simplified and original; all short answers of all annotators") {
  CHECK(read(kSimplified + kYes + kOriginal) ==
        "nq\n77 who wrote it [Ann Lee|novel|<B> Ann Lee </B>|] 1\n\"x1\" who [Ann L_ee|] 3\n");
  CHECK(read(gzip(kOriginal)) == "nq\n\"x1\" who [Ann L_ee|] 1\n");
  const auto changed = [](std::string text, const std::string& from, const std::string& to) {
    text.replace(text.find(from), from.size(), to);
    return read(text);
  };
  CHECK(contains(changed(kSimplified, "\"end_token\": 8", "\"end_token\": 10"),
                 "line 1: short_answers: tokens [4, 10) should be some of the 9 of the page"));
  CHECK(contains(changed(kSimplified, "\"start_token\": 5", "\"start_token\": 7"), "tokens [7, 7) should be"));
  CHECK(contains(changed(kSimplified, "\"start_token\": 5", "\"start_token\": -1"), "tokens [-1, 7) should be"));
  CHECK(contains(changed(kOriginal, "\"end_token\": 3", "\"end_token\": 4"), "should be some of the 3 of the page"));
  CHECK(contains(changed(kOriginal, "\"token\": \"Ann\"", "\"word\": \"Ann\""), "line 1: no entry \"token\""));
  CHECK(contains(changed(kOriginal, "document_tokens", "document_words"), "line 1: no entry \"document_tokens\""));
  CHECK(contains(changed(kSimplified, "\"example_id\": 77", "\"example_id\": 7.5"), "example_id: should be"));
  CHECK(read(kYes) == "there is no question with an answer");
}

TEST_CASE("questions: DPR's tables, whose lists are parsed") {
  CHECK(read("who is it\t['Ann', \"it's\"]\r\n\"say \"\"x\"\" now\"\t\"['a', \"\"b\"\"]\"\n") ==
        "dpr\n0 who is it [Ann|it's|] 1\n1 say \"x\" now [a|b|] 2\n");
  CHECK(contains(read("who\t['a']\nwho\n"), "line 2: 1 columns should be 2"));
  CHECK(contains(read("who\t['a']\nwho\t['a']\tx\n"), "line 2: 3 columns should be 2"));
  CHECK(contains(read("who\t['a']\nwho\t[1]\n"), "line 2: list of strings: byte 1"));
  CHECK(contains(read("who\t['a']\nwho\t[]\n"), "line 2: there should be at least one answer"));
  CHECK(contains(read("who\t['a']\n\"who\t['a']\n"), "line 2: the quotes of a column do not end"));
  CHECK(contains(read("wh\xff\t['a']\n"), "line 1: is not UTF-8"));
}

TEST_CASE("questions: TriviaQA's own layout") {
  const std::string text =
      "{\"Data\": [\n {\"Question\": \"Which?\", \"QuestionId\": \"tc_1\", \"Answer\": "
      "{\"Aliases\": [\"X Y\"], \"NormalizedAliases\": [\"x y\", \"z\"], \"Value\": \"X Y\"}}\n],\n"
      "\"Domain\": \"Web\", \"Version\": 1.0}\n";
  CHECK(read(text) == "triviaqa\n\"tc_1\" Which? [x y|z|] 2\n");
  CHECK(read("{\"Split\": \"dev\", " + text.substr(1)).starts_with("triviaqa\n\"tc_1\""));
  CHECK(contains(read("{\"Data\": [\n\n{\"Question\": \"Which?\", \"QuestionId\": \"tc_1\"}]}"),
                 "line 3: no entry \"Answer\""));
  CHECK(contains(read("{\"Data\": []}"), "there is no question"));
  CHECK(contains(read(text.substr(0, text.size() - 3)), "around the list"));
}

TEST_CASE("questions: WebQuestions") {
  CHECK(read("[\n {\"qId\": \"w1\", \"answers\": [\"A\", \"B\"], \"qText\": \"what?\"},\n"
             " {\"qId\": 2, \"answers\": [\"C\"], \"qText\": \"who?\"}]\n") ==
        "webquestions\n\"w1\" what? [A|B|] 2\n2 who? [C|] 3\n");
  CHECK(contains(read("[{\"url\": \"x\", \"utterance\": \"who?\"}]"), "line 1: no entry \"qId\""));
  CHECK(contains(read("[{\"qId\": \"w1\", \"answers\": [\"A\"], \"qText\": \"what?\"}"), "should be a comma"));
}

TEST_CASE("questions: CuratedTREC's patterns, which are checked") {
  CHECK(read("12\tfactoid\tHow high is it?\t8,?848\\s*m|29,?029\\s*f(ee|oo)t\n") ==
        "curated\n\"12\" How high is it? [8,?848\\s*m|29,?029\\s*f(ee|oo)t|] 1\n");
  CHECK(read("{\"question\": \"when\", \"answer\": [\"19\\\\d\\\\d\"]}\n", QuestionFormat::curated) ==
        "curated\n0 when [19\\d\\d|] 1\n");
  CHECK(contains(read("1\tfactoid\twho\tx\n2\tfactoid\twho\t(x\n"), "line 2: pattern: byte 0"));
  CHECK(contains(read("1\tfactoid\twho\tx\n2\tfactoid\twho\n"), "line 2: 3 columns should be 4"));
}

TEST_CASE("questions: a table of id, question and answer, with or without a line of names") {
  CHECK(read("7\twho is it\tAnn \"Lee\"\n8\twhen\t1990\n") ==
        "table\n\"7\" who is it [Ann \"Lee\"|] 1\n\"8\" when [1990|] 2\n");
  CHECK(read("id\tquestion\tanswer\n7\twho\tAnn\r\n") == "table\n\"7\" who [Ann|] 2\n");
  const std::string longer(300'000, 'x');  // than what formats are told by at first
  CHECK(read("7\twho\t" + longer + "\n") == "table\n\"7\" who [" + longer + "|] 1\n");
  CHECK(read("7\t" + longer + "\tAnn") == "table\n\"7\" " + longer + " [Ann|] 1\n");
  CHECK(contains(read(longer), "line 1: begins as none of"));
  CHECK(contains(read("7\twho\tAnn\n8\twhen\n"), "line 2: 2 columns should be 3"));
  CHECK(contains(read("\xff\twho\tAnn\n"), "line 1: is not UTF-8"));
}

TEST_CASE("questions: a file of no format, or that is empty, is damage; a given format decides") {
  CHECK(read("") == "is empty, it should have questions");
  CHECK(
      contains(read("text\n"), "line 1: begins as none of nq-open, nq, dpr, triviaqa, webquestions, curated or table"));
  CHECK(contains(read("{\"x\": 1}\n"), "line 1: begins as none of"));
  CHECK(contains(read("", QuestionFormat::dpr), "there is no question"));
  CHECK(contains(read("who\t['a']\n", QuestionFormat::nq_open), "line 1: "));
  CHECK_THROWS_AS(QuestionFile("/nowhere/file"), base::Error);
}

TEST_CASE("questions: files of others are read whole") {
  const std::pair<const char*, int64_t> files[] = {{"NQ-open.efficientqa.dev.1.1.jsonl", 1800},
                                                   {"dpr.nq.dev.txt", 8757},
                                                   {"dpr.trivia.dev.txt", 8837},
                                                   {"webquestions.trainmodel.json", 2834},
                                                   {"webquestions.val.json", 755}};
  if (!std::filesystem::exists(kShared)) {
    MESSAGE("questions of others: passed over, " << kShared << " is not there");
    return;
  }
  for (const auto& [name, count] : files) {
    QuestionFile file(kShared + name);
    int64_t questions = 0;
    while (file.next()) ++questions;
    CHECK_MESSAGE(questions == count, name);
  }
}
