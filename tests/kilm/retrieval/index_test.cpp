#include "kilm/retrieval/index.h"

#include <doctest/doctest.h>

#include <cmath>

#include "tensor/base/error.h"
#include "tensor/base/json_lines.h"

using namespace kilm::retrieval;
using base::DamagedInput;
using doctest::Approx;

namespace {

Index index_of(const std::vector<std::string>& texts, uint32_t buckets = kDefaultBuckets) {
  IndexBuilder builder(buckets);
  for (const std::string& text : texts) builder.add(text);
  return std::move(builder).finish();
}

std::vector<int64_t> documents(const std::vector<Found>& found) {
  std::vector<int64_t> numbers;
  for (const Found& one : found) numbers.push_back(one.document);
  return numbers;
}

std::string table(const std::vector<uint32_t>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(uint32_t)};
}

// Returns why these tables are no index of 2 documents and 10 buckets.
std::string refusal(const std::vector<uint32_t>& buckets, const std::vector<uint32_t>& starts,
                    const std::vector<uint32_t>& postings, size_t drop = 0) {
  std::string a = table(buckets), b = table(starts), c = table(postings);
  c.resize(c.size() - drop);
  try {
    const Index index({a, b, c}, 2, 10, "file");
  } catch (const DamagedInput& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("index: a score is the dot product of the weights of both sides") {
  const Index index = index_of({"river river bank", "bank", "lake", "lake shore", "sea"});
  const double river = std::log((5 - 1 + 0.5) / 1.5), bank = std::log((5 - 2 + 0.5) / 2.5);
  const std::vector<Found> found = index.search("the bank of a river", 10);
  REQUIRE(documents(found) == std::vector<int64_t>{0, 1});
  CHECK(found[0].score == Approx(std::log(3) * std::log(2) * river * river + std::log(2) * std::log(2) * bank * bank));
  CHECK(found[1].score == Approx(std::log(2) * std::log(2) * bank * bank));
  CHECK(documents(index.search("bank river", 1)) == std::vector<int64_t>{0});
  CHECK(index.search("bank", 0).empty());
  CHECK(index.search("the", 3).empty());
  CHECK(index.search("mountain", 3).empty());
}

TEST_CASE("index: what half of the documents have weighs nothing; equal scores keep the order of documents") {
  CHECK(index_of({"lake", "lake", "sea", "hill"}).search("lake", 4).empty());
  const Index index = index_of({"hill", "sea", "lake", "sea", "lake", "hill", "road"});
  CHECK(documents(index.search("lake sea", 3)) == std::vector<int64_t>{1, 2, 3});
  CHECK(documents(index.search("lake sea", 9)) == std::vector<int64_t>{1, 2, 3, 4});
}

TEST_CASE("index: no documents and no terms are an index, too; without a bucket there is none") {
  CHECK(index_of({}).search("lake", 3).empty());
  const Index index = index_of({"of the", ""});
  CHECK(index.documents() == 2);
  CHECK(index.terms() == 0);
  CHECK(index_of({"a lake", "a sea"}, 1).terms() == 1);
  CHECK_THROWS_AS(IndexBuilder(0), base::UsageError);
}

TEST_CASE("index: tables that do not fit are refused by name") {
  CHECK(refusal({3, 5}, {0, 1, 3}, {0, 1, 0, 1, 1, 2}) == "accepted");
  CHECK(refusal({3, 5}, {0, 3}, {0, 1}).find("do not fit each other") != std::string::npos);
  CHECK(refusal({3}, {0, 1}, {0, 1}, 1).find("do not fit each other") != std::string::npos);
  CHECK(refusal({3}, {0, 2}, {0, 1}).find("end at 2, there are 1 postings") != std::string::npos);
  CHECK(refusal({5, 3}, {0, 1, 2}, {0, 1, 0, 1}).find("term 1: bucket 3") != std::string::npos);
  CHECK(refusal({10}, {0, 1}, {0, 1}).find("bucket 10 should be below 10") != std::string::npos);
  CHECK(refusal({3, 5}, {0, 0, 1}, {0, 1}).find("postings [0, 0)") != std::string::npos);
  CHECK(refusal({3, 5}, {0, 9, 1}, {0, 1}).find("postings [0, 9)") != std::string::npos);
  CHECK(refusal({3}, {0, 1}, {2, 1}).find("document 2 should be below 2") != std::string::npos);
  CHECK(refusal({3}, {0, 2}, {1, 1, 1, 1}).find("posting 1") != std::string::npos);
  CHECK(refusal({3}, {0, 1}, {0, 0}).find("its count 0") != std::string::npos);
}

TEST_CASE("index: ranks and scores are those of DrQA's weighting in scipy") {
  base::JsonLines lines(KILM_SOURCE_DIR "/tests/fixtures/retrieval-golden/cases.jsonl");
  int64_t cases = 0, wrong = 0;
  const auto check_case = [&](const base::Json& line) {
    std::vector<std::string> texts;
    for (const base::Json& text : base::items_at(line, "documents")) texts.push_back(text.as_string());
    const Index index = index_of(texts, uint32_t(base::int_at(line, "buckets")));
    const base::Json::Array& wanted = base::items_at(line, "results");
    const std::vector<Found> found = index.search(base::string_at(line, "query"), base::int_at(line, "k"));
    bool same = found.size() == wanted.size();
    for (size_t i = 0; same && i < found.size(); ++i)
      same = found[i].document == wanted[i].items()[0].as_int() &&
             found[i].score == Approx(wanted[i].items()[1].as_number()).epsilon(1e-9);
    ++cases;
    wrong += !same;
    if (!same) MESSAGE(line.dump());
    return true;
  };
  while (lines.next(check_case)) continue;
  CHECK(cases >= 100);
  CHECK(wrong == 0);
}
