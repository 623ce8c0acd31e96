// Reads dumps, and leaves in scratch files what the rest of preparation works on. That is every page, article and link,
// and the kept paragraphs with their links as they are written. It is one pass, with pages parsed on all cores, and the
// same outcome for any number of them. Memory does not grow with the dumps.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "kilm/prepare/scratch_tables.h"
#include "kilm/wikitext/omissions.h"
#include "tensor/base/json.h"

namespace kilm::prepare {

struct CollectOptions {
  std::vector<std::string> dumps;  // paths, or "-"
  bool lead = false;               // keep the paragraphs before an article's first heading only
  int64_t max_articles = 0;        // 0: all; else the titles up to the last of them are held in memory
  bool reference = false;          // pages as the reference implementation reads them (reference_page.h)
  int64_t save_every = 64 << 20;   // bytes of pages
};

struct CollectCounts {
  int64_t pages = 0;  // the sum of the next six
  int64_t redirects = 0, articles = 0, other_namespaces = 0;
  int64_t too_long = 0;         // pages of more than 8 MiB in any namespace, which are not read
  int64_t other_models = 0;     // pages that are no wikitext: items, style sheets, programs
  int64_t duplicates = 0;       // pages whose title was there before
  int64_t disambiguations = 0;  // articles that tell pages of one name apart
  int64_t paragraphs = 0, paragraphs_dropped = 0;
  int64_t links = 0;  // of kept paragraphs
  wikitext::OmissionSum omissions;
};

base::Json to_json(const CollectCounts& counts);

// Reads on from where the collection stands; pages that are in it are read, but not parsed again. `save` is called when
// it would be good to save it: now and then, after a signal and in the end. Throws Error if a dump cannot be opened,
// and UsageError if it does not begin with the pages that were collected from it. After a signal it throws
// StopRequested.
void collect(
    const CollectOptions& options, ScratchTables& into, const std::function<void()>& save = [] {});

}  // namespace kilm::prepare
