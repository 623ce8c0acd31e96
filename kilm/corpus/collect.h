// From dumps to what everything else of preparation works on: the kept paragraphs with their links as they are written,
// in a temporary file, and the tables of redirects and entities, in memory. One pass, pages parsed on all cores, and
// the same outcome for any number of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kilm/corpus/entities.h"
#include "kilm/corpus/spool.h"
#include "kilm/corpus/wikitext/left_out.h"
#include "tensor/io/json.h"

namespace kilm {

struct CollectOptions {
  std::vector<std::string> dumps;  // paths, or "-"
  bool lead = false;               // keep the paragraphs before an article's first heading only
  int64_t max_articles = 0;        // 0: all
  bool reference = false;          // pages as the reference implementation reads them (reference_page.h)
};

struct CollectCounts {
  int64_t pages = 0, redirects = 0, articles = 0, other_namespaces = 0;  // pages is the sum of these and duplicates
  int64_t duplicates = 0;                                                // pages whose title was there before
  int64_t disambiguations = 0;                                           // articles that tell pages of one name apart
  int64_t paragraphs = 0, paragraphs_dropped = 0;
  int64_t links = 0;  // of kept paragraphs
  LeftOutSum left_out;
};

tensor::Json to_json(const CollectCounts& counts);

struct Collection {
  explicit Collection(const std::string& spool_folder) : paragraphs(spool_folder) {}

  Spool paragraphs;  // records of StoredParagraph without entities; the title of a link is as written
  EntityTable entities;
  CollectCounts counts;
  std::optional<std::string> damage;  // file, place and reason; what came before is in the collection
  bool stopped = false;               // a signal came; the collection is not finished
};

// Throws Error if a dump cannot be opened.
void collect(const CollectOptions& options, Collection& into);

}  // namespace kilm
