#include "kilm/retrieval/index.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <tuple>

#include "kilm/retrieval/ngrams.h"
#include "tensor/base/format.h"

namespace kilm::retrieval {

using base::check;
using base::DamagedInput;

namespace {

constexpr size_t kNumber = sizeof(uint32_t), kPosting = 2 * kNumber;

uint32_t number(std::string_view table, int64_t i) {
  uint32_t value;
  std::memcpy(&value, table.data() + size_t(i) * kNumber, kNumber);
  return value;
}

void append(std::string& table, uint32_t value) { table.append(reinterpret_cast<const char*>(&value), kNumber); }

struct Counted {
  uint32_t bucket, tf;
};

// Returns the buckets of a text, rising, each with how often it comes.
std::vector<Counted> counted_buckets(std::string_view text, uint32_t buckets) {
  std::vector<uint32_t> all = ngram_buckets(text, buckets);
  std::sort(all.begin(), all.end());
  std::vector<Counted> result;
  for (const uint32_t bucket : all) {
    if (result.empty() || result.back().bucket != bucket) result.push_back({bucket, 0});
    ++result.back().tf;
  }
  return result;
}

}  // namespace

Index::Index(const IndexTables& tables, int64_t documents, uint32_t buckets, const std::string& place)
    : tables_(tables), documents_(documents), buckets_(buckets) {
  check_tables(place);
}

Index::Index(std::shared_ptr<const Owned> owned, int64_t documents, uint32_t buckets)
    : owned_(std::move(owned)),
      tables_{owned_->buckets, owned_->starts, owned_->postings},
      documents_(documents),
      buckets_(buckets) {}

void Index::check_tables(const std::string& place) const {
  const auto& [buckets, starts, postings] = tables_;
  check<DamagedInput>(buckets_ > 0, "{}: has 0 buckets, it should have at least 1", place);
  check<DamagedInput>(
      buckets.size() % kNumber == 0 && starts.size() == buckets.size() + kNumber && postings.size() % kPosting == 0,
      "{}: tables of {}, {} and {} bytes do not fit each other", place, buckets.size(), starts.size(), postings.size());
  const int64_t count = int64_t(postings.size() / kPosting);
  check<DamagedInput>(number(starts, 0) == 0 && number(starts, terms()) == count,
                      "{}: its terms begin at {} and end at {}, there are {} postings", place, number(starts, 0),
                      number(starts, terms()), count);
  for (int64_t i = 0; i < terms(); ++i) {
    const int64_t begin = number(starts, i), end = number(starts, i + 1);
    check<DamagedInput>(begin < end && end <= count, "{}: term {}: postings [{}, {}) should be some of {}", place, i,
                        begin, end, count);
    const uint32_t bucket = number(buckets, i);
    check<DamagedInput>(bucket < buckets_ && (i == 0 || number(buckets, i - 1) < bucket),
                        "{}: term {}: bucket {} should be below {} and above the one before", place, i, bucket,
                        buckets_);
    for (int64_t j = begin; j < end; ++j)
      check<DamagedInput>(
          number(postings, 2 * j) < documents_ && number(postings, 2 * j + 1) > 0 &&
              (j == begin || number(postings, 2 * j - 2) < number(postings, 2 * j)),
          "{}: posting {}: document {} should be below {} and above the one before, and its count {} above 0", place, j,
          number(postings, 2 * j), documents_, number(postings, 2 * j + 1));
  }
}

int64_t Index::term_of(uint32_t bucket) const {
  int64_t begin = 0, end = terms();
  while (begin < end) {
    const int64_t middle = begin + (end - begin) / 2;
    if (number(tables_.buckets, middle) < bucket)
      begin = middle + 1;
    else
      end = middle;
  }
  return begin < terms() && number(tables_.buckets, begin) == bucket ? begin : -1;
}

void Index::add_scores(int64_t term, uint32_t tf, std::vector<double>& scores, std::vector<uint32_t>& touched) const {
  const int64_t begin = number(tables_.starts, term), end = number(tables_.starts, term + 1);
  const double df = double(end - begin);
  const double idf = std::log((double(documents_) - df + 0.5) / (df + 0.5));
  if (idf <= 0) return;
  const double weight = std::log1p(tf) * idf;
  for (int64_t i = begin; i < end; ++i) {
    const uint32_t document = number(tables_.postings, 2 * i);
    if (scores[document] == 0) touched.push_back(document);
    scores[document] += weight * (std::log1p(number(tables_.postings, 2 * i + 1)) * idf);
  }
}

std::vector<Found> Index::search(std::string_view query, int64_t k) const {
  std::vector<double> scores(static_cast<size_t>(documents_));
  std::vector<uint32_t> touched;
  for (const Counted& one : counted_buckets(query, buckets_))
    if (const int64_t term = term_of(one.bucket); term >= 0) add_scores(term, one.tf, scores, touched);
  const size_t wanted = std::min(size_t(std::max<int64_t>(k, 0)), touched.size());
  const auto before = [&](uint32_t one, uint32_t other) {
    const double a = std::round(scores[one] * 1e6), b = std::round(scores[other] * 1e6);
    return a != b ? a > b : one < other;
  };
  std::partial_sort(touched.begin(), touched.begin() + ptrdiff_t(wanted), touched.end(), before);
  std::vector<Found> found;
  for (size_t i = 0; i < wanted; ++i) found.push_back({touched[i], scores[touched[i]]});
  return found;
}

IndexBuilder::IndexBuilder(uint32_t buckets) : buckets_(buckets) {
  check<base::UsageError>(buckets > 0, "buckets: 0 should be at least 1");
}

void IndexBuilder::add(std::string_view text) {
  check(documents_ < std::numeric_limits<uint32_t>::max(), "index: {} documents are as many as it can hold",
        documents_);
  for (const Counted& one : counted_buckets(text, buckets_))
    postings_.push_back({one.bucket, uint32_t(documents_), one.tf});
  ++documents_;
}

Index IndexBuilder::finish() && {
  check(postings_.size() <= std::numeric_limits<uint32_t>::max(), "index: {} postings do not fit 32 bits",
        postings_.size());
  std::sort(postings_.begin(), postings_.end(), [](const Posting& one, const Posting& other) {
    return std::tie(one.bucket, one.document) < std::tie(other.bucket, other.document);
  });
  auto tables = std::make_shared<Index::Owned>();
  for (size_t i = 0; i < postings_.size(); ++i) {
    if (i == 0 || postings_[i - 1].bucket != postings_[i].bucket) {
      append(tables->buckets, postings_[i].bucket);
      append(tables->starts, uint32_t(i));
    }
    append(tables->postings, postings_[i].document);
    append(tables->postings, postings_[i].tf);
  }
  append(tables->starts, uint32_t(postings_.size()));
  postings_ = {};
  return Index(std::move(tables), documents_, buckets_);
}

}  // namespace kilm::retrieval
