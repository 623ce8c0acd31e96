// `kilm index`: an index of questions by their words, and what it finds.
#include <cstdio>

#include "kilm/answering/shots.h"
#include "kilm/job/progress.h"
#include "tensor/base/format.h"
#include "tensor/base/lines.h"
#include "tools/commands.h"
#include "tools/commands/output.h"

namespace tools {

namespace {

using base::check;
using base::format;
using base::Json;
using base::UsageError;
using kilm::evaluation::QuestionFormat;

constexpr int64_t kResults = 10;  // of a query, where nothing else is said

struct Arguments {
  std::optional<std::string> table, out, search;
  std::optional<QuestionFormat> format;
  std::optional<int64_t> buckets, results;
  bool force = false, json = false;
};

void declare(Options& options, Arguments& a) {
  options.add("[TABLE]", a.table, "id, question and answer with tabs between, or any file of questions for kilm qa");
  options.add("-o,--out INDEX", a.out, "the index to write, named .kdt by custom");
  options.add("--format FORMAT", a.format, kilm::evaluation::kQuestionFormats, "of the table, else found from it");
  options.add(
      "--buckets N", a.buckets,
      format("numbers that words and pairs of words are hashed to (default {})", kilm::retrieval::kDefaultBuckets));
  options.add("--search INDEX", a.search, "find questions for the queries on standard input, one a line");
  options.add("-k,--results N", a.results, format("questions for each query, best first (default {})", kResults));
  declare_force(options, a.force);
  options.add("--json", a.json, "print one JSON object, or one per query");
}

bool is_index(const std::string& path) { return kilm::dataset::record_kind(path) == kilm::dataset::RecordKind::index; }

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

int build(const Arguments& a) {
  check<UsageError>(a.table && a.out, "TABLE and --out INDEX should be given, or --search INDEX");
  check<UsageError>(!a.results, "--results: should stand with --search");
  const int64_t buckets = a.buckets.value_or(kilm::retrieval::kDefaultBuckets);
  check<UsageError>(buckets >= 1 && buckets <= int64_t(UINT32_MAX), "buckets: {} should be 1 to {}", buckets,
                    UINT32_MAX);
  check_output_file("--out", *a.out, a.force, is_index);
  kilm::evaluation::QuestionFile file(*a.table, a.format);
  kilm::retrieval::IndexWriter writer(*a.out, uint32_t(buckets));
  kilm::job::Progress progress("index", file.source().size());
  const kilm::retrieval::Index index = kilm::answering::index_questions(
      file, writer, [&] { progress.update(file.source().taken(), format("{} questions", writer.documents())); });
  if (a.json)
    print(Json::object({{"questions", index.documents()}, {"terms", index.terms()}}).dump() + "\n");
  else
    print(format("{}: {} questions, {} terms\n", *a.out, index.documents(), index.terms()));
  return 0;
}

std::string json_line(const std::string& query, const std::vector<Json>& ids,
                      const std::vector<kilm::retrieval::Found>& found) {
  Json results = Json::array();
  for (size_t i = 0; i < found.size(); ++i)
    results.push_back(Json::object({{"id", ids[i]}, {"score", found[i].score}}));
  return Json::object({{"query", query}, {"results", results}}).dump() + "\n";
}

int search(const Arguments& a) {
  check<UsageError>(!a.table && !a.out, "--search: should stand without TABLE and --out");
  const std::pair<const char*, bool> of_building[] = {
      {"--format", a.format.has_value()}, {"--buckets", a.buckets.has_value()}, {"--force", a.force}};
  for (const auto& [option, given] : of_building)
    check<UsageError>(!given, "{}: should stand without --search", option);
  const int64_t results = a.results.value_or(kResults);
  check<UsageError>(results >= 1, "results: {} should be at least 1", results);
  const kilm::retrieval::IndexFile file(*a.search);
  kilm::answering::check_questions(file);
  base::Lines queries("-");
  while (queries.next()) {
    const std::vector<kilm::retrieval::Found> found = file.index().search(queries.text(), results);
    std::vector<Json> ids;
    std::string lines = queries.text() + "\n";
    for (const kilm::retrieval::Found& one : found) {
      const kilm::evaluation::Question question = kilm::answering::question_at(file, one.document);
      lines += format("  {:8.4f}  {}  {}\n", one.score, question.id.dump(), question.question);
      ids.push_back(question.id);
    }
    print(a.json ? json_line(queries.text(), ids, found) : lines);
  }
  return 0;
}

int run(const Arguments& a) { return a.search ? search(a) : build(a); }

}  // namespace

Command index() {
  return command<Arguments>("index", "writes an index of questions by their words, or searches it",
                            "kilm index nq-train.tsv --out nq.kdt\n"
                            "kilm index --search nq.kdt -k 5 --json < questions.txt",
                            declare, run);
}

}  // namespace tools
