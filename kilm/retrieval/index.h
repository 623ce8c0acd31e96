// TF-IDF over texts, as DrQA's ranker has it (Chen et al. 2017): a text is the n-grams of ngrams.h, hashed into
// buckets. The weight of a bucket in a text is ln(1 + tf) · max(0, ln((N - df + ½) / (df + ½))), where tf says how
// often the text has it, df how many of the N documents do. The score of a document is the dot product of its weights
// and the query's.
//
//   IndexBuilder builder;
//   for (const std::string& text : texts) builder.add(text);
//   const Index index = std::move(builder).finish();
//   for (const Found& found : index.search("who wrote the novel", 10)) …
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kilm::retrieval {

constexpr uint32_t kDefaultBuckets = uint32_t(1) << 24;

struct Found {
  int64_t document = 0;  // in the order in which they were added, from 0
  double score = 0;
};

// Which documents have a bucket, and how often: an inverted index. Little-endian, aligned to nothing.
struct IndexTables {
  std::string_view buckets;   // u32[t], rising: those that a document has
  std::string_view starts;    // u32[t + 1]: where the postings of each begin in the next table
  std::string_view postings;  // u32[p, 2]: document and tf, documents of a bucket rising
};

class Index {
 public:
  // Takes tables that must live as long as the index. Throws DamagedInput, which names `place`, if they are no such
  // tables for so many documents and buckets.
  Index(const IndexTables& tables, int64_t documents, uint32_t buckets, const std::string& place);

  // Returns the best `k` documents, fewer if fewer have a positive score. Scores are compared at six decimals; of equal
  // ones the earlier document comes first.
  std::vector<Found> search(std::string_view query, int64_t k) const;

  int64_t documents() const { return documents_; }
  int64_t terms() const { return int64_t(tables_.buckets.size() / sizeof(uint32_t)); }  // buckets that are not empty
  uint32_t buckets() const { return buckets_; }
  const IndexTables& tables() const { return tables_; }

 private:
  friend class IndexBuilder;
  struct Owned {
    std::string buckets, starts, postings;
  };
  Index(std::shared_ptr<const Owned> owned, int64_t documents, uint32_t buckets);

  void check_tables(const std::string& place) const;
  int64_t term_of(uint32_t bucket) const;  // -1: no document has it
  // Adds what a bucket that the query has `tf` times gives to the scores of documents, and these to `touched`.
  void add_scores(int64_t term, uint32_t tf, std::vector<double>& scores, std::vector<uint32_t>& touched) const;

  std::shared_ptr<const Owned> owned_;  // where the tables lie, if not with the caller
  IndexTables tables_;
  int64_t documents_;
  uint32_t buckets_;
};

class IndexBuilder {
 public:
  // Throws UsageError if there is no bucket.
  explicit IndexBuilder(uint32_t buckets = kDefaultBuckets);

  void add(std::string_view text);  // the next document
  int64_t documents() const { return documents_; }
  Index finish() &&;

 private:
  struct Posting {
    uint32_t bucket, document, tf;
  };
  std::vector<Posting> postings_;
  int64_t documents_ = 0;
  uint32_t buckets_;
};

}  // namespace kilm::retrieval
